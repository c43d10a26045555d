import { previewHost } from '../../names';
import type { Settings } from '../../settings';
import type { Environment, NameRecord, Zone } from '../ports';
import { variablesNamespace } from '../stacks/owned-options';
import { profileOf } from './look';

/** What AWS answers of a production that is to be adopted. */
export interface World {
  account: string;
  /** The live environments, by role. */
  environments: Record<string, Environment>;
  zone: Zone;
  records: NameRecord[];
  /** The managed policies of each role of instances, by the name of its profile. */
  policies: Record<string, string[]>;
}

/** A place in the settings and what belongs there. */
export type Edit = [path: (string | number)[], value: unknown];

export interface SettingsOfWorld {
  edits: Edit[];
  /** What a person should know of how it was read. */
  remarks: string[];
}

/**
 * The settings that AWS knows better than a person; what it cannot tell, such as commands and what variables mean, stays
 * as the given settings have it. No value of a secret is among them. Pure.
 */
export function settingsOfWorld(base: Settings, world: World): SettingsOfWorld {
  const live = base.upgrade.from;
  const paying = Object.keys(world.environments).find((role) => base.roles[role]?.payments);
  const first = world.environments[paying ?? Object.keys(world.environments)[0]!]!;
  const shared = sharedProfiles(world);
  const remarks: string[] = [];
  const edits: Edit[] = [
    [['account'], world.account],
    [['zone'], { id: world.zone.id, name: world.zone.name }],
    ...Object.entries(world.environments).flatMap(([role, environment]): Edit[] => [
      [['sides', live, 'environments', role], environmentOf(environment, shared)],
      [['roles', role, 'hosts'], hostsOf(world, environment)],
      [['roles', role, 'open'], sizeOf(environment)],
    ]),
    ...machine(first),
    ...policiesOf(world, shared),
    ...variablesOf(base, world, first, remarks),
  ];
  for (const [name, roles] of shared)
    remarks.push(
      `${roles.join(' and ')} share the instance profile ${name}: sealing gives each a role of its own.`,
    );
  for (const { name, target } of strayNames(base, world))
    remarks.push(
      `${name} leads to ${target} besides the names that people use; tidying up will want it gone.`,
    );
  return { edits, remarks };
}

/** Roles by the profile that they share with another. */
function sharedProfiles({ environments }: World): Map<string, string[]> {
  const users = new Map<string, string[]>();
  for (const [role, environment] of Object.entries(environments))
    users.set(profileOf(environment), [...(users.get(profileOf(environment)) ?? []), role]);
  return new Map([...users].filter(([, roles]) => roles.length > 1));
}

function environmentOf(environment: Environment, shared: Map<string, string[]>) {
  const { name, cname } = environment;
  const profile = profileOf(environment);
  return shared.has(profile)
    ? { name, instanceRole: `${name}-instances`, adoptedCname: cname, ownRole: true }
    : { name, instanceRole: profile, adoptedCname: cname };
}

const leadsTo = ({ cname }: Environment, { target, type }: NameRecord) =>
  target === cname && (type === 'A' || type === 'CNAME');

const ownName = ({ zone }: World, { name }: Environment) => `${name}.${zone.name}`;

/** An environment's own name in the zone is no name that people use. */
function hostsOf(world: World, environment: Environment): string[] {
  const names = world.records.filter((record) => leadsTo(environment, record)).map(({ name }) => name);
  return [...new Set(names)].filter((name) => name !== ownName(world, environment)).sort();
}

function strayNames(base: Settings, world: World): NameRecord[] {
  const environments = Object.values(world.environments);
  const own = new Set(environments.flatMap((each) => [ownName(world, each), previewHost(base, each.name)]));
  return world.records.filter(({ name }) => own.has(name));
}

const number = (text: string | undefined) => Number(text ?? Number.NaN);

const sizeOf = ({ options }: Environment) => ({
  min: number(options['aws:autoscaling:asg:MinSize']),
  max: number(options['aws:autoscaling:asg:MaxSize']),
});

