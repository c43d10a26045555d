import type { Settings } from '../settings';
import { sides } from '../settings';
import type { Policy, Statement } from './policy';

/**
 * What Elastic Beanstalk does with the rights of whoever makes, changes or ends an environment. It is not documented call
 * by call; AWS's policy for a role that stands in for the caller has these, here by name and for this account.
 * https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/concepts-roles-user.html
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSElasticBeanstalkRoleCore.html
 */
export function beneathBeanstalk(settings: Settings): Policy {
  const { region, account } = settings;
  const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`;
  const allow = (Sid: string, Action: string[], Resource: string[], Condition?: Statement['Condition']) => ({
    ...{ Sid, Effect: 'Allow' as const, Action, Resource },
    ...(Condition ? { Condition } : {}),
  });
  const bucket = `arn:aws:s3:::elasticbeanstalk-${region}-${account}`;
  const balanced = [
    'targetgroup/awseb-*',
    'loadbalancer/app/awseb-*',
    'listener/app/awseb-*',
    'listener-rule/app/awseb-*',
  ];
  const environments = [
    ...sides.flatMap((side) => Object.values(settings.sides[side].environments)),
    ...(settings.testSystem ? [settings.testSystem.environment] : []),
  ];
  const roles = [...new Set(environments.map(({ instanceRole }) => instanceRole))];
  const statements = [
    allow('Seen', seen, ['*']),
    allow('Certificates', ['acm:DescribeCertificate'], [arn('acm', 'certificate/*')]),
    allow('Stacks', stackActions, [arn('cloudformation', 'stack/awseb-*')]),
    allow('Groups', groupActions, [arn('autoscaling', 'autoScalingGroup:*:autoScalingGroupName/awseb-*')]),
    allow('ScalingPolicies', ['autoscaling:DeletePolicy'], ['*']),
    allow(
      'Alarms',
      ['cloudwatch:DeleteAlarms', 'cloudwatch:PutMetricAlarm'],
      [arn('cloudwatch', 'alarm:awseb-*')],
    ),
    allow(
      'Balancers',
      balancerActions,
      balanced.map((rest) => arn('elasticloadbalancing', rest)),
    ),
    allow('LaunchTemplates', templateActions, [arn('ec2', 'launch-template/*')]),
    allow('Launches', ['ec2:RunInstances'], ['*'], {
      ArnLike: { 'ec2:LaunchTemplate': [arn('ec2', 'launch-template/*')] },
    }),
    allow(
      'Tags',
      ['ec2:CreateTags'],
      [arn('ec2', 'instance/*'), arn('ec2', 'launch-template/*'), arn('ec2', 'volume/*')],
    ),
    allow('OwnBucket', ['s3:GetBucketLocation', 's3:GetBucketPolicy', 's3:ListBucket'], [bucket]),
    allow('OwnObjects', ['s3:DeleteObject', 's3:GetObject', 's3:PutObject'], [`${bucket}/*`]),
    allow(
      'PassedToInstances',
      ['iam:PassRole'],
      roles.map((name) => `arn:aws:iam::${account}:role/${name}`),
      {
        StringEquals: { 'iam:PassedToService': ['ec2.amazonaws.com'] },
      },
    ),
    allow(
      'PassedToBeanstalk',
      ['iam:PassRole'],
      [`arn:aws:iam::${account}:role/${settings.environment.serviceRole}`],
      {
        StringEquals: { 'iam:PassedToService': ['elasticbeanstalk.amazonaws.com'] },
      },
    ),
  ];
  return { Version: '2012-10-17', Statement: statements };
}

const seen = [
  'autoscaling:Describe*',
  'cloudformation:Describe*',
  'ec2:Describe*',
  'elasticloadbalancing:Describe*',
];

const stackActions = [
  'cloudformation:CancelUpdateStack',
  'cloudformation:ContinueUpdateRollback',
  'cloudformation:CreateStack',
  'cloudformation:DeleteStack',
  'cloudformation:GetTemplate',
  'cloudformation:ListStackResources',
  'cloudformation:TagResource',
  'cloudformation:UntagResource',
  'cloudformation:UpdateStack',
];

const groupActions = [
  'autoscaling:AttachLoadBalancerTargetGroups',
  'autoscaling:CreateAutoScalingGroup',
  'autoscaling:CreateOrUpdateTags',
  'autoscaling:DeleteAutoScalingGroup',
  'autoscaling:DeleteTags',
  'autoscaling:DetachLoadBalancerTargetGroups',
  'autoscaling:PutNotificationConfiguration',
  'autoscaling:PutScalingPolicy',
  'autoscaling:ResumeProcesses',
  'autoscaling:SuspendProcesses',
  'autoscaling:UpdateAutoScalingGroup',
];

const balancerActions = [
  'elasticloadbalancing:AddTags',
  'elasticloadbalancing:CreateListener',
  'elasticloadbalancing:CreateLoadBalancer',
  'elasticloadbalancing:CreateRule',
  'elasticloadbalancing:CreateTargetGroup',
  'elasticloadbalancing:DeleteListener',
  'elasticloadbalancing:DeleteLoadBalancer',
  'elasticloadbalancing:DeleteRule',
  'elasticloadbalancing:DeleteTargetGroup',
  'elasticloadbalancing:DeregisterTargets',
  'elasticloadbalancing:ModifyListener',
  'elasticloadbalancing:ModifyLoadBalancerAttributes',
  'elasticloadbalancing:ModifyRule',
  'elasticloadbalancing:ModifyTargetGroup',
  'elasticloadbalancing:ModifyTargetGroupAttributes',
  'elasticloadbalancing:RegisterTargets',
  'elasticloadbalancing:RemoveTags',
];

const templateActions = [
  'ec2:CreateLaunchTemplate',
  'ec2:CreateLaunchTemplateVersion',
  'ec2:DeleteLaunchTemplate',
  'ec2:DeleteLaunchTemplateVersions',
];
