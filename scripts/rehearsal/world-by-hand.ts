import { buildApp } from '../../lib/app';
import { parameterArn, parameterNames, previewHost, stackNames, stampVariable } from '../../lib/names';
import { otherSide, type Settings } from '../../lib/settings';
import type { PlannedEnvironment, WorldPlan } from '../../sandbox/plan';
import { worldBefore } from './world-before';

/** The role that Elastic Beanstalk's console makes for the instances of every environment of an account. */
export const sharedRole = 'aws-elasticbeanstalk-ec2-role';

const policyArn = (name: string) => `arn:aws:iam::aws:policy/${name}`;
const sharedPolicies = [
  'AWSElasticBeanstalkWebTier',
  'AWSElasticBeanstalkWorkerTier',
  'AWSElasticBeanstalkMulticontainerDocker',
  'AmazonSSMManagedInstanceCore',
].map(policyArn);

const variables = 'aws:elasticbeanstalk:application:environment';
const secrets = 'aws:elasticbeanstalk:application:environmentsecrets';

/**
 * A production that people made in the console, before the tool knows it: the live side open on its database, with no
 * stack and no parameter of the tool's, its secrets plain variables, one role for all, and plain records.
 * @param options.ownRoles whether each environment has the role that the settings name instead
 */
export function worldByHand(
  settings: Settings,
  endpointOf: (databaseId: string) => string,
  { ownRoles = false } = {},
): WorldPlan {
  const plan = worldBefore(settings, endpointOf);
  const values = new Map(plan.parameters.map(({ name, value }) => [name, value]));
  // A test system shares nothing with production, not even here.
  const { instanceRole } = settings.testSystem?.environment ?? {};
  const tested = plan.roles.filter(({ name }) => name === instanceRole);
  const preparation = parameterNames(settings).secret(settings.preparationDatabase.secret);
  return {
    ...plan,
    roles: ownRoles ? plan.roles : [{ name: sharedRole, managedPolicies: sharedPolicies }, ...tested],
    // The test database is no part of production: its secret is made with it.
    parameters: plan.parameters.filter(({ name }) => name === preparation),
    databases: plan.databases.map(({ password, ...database }) => ({
      ...database,
      password: typeof password === 'string' ? password : values.get(password.parameter)!,
    })),
    environments: plan.environments.map((environment) => {
      const isOwn = ownRoles || environment.role === instanceRole;
      const role = isOwn ? environment.role : sharedRole;
      return { ...byHand(settings, environment, values), role };
    }),
    records: recordsByHand(settings, plan),
    stacks: [],
  };
}

type Option = PlannedEnvironment['options'][number];

function byHand(
  settings: Settings,
  environment: PlannedEnvironment,
  values: Map<string, string>,
): PlannedEnvironment {
  const { notSet } = parameterNames(settings);
  const plain = environment.options.flatMap((option): Option[] => {
    if (option.OptionName === stampVariable) return [];
    if (option.Namespace !== secrets) return [option];
    const parameter = option.Value.slice(parameterArn(settings, '').length);
    return parameter === notSet ? [] : [{ ...option, Namespace: variables, Value: values.get(parameter)! }];
  });
  return { ...environment, options: [...machine(settings), ...plain] };
}

/** Machines, network and load balancer as those of a new environment: in both they are what the settings say. */
function machine(settings: Settings): Option[] {
  const live = settings.upgrade.from;
  const record = {
    posture: { live, access: 'open', n: 1, served: {}, spent: [] },
    databases: [],
    versions: {},
  } as const;
  const words = { live, access: 'open', reassert: false } as const;
  const name = stackNames(settings).side(otherSide(live));
  const { template } = buildApp({ settings, record: structuredClone(record) as never, words })
    .synth()
    .getStackByName(name);
  // biome-ignore lint/suspicious/noExplicitAny: a template's resources are of many types.
  const resources = Object.values(template.Resources) as any[];
  const { Properties } = resources.find(({ Type }) => Type === 'AWS::ElasticBeanstalk::Environment');
  const others = new Set([variables, secrets, 'aws:autoscaling:asg']);
  return (Properties.OptionSettings as Option[]).filter(
    ({ Namespace, OptionName }) => !others.has(Namespace) && OptionName !== 'IamInstanceProfile',
  );
}

/** Plain names for five minutes, but for the apex, which must be an alias; and those that nobody needs any more. */
function recordsByHand(settings: Settings, { records, environments }: WorldPlan): WorldPlan['records'] {
  const plain = { zoneId: settings.zone.id, type: 'CNAME' as const, ttlSeconds: 300 };
  return [
    ...records.map((record) =>
      record.name === settings.zone.name
        ? record
        : { ...plain, name: record.name, values: [record.alias!.dnsName] },
    ),
    ...environments.map(({ name, cname }) => ({
      ...plain,
      name: previewHost(settings, name),
      values: [cname],
    })),
  ];
}
