import { stackNames } from '../../names';
import { posture, resolveWords } from '../../posture';
import { databaseOf, type Recorded } from '../../record';
import { PreconditionError, StepFailedError } from '../../runbook/errors';
import { type Evidence, fact } from '../../runbook/step';
import type { Settings, Side } from '../../settings';
import { amend } from '../database/copy';
import { carryOutLongCommand, commandStanding, endLongCommand } from '../long-command';
import { counts, onInstance, type Target, writerArguments } from '../on-instance';
import type { Ports } from '../ports';
import { chooseInstance, environmentNames, readyEnvironment } from '../side/choose-instance';
import { liveDatabase } from '../side/reader';
import { sideEvidence } from '../side/side-evidence';
import { prepareStack, stackBusy, stackEvidence } from '../stacks/deploy';
import { isBeingUpdated, repairSide } from '../stacks/repair';

export type SyncSettings = NonNullable<Settings['sync']>;

export interface SyncResult {
  already: boolean;
  database: string;
  /** How many rows the tables that it fills have. */
  rows: number;
}

/**
 * Fills the tables that the application uses later, on the database of the side that is live and open, while people use
 * it. A second run follows the command that goes on; one that was broken off is begun again, and goes through what is
 * there already.
 * @throws PreconditionError NO_SYNC, SIDE_NOT_OPEN, NOT_MIGRATED
 * @throws StepFailedError TABLES_EMPTY, and what `carryOutLongCommand` throws
 */
export async function sync(ports: Ports): Promise<SyncResult> {
  const sync = syncOf(ports);
  const { live, database, endpoint } = await openDatabase(ports);
  if (database.synced) return { already: true, database: database.id, rows: database.synced.rows };
  if (!database.migrated)
    throw new PreconditionError('NOT_MIGRATED', {
      so: `The database ${database.id} is not migrated: the tables that the sync fills may be missing.`,
      next: 'Migrate it first: npm run migrate.',
    });
  const [environment] = environmentNames(ports.settings, live) as [string];
  const goesOn = await syncRunning(ports, live);
  // A settings change or a release under way would restart what it begins on.
  if (!goesOn) await readyEnvironment(ports, environment);
  const target = { instance: goesOn ?? (await chooseInstance(ports, live)), endpoint };
  await syncDatabase(
    ports,
    target,
    environment,
    'Run npm run sync again: it goes through what is there already.',
  );
  const rows = await rowsOf(ports, target, sync);
  await amend(ports, database.id, { synced: { at: ports.clock.now().toISOString(), rows } });
  return { already: false, database: database.id, rows };
}

/** Runs the command on one database to its end. Whatever it exits with, each table must have rows then. */
export async function syncDatabase(
  ports: Ports,
  target: Target,
  environment: string,
  next: string,
): Promise<void> {
  const { command, progressLine, faultLine } = syncOf(ports);
  const begun = `Rows of ${target.endpoint} may be synced; what is there stays.`;
  await carryOutLongCommand(ports, target, { command, environment, progressLine, faultLine, begun, next });
}

/** @throws StepFailedError TABLES_EMPTY */
export async function rowsOf(
  ports: Ports,
  target: Target,
  { tables, command }: SyncSettings,
): Promise<number> {
  const login = writerArguments(ports.settings, target);
  const found = counts(await onInstance(ports, target.instance, 'count-rows', [...login, ...tables]));
  const empty = tables.filter((table) => !found[table]);
  if (empty.length > 0)
    throw new StepFailedError('TABLES_EMPTY', {
      so: `manage.py ${command.join(' ')} exited with 0, and there is no row in ${empty.join(', ')}.`,
      changed: 'What it wrote stays; it is not recorded as synced.',
      next: 'See whether what it copies from answers and whether this release copies all of it, then run the same command again.',
    });
  return tables.reduce((sum, table) => sum + found[table]!, 0);
}

/**
 * One turn of making the application use what was synced: the live side is deployed as it is recorded now, or what
 * CloudFormation does not see is repaired. Its processes start anew. Whoever asked waits and looks again.
 */