/** Of what a new environment is built; what was not set in AWS is left as it is. */
function machine({ platformArn, options }: Environment): Edit[] {
  const one = (key: string) => options[key];
  const list = (key: string) => options[key]?.split(',').map((each) => each.trim());
  const found = {
    platformArn,
    instanceType:
      list('aws:ec2:instances:InstanceTypes')?.[0] ?? one('aws:autoscaling:launchconfiguration:InstanceType'),
    serviceRole: one('aws:elasticbeanstalk:environment:ServiceRole')?.split('/').at(-1),
    vpc: one('aws:ec2:vpc:VPCId'),
    instanceSubnets: list('aws:ec2:vpc:Subnets'),
    loadBalancerSubnets: list('aws:ec2:vpc:ELBSubnets'),
    securityGroups: list('aws:autoscaling:launchconfiguration:SecurityGroups'),
    loadBalancerSecurityGroups: list('aws:elbv2:loadbalancer:SecurityGroups'),
    certificateArn: one('aws:elbv2:listener:443:SSLCertificateArns'),
    healthCheckPath: one('aws:elasticbeanstalk:environment:process:default:HealthCheckPath'),
  };
  return Object.entries(found).flatMap(([key, value]): Edit[] =>
    value === undefined || value === '' ? [] : [[['environment', key], value]],
  );
}

/** What the tool's own roles have anyway, or do in another way. */
const ownPolicies = new Set([
  'arn:aws:iam::aws:policy/AWSElasticBeanstalkWebTier',
  'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore',
]);

function policiesOf({ policies }: World, shared: Map<string, string[]>): Edit[] {
  const wanted = [...shared.keys()].flatMap((profile) => policies[profile] ?? []);
  const others = [...new Set(wanted)].filter((arn) => !ownPolicies.has(arn)).sort();
  return others.length === 0 ? [] : [[['environment', 'instancePolicies'], others]];
}

/** Names under which secrets go, and values that hold one, such as an address with a password in it. */
const secretName = /SECRET|PASS|KEY|TOKEN|CREDENTIAL|PRIVATE|LICEN|DSN|SALT/i;
const secretValue = /:\/\/[^/\s]*:[^/\s]*@|^\*+$|-----BEGIN|^[A-Za-z0-9+/_=-]{32,}$/;

export const looksSecret = (name: string, value: string) => secretName.test(name) || secretValue.test(value);

function variablesOf(base: Settings, world: World, first: Environment, remarks: string[]): Edit[] {
  const { variables } = base;
  const set = plainVariables(first);
  const { name, port, user } = variables.database;
  const owned = new Set([
    ...Object.values(variables.database),
    ...variables.payments,
    ...variables.absent,
    ...[variables.maintenance, variables.email, base.sync?.variable].flatMap((each) =>
      each ? [each.name] : [],
    ),
  ]);
  const others = Object.entries(set).filter(([each]) => !owned.has(each));
  const secrets = others.filter(([each, value]) => looksSecret(each, value)).map(([each]) => each);
  const plain = others.filter(([each]) => !secrets.includes(each));
  remarks.push(
    `Taken for secrets: ${secrets.join(', ') || 'none'}. Written down with their values: ${plain.map(([each]) => each).join(', ') || 'none'}.`,
  );
  for (const environment of Object.values(world.environments)) {
    const theirs = plainVariables(environment);
    const unlike = plain.filter(([each, value]) => theirs[each] !== value).map(([each]) => each);
    if (unlike.length > 0)
      remarks.push(
        `${environment.name} has other values, or none, for ${unlike.join(', ')}; a new environment gets those of ${first.name}.`,
      );
  }
  const payments = variables.payments.filter((each) => set[each] !== undefined);
  return [
    [['variables', 'payments'], payments],
    [['variables', 'plain'], Object.fromEntries(plain)],
    [['variables', 'secrets'], secrets],
    [['database', 'name'], set[name] ?? base.database.name],
    [['database', 'port'], number(set[port] ?? String(base.database.port))],
    [['database', 'writer', 'user'], set[user] ?? base.database.writer.user],
  ];
}

function plainVariables({ options }: Environment): Record<string, string> {
  const prefix = `${variablesNamespace}:`;
  return Object.fromEntries(
    Object.entries(options)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value]),
  );
}
