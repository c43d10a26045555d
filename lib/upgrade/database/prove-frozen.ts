import { parameterNames } from '../../names';
import { posture, resolveWords, type SidePosture } from '../../posture';
import { PreconditionError, UpgradeError } from '../../runbook/errors';
import type * as runbook from '../../runbook/step';
import { otherSide } from '../../settings';
import { loginArguments, onInstance } from '../on-instance';
import type { Environment, Ports } from '../ports';
import { chooseInstance, readyEnvironments } from '../side/choose-instance';
import { emptiedEvidence } from '../side/fence-by-force';
import { atRest, observeForSure } from '../side/instance-jobs';
import type { Observation } from '../side/observation';
import { liveDatabase, proveReader } from '../side/reader';
import { visitorsRefused } from '../side/visitors';
import { rowsEvidence } from './at-rest';

export interface Evidence extends runbook.Evidence {
  /** What it has in common with the same observation elsewhere. */
  kind: string;
}

/** Of its own kind. */
const alone = (each: runbook.Evidence): Evidence => ({ ...each, kind: each.what });

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
  const record = await ports.record.read();
  const { live, endpoint } = await liveDatabase(ports, record);
  if (record.posture.access !== 'frozen')
    throw new PreconditionError('NOT_DECLARED_FROZEN', {
      so: `The recorded posture is ${live}/${record.posture.access}, not ${live}/frozen.`,
      next: 'Freeze it: npm run jobs -- stop, npm run reader, npx cdk deploy --all -c access=frozen.',
    });
  const declared = posture(ports.settings, record, resolveWords(record.posture, {})).sides[live];
  const emptied = await emptiedEvidence(ports, live);
  const isEmpty = emptied.every(({ holds }) => holds);
  const environments = isEmpty ? [] : await readyEnvironments(ports, live);
  const evidence = isEmpty ? emptied.map(alone) : [];
  for (const environment of environments)
    evidence.push(...(await ofEnvironment(ports, environment, declared)));
  const instance = isEmpty
    ? await chooseInstance(ports, otherSide(live))
    : environments.flatMap((environment) => [...environment.instances].sort())[0];
  if (instance) evidence.push(...(await ofDatabase(ports, instance, endpoint)));
  evidence.push(...(await visitorsRefused(ports)).map(alone));
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
    alone(await rowsEvidence(ports, instance, writer)),
    await ofReader(ports, instance, endpoint),
  ];
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
