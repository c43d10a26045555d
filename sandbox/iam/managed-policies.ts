import type { Statement } from './policy';

const allow = (actions: string[], resources = ['*']): Statement => ({
  effect: 'Allow',
  actions,
  resources,
});

const instanceLogs = 'arn:aws:logs:*:*:log-group:/aws/elasticbeanstalk*';
const ownBuckets = ['arn:aws:s3:::elasticbeanstalk-*', 'arn:aws:s3:::elasticbeanstalk-*/*'];
const trace = allow([
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
  'xray:GetSamplingStatisticSummaries',
]);
const health = allow(
  ['elasticbeanstalk:PutInstanceStatistics'],
  ['arn:aws:elasticbeanstalk:*:*:application/*', 'arn:aws:elasticbeanstalk:*:*:environment/*'],
);

/**
 * AWS's own policies that may be attached, with what they allow an instance:
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 */
export const managedPolicies: Record<string, Statement[]> = {
  'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore': [
    allow([
      'ssm:DescribeAssociation',
      'ssm:GetDeployablePatchSnapshotForInstance',
      'ssm:GetDocument',
      'ssm:DescribeDocument',
      'ssm:GetManifest',
      'ssm:GetParameter',
      'ssm:GetParameters',
      'ssm:ListAssociations',
      'ssm:ListInstanceAssociations',
      'ssm:PutInventory',
      'ssm:PutComplianceItems',
      'ssm:PutConfigurePackageResult',
      'ssm:UpdateAssociationStatus',
      'ssm:UpdateInstanceAssociationStatus',
      'ssm:UpdateInstanceInformation',
    ]),
    allow([
      'ssmmessages:CreateControlChannel',
      'ssmmessages:CreateDataChannel',
      'ssmmessages:OpenControlChannel',
      'ssmmessages:OpenDataChannel',
    ]),
    allow([
      'ec2messages:AcknowledgeMessage',
      'ec2messages:DeleteMessage',
      'ec2messages:FailMessage',
      'ec2messages:GetEndpoint',
      'ec2messages:GetMessages',
      'ec2messages:SendReply',
    ]),
  ],
  'arn:aws:iam::aws:policy/AWSElasticBeanstalkWebTier': [
    allow(['s3:Get*', 's3:List*', 's3:PutObject'], ownBuckets),
    trace,
    allow(
      ['logs:PutLogEvents', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:DescribeLogGroups'],
      [instanceLogs],
    ),
    health,
  ],
  'arn:aws:iam::aws:policy/AWSElasticBeanstalkWorkerTier': [
    allow(['cloudwatch:PutMetricData']),
    trace,
    allow(['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:ReceiveMessage', 'sqs:SendMessage']),
    allow(['s3:Get*', 's3:List*', 's3:PutObject'], ownBuckets),
    allow(['logs:PutLogEvents', 'logs:CreateLogStream'], [instanceLogs]),
    health,
  ],
  'arn:aws:iam::aws:policy/AWSElasticBeanstalkMulticontainerDocker': [
    allow([
      'ecs:Poll',
      'ecs:StartTask',
      'ecs:StopTask',
      'ecs:DiscoverPollEndpoint',
      'ecs:StartTelemetrySession',
      'ecs:RegisterContainerInstance',
      'ecs:DeregisterContainerInstance',
      'ecs:DescribeContainerInstances',
      'ecs:Submit*',
      'ecs:DescribeTasks',
    ]),
  ],
};
