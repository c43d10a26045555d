import { arn, onAnything, type Right, type RightsTable, type RightsWorld } from './right';

const onParameters =
  (action: string): RightsTable[string] =>
  ({ Name, Names = Name === undefined ? [] : [Name], Path }, world) =>
    [...Names, ...(Path === undefined ? [] : [Path])].map((name: string) => ({
      action: `ssm:${action}`,
      resource: arn(world, 'ssm', `parameter${name.replace(/^(?!\/)/, '/')}`),
    }));

/** With the tags that Elastic Beanstalk gives each of its instances. */
function onInstance(world: RightsWorld, id: string): Right {
  const environment = world.beanstalk.instances().find((each) => each.id === id)?.environment;
  return {
    action: 'ssm:SendCommand',
    resource: arn(world, 'ec2', `instance/${id}`),
    context: environment ? { 'ssm:resourceTag/elasticbeanstalk:environment-name': [environment] } : {},
  };
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html */
export const ssmRights: RightsTable = {
  GetParameter: onParameters('GetParameter'),
  GetParameters: onParameters('GetParameters'),
  GetParametersByPath: onParameters('GetParametersByPath'),
  GetParameterHistory: onParameters('GetParameterHistory'),
  PutParameter: (asked, world) =>
    onParameters('PutParameter')!(asked, world).map((right) => ({
      ...right,
      context: { 'ssm:Overwrite': [String(asked.Overwrite ?? false)] },
    })),
  DescribeParameters: onAnything('ssm:DescribeParameters'),
  DeleteParameter: onParameters('DeleteParameter'),
  SendCommand: ({ DocumentName, InstanceIds, OutputS3BucketName }, world) => [
    { action: 'ssm:SendCommand', resource: `arn:aws:ssm:${world.region}::document/${DocumentName}` },
    ...InstanceIds.map((id: string) => onInstance(world, id)),
    ...(OutputS3BucketName
      ? [{ action: 'ssm:SendCommand', resource: `arn:aws:s3:::${OutputS3BucketName}` }]
      : []),
  ],
  GetCommandInvocation: onAnything('ssm:GetCommandInvocation'),
  ListCommandInvocations: onAnything('ssm:ListCommandInvocations'),
  DescribeInstanceInformation: onAnything('ssm:DescribeInstanceInformation'),
};
