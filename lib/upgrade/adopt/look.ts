import { cname } from '../../names';
import { type EnvironmentPosture, type Posture, posture } from '../../posture';
import type { UpgradeRecord } from '../../record';
import { PreconditionError } from '../../runbook/errors';
import type { Settings } from '../../settings';
import { poll } from '../poll';
import type { Environment, Ports } from '../ports';
import { environmentNames } from '../side/choose-instance';
import { observeDoor } from '../side/door';
import { observeHosts } from '../side/observed';
import type { Difference } from '../stacks/differences';
import { variablesNamespace } from '../stacks/owned-options';
import { adoptedWords, intendedRecord, liveSide } from './intended';
import { type Sealable, sealable } from './sealable';

/** An environment that people made, beside what it is to be. */
export interface Made {
  declared: EnvironmentPosture;
  environment: Environment;
  /** The role that its instances have now. */
  instanceRole: string;
  sealable: Sealable;
}

/** The live side as AWS answers for it, and where it is otherwise than the settings say. */
export interface Live {
  record: UpgradeRecord;
  declared: Posture;
  /** Those that take payments last: what goes wrong is to go wrong elsewhere. */
  made: Made[];
  differences: Difference[];
}

/**
 * Looks at everything that is to be adopted, and changes nothing.
 * @throws PreconditionError NOTHING_TO_ADOPT when there is no environment at all.
 */
export async function lookAtLive(ports: Ports): Promise<Live> {
  const { settings } = ports;
  const names = environmentNames(settings, settings.upgrade.from);
  const found = (await Promise.all(names.map((name) => ports.environments.find(name)))).filter(
    (environment) => environment !== undefined,
  );
  const database = databaseIn(settings, found);
  const record = intendedRecord(settings, database);
  const declared = posture(settings, record, adoptedWords(settings));
  const made: Made[] = [];
  const differences: Difference[] = [];
  for (const name of [...names].reverse()) {
    const environment = found.find((each) => each.name === name);
    const is = Object.values(liveSide(declared).environments).find((each) => each.name === name)!;
    if (!environment) {
      differences.push({ where: name, what: 'environment', declared: 'Ready', observed: 'does not exist' });
      continue;
    }
    const one = await beside(ports, is, environment);
    made.push(one);
    differences.push(...(await ofMade(ports, declared, one)));
  }
  differences.push(...(await ofNames(ports, declared)), ...(await ofDatabase(ports, database)));
  return { record, declared, made, differences };
}

/** The same, once no update is under way: one that a run left behind when it was cut off goes on by itself. */
export function lookWhenSettled(ports: Ports): Promise<Live> {
  const until = 'no environment is being updated';
  return poll(ports, { until, everyMs: 10_000, forMs: 60 * 60_000 }, async () => {
    const live = await lookAtLive(ports);
    return live.made.some(({ environment }) => environment.status === 'Updating') ? undefined : live;
  });
}

/** Where the processes say that their database is; its identifier is the first part of that name. */
function databaseIn(settings: Settings, environments: Environment[]): { id: string; endpoint: string } {
  const option = `${variablesNamespace}:${settings.variables.database.host}`;
  const endpoint = environments.map(({ options }) => options[option]).find((host) => host !== undefined);
  if (endpoint !== undefined) return { id: endpoint.split('.')[0]!, endpoint };
  const names = environmentNames(settings, settings.upgrade.from).join(' and ');
  throw new PreconditionError('NOTHING_TO_ADOPT', {
    so: `None of ${names} is an environment of ${settings.application} that names its database in ${settings.variables.database.host}.`,
    next: 'Compare application, sides and variables in the settings with the console, or write them anew: npm run adopt -- --help.',
  });
}

async function beside(ports: Ports, declared: EnvironmentPosture, environment: Environment): Promise<Made> {
  const profile = profileOf(environment);
  const instanceRole = (await ports.roles.ofProfile(profile)) ?? '';
  return {
    declared,
    environment,
    instanceRole,
    sealable: sealable(ports.settings, declared, environment.options),
  };
}

/** The name of an environment's instance profile, which may be given by its ARN. */
export const profileOf = ({ options }: Environment): string =>
  (options['aws:autoscaling:launchconfiguration:IamInstanceProfile'] ?? '').split('/').at(-1)!;

async function ofMade(ports: Ports, { live }: Posture, one: Made): Promise<Difference[]> {
  const { settings } = ports;
  const { declared, environment, instanceRole } = one;
  const { role, name } = declared;
  const { ownRole, instanceRole: wanted } = settings.sides[live].environments[role]!;
  const compare = (what: string, is: string, observed: string): Difference[] =>
    is === observed ? [] : [{ where: name, what, declared: is, observed }];
  const door = await observeDoor(ports, environment);
  return [
    ...compare('status', 'Ready', environment.status),
    ...compare('CNAME', cname(settings, live, role), environment.cname),
    ...(ownRole ? [] : compare('instance profile', wanted, profileOf(environment))),
    ...(instanceRole === '' ? compare('role of its instance profile', 'there', 'missing') : []),
    ...(door.startsWith('another') ? compare('door', 'none', door) : []),
    ...one.sealable.differences,
  ];
}

/** A name may lead to its environment by a plain record until it is made an alias. */
async function ofNames(ports: Ports, declared: Posture): Promise<Difference[]> {
  const observed = await observeHosts(ports);
  return Object.entries(declared.hosts).flatMap(([host, { side, role }]) => {
    const target = cname(ports.settings, side, role);
    const told = observed[host] ?? 'no record';
    const leads = told === `alias to ${target}` || told === `CNAME ${target}`;
    return leads ? [] : [{ where: host, what: 'record', declared: `to ${target}`, observed: told }];
  });
}

async function ofDatabase(
  ports: Ports,
  { id, endpoint }: { id: string; endpoint: string },
): Promise<Difference[]> {
  const observed = (await ports.databases.find(id))?.endpoint ?? 'no such database';
  return observed === endpoint ? [] : [{ where: id, what: 'endpoint', declared: endpoint, observed }];
}

/** @throws PreconditionError WORLD_DIFFERS that lists every difference. */
export function requireSame({ differences }: Pick<Live, 'differences'>): void {
  if (differences.length === 0) return;
  const lines = differences.map(
    ({ where, what, declared, observed }) => `  ${where}: ${what}: ${observed}, not ${declared}`,
  );
  throw new PreconditionError('WORLD_DIFFERS', {
    so: `The world is otherwise than the settings say, in ${differences.length} point(s):\n${lines.join('\n')}\n`,
    next: 'Mend the settings or the world, then run the same command again.',
  });
}
