import { parameterNames } from '../names';
import { posture, resolveWords, type SidePosture } from '../posture';
import { PreconditionError, UpgradeError } from '../runbook/errors';
import { otherSide } from '../settings';
import { chooseInstance, instanceNear, readyEnvironments } from './choose-instance';
import { emptiedEvidence } from './fence-by-force';
import { atRest, observeForSure } from './jobs';
import type { Observation } from './observation';
import { loginArguments, onInstance } from './on-instance';
import type { Environment, Ports } from './ports';
import { liveDatabase, proveReader } from './reader';

/** Longer than PostgreSQL keeps what a session wrote to itself before it counts it (10 s when idle). */
const restSeconds = 15;

export interface Evidence {
  what: string;
  /** What it has in common with the same observation elsewhere. */
  kind: string;
  observed: string;
  expected: string;
  holds: boolean;
}

export interface FrozenResult {
  already: boolean;
  holds: boolean;
  evidence: Evidence[];
}

/**
 * Proves that nobody can write to the live side's database and that the side holds no payment keys: what its processes
 * obey, who is connected, whether rows move, what a write answers, which secrets its instances may read, and what a
 * visitor sees. A side without instances, as a fence by force leaves it, has nobody to ask: its database is asked from
 * the other side. Changes nothing.
 * @throws PreconditionError NOT_DECLARED_FROZEN when it was never asked to be.
 */
export async function proveFrozen(ports: Ports): Promise<FrozenResult> {
  const { record, live, endpoint } = await liveDatabase(ports);
  if (record.posture.access !== 'frozen')
    throw new PreconditionError('NOT_DECLARED_FROZEN', {
      so: `The recorded posture is ${live}/${record.posture.access}, not ${live}/frozen.`,
      next: 'Freeze it: npm run jobs -- stop, npm run reader, npx cdk deploy --all -c access=frozen.',
    });
  const declared = posture(ports.settings, record, resolveWords(record.posture, {})).sides[live];
  const emptied = await emptiedEvidence(ports, live);
  const isEmpty = emptied.every(({ holds }) => holds);
  const environments = isEmpty ? [] : await readyEnvironments(ports, live);
  const evidence = isEmpty ? emptied.map((each) => ({ ...each, kind: each.what })) : [];
  for (const environment of environments)
    evidence.push(...(await ofEnvironment(ports, environment, declared)));
  const instance = isEmpty
    ? await chooseInstance(ports, otherSide(live))
    : environments.flatMap((environment) => [...environment.instances].sort())[0];
  if (instance) evidence.push(...(await ofDatabase(ports, instance, endpoint)));
  evidence.push(...(await visitorsRefused(ports)));
  return { already: true, holds: evidence.every(({ holds }) => holds), evidence };
}

/**
 * As `proveFrozen`, for whoever needs it to be so.
 * @throws PreconditionError NOT_FROZEN with what does not hold.
 */
export async function requireFrozen(ports: Ports): Promise<FrozenResult> {
  const proof = await proveFrozen(ports);
  if (proof.holds) return proof;
  const faults = proof.evidence.filter(({ holds }) => !holds);
  throw new PreconditionError('NOT_FROZEN', {
    so: `The live side is declared frozen and is not: ${faults.map(({ what, observed, expected }) => `${what} is ${observed}, not ${expected}`).join('; ')}.`,
    next: 'Run npm run jobs -- stop and npx cdk deploy --all -c reassert=yes, then npm run prove-frozen.',
  });
}

const fact = (what: string, observed: string, expected: string, kind = what): Evidence => ({
  what,
  kind,
  observed,
  expected,
  holds: observed === expected,
});

async function ofEnvironment(
  ports: Ports,
  environment: Environment,
  declared: SidePosture,
): Promise<Evidence[]> {
  const expected = Object.values(declared.environments).find(({ name }) => name === environment.name)!;
  const suspended = await ports.scalingGroups.suspended(environment.autoScalingGroup);
  const evidence = [
    fact(
      `what ${environment.name} may launch`,
      suspended.includes('Launch') ? 'nothing' : 'instances',
      'nothing',
      'what each environment may launch',
    ),
    fact(
      `whether ${environment.name} has an instance to ask`,
      environment.instances.length > 0 ? 'yes' : 'no',
      'yes',
      'whether each environment has an instance to ask',
    ),
  ];
  const payments = ports.settings.variables.payments.map((name) =>
    parameterNames(ports.settings).secret(name),
  );
  for (const instance of [...environment.instances].sort()) {
    ports.progress(`${instance}: asking what it obeys`);
    const observed = await observeForSure(ports, instance);
    evidence.push(
      fact(
        `the jobs of ${instance}`,
        atRest(observed) ? 'at rest' : 'running',
        'at rest',
        'the jobs of each instance',
      ),
    );
    evidence.push(...ofProcesses(observed, expected.variables));
    if (payments.length === 0) continue;
    const tried = await onInstance(ports, instance, 'try-parameters', [ports.settings.region, ...payments]);
    evidence.push(
      ...payments.map((name) =>
        fact(
          `${name} to ${instance}`,
          tried.find((line) => line.endsWith(` ${name}`))?.split(' ')[0] ?? 'not tried',
          'refused',
          'payment parameters to each instance',
        ),
      ),
    );
  }
  return evidence;
}

