import { arn, onAnything, type RightsTable, type RightsWorld } from './right';

/** Groups of Elastic Beanstalk carry the tags of their environment. */
const onGroup =
  (action: string): RightsTable[string] =>
  ({ AutoScalingGroupName, InstanceId }, world) => {
    const ofInstance = world.beanstalk.instances().find(({ id }) => id === InstanceId)?.environment;
    const environment = world
      .environments()
      .find(({ groupName, name }) => groupName === AutoScalingGroupName || name === ofInstance);
    return [
      {
        action: `autoscaling:${action}`,
        resource: arn(
          world,
          'autoscaling',
          `autoScalingGroup:*:autoScalingGroupName/${environment?.groupName ?? AutoScalingGroupName ?? '*'}`,
        ),
        context: tagged(environment?.name),
      },
    ];
  };

const tagged = (environment: string | undefined): Record<string, string[]> =>
  environment ? { 'autoscaling:ResourceTag/elasticbeanstalk:environment-name': [environment] } : {};

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2autoscaling.html */
export const autoScalingRights: RightsTable = {
  DescribeAutoScalingGroups: onAnything('autoscaling:DescribeAutoScalingGroups'),
  SuspendProcesses: onGroup('SuspendProcesses'),
  ResumeProcesses: onGroup('ResumeProcesses'),
  UpdateAutoScalingGroup: onGroup('UpdateAutoScalingGroup'),
  TerminateInstanceInAutoScalingGroup: onGroup('TerminateInstanceInAutoScalingGroup'),
};

const onRole =
  (action: string): RightsTable[string] =>
  ({ RoleName }, { account }) => [
    { action: `iam:${action}`, resource: `arn:aws:iam::${account}:role/${RoleName}` },
  ];

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html */
export const iamRights: RightsTable = {
  GetInstanceProfile: ({ InstanceProfileName: name }, { account }) => [
    { action: 'iam:GetInstanceProfile', resource: `arn:aws:iam::${account}:instance-profile/${name}` },
  ],
  ListAttachedRolePolicies: onRole('ListAttachedRolePolicies'),
  ListRolePolicies: onRole('ListRolePolicies'),
};

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscertificatemanager.html */
export const acmRights: RightsTable = {
  DescribeCertificate: ({ CertificateArn }) => [
    { action: 'acm:DescribeCertificate', resource: CertificateArn },
  ],
};

const onTopic =
  (action: string): RightsTable[string] =>
  ({ TopicArn }) => [{ action: `sns:${action}`, resource: TopicArn }];

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html */
export const snsRights: RightsTable = {
  Publish: onTopic('Publish'),
  GetTopicAttributes: onTopic('GetTopicAttributes'),
};

/** Nobody needs a permission to be told who they are: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
export const stsRights: RightsTable = {
  GetCallerIdentity: () => [],
  AssumeRole: ({ RoleArn }) => [{ action: 'sts:AssumeRole', resource: RoleArn }],
};

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awswafv2.html */
export const wafRights: RightsTable = {
  GetWebACLForResource: ({ ResourceArn }, world) => [
    { action: 'wafv2:GetWebACLForResource', resource: ResourceArn },
    { action: 'wafv2:GetWebACLForResource', resource: arn(world, 'wafv2', 'regional/webacl/*') },
  ],
  GetSampledRequests: ({ WebAclArn }) => [{ action: 'wafv2:GetSampledRequests', resource: WebAclArn }],
};

const bucketActions: Record<string, string> = {
  HeadBucket: 's3:ListBucket',
  ListObjectsV2: 's3:ListBucket',
  GetBucketLocation: 's3:GetBucketLocation',
  GetBucketEncryption: 's3:GetEncryptionConfiguration',
};

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html */
export const s3Rights: RightsTable = {
  ...Object.fromEntries(
    Object.entries(bucketActions).map(([operation, action]) => [
      operation,
      ({ bucket }) => [{ action, resource: `arn:aws:s3:::${bucket}` }],
    ]),
  ),
  GetObject: (asked, world) => reading(asked, world),
  HeadObject: (asked, world) => reading(asked, world),
  PutObject: ({ bucket, key }) => [{ action: 's3:PutObject', resource: `arn:aws:s3:::${bucket}/${key}` }],
};

/**
 * Whoever may not list a bucket is not told that an object is not there, but that they may not read it.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
function reading({ bucket, key }: { bucket: string; key: string }, { buckets }: RightsWorld) {
  const there = exists(buckets, bucket, key);
  return [
    { action: 's3:GetObject', resource: `arn:aws:s3:::${bucket}/${key}` },
    ...(there ? [] : [{ action: 's3:ListBucket', resource: `arn:aws:s3:::${bucket}` }]),
  ];
}

/** A bucket that is not there is told as such. */
function exists(buckets: RightsWorld['buckets'], bucket: string, key: string): boolean {
  try {
    return buckets.get(bucket, key) !== undefined;
  } catch {
    return true;
  }
}