export async function beginUsing(ports: Ports): Promise<void> {
  const { live, stack, words, declared } = await sideInUse(ports);
  const pending = (await stackEvidence(ports, stack, words)).some(({ holds }) => !holds);
  if (pending) await prepareStack(ports, stack, words);
  else for (const did of await repairSide(ports, live, declared.sides[live])) ports.progress(did);
}

/** Whether what `beginUsing` began goes on. */
export async function usingGoesOn(ports: Ports): Promise<boolean> {
  const { live, stack } = await sideInUse(ports);
  return (await stackBusy(ports, stack)) || isBeingUpdated(ports, live);
}

/** Whether every process of the live side obeys what is declared of it, the variable of the sync included. */
export async function usedEvidence(ports: Ports): Promise<Evidence[]> {
  const { live, declared, record, stack, words } = await sideInUse(ports);
  const { id, synced } = record.databases.find((each) => each.id === declared.sides[live].database?.id)!;
  const recorded = fact(`the record of ${id}`, synced ? 'synced' : 'not synced', 'synced');
  if (!recorded.holds) return [recorded];
  const deployed = await stackEvidence(ports, stack, words);
  if (deployed.some(({ holds }) => !holds)) return [recorded, ...deployed];
  return [recorded, ...deployed, ...(await sideEvidence(ports, declared, live))];
}

async function sideInUse(ports: Ports) {
  const record = await ports.record.read();
  const { live } = await openDatabase(ports, record);
  const words = resolveWords(record.posture, {});
  const declared = posture(ports.settings, record, words);
  return { record, live, words, declared, stack: stackNames(ports.settings).side(live) };
}

/** The instance of a side on which the sync of its database goes on; undefined where it does not. Every one is asked. */
export async function syncRunning(ports: Ports, side: Side): Promise<string | undefined> {
  const endpoint = databaseOf(await ports.record.recorded(), side)?.endpoint;
  if (!ports.settings.sync || !endpoint) return undefined;
  for (const instance of await instancesOf(ports, side)) {
    const { state } = await commandStanding(ports, { instance, endpoint }, ports.settings.sync);
    if (state === 'running') return instance;
  }
  return undefined;
}

/** What whoever freezes a side must know: its jobs are stopped, and the sync is ended with them. */
export async function syncWarning(ports: Ports, side: Side): Promise<string[]> {
  const instance = await syncRunning(ports, side);
  if (!instance) return [];
  return [`The sync goes on on ${instance} of ${side}: it is ended, and must be begun again afterwards.`];
}

export interface EndResult {
  already: boolean;
  /** Where it went on. */
  instances: string[];
}

/** Ends the sync on every instance of the live side; what it wrote stays. */
export async function endSync(ports: Ports): Promise<EndResult> {
  const { command } = syncOf(ports);
  const side = (await ports.record.recorded()).posture.live;
  const ended: string[] = [];
  for (const instance of await instancesOf(ports, side))
    if ((await endLongCommand(ports, instance, command)) > 0) ended.push(instance);
  return { already: ended.length === 0, instances: ended };
}

async function instancesOf(ports: Ports, side: Side): Promise<string[]> {
  const [name] = environmentNames(ports.settings, side);
  return [...((await ports.environments.state(name!))?.instances ?? [])].sort();
}

function syncOf({ settings }: Ports): SyncSettings {
  if (settings.sync) return settings.sync;
  throw new PreconditionError('NO_SYNC', {
    so: 'The settings have no section sync: this application has nothing to sync.',
    next: 'See config/cobalt.yaml for the section, where it has.',
  });
}

/** @throws PreconditionError SIDE_NOT_OPEN */
async function openDatabase(ports: Ports, read?: Recorded) {
  const found = await liveDatabase(ports, read);
  const { live, access } = found.record.posture;
  if (access !== 'open')
    throw new PreconditionError('SIDE_NOT_OPEN', {
      so: `The recorded posture is ${live}/${access}: the sync is for a side that is open, days after a cutover.`,
      next: 'Finish what is under way first (npm run status), then run npm run sync again.',
    });
  return found;
}
