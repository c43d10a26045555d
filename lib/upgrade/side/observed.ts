import { liveHosts, parameterArn } from '../../names';
import type { EnvironmentPosture } from '../../posture';
import { StepFailedError, UpgradeError } from '../../runbook/errors';
import { type Settings, type Side, sides } from '../../settings';
import type { Environment, EnvironmentState, NameRecord, Ports } from '../ports';
import { observeDoor } from './door';
import { type Observation, observe } from './observation';

/** What AWS and the instances answer now, in the terms of the posture. No value of a secret is in it. */
export interface Observed {
  environments: ObservedEnvironment[];
  hosts: Record<string, string>;
  databases: ObservedDatabase[];
}

export interface ObservedEnvironment {
  side: Side;
  role: string;
  name: string;
  /** Undefined where there is no such environment. */
  found: FoundEnvironment | undefined;
}

/** Who is let in, and what those who serve them obey. */
export interface Serving {
  /** The position of its door; `none` where there is none, and that of another's is told by its name. */
  door: string;
  instances: (Observation | Unasked)[];
}

export interface FoundEnvironment extends Serving {
  status: string;
  health: string;
  versionLabel: string;
  cname: string;
  size: { min: number; max: number };
  /** What is set in Elastic Beanstalk, by variable: a value, `the parameter NAME`, or `absent`. */
  variables: Record<string, string>;
  /** Of the processes Launch and ReplaceUnhealthy, those that are suspended. */
  suspended: string[];
}

/** An instance that could not be asked, and why. */
export interface Unasked {
  instance: string;
  fault: string;
}

export interface ObservedDatabase {
  id: string;
  status: string;
  endpoint: string | undefined;
}

/** Auto Scaling's processes that start instances, which install and start cron. */
export const launching = ['Launch', 'ReplaceUnhealthy'];
export const absent = 'absent';

const environmentNamespace = 'aws:elasticbeanstalk:application:environment';
const secretsNamespace = 'aws:elasticbeanstalk:application:environmentsecrets';

export async function observeEnvironment(
  ports: Ports,
  side: Side,
  declared: EnvironmentPosture,
): Promise<ObservedEnvironment> {
  const { name, role } = declared;
  const environment = await ports.environments.find(name);
  if (!environment) return { side, role, name, found: undefined };
  const [suspended, serving] = await Promise.all([
    suspendedOf(ports, environment),
    observeServing(ports, environment),
  ]);
  const { status, health, versionLabel, cname, options } = environment;
  const size = (option: string) => Number(options[`aws:autoscaling:asg:${option}`] ?? Number.NaN);
  return {
    side,
    role,
    name,
    found: {
      status,
      health,
      versionLabel,
      cname,
      size: { min: size('MinSize'), max: size('MaxSize') },
      variables: ownedVariables(ports.settings, options, declared),
      suspended,
      ...serving,
    },
  };
}

export async function observeServing(ports: Ports, environment: EnvironmentState): Promise<Serving> {
  const [door, ...instances] = await Promise.all([
    observeDoor(ports, environment),
    ...[...environment.instances].sort().map((instance) => observeInstance(ports, instance)),
  ]);
  return { door, instances };
}

/** The variables that the posture decides, and nothing of any other: it might be somebody's secret. */
function ownedVariables(
  settings: Settings,
  options: Record<string, string>,
  declared: EnvironmentPosture,
): Record<string, string> {
  const parameters = parameterArn(settings, '');
  const told = (name: string, plain: (value: string) => string) => {
    const value = options[`${environmentNamespace}:${name}`];
    const reference = options[`${secretsNamespace}:${name}`];
    const found = [
      ...(value === undefined ? [] : [plain(value)]),
      ...(reference === undefined
        ? []
        : [
            reference.startsWith(parameters)
              ? `the parameter ${reference.slice(parameters.length)}`
              : 'a secret elsewhere',
          ]),
    ];
    return [name, found.join(' and ') || absent] as const;
  };
  return Object.fromEntries([
    ...Object.keys(declared.variables).map((name) => told(name, (value) => value)),
    ...[...Object.keys(declared.secrets), ...declared.absent].map((name) =>
      told(name, () => 'a plain value'),
    ),
  ]);
}

async function suspendedOf(ports: Ports, { autoScalingGroup }: Environment): Promise<string[]> {
  if (autoScalingGroup === '') return [];
  const suspended = await ports.scalingGroups.suspended(autoScalingGroup);
  return launching.filter((each) => suspended.includes(each));
}

/** Run Command does not get through, or has nowhere to keep the answer, as before the first deploy. */
const unaskable = new Set(['INSTANCE_UNREACHABLE', 'OUTPUT_BUCKET_MISSING']);

async function observeInstance(ports: Ports, instance: string): Promise<Observation | Unasked> {
  try {
    return await observe(ports, instance);
  } catch (error) {
    const told =
      error instanceof StepFailedError || (error instanceof UpgradeError && unaskable.has(error.code));
    if (!told) throw error;
    return { instance, fault: error.text.so };
  }
}

/** How each host is recorded, such as `alias to NAME`. */
export async function observeHosts(ports: Ports): Promise<Record<string, string>> {
  const records = await ports.names.records(ports.settings.zone.id);
  const addressing = new Set(['A', 'AAAA', 'CNAME']);
  const told = (host: string) =>
    records
      .filter(({ name, type }) => name === host && addressing.has(type))
      .map(describe)
      .join(' and ') || 'no record';
  const hosts = liveHosts(ports.settings);
  return Object.fromEntries(hosts.map((host) => [host, told(host)]));
}

const describe = ({ alias, type, target }: NameRecord) =>
  alias ? `${type === 'A' ? '' : `${type} `}alias to ${target}` : `${type} ${target}`;

/** The recorded databases that have not fallen behind, as RDS answers for them. */
export async function observeDatabases(ports: Ports, ids: string[]): Promise<ObservedDatabase[]> {
  return Promise.all(
    ids.map(async (id) => {
      const database = await ports.databases.find(id);
      return { id, status: database?.status ?? 'missing', endpoint: database?.endpoint };
    }),
  );
}

/** Every environment that the settings name, of both sides. */
export const everyEnvironment = <T>(
  declared: Record<Side, { environments: Record<string, T> }>,
): [Side, T][] =>
  sides.flatMap((side) => Object.values(declared[side].environments).map((each): [Side, T] => [side, each]));
