import { cname, parameterNames } from '../../names';
import type { EnvironmentPosture, Posture } from '../../posture';
import type { DatabaseRecord } from '../../record';
import type { Settings } from '../../settings';
import type { Observation, ObservedProcess } from '../side/observation';
import {
  absent,
  type FoundEnvironment,
  launching,
  type Observed,
  type ObservedDatabase,
  type ObservedEnvironment,
  type Unasked,
} from '../side/observed';

/** Where what is observed is not what is declared. */
export interface Difference {
  where: string;
  what: string;
  declared: string;
  observed: string;
}

/** Every difference between a posture and what was observed. Pure. */
export function differences(
  settings: Settings,
  declared: Posture,
  databases: DatabaseRecord[],
  observed: Observed,
): Difference[] {
  return [
    ...observed.environments.flatMap((environment) => {
      const { side, role } = environment;
      return ofEnvironment(settings, declared.sides[side].environments[role]!, environment);
    }),
    ...ofHosts(settings, declared, observed.hosts),
    ...databases.flatMap((database) =>
      ofDatabase(
        database,
        observed.databases.find(({ id }) => id === database.id),
      ),
    ),
  ];
}

/** Where the records of the live names differ. */
export function ofHosts(settings: Settings, declared: Posture, hosts: Observed['hosts']): Difference[] {
  return Object.entries(declared.hosts).flatMap(([host, { side, role }]) =>
    compare(host, 'record', `alias to ${cname(settings, side, role)}`, hosts[host] ?? 'no record'),
  );
}

function compare(where: string, what: string, declared: string, observed: string): Difference[] {
  return declared === observed ? [] : [{ where, what, declared, observed }];
}

/** Where one environment differs. */
export function ofEnvironment(
  settings: Settings,
  declared: EnvironmentPosture,
  { side, role, name, found }: ObservedEnvironment,
): Difference[] {
  if (!found) return [{ where: name, what: 'environment', declared: 'Ready', observed: 'does not exist' }];
  const { min, max } = declared.size;
  const running = found.instances.length;
  return [
    ...compare(name, 'status', 'Ready', found.status),
    ...compare(name, 'CNAME', cname(settings, side, role), found.cname),
    ...compare(name, 'size', `${min} to ${max}`, `${found.size.min} to ${found.size.max}`),
    ...(running < min || running > max
      ? compare(name, 'instances', min === max ? `${min}` : `${min} to ${max}`, `${running}`)
      : []),
    ...compare(name, 'door', declared.door, found.door),
    ...ofVariables(declared, found),
    ...compare(
      name,
      'suspended Auto Scaling processes',
      declared.jobs ? 'none' : launching.join(', '),
      found.suspended.join(', ') || 'none',
    ),
    ...found.instances.flatMap((instance) => ofInstance(settings, declared, instance)),
  ];
}

function ofVariables(declared: EnvironmentPosture, { variables }: FoundEnvironment): Difference[] {
  const expected = {
    ...declared.variables,
    ...Object.fromEntries(
      Object.entries(declared.secrets).map(([name, parameter]) => [name, `the parameter ${parameter}`]),
    ),
    ...Object.fromEntries(declared.absent.map((name) => [name, absent])),
  };
  return Object.entries(expected).flatMap(([name, value]) =>
    compare(declared.name, name, value, variables[name] ?? absent),
  );
}

function ofInstance(
  settings: Settings,
  declared: EnvironmentPosture,
  observed: Observation | Unasked,
): Difference[] {
  const where = `${observed.instance} of ${declared.name}`;
  if ('fault' in observed)
    return [{ where, what: 'instance', declared: 'answers', observed: observed.fault }];
  const { cron, commands, processes } = observed;
  const jobs = (running: boolean, enabled: boolean) =>
    `${running ? 'running' : 'stopped'} and ${enabled ? 'enabled' : 'disabled'}`;
  return [
    ...compare(where, 'cron', jobs(declared.jobs, declared.jobs), jobs(cron.running, cron.enabled)),
    ...(declared.jobs ? [] : compare(where, 'commands running', '0', String(commands))),
    ...(processes.length === 0
      ? [{ where, what: 'web processes', declared: 'running', observed: 'none' }]
      : ofProcesses(settings, declared, where, processes)),
  ];
}

/** Processes that differ in the same way make one difference, which says how many they are. */
function ofProcesses(
  settings: Settings,
  declared: EnvironmentPosture,
  where: string,
  processes: ObservedProcess[],
): Difference[] {
  const differing = (name: string, expected: string, seen: (process: ObservedProcess) => string) => {
    const counts = new Map<string, number>();
    for (const process of processes) counts.set(seen(process), (counts.get(seen(process)) ?? 0) + 1);
    return [...counts].flatMap(([value, count]) =>
      compare(where, `${name} in ${count} of ${processes.length} processes`, expected, value),
    );
  };
  const notSet = parameterNames(settings).notSet;
  return [
    ...Object.entries(declared.variables).flatMap(([name, value]) =>
      differing(name, value, ({ variables }) => variables[name] ?? absent),
    ),
    ...settings.variables.payments.flatMap((name) =>
      differing(
        name,
        declared.secrets[name] === notSet ? 'not-set' : 'armed',
        ({ payments }) => payments[name] ?? absent,
      ),
    ),
    ...declared.absent.flatMap((name) =>
      differing(name, absent, ({ forbidden, variables }) =>
        variables[name] === undefined ? (forbidden[name] ?? absent) : 'present',
      ),
    ),
  ];
}

/** While it takes a backup or its storage settles, a database serves as ever. */
const serving = new Set(['available', 'backing-up', 'storage-optimization']);

function ofDatabase(recorded: DatabaseRecord, observed: ObservedDatabase | undefined): Difference[] {
  // One without an endpoint is being made.
  if (!recorded.endpoint) return [];
  const status = observed?.status ?? 'missing';
  return [
    ...(serving.has(status) ? [] : compare(recorded.id, 'status', 'available', status)),
    ...(status === 'missing'
      ? []
      : compare(recorded.id, 'endpoint', recorded.endpoint, observed?.endpoint ?? 'none')),
  ];
}
