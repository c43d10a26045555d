import type { Settings } from '../settings';
import { beneathBeanstalk } from './beneath';
import type { Phase } from './phase';
import { type Calls, type Policy, policyOf } from './policy';

/** Run Command as a shell is root on the instance: it is no way of only looking, so it is a policy of its own. */
const asking = 'ssm:SendCommand';

/**
 * What the bad hour needs and a night without one does not: an environment that is mended by hand, a side that is fenced by
 * force, a machine that does not answer.
 */
const inNeed = [
  'autoscaling:TerminateInstanceInAutoScalingGroup',
  'autoscaling:UpdateAutoScalingGroup',
  'cloudformation:SetStackPolicy',
  'cloudformation:UpdateTerminationProtection',
  'elasticbeanstalk:CheckDNSAvailability',
  'elasticbeanstalk:RestartAppServer',
  'elasticbeanstalk:UpdateEnvironment',
  'iam:GetInstanceProfile',
  'iam:ListAttachedRolePolicies',
  'iam:ListRolePolicies',
  'route53:ChangeResourceRecordSets',
  'route53:GetChange',
  'ssm:GetParameterHistory',
];

/** Asked by CloudFormation in the operator's name; its bucket and its topic stand where there is room. */
const isResourceWork = (call: string) => /^cloudformation > (?!s3:|sns:)/.test(call);

const isOfEnvironment = (call: string) => call === asking || call.startsWith('elasticbeanstalk:');

/**
 * By name of its file, each policy that an operator may be given. Everybody looks, so what looking needs stands in one of
 * them alone: a managed policy has room for 6,144 characters.
 */
export function policies(calls: Calls, settings: Settings, original: string): Record<string, Policy> {
  const only = (phase: Phase, needed: string[]) =>
    policyOf(phase, { ...calls, [phase]: needed }, settings, original);
  const look = calls.look.filter((call) => call !== asking);
  const beyond = (all: string[]) => [...new Set(all)].filter((call) => call !== asking && !isLooking(call));
  const isLooking = (call: string) =>
    look.includes(call) && !call.startsWith('s3:') && !call.startsWith('route53:List');
  const cutover = beyond([...calls.cutover, ...inNeed]);
  const adopt = beyond(calls.adopt);
  return {
    look: only('look', look),
    ask: only('look', [asking]),
    cutover: only(
      'cutover',
      cutover.filter((call) => !isResourceWork(call)),
    ),
    'cutover-resources': only('cutover', cutover.filter(isResourceWork)),
    'tidy-up': only('tidy-up', beyond(calls['tidy-up'])),
    adopt: only(
      'adopt',
      adopt.filter((call) => !isResourceWork(call)),
    ),
    'adopt-resources': only('adopt', adopt.filter(isResourceWork)),
    probe: only('probe', beyond(calls.probe)),
    // Of its environment nothing is seen by whoever only looks.
    'test-system': only(
      'test-system',
      calls['test-system'].filter((call) => beyond([call]).length > 0 || isOfEnvironment(call)),
    ),
    beanstalk: beneathBeanstalk(settings),
  };
}

/** The files that are attached for a phase. */
export const filesOf: Record<Phase, string[]> = {
  look: ['look', 'ask'],
  cutover: ['look', 'ask', 'cutover', 'cutover-resources', 'beanstalk'],
  'tidy-up': ['look', 'ask', 'tidy-up', 'beanstalk'],
  adopt: ['look', 'ask', 'adopt', 'adopt-resources', 'beanstalk'],
  probe: ['look', 'ask', 'probe', 'beanstalk'],
  'test-system': ['look', 'ask', 'test-system', 'beanstalk'],
};

export const policyText = (policy: Policy): string => `${JSON.stringify(policy, undefined, 2)}\n`;
