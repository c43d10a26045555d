import { parameterNames } from '../../names';
import type { TestSystemRecord } from '../../record';
import { PreconditionError, StepFailedError, UpgradeError } from '../../runbook/errors';
import { type Evidence, fact } from '../../runbook/step';
import type { Readied } from '../database/copy';
import { commandFailed, manage } from '../database/manage';
import { counts, listed, loginArguments, onInstance, writerArguments } from '../on-instance';
import type { Ports } from '../ports';
import { chooseInstance } from '../side/choose-instance';
import { liveDatabase } from '../side/reader';
import { rowsOf, syncDatabase } from './sync';
import { requireApart, targetOf, testSystemOf } from './test-system';

/** The copy of production's data that the test system is given, from its snapshot to its last command. */

const again = 'Run npm run test-system again: it goes on from here.';

/** Records which copy is made of what, and begins the snapshot of the live side's database. People go on meanwhile. */
export async function beginSnapshotForTest(ports: Ports, generation: number): Promise<TestSystemRecord> {
  const { databases: base } = testSystemOf(ports);
  const { database: source } = await liveDatabase(ports);
  const id = `${base}-${generation}`;
  const snapshot = `${id}-from-${source.id}`;
  const taken = await ports.databases.find(id);
  if (taken)
    throw new PreconditionError('DATABASE_NAME_TAKEN', {
      so: `There is a database ${id} already (${taken.status}), which no run recorded.`,
      next: `Look whose it is, and remove or rename it; then run npm run test-system again.`,
    });
  const begun: TestSystemRecord = {
    id,
    generation,
    source: source.id,
    snapshot,
    migrated: false,
    // What was converted once has nobody to convert, and its blocked addresses are where they belong.
    ...(source.converted && source.blockedEmails?.putBack !== undefined
      ? { converted: source.converted, blockedEmails: source.blockedEmails }
      : {}),
  };
  await ports.record.writeTestSystem(begun);
  if (!(await ports.databases.findSnapshot(snapshot))) {
    ports.progress(`taking the snapshot ${snapshot} of ${source.id}`);
    await ports.databases.startSnapshot(source.id, snapshot);
  }
  return begun;
}

export async function snapshotForTestEvidence(ports: Ports, copy: TestSystemRecord): Promise<Evidence[]> {
  if (copy.endpoint) return [fact(`what became of ${copy.snapshot}`, 'restored', 'restored')];
  const found = await ports.databases.findSnapshot(copy.snapshot);
  return [fact(`the snapshot ${copy.snapshot}`, found?.status ?? 'not listed', 'available')];
}

/** Begins the restore, beside production's databases and with nothing that a deploy would declare. */
export async function beginRestoreForTest(ports: Ports, copy: TestSystemRecord): Promise<void> {
  if (await ports.databases.find(copy.id)) return;
  const source = await ports.databases.find(copy.source);
  if (!source)
    throw new PreconditionError('DATABASE_MISSING', {
      so: `The database ${copy.source}, of which ${copy.id} is to be a copy, is not there.`,
      next: 'Look at npm run status.',
    });
  ports.progress(`restoring ${copy.id} from ${copy.snapshot}`);
  const { instanceClass } = testSystemOf(ports);
  await ports.databases.startRestore(copy.snapshot, copy.id, { instanceClass, like: source.attributes });
}

/** Whether it accepts connections; then where it does is recorded. */
export async function lookAtTestCopy(ports: Ports, copy: TestSystemRecord): Promise<Evidence[]> {
  const endpoint = copy.endpoint ?? (await ports.databases.find(copy.id))?.endpoint;
  const what = `whether ${copy.id} accepts connections`;
  if (!endpoint) return [fact(what, 'no endpoint yet', 'yes')];
  if (copy.endpoint) return [fact(what, 'yes', 'yes')];
  const { live } = await liveDatabase(ports);
  const opened = await opens(ports, await chooseInstance(ports, live), endpoint, 'writer');
  return [fact(what, opened === 'unreachable' ? 'not yet' : 'yes', 'yes')];
}

export async function recordTestEndpoint(ports: Ports, copy: TestSystemRecord): Promise<void> {
  const endpoint = (await ports.databases.find(copy.id))?.endpoint;
  if (endpoint) await ports.record.writeTestSystem({ ...copy, endpoint });
}

type Opened = 'opens it' | 'refused' | 'unreachable';

/** Tries one of production's logins, or the test system's own, from an instance that may read its password. */
async function opens(
  ports: Ports,
  instance: string,
  endpoint: string,
  login: 'writer' | 'reader' | 'test',
): Promise<Opened> {
  const args =
    login === 'test'
      ? writerArguments(ports.settings, { endpoint, secret: testSystemOf(ports).secret })
      : loginArguments(ports.settings, endpoint, login);
  try {
    await onInstance(ports, instance, 'accept-connections', [...args, '1', '1']);
    return 'opens it';
  } catch (error) {
    if (!(error instanceof UpgradeError)) throw error;
    if (error.code === 'DATABASE_REFUSES_PASSWORD') return 'refused';
    if (error.code === 'DATABASE_UNREACHABLE' || error.code === 'CONNECTION_LOST') return 'unreachable';
    throw error;
  }
}

/**
 * Takes the copy out of the reach of production's passwords. An instance of production does it: it alone may read both
 * passwords, and neither leaves AWS.
 */
