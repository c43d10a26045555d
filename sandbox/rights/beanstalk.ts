import {
  arn,
  type Input,
  inNameBy,
  type KnownEnvironment,
  onAnything,
  type Right,
  type RightsTable,
  type RightsWorld,
} from './right';

const service = 'elasticbeanstalk';

interface Named {
  EnvironmentName?: string;
  EnvironmentId?: string;
}

function find(world: RightsWorld, asked: Named) {
  const { EnvironmentName: name, EnvironmentId: id } = asked;
  return world.environments().find((each) => each.name === name || each.id === id);
}

const environmentArn = (world: RightsWorld, application: string, name: string) =>
  arn(world, service, `environment/${application}/${name}`);

/** On the environments that a call names; on any where it names none. */
const onEnvironment = (action: string) => (asked: Input, world: RightsWorld) => {
  const { EnvironmentNames = [], EnvironmentIds = [] } = asked;
  const names: Named[] = [
    ...(asked.EnvironmentName || asked.EnvironmentId ? [asked] : []),
    ...EnvironmentNames.map((EnvironmentName: string) => ({ EnvironmentName })),
    ...EnvironmentIds.map((EnvironmentId: string) => ({ EnvironmentId })),
  ];
  if (names.length === 0) return [{ action: `${service}:${action}`, resource: '*' }];
  return names.map((one) => {
    const known = find(world, one);
    const name = known?.name ?? one.EnvironmentName ?? one.EnvironmentId ?? '';
    const application = known?.applicationName ?? asked.ApplicationName ?? world.application;
    return { action: `${service}:${action}`, resource: environmentArn(world, application, name) };
  });
};

type Beneath = (environment: KnownEnvironment, world: RightsWorld) => Right[];

const stackOf = ({ id }: { id: string }, world: RightsWorld) =>
  arn(world, 'cloudformation', `stack/awseb-${id}-stack/*`);
const groupOf = ({ groupName }: KnownEnvironment, world: RightsWorld) =>
  arn(world, 'autoscaling', `autoScalingGroup:*:autoScalingGroupName/${groupName}`);
const ownBucket = ({ region, account }: RightsWorld) => `arn:aws:s3:::elasticbeanstalk-${region}-${account}`;

/**
 * What Elastic Beanstalk does in the caller's name: it uses the permissions of whoever calls for the resources of an
 * environment. Which calls it makes is not documented one by one; these are the ones without which nothing is made, changed
 * or ended, from AWS's policy for a role that stands in for the caller.
 * https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/concepts-roles-user.html
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSElasticBeanstalkRoleCore.html
 */
const updating: Beneath = (environment, world) => [
  { action: 'cloudformation:UpdateStack', resource: stackOf(environment, world) },
  { action: 'autoscaling:UpdateAutoScalingGroup', resource: groupOf(environment, world) },
  { action: 's3:PutObject', resource: `${ownBucket(world)}/resources/environments/${environment.id}` },
];

const creating: Beneath = (environment, world) => [
  { action: 'cloudformation:CreateStack', resource: stackOf(environment, world) },
  { action: 'autoscaling:CreateAutoScalingGroup', resource: groupOf(environment, world) },
  {
    action: 'elasticloadbalancing:CreateLoadBalancer',
    resource: arn(world, 'elasticloadbalancing', `loadbalancer/app/awseb--AWSEB/*`),
  },
  { action: 'ec2:CreateLaunchTemplate', resource: arn(world, 'ec2', 'launch-template/*') },
  {
    action: 'ec2:RunInstances',
    resource: arn(world, 'ec2', 'instance/*'),
    context: { 'ec2:LaunchTemplate': [arn(world, 'ec2', 'launch-template/lt-0')] },
  },
  { action: 's3:PutObject', resource: `${ownBucket(world)}/resources/environments/${environment.id}` },
];

const ending: Beneath = (environment, world) => [
  { action: 'cloudformation:DeleteStack', resource: stackOf(environment, world) },
  { action: 'autoscaling:DeleteAutoScalingGroup', resource: groupOf(environment, world) },
  {
    action: 'elasticloadbalancing:DeleteLoadBalancer',
    resource: arn(world, 'elasticloadbalancing', 'loadbalancer/app/awseb--AWSEB/*'),
  },
];

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html */
function passed(instanceProfile: string, serviceRole: string, world: RightsWorld): Right[] {
  const pass = (role: string, to: string) => ({
    action: 'iam:PassRole',
    resource: `arn:aws:iam::${world.account}:role/${role}`,
    context: { 'iam:PassedToService': [to] },
  });
  return [
    pass(world.iam.roleOfProfile(instanceProfile) ?? instanceProfile, 'ec2.amazonaws.com'),
    pass(serviceRole, 'elasticbeanstalk.amazonaws.com'),
  ];
}

const inItsName = (rights: Right[]) => inNameBy(service, rights);

const changing = (action: string, beneath: Beneath) => (asked: Input, world: RightsWorld) => {
  const environment = find(world, asked);
  return [
    ...onEnvironment(action)(asked, world),
    ...(environment ? inItsName(beneath(environment, world)) : []),
  ];
};

type Option = { Namespace?: string; OptionName?: string; Value?: string };

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticbeanstalk.html */
export const beanstalkRights: RightsTable = {
  DescribeEnvironments: onEnvironment('DescribeEnvironments'),
  DescribeEnvironmentResources: onEnvironment('DescribeEnvironmentResources'),
  DescribeConfigurationSettings: onEnvironment('DescribeConfigurationSettings'),
  DescribeEvents: onEnvironment('DescribeEvents'),
  DescribeEnvironmentHealth: onEnvironment('DescribeEnvironmentHealth'),
  DescribeInstancesHealth: onEnvironment('DescribeInstancesHealth'),
  RestartAppServer: onEnvironment('RestartAppServer'),
  DescribeApplicationVersions: ({ ApplicationName, VersionLabels = [] }, world) =>
    (VersionLabels.length > 0 ? VersionLabels : ['*']).map((label: string) => ({
      action: `${service}:DescribeApplicationVersions`,
      resource: arn(world, service, `applicationversion/${ApplicationName ?? '*'}/${label}`),
    })),
  DescribePlatformVersion: ({ PlatformArn }) => [
    { action: `${service}:DescribePlatformVersion`, resource: PlatformArn },
  ],
  CheckDNSAvailability: onAnything(`${service}:CheckDNSAvailability`),
  UpdateEnvironment: changing('UpdateEnvironment', updating),
  TerminateEnvironment: changing('TerminateEnvironment', ending),
  CreateEnvironment: ({ ApplicationName, EnvironmentName, OptionSettings = [] }, world) => {
    const option = (name: string) =>
      (OptionSettings as Option[]).find(({ OptionName }) => OptionName === name)?.Value ?? '';
    const made = {
      id: 'e-new',
      name: EnvironmentName,
      applicationName: ApplicationName,
      groupName: 'awseb-e-new-stack-AWSEBAutoScalingGroup',
    };
    return [
      {
        action: `${service}:CreateEnvironment`,
        resource: environmentArn(world, ApplicationName, EnvironmentName),
      },
      ...inItsName(creating(made, world)),
      ...inItsName(passed(option('IamInstanceProfile'), option('ServiceRole'), world)),
    ];
  },
};
