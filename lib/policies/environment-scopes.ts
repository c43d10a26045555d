import { webTier } from '../constructs/instance-role';
import { bucketName, doorName, stackNames } from '../names';
import type { Settings } from '../settings';
import {
  byCloudFormation,
  environmentsOf,
  ofProduction,
  regional,
  type Scope,
  testEnvironments,
} from './scope';

/** Of environments: themselves, their instances, their roles and their doors. */

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticbeanstalk.html */
export function environmentScopes(settings: Settings): Scope[] {
  const { application, region } = settings;
  const beanstalk = (rest: string) => regional(settings, 'elasticbeanstalk', rest);
  const names = environmentsOf(settings).map(({ name }) => name);
  const environment = (name: string) => beanstalk(`environment/${application}/${name}`);
  const calls =
    /^(cloudformation > )?elasticbeanstalk:(?!DescribeApplicationVersions|DescribePlatformVersion|CheckDNSAvailability)/;
  return [
    { sid: 'Environments', calls, phases: ofProduction, resources: names.map(environment) },
    {
      sid: 'TestEnvironment',
      calls,
      phases: ['test-system'],
      resources: testEnvironments(settings).map(({ name }) => environment(name)),
    },
    {
      sid: 'Versions',
      calls: /^elasticbeanstalk:(DescribeApplicationVersions|DescribePlatformVersion)$/,
      resources: [
        beanstalk(`applicationversion/${application}/*`),
        `arn:aws:elasticbeanstalk:${region}::platform/*`,
      ],
    },
    { sid: 'FreeNames', calls: /^elasticbeanstalk:CheckDNSAvailability$/, resources: ['*'] },
    { sid: 'GroupsSeen', calls: /^autoscaling:Describe/, resources: ['*'] },
    {
      sid: 'Groups',
      calls: /^autoscaling:(?!Describe)/,
      resources: [regional(settings, 'autoscaling', 'autoScalingGroup:*:autoScalingGroupName/awseb-*')],
      condition: {
        StringEquals: { 'autoscaling:ResourceTag/elasticbeanstalk:environment-name': names },
      },
    },
  ];
}

/** Elastic Beanstalk tags its instances: https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/using-features.tagging.html */
export function commandScopes(settings: Settings): Scope[] {
  const { region } = settings;
  const instancesOf = (environments: { name: string }[]) => ({
    resources: [regional(settings, 'ec2', 'instance/*')],
    condition: {
      StringEquals: {
        'ssm:resourceTag/elasticbeanstalk:environment-name': environments.map(({ name }) => name),
      },
    },
  });
  return [
    {
      sid: 'Commands',
      calls: /^ssm:SendCommand$/,
      resources: [
        `arn:aws:ssm:${region}::document/AWS-RunShellScript`,
        `arn:aws:s3:::${bucketName(settings)}`,
      ],
    },
    {
      sid: 'Instances',
      calls: /^ssm:SendCommand$/,
      phases: ofProduction,
      ...instancesOf(environmentsOf(settings)),
    },
    {
      sid: 'TestInstances',
      calls: /^ssm:SendCommand$/,
      phases: ['test-system'],
      ...instancesOf(testEnvironments(settings)),
    },
    { sid: 'Answers', calls: /^ssm:GetCommandInvocation$/, resources: ['*'] },
  ];
}

/**
 * What environments made by hand have, unless somebody chose another.
 * https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/iam-instanceprofile.html
 */
const sharedRole = 'aws-elasticbeanstalk-ec2-role';

/** Roles are changed by CloudFormation alone, so that each change stands in a stack's events. */
export function roleScopes(settings: Settings): Scope[] {
  const { account, environment } = settings;
  // The test system's role is denied production's secrets, too.
  const made = [...environmentsOf(settings), ...testEnvironments(settings)];
  const names = [...new Set(made.map(({ instanceRole }) => instanceRole))];
  const roles = names.map((name) => `arn:aws:iam::${account}:role/${name}`);
  const profiles = names.map((name) => `arn:aws:iam::${account}:instance-profile/${name}`);
  return [
    { sid: 'RolesSeen', calls: /^(cloudformation > )?iam:(Get|List)/, resources: [...roles, ...profiles] },
    {
      sid: 'Roles',
      calls: /^cloudformation > iam:(?!Get|List|PassRole|AttachRolePolicy)/,
      resources: [...roles, ...profiles],
      condition: byCloudFormation,
    },
    {
      sid: 'SharedRoleSeen',
      calls: /^iam:(Get|List)/,
      phases: ['adopt'],
      resources: ['instance-profile', 'role'].map((type) => `arn:aws:iam::${account}:${type}/${sharedRole}`),
    },
    {
      sid: 'SharedRole',
      calls: /^cloudformation > iam:(Get|Put|Delete)RolePolicy$/,
      phases: ['adopt'],
      resources: [`arn:aws:iam::${account}:role/${sharedRole}`],
      condition: byCloudFormation,
    },
    {
      sid: 'ManagedPolicies',
      calls: /^cloudformation > iam:AttachRolePolicy$/,
      resources: roles,
      condition: { ArnLike: { 'iam:PolicyARN': [webTier, ...(environment.instancePolicies ?? [])] } },
    },
    {
      sid: 'PassedToInstances',
      calls: /^cloudformation > iam:PassRole$/,
      resources: roles,
      condition: { StringEquals: { 'iam:PassedToService': ['ec2.amazonaws.com'] } },
    },
  ];
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awswafv2.html */
export function doorScopes(settings: Settings): Scope[] {
  const waf = (rest: string) => regional(settings, 'wafv2', `regional/${rest}`);
  const doors = environmentsOf(settings).map(({ name }) => waf(`webacl/${doorName(name)}/*`));
  const balancers = regional(settings, 'elasticloadbalancing', 'loadbalancer/app/awseb-*');
  return [
    {
      sid: 'DoorsSeen',
      calls: /wafv2:Get(WebACLForResource|SampledRequests)$/,
      resources: [balancers, waf('webacl/*')],
    },
    {
      sid: 'Doors',
      calls: /^cloudformation > wafv2:(?!GetWebACLForResource)/,
      resources: [...doors, waf(`ipset/${stackNames(settings).door}-testers/*`), balancers],
    },
    { sid: 'Association', calls: /^cloudformation > elasticloadbalancing:SetWebACL$/, resources: ['*'] },
  ];
}
