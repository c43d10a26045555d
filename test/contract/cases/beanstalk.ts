import { casesOf } from './case';

const EnvironmentName = 'contract-$me';
const mine = { EnvironmentName };
const nobody = { EnvironmentName: 'contract-nobody' };
const ApplicationName = '$application';
const VersionLabel = 'contract-$me';
const bundle = (S3Key: string) => ({ ApplicationName, SourceBundle: { S3Bucket: '$bucket', S3Key } });
const option = (Namespace: string, OptionName: string, Value: string) => ({ Namespace, OptionName, Value });
const launch = 'aws:autoscaling:launchconfiguration';
const group = 'aws:autoscaling:asg';
const reporting = 'aws:elasticbeanstalk:healthreporting:system';
const options = [
  option(launch, 'IamInstanceProfile', '$profile'),
  option('aws:elasticbeanstalk:environment', 'LoadBalancerType', 'application'),
  option(reporting, 'SystemType', 'enhanced'),
  option(group, 'MinSize', '1'),
  option(group, 'MaxSize', '2'),
];
const wrong = [option(group, 'MinSize', 'many')];
const created = {
  ...mine,
  ApplicationName,
  VersionLabel: '$version',
  PlatformArn: '$platform',
  OptionSettings: options,
  Tags: [{ Key: 'a', Value: 'b' }],
};
const never = 'never given out';
const noArn = 'arn:aws:elasticbeanstalk:$region:$account:environment/cobalt/nobody';
const ready = { until: ['Environments.0.Status', 'Ready'] as [string, string] };

const catalogue = casesOf('elasticbeanstalk', (ok, no) => [
  ok('DescribeApplications'),
  ok('DescribeApplicationVersions', { ApplicationName, MaxRecords: 1 }, { keep: { token: 'NextToken' } }),
  ok('DescribeApplicationVersions', { ApplicationName, MaxRecords: 1, NextToken: '$token' }),
  no('DescribeApplicationVersions', { NextToken: never }, 'InvalidParameterValue'),
  {
    service: 's3',
    operation: 'PutObject',
    input: { Bucket: '$bucket', Key: 'contract-$me.zip', Body: 'of a test' },
  },
  ok('CreateApplicationVersion', { ...bundle('contract-$me.zip'), VersionLabel }),
  no('CreateApplicationVersion', { ...bundle('contract-$me.zip'), VersionLabel }, 'InvalidParameterValue'),
  no(
    'CreateApplicationVersion',
    { ...bundle('nobody'), VersionLabel: 'contract-other' },
    'InvalidParameterCombination',
  ),
  ok('DescribePlatformVersion', { PlatformArn: '$platform' }),
  no('DescribePlatformVersion', { PlatformArn: '$platform.9' }, 'InvalidParameterValue'),
  ok('ListPlatformVersions'),
  ok('ListPlatformBranches', { Filters: [{ Attribute: 'BranchName', Operator: '=', Values: ['Python'] }] }),
  ok('ListPlatformBranches'),
  ok('CheckDNSAvailability', { CNAMEPrefix: 'contract-$me' }),
]);

/** The group of the environment that the other cases made. */
const scaling = casesOf('autoscaling', (ok, no) => {
  const AutoScalingGroupName = '$group';
  const other = { AutoScalingGroupName: 'nobody' };
  const processes = { ScalingProcesses: ['Launch'] };
  return [
    ok('DescribeAutoScalingGroups', { MaxRecords: 1 }, { keep: { token: 'NextToken' } }),
    ok('DescribeAutoScalingGroups', { MaxRecords: 1, NextToken: '$token' }),
    ok('DescribeAutoScalingGroups', { AutoScalingGroupNames: [AutoScalingGroupName] }),
    no('DescribeAutoScalingGroups', { NextToken: never }, 'InvalidNextToken'),
    ok('DescribeAutoScalingInstances'),
    no('DescribeAutoScalingInstances', { NextToken: never }, 'InvalidNextToken'),
    ok('SuspendProcesses', { AutoScalingGroupName, ...processes }),
    ok('DescribeAutoScalingGroups', { AutoScalingGroupNames: [AutoScalingGroupName] }),
    no('SuspendProcesses', { ...other, ...processes }, 'ValidationError'),
    ok('ResumeProcesses', { AutoScalingGroupName, ...processes }),
    no('ResumeProcesses', { ...other, ...processes }, 'ValidationError'),
    ok('SetDesiredCapacity', { AutoScalingGroupName, DesiredCapacity: 1 }),
    no('SetDesiredCapacity', { AutoScalingGroupName, DesiredCapacity: 9 }, 'ValidationError'),
    ok('UpdateAutoScalingGroup', { AutoScalingGroupName, MinSize: 1, MaxSize: 3 }),
    no('UpdateAutoScalingGroup', { AutoScalingGroupName, MinSize: 9 }, 'ValidationError'),
    no(
      'TerminateInstanceInAutoScalingGroup',
      { InstanceId: 'i-00000000000000000', ShouldDecrementDesiredCapacity: false },
      'ValidationError',
    ),
    ok('TerminateInstanceInAutoScalingGroup', {
      InstanceId: '$machine',
      ShouldDecrementDesiredCapacity: false,
    }),
    ok('DescribeScalingActivities', { AutoScalingGroupName }),
    no('DescribeScalingActivities', other, 'ValidationError'),
    no('DescribeScalingActivities', { NextToken: never }, 'InvalidNextToken'),
  ];
});

