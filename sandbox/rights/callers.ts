import { AwsError, notModelled } from '../errors';
import { evaluate, parseIdentityPolicy, type Statement } from '../iam/policy';
import { beanstalkRights } from './beanstalk';
import { cloudFormationRights } from './cloudformation';
import { acmRights, autoScalingRights, iamRights, s3Rights, snsRights, stsRights, wafRights } from './others';
import { rdsRights } from './rds';
import { rightsOfWork, type Work } from './resource-types';
import type { Input, Right, RightsTable, RightsWorld } from './right';
import { route53Rights } from './route53';
import { ssmRights } from './ssm';

const tables: Record<string, RightsTable> = {
  acm: acmRights,
  autoscaling: autoScalingRights,
  cloudformation: cloudFormationRights,
  elasticbeanstalk: beanstalkRights,
  iam: iamRights,
  rds: rdsRights,
  route53: route53Rights,
  s3: s3Rights,
  sns: snsRights,
  ssm: ssmRights,
  sts: stsRights,
  wafv2: wafRights,
};

/** Who asks: the key that a call was signed with, and the name AWS calls its holder by. */
export interface Caller {
  accessKeyId: string;
  arn: string;
}

/** Told of every right that somebody with a policy needed. */
export type OnRight = (accessKeyId: string, right: Right, isAllowed: boolean) => void;

/**
 * The identity policies of those who call from outside. Whoever has none may do everything, as the account's own
 * administrator; whoever has some may do what they allow and nothing else.
 */
export class Callers {
  private readonly policies = new Map<string, Statement[]>();
  onRight: OnRight = () => {};

  constructor(private readonly world: RightsWorld) {}

  /** From now on all that these allow together, and nothing else; without any, everything. */
  attach(accessKeyId: string, documents: string[] | undefined): void {
    if (documents === undefined) this.policies.delete(accessKeyId);
    else
      this.policies.set(
        accessKeyId,
        documents.flatMap((document) => parseIdentityPolicy(document, 'known')),
      );
  }

  /** @throws AwsError in the words of the service, when the call is not allowed. */
  check(caller: Caller, service: string, operation: string, input: Input): void {
    if (!this.policies.has(caller.accessKeyId)) return;
    const rights = tables[service]?.[operation];
    if (!rights) throw notModelled(`what ${service} ${operation} needs of a caller with a policy`);
    this.require(caller, service, rights(input, this.world));
  }

  /** The same for CloudFormation's work on one resource. */
  checkWork(caller: Caller, work: Work): void {
    if (!this.policies.has(caller.accessKeyId)) return;
    const rights = rightsOfWork(work, this.world);
    if (!rights) throw notModelled(`what a ${work.type} needs of a caller with a policy`);
    this.require(caller, 'cloudformation', rights);
  }

  private require({ accessKeyId, arn }: Caller, service: string, rights: Right[]): void {
    const statements = this.policies.get(accessKeyId)!;
    for (const right of rights) {
      const calledVia = (right.via ?? []).map((each) => `${each}.amazonaws.com`);
      const context = { ...right.context, 'aws:CalledVia': calledVia };
      const decision = evaluate(statements, right.action, right.resource, context);
      this.onRight(accessKeyId, right, decision === 'allowed');
      if (decision !== 'allowed') throw denied(service, arn, right, decision === 'explicitDeny');
    }
  }
}

const jsonServices = new Set(['acm', 'ssm', 'wafv2']);

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
function denied(service: string, arn: string, { action, resource }: Right, isExplicit: boolean): AwsError {
  const because = isExplicit
    ? 'with an explicit deny in an identity-based policy'
    : `because no identity-based policy allows the ${action} action`;
  const message = `User: ${arn} is not authorized to perform: ${action} on resource: ${resource} ${because}`;
  return jsonServices.has(service)
    ? new AwsError('AccessDeniedException', message, 400)
    : new AwsError('AccessDenied', message, 403);
}
