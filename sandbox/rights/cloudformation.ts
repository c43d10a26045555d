import { arn, onAnything, type RightsTable, type RightsWorld } from './right';

const service = 'cloudformation';

/** By name or by ARN. */
const stackArn = (world: RightsWorld, stack: string) =>
  stack.startsWith('arn:') ? stack : arn(world, service, `stack/${stack}/*`);

const onStack =
  (action: string): RightsTable[string] =>
  ({ StackName, ChangeSetName }, world) => {
    const stack =
      StackName ?? (ChangeSetName === undefined ? undefined : world.stackOfChangeSet(ChangeSetName));
    return [{ action: `${service}:${action}`, resource: stack === undefined ? '*' : stackArn(world, stack) }];
  };

/** A template in a bucket is fetched in the caller's name. */
const withTemplate =
  (action: string): RightsTable[string] =>
  (asked, world) => {
    const [, bucket, key] = /^https?:\/\/[^/]+\/([^/]+)\/(.+)$/.exec(asked.TemplateURL ?? '') ?? [];
    return [
      ...onStack(action)(asked, world),
      ...(bucket
        ? [{ action: 's3:GetObject', resource: `arn:aws:s3:::${bucket}/${key}`, via: [service] }]
        : []),
    ];
  };

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html */
export const cloudFormationRights: RightsTable = {
  CreateStack: withTemplate('CreateStack'),
  UpdateStack: withTemplate('UpdateStack'),
  CreateChangeSet: withTemplate('CreateChangeSet'),
  DescribeChangeSet: onStack('DescribeChangeSet'),
  DeleteChangeSet: onStack('DeleteChangeSet'),
  ExecuteChangeSet: onStack('ExecuteChangeSet'),
  DeleteStack: onStack('DeleteStack'),
  DescribeStacks: onStack('DescribeStacks'),
  DescribeStackEvents: onStack('DescribeStackEvents'),
  DescribeStackResources: onStack('DescribeStackResources'),
  ListStackResources: onStack('ListStackResources'),
  ListStacks: onAnything('cloudformation:ListStacks'),
  GetTemplate: onStack('GetTemplate'),
  GetStackPolicy: onStack('GetStackPolicy'),
  SetStackPolicy: onStack('SetStackPolicy'),
  UpdateTerminationProtection: onStack('UpdateTerminationProtection'),
};