const asking = casesOf('elasticbeanstalk', (ok, no) => [
  ok('DescribeEnvironments', { MaxRecords: 1 }, { keep: { token: 'NextToken' } }),
  ok('DescribeEnvironments', { MaxRecords: 1, NextToken: '$token' }),
  no('DescribeEnvironments', { NextToken: never }, 'InvalidParameterValue'),
  ok('DescribeEvents', { ...mine, MaxRecords: 1 }, { keep: { token: 'NextToken' } }),
  ok('DescribeEvents', { ...mine, NextToken: '$token' }),
  no('DescribeEvents', { NextToken: never }, 'InvalidParameterValue'),
  ok('DescribeConfigurationSettings', { ApplicationName, ...mine }),
  no('DescribeConfigurationSettings', { ApplicationName, ...nobody }, 'InvalidParameterValue'),
  ok('DescribeEnvironmentHealth', { ...mine, AttributeNames: ['All'] }),
  no('DescribeEnvironmentHealth', nobody, 'InvalidParameterValue'),
  no('DescribeEnvironmentHealth', {}, 'MissingParameter'),
  ok('DescribeInstancesHealth', { ...mine, AttributeNames: ['All'] }),
  no('DescribeInstancesHealth', nobody, 'InvalidParameterValue'),
  no('DescribeInstancesHealth', {}, 'MissingParameter'),
  ok('DescribeEnvironmentResources', mine, {
    keep: {
      group: 'EnvironmentResources.AutoScalingGroups.0.Name',
      machine: 'EnvironmentResources.Instances.0.Id',
    },
  }),
  no('DescribeEnvironmentResources', nobody, 'InvalidParameterValue'),
  no('DescribeEnvironmentResources', {}, 'MissingParameter'),
  ok('ListTagsForResource', { ResourceArn: '$environment' }),
  no('ListTagsForResource', { ResourceArn: noArn }, 'ResourceNotFoundException'),
]);

export const elasticbeanstalk = casesOf('elasticbeanstalk', (ok, no) => [
  ...catalogue,
  ok('CreateEnvironment', created, { keep: { environment: 'EnvironmentArn' } }),
  no('CreateEnvironment', created, 'InvalidParameterValue'),
  no('CreateEnvironment', { ...created, EnvironmentName: 'two words' }, 'ValidationError'),
  no('CreateEnvironment', { ...created, OptionSettings: wrong }, 'ConfigurationValidationException'),
  no('UpdateEnvironment', { ...mine, Description: 'too early' }, 'InvalidParameterValue'),
  ok('DescribeEnvironments', { EnvironmentNames: [EnvironmentName] }, ready),
  ...asking,
  ok('UpdateTagsForResource', { ResourceArn: '$environment', TagsToAdd: [{ Key: 'c', Value: 'd' }] }),
  no('UpdateTagsForResource', { ResourceArn: '$environment', TagsToRemove: ['c'] }, 'InvalidParameterValue'),
  no('UpdateTagsForResource', { ResourceArn: noArn, TagsToRemove: ['c'] }, 'ResourceNotFoundException'),
  ok('DescribeEnvironments', { EnvironmentNames: [EnvironmentName] }, ready),
  ok('RestartAppServer', mine),
  no('RestartAppServer', mine, 'InvalidParameterValue'),
  no('RestartAppServer', {}, 'MissingParameter'),
  ok('DescribeEnvironments', { EnvironmentNames: [EnvironmentName] }, ready),
  ...scaling,
  { service: 'ec2', operation: 'DescribeInstances', input: {} },
  ok('DescribeEnvironmentResources', mine, {
    keep: { machine: 'EnvironmentResources.Instances.0.Id' },
  }),
  { service: 'ec2', operation: 'TerminateInstances', input: { InstanceIds: ['$machine'] } },
  no('UpdateEnvironment', { ...mine, OptionSettings: wrong }, 'ConfigurationValidationException'),
  no('UpdateEnvironment', { ...nobody, Description: 'nobody' }, 'InvalidParameterValue'),
  no('UpdateEnvironment', { Description: 'nobody' }, 'MissingParameter'),
  ok('UpdateEnvironment', { ...mine, OptionSettings: [option(reporting, 'SystemType', 'basic')] }),
  ok('DescribeEnvironments', { EnvironmentNames: [EnvironmentName] }, ready),
  no('DescribeEnvironmentHealth', { ...mine, AttributeNames: ['All'] }, 'InvalidRequestException'),
  no('DescribeInstancesHealth', { ...mine, AttributeNames: ['All'] }, 'InvalidRequestException'),
  ok('TerminateEnvironment', mine),
  no('TerminateEnvironment', mine, 'InvalidParameterValue'),
  no('TerminateEnvironment', {}, 'MissingParameter'),
]);
