/**
 * Where AWS itself answers otherwise than its models say, each with who tells so. A fault of an answer that begins with
 * one of these is none.
 */
export const asAwsDoes: [beginning: string, source: string][] = [
  [
    'cloudformation DescribeStackEvents .StackEvents[].ResourceStatus: REVIEW_IN_PROGRESS',
    'https://github.com/aws/aws-cdk/issues/6414',
  ],
  [
    'elasticbeanstalk CreateApplicationVersion .ApplicationVersion.Status: UNPROCESSED',
    'https://docs.aws.amazon.com/cli/latest/reference/elasticbeanstalk/create-application-version.html',
  ],
  [
    'elasticbeanstalk DescribeApplicationVersions .ApplicationVersions[].Status: UNPROCESSED',
    'https://docs.aws.amazon.com/cli/latest/reference/elasticbeanstalk/describe-application-versions.html',
  ],
  [
    'elasticbeanstalk DescribeEnvironmentHealth .Status: Ready',
    'https://docs.aws.amazon.com/cli/latest/reference/elasticbeanstalk/describe-environment-health.html',
  ],
  // `eb health` and `eb upgrade` read it.
  [
    'elasticbeanstalk DescribeConfigurationSettings .ConfigurationSettings[]: no member is named Tier',
    'https://github.com/aws/aws-elastic-beanstalk-cli',
  ],
  ['route53 ListHostedZones : Marker is missing', 'https://github.com/boto/botocore/issues/1466'],
  // `/hostedzone/` and an id of 21 characters are longer than the 32 that the model allows.
  [
    'route53 ListHostedZones .HostedZones[].Id: has a length',
    'https://docs.aws.amazon.com/Route53/latest/APIReference/API_HostedZone.html',
  ],
  [
    'route53 ListHostedZonesByName .HostedZones[].Id: has a length',
    'https://docs.aws.amazon.com/Route53/latest/APIReference/API_HostedZone.html',
  ],
  [
    'route53 GetHostedZone .HostedZone.Id: has a length',
    'https://docs.aws.amazon.com/Route53/latest/APIReference/API_HostedZone.html',
  ],
  [
    'route53 ListTagsForResource .ResourceTagSet.Tags: has a length of 0',
    'https://docs.aws.amazon.com/cli/latest/reference/route53/list-tags-for-resource.html',
  ],
  // The whole body is the member's text.
  [
    's3 GetBucketLocation : holds text',
    'https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html',
  ],
  [
    'ssm GetCommandInvocation .CloudWatchOutputConfig.CloudWatchLogGroupName: has a length of 0',
    'https://docs.aws.amazon.com/cli/latest/reference/ssm/get-command-invocation.html',
  ],
  // The pattern has one digit for the parts of a second; the answers have three.
  [
    'ssm GetCommandInvocation .Execution',
    'https://docs.aws.amazon.com/cli/latest/reference/ssm/get-command-invocation.html',
  ],
  [
    'ssm GetParameterHistory .Parameters[].Labels: has a length of 0',
    'https://docs.aws.amazon.com/cli/latest/reference/ssm/get-parameter-history.html',
  ],
];