function ofProcesses({ instance, processes }: Observation, variables: Record<string, string>): Evidence[] {
  const running = fact(
    `whether the application runs on ${instance}`,
    processes.length > 0 ? 'yes' : 'no',
    'yes',
    'whether the application runs on each instance',
  );
  const each = processes.flatMap((process) => {
    const where = `of process ${process.pid} on ${instance}`;
    return [
      ...Object.entries(variables).map(([name, value]) =>
        fact(`${name} ${where}`, process.variables[name] ?? 'absent', value, `${name} of each process`),
      ),
      ...Object.entries(process.payments).map(([name, held]) =>
        fact(
          `${name} ${where}`,
          held === 'armed' ? 'armed' : 'no key',
          'no key',
          'payment keys of each process',
        ),
      ),
      ...Object.entries(process.forbidden).map(([name, held]) =>
        fact(`${name} ${where}`, held, 'absent', `${name} of each process`),
      ),
    ];
  });
  return [running, ...each];
}

/**
 * Whether rows are at rest on the live side's database and no transaction is open there, whatever its processes may do:
 * what a door that is closed and jobs that have ended come to. Changes nothing.
 */
export async function restingEvidence(ports: Ports): Promise<Evidence[]> {
  const { live, endpoint } = await liveDatabase(ports);
  const instance = await instanceNear(ports, live);
  const writer = loginArguments(ports.settings, endpoint, 'writer');
  const written = await rowsEvidence(ports, instance, writer);
  // Looked at last: what is open then may be written when it ends.
  const sessions = await onInstance(ports, instance, 'sessions-of', writer);
  const busy = sessions.filter((line) => !line.endsWith(' idle'));
  return [
    written,
    fact(
      `open transactions of ${ports.settings.database.writer.user} that are not the tool's`,
      busy.join(', ') || 'none',
      'none',
    ),
  ];
}

async function rowsEvidence(ports: Ports, instance: string, writer: string[]): Promise<Evidence> {
  ports.progress(`${instance}: watching the tables for ${restSeconds} seconds`);
  const counted = await onInstance(ports, instance, 'count-writes', [...writer, String(restSeconds)]);
  return fact(
    `tables written within ${restSeconds} seconds`,
    counted.includes('tracking on') ? movedTables(counted).join(', ') || 'none' : 'not counted',
    'none',
  );
}

async function ofDatabase(ports: Ports, instance: string, endpoint: string): Promise<Evidence[]> {
  const writer = loginArguments(ports.settings, endpoint, 'writer');
  const { user } = ports.settings.database.writer;
  ports.progress(`${instance}: looking for sessions of ${user}`);
  const sessions = await onInstance(ports, instance, 'sessions-of', writer);
  return [
    fact(
      `sessions of ${user} that are not the tool's`,
      sessions.length === 0 ? 'none' : sessions.join(', '),
      'none',
    ),
    await rowsEvidence(ports, instance, writer),
    await ofReader(ports, instance, endpoint),
  ];
}

/** The tables whose counts of written rows differ, with how many rows. */
export function movedTables(lines: string[]): string[] {
  const at = (moment: string) =>
    new Map(
      lines
        .map((line) => line.split(' '))
        .flatMap(([when, table, rows]) => (when === moment && table ? [[table, Number(rows)] as const] : [])),
    );
  const [before, after] = [at('before'), at('after')];
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((table) => before.get(table) !== after.get(table))
    .map((table) => `${table} (${(after.get(table) ?? 0) - (before.get(table) ?? 0)})`);
}

async function ofReader(ports: Ports, instance: string, endpoint: string): Promise<Evidence> {
  const what = 'a write by the reader';
  try {
    await proveReader(ports, instance, endpoint);
    return fact(what, 'refused', 'refused');
  } catch (error) {
    if (error instanceof UpgradeError && error.code === 'READER_NOT_READ_ONLY')
      return fact(what, error.text.so, 'refused');
    throw error;
  }
}

/**
 * An anonymous visitor and a web hook at each host: a maintenance page, a bare error or a closed connection are refusals. A
 * 403 to a post may be the application's own, which was let in.
 */
export async function visitorsRefused(ports: Ports): Promise<Evidence[]> {
  const hosts = Object.values(ports.settings.roles).flatMap((role) => role.hosts);
  const looks = hosts.flatMap((host) => [
    async () => {
      const answer = await ports.outside.ask(host, '/');
      return refusal(`https://${host}/ to a visitor`, answer, '403, 5xx or no answer', isRefusal(answer));
    },
    async () => {
      const answer = await ports.outside.ask(host, '/', { method: 'POST' });
      const holds = !answer || answer.status >= 500;
      return refusal(`https://${host}/ to a web hook`, answer, '5xx or no answer', holds);
    },
  ]);
  return Promise.all(looks.map((look) => look()));
}

function refusal(
  what: string,
  answer: { status: number } | undefined,
  expected: string,
  holds: boolean,
): Evidence {
  return { what, kind: what, observed: answer ? String(answer.status) : 'no answer', expected, holds };
}

/** An ordinary visitor at each host is let in. */
export async function visitorsWelcome(ports: Ports): Promise<Omit<Evidence, 'kind'>[]> {
  const hosts = Object.values(ports.settings.roles).flatMap((role) => role.hosts);
  return Promise.all(
    hosts.map(async (host) => {
      const answer = await ports.outside.ask(host, '/');
      const holds = !isRefusal(answer);
      const observed = holds ? 'let in' : answer ? String(answer.status) : 'no answer';
      const what = `https://${host}/ to a visitor`;
      return { what, observed, expected: 'let in', holds };
    }),
  );
}

/** Whatever an ordinary visitor is not let in by; a closed connection is a refusal too. */
export function isRefusal(answer: { status: number } | undefined): boolean {
  return !answer || answer.status === 403 || answer.status >= 500;
}
