import type { CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';
import { buildApp } from '../../lib/app';
import { liveHosts, parameterNames, stackNames } from '../../lib/names';
import { type Posture, posture } from '../../lib/posture';
import type { DatabaseRecord, UpgradeRecord } from '../../lib/record';
import type { Settings } from '../../lib/settings';
import type { Judged, PlannedEnvironment, PlannedStack, WorldPlan } from '../../sandbox/plan';
import { optionsByHand, testSystemBefore, versionBefore } from './world-with-test-system';

// The schemas of resources are asked of every posture by tests: that takes seconds, here as in the app.
process.env.CDK_VALIDATION ??= 'false';

/** The database the old side has before the tool restored any. */
export const originalDatabase = (settings: Settings) => `production-${settings.upgrade.from}`;

/**
 * The world as it stands before the upgrade: the old side open on its own database, its stacks as an import would
 * have left them, nothing of the new side but a database to prepare it on.
 */
export function worldBefore(settings: Settings, endpointOf: (databaseId: string) => string): WorldPlan {
  const live = settings.upgrade.from;
  const database: DatabaseRecord = {
    id: originalDatabase(settings),
    side: live,
    generation: 0,
    endpoint: endpointOf(originalDatabase(settings)),
    migrated: true,
  };
  const record: UpgradeRecord = {
    posture: { live, access: 'open', n: 1, served: { [live]: database.id }, spent: [] },
    databases: [database],
    versions: {},
  };
  const words = { live, access: 'open', reassert: false } as const;
  const declared = posture(settings, record, words);
  const assembly = buildApp({ settings, record, words }).synth();
  const side = assembly.getStackByName(stackNames(settings).side(live));
  const traffic = assembly.getStackByName(stackNames(settings).traffic);
  const environments = environmentsOf(settings, declared, side);
  const tested = testSystemBefore(settings, endpointOf);
  return {
    account: settings.account,
    region: settings.region,
    zone: settings.zone,
    application: {
      name: settings.application,
      versions: [versionBefore, settings.environment.versionLabel],
      releasesBefore: [versionBefore],
      platformArn: settings.environment.platformArn,
      known: {
        variables: settings.variables,
        sessions: settings.sessionTable,
        healthCheckPath: settings.environment.healthCheckPath,
      },
    },
    network: network(settings),
    roles: [...environments, ...tested.environments].map(({ role }) => ({ name: role, managedPolicies })),
    parameters: [
      ...parametersBefore(settings, database),
      { name: parameterNames(settings).posture, value: JSON.stringify(declared.record), type: 'String' },
    ],
    databases: [...databasesBefore(settings, database.id), ...tested.databases],
    environments: [...environments, ...tested.environments],
    records: [...Object.values(recordSets(traffic)), ...tested.records],
    certificates: [certificateOf(settings)],
    stacks: [registered(side), registered(traffic)],
    judged: judged(settings),
    hosts: { web: hostsOf(settings, true), ses: hostsOf(settings, false)[0]! },
    stripeWebhookSecret: paymentSecret('STRIPE_WEBHOOK_SECRET'),
  };
}

/** What the hand-made roles of the old side have attached. The last may read every parameter: the fence denies it. */
const managedPolicies = [
  'arn:aws:iam::aws:policy/AWSElasticBeanstalkWebTier',
  'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore',
];

interface Resource {
  Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: properties of many types.
  Properties: any;
}

const resourcesOf = (stack: CloudFormationStackArtifact) =>
  Object.entries(stack.template.Resources as Record<string, Resource>);

function environmentsOf(
  settings: Settings,
  declared: Posture,
  stack: CloudFormationStackArtifact,
): PlannedEnvironment[] {
  const { variables, sides } = settings;
  const byHand = optionsByHand(settings, variables.plain);
  const stated = new Map(
    resourcesOf(stack).map(([, { Properties }]) => [Properties.EnvironmentName, Properties.OptionSettings]),
  );
  return Object.values(declared.sides[declared.live].environments).map(({ name, role }) => ({
    name,
    cname: sides[declared.live].environments[role]!.adoptedCname!,
    role: sides[declared.live].environments[role]!.instanceRole,
    options: [...byHand, ...stated.get(name)],
    versionLabel: versionBefore,
  }));
}

/** The physical id by which CloudFormation knows a resource of the old side's stacks. */
function physicalId({ Type, Properties }: Resource): string {
  return Type === 'AWS::ElasticBeanstalk::Environment' ? Properties.EnvironmentName : Properties.Name;
}

function registered(stack: CloudFormationStackArtifact): PlannedStack {
  return {
    name: stack.stackName,
    template: stack.template,
    resources: Object.fromEntries(resourcesOf(stack).map(([id, resource]) => [id, physicalId(resource)])),
    terminationProtection: true,
  };
}

function recordSets(stack: CloudFormationStackArtifact) {
  return resourcesOf(stack)
    .filter(([, { Type }]) => Type === 'AWS::Route53::RecordSet')
    .map(([, { Properties }]) => ({
      zoneId: Properties.HostedZoneId as string,
      name: Properties.Name as string,
      type: 'A' as const,
      alias: { hostedZoneId: Properties.AliasTarget.HostedZoneId, dnsName: Properties.AliasTarget.DNSName },
    }));
}

const paymentSecret = (name: string) => `sk_live_canary_${name}`;

/** Values no production has, each recognisable wherever it should not appear. */
function parametersBefore(settings: Settings, database: DatabaseRecord): WorldPlan['parameters'] {
  const { database: logins, preparationDatabase, variables } = settings;
  const names = parameterNames(settings);
  const secret = (name: string, value: string) => ({
    name: names.secret(name),
    value,
    type: 'SecureString' as const,
  });
  return [
    { name: names.notSet, value: 'not-set', type: 'SecureString' },
    secret(logins.writer.secret, 'canary-writer-password'),
    secret(preparationDatabase.secret, 'canary-preparation-password'),
    ...variables.payments.map((name) => secret(name, paymentSecret(name))),
    ...variables.secrets.map((name) => secret(name, `canary-${name}`)),
    { name: names.database(database.id), value: JSON.stringify(database), type: 'String' },
  ];
}

function databasesBefore(settings: Settings, id: string): WorldPlan['databases'] {
  const { database, preparationDatabase } = settings;
  const names = parameterNames(settings);
  const each = { instanceClass: 'db.t3.large', databaseName: database.name };
  return [
    {
      ...each,
      id,
      masterUsername: database.writer.user,
      password: { parameter: names.secret(database.writer.secret) },
      data: 'production',
    },
    {
      ...each,
      id: preparationDatabase.host.split('.')[0]!,
      instanceClass: 'db.t3.small',
      databaseName: preparationDatabase.name,
      masterUsername: preparationDatabase.user,
      password: { parameter: names.secret(preparationDatabase.secret) },
      data: 'preparation',
    },
  ];
}

function network({ environment, region }: Settings): WorldPlan['network'] {
  const subnets = [...new Set([...environment.instanceSubnets, ...environment.loadBalancerSubnets])];
  const groups = [...environment.securityGroups, ...environment.loadBalancerSecurityGroups];
  return {
    vpcId: environment.vpc,
    cidr: '172.31.0.0/16',
    subnets: subnets.map((id, index) => ({
      id,
      zone: `${region}${'abc'[index % 3]}`,
      cidr: `172.31.${16 * index}.0/20`,
    })),
    securityGroups: groups.map((id, index) => ({ id, name: `group-${index}`, description: 'made by hand' })),
  };
}

/** For the zone, what is one label below it, and the names that people use wherever they are. */
function certificateOf(settings: Settings): WorldPlan['certificates'][number] {
  const { environment, zone } = settings;
  return {
    arn: environment.certificateArn,
    domainName: zone.name,
    alternativeNames: [...new Set([zone.name, `*.${zone.name}`, ...liveHosts(settings)])],
    validDays: 180,
  };
}

function judged({ sides, variables, sessionTable, conversion }: Settings): Judged {
  const environments = Object.entries(sides).map(([side, each]) => [
    side,
    Object.values(each.environments).map(({ name }) => name),
  ]);
  return {
    sides: Object.fromEntries(environments),
    payments: variables.payments,
    maintenance: variables.maintenance,
    databaseHost: variables.database.host,
    sessions: sessionTable,
    conversion: conversion && {
      unregistered: conversion.unregisteredTable,
      users: conversion.userTable,
    },
  };
}

/** The hosts of the roles that take payments, or of the others where there are any. */
function hostsOf(settings: Settings, payments: boolean): string[] {
  const roles = Object.values(settings.roles);
  return (roles.find((role) => role.payments === payments) ?? roles[0]!).hosts;
}