export async function changePassword(ports: Ports, copy: TestSystemRecord): Promise<void> {
  const { settings } = ports;
  const secret = parameterNames(settings).secret(testSystemOf(ports).secret);
  if (!(await ports.secrets.exists(secret))) {
    ports.progress(`making the secret parameter ${secret}`);
    await ports.secrets.create(secret, ports.clock.secret());
  }
  const { live } = await liveDatabase(ports);
  const instance = await chooseInstance(ports, live);
  if ((await opens(ports, instance, copy.endpoint!, 'writer')) === 'refused') return;
  ports.progress(`${instance}: changing the password of ${copy.id}`);
  const lines = await onInstance(
    ports,
    instance,
    'change-password',
    [...loginArguments(settings, copy.endpoint!, 'writer'), secret],
    { begun: `The logins of ${copy.id} may be changed.` },
  );
  const left = listed(lines, 'left');
  if (left.length > 0)
    throw new StepFailedError('LOGINS_LEFT', {
      so: `${left.join(', ')} can still log in to ${copy.id} as in production.`,
      changed: `The password of ${copy.id} was changed.`,
      next: `Take it from them as the login that may: ALTER ROLE ... NOLOGIN. ${again}`,
    });
}

/** Whether production's passwords are useless on the copy, and the test system's opens it. */
export async function passwordEvidence(ports: Ports, copy: TestSystemRecord): Promise<Evidence[]> {
  const { live } = await liveDatabase(ports);
  const production = await chooseInstance(ports, live);
  const { reader } = ports.settings.database;
  const hasReader = await ports.secrets.exists(parameterNames(ports.settings).secret(reader.secret));
  const writer = await opens(ports, production, copy.endpoint!, 'writer');
  const evidence = [fact(`production's password on ${copy.id}`, writer, 'refused')];
  if (writer !== 'refused') return evidence;
  if (hasReader)
    evidence.push(
      fact(
        `the password of ${reader.user} on ${copy.id}`,
        await opens(ports, production, copy.endpoint!, 'reader'),
        'refused',
      ),
    );
  const { instance, endpoint } = await targetOf(ports, copy);
  const own = await opens(ports, instance, endpoint, 'test');
  return [...evidence, fact(`the test system's password on ${copy.id}`, own, 'opens it')];
}

/**
 * Makes the copy harmless, by the application's own command, from the test system's instance: its own processes still use
 * another database, and the connection is given to this command alone.
 */
export async function sanitise(ports: Ports, copy: TestSystemRecord): Promise<void> {
  await requireApart(ports);
  const { command } = testSystemOf(ports).sanitise;
  const target = await targetOf(ports, copy);
  const changed = `Some of ${copy.id} may be sanitised; nobody uses it yet.`;
  const ran = await manage(ports, target, command, { begun: changed });
  if (ran.exitCode !== 0) throw commandFailed(command, ran, { changed, next: `Mend the cause. ${again}` });
  const { evidence, addresses } = await harmlessEvidence(ports, copy);
  const wrong = evidence.filter(({ holds }) => !holds);
  if (wrong.length > 0)
    throw new StepFailedError('NOT_SANITISED', {
      so: `manage.py ${command.join(' ')} exited with 0, and the copy is not harmless: ${wrong.map(({ what, observed }) => `${what}: ${observed}`).join('; ')}.`,
      changed,
      next: `Mend the command, or testSystem.sanitise in the settings. ${again}`,
    });
  await ports.record.writeTestSystem({ ...copy, sanitised: { addresses } });
}

/** Whether no address on the copy is a person's, and nothing waits to be sent. */
export async function harmlessEvidence(
  ports: Ports,
  copy: TestSystemRecord,
): Promise<{ evidence: Evidence[]; addresses: number }> {
  const target = await targetOf(ports, copy);
  const { addresses, harmless, queue } = testSystemOf(ports).sanitise;
  const lines = await onInstance(ports, target.instance, 'count-addresses', [
    ...writerArguments(ports.settings, target),
    harmless.join(','),
    ...addresses.flatMap(({ table, column }) => ['address', table, column]),
    ...(queue ? ['queue', queue.table, queue.column, queue.waiting.join(',')] : []),
  ]);
  const people = counts(listed(lines, 'people'));
  const waiting = counts(listed(lines, 'waiting'));
  const told = (found: Record<string, number>, place: string) => String(found[place] ?? 'not counted');
  return {
    addresses: Object.values(counts(listed(lines, 'rows'))).reduce((sum, rows) => sum + rows, 0),
    evidence: [
      ...addresses.map(({ table, column }) =>
        fact(`addresses of people in ${table}.${column}`, told(people, `${table}.${column}`), '0'),
      ),
      ...(queue
        ? [fact(`e-mails that wait in ${queue.table}`, told(waiting, `${queue.table}.${queue.column}`), '0')]
        : []),
    ],
  };
}

/** The copy as the application's own verbs take one. */
export async function readiedForTest(ports: Ports, copy: TestSystemRecord): Promise<Readied> {
  if (!copy.sanitised)
    throw new PreconditionError('NOT_SANITISED', {
      so: `The copy ${copy.id} is not sanitised: the test system must not connect to it.`,
      next: again,
    });
  return {
    id: copy.id,
    target: await targetOf(ports, copy),
    done: copy,
    hasReader: false,
    command: 'npm run test-system',
    amend: async (changes) => {
      await ports.record.writeTestSystem({ ...(await ports.record.readTestSystem())!, ...changes });
    },
  };
}

/** S6. Its tables are in the copy already where the source was synced: then they are brought up to date. */
export async function syncForTest(ports: Ports, copy: TestSystemRecord): Promise<number> {
  const { target } = await readiedForTest(ports, copy);
  const { environment } = testSystemOf(ports);
  await syncDatabase(ports, target, environment.name, again);
  const rows = await rowsOf(ports, target, ports.settings.sync!);
  const at = ports.clock.now().toISOString();
  await ports.record.writeTestSystem({ ...copy, synced: { at, rows } });
  return rows;
}
