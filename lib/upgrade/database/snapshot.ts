import { databaseId } from '../../names';
import { type DatabaseRecord, databaseInTheMaking, nextGeneration, type Recorded } from '../../record';
import { having, PreconditionError, StepFailedError } from '../../runbook/errors';
import { type Evidence, fact } from '../../runbook/step';
import { poll } from '../poll';
import type { Ports, Snapshot } from '../ports';
import { instanceNear } from '../side/choose-instance';
import { liveDatabase } from '../side/reader';
import { requireFrozen } from './prove-frozen';
import { anotherCopy, countWrites, whatWasWrittenSince } from './source-writes';

export interface SnapshotResult {
  already: boolean;
  snapshot: string;
  source: string;
  /** The identifier that the restored database will have; undefined when none will be restored from it. */
  database: string | undefined;
}

/**
 * Takes the snapshot that the new side's database is restored from, of a side that is proved frozen, and waits for it.
 */
export async function takeSnapshot(ports: Ports): Promise<SnapshotResult> {
  const begun = await beginSnapshot(ports, () => requireFrozen(ports));
  const result = (already: boolean) => ({
    already,
    snapshot: begun.making.snapshot!,
    source: begun.source,
    database: begun.making.id,
  });
  if (!begun.started && (await isTaken(ports, begun.making))) return result(true);
  await having(`What ${begun.making.id} will be restored from is recorded.`, () =>
    untilAvailable(ports, begun.making.snapshot!),
  );
  return result(false);
}

/**
 * Starts the snapshot, unless it was begun already. What it is for is recorded before it is started, so that a second
 * run finds it.
 * @param allowed asked before a new one is started; throws when the source may still be written
 */
export async function beginSnapshot(
  ports: Ports,
  allowed: () => Promise<unknown>,
): Promise<{ started: boolean; making: DatabaseRecord; source: string }> {
  const target = ports.settings.upgrade.to;
  const { record, live, database: source } = await liveDatabase(ports);
  if (live === target)
    throw new PreconditionError('TARGET_IS_LIVE', {
      so: `${target} is live already: the upgrade from ${ports.settings.upgrade.from} to ${target} was done.`,
      next: 'For the next one, exchange upgrade.from and upgrade.to in the settings.',
    });
  const recorded = databaseInTheMaking(record, target);
  const begun = recorded?.snapshot ? await ports.databases.findSnapshot(recorded.snapshot) : undefined;
  // Once restored, the copy does not need its snapshot any more.
  if (recorded && (recorded.endpoint || begun)) {
    await requireUnwritten(ports, record, recorded);
    return { started: false, making: recorded, source: source.id };
  }
  await allowed();
  const making = await recordMaking(ports, source, recorded?.generation ?? nextGeneration(record, target));
  ports.progress(`taking the snapshot ${making.snapshot} of ${source.id}`);
  await having(`What ${making.id} will be restored from is recorded.`, () =>
    ports.databases.startSnapshot(source.id, making.snapshot!),
  );
  return { started: true, making, source: source.id };
}

/** Whether the snapshot of the database being made is there to be restored from, or was. */
export async function snapshotEvidence(ports: Ports): Promise<Evidence[]> {
  const making = databaseInTheMaking(await ports.record.recorded(), ports.settings.upgrade.to);
  if (!making?.snapshot) return [fact('the snapshot of this upgrade', 'not recorded', 'available')];
  if (making.endpoint)
    return [
      fact(`what became of ${making.snapshot}`, `restored as ${making.id}`, `restored as ${making.id}`),
    ];
  const status = await statusOf(ports, making.snapshot);
  return [fact(`the snapshot ${making.snapshot}`, status, 'available')];
}

/**
 * The snapshot that makes the one in the window short: each holds only what changed since the one before it. One a day.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_CreateSnapshot.html
 */
async function earlySnapshot(ports: Ports): Promise<{ id: string; source: string }> {
  const { record, database } = await liveDatabase(ports);
  const { to } = ports.settings.upgrade;
  const making = databaseId(ports.settings, to, nextGeneration(record, to));
  const day = ports.clock.now().toISOString().slice(0, 10);
  return { id: `${making}-early-${day}`, source: database.id };
}

/** Whether today's early snapshot is there. */
export async function earlyEvidence(ports: Ports): Promise<Evidence[]> {
  const { id } = await earlySnapshot(ports);
  return [fact(`the snapshot ${id}`, await statusOf(ports, id), 'available')];
}

/** Starts today's early snapshot, unless it was begun already. People go on writing meanwhile. */
export async function beginEarlySnapshot(ports: Ports): Promise<{ id: string; source: string }> {
  const { id, source } = await earlySnapshot(ports);
  if (!(await ports.databases.findSnapshot(id))) {
    ports.progress(`taking the snapshot ${id} of ${source}`);
    await ports.databases.startSnapshot(source, id);
  }
  return { id, source };
}

/** The same for whoever is not the engine: waits until it is available. */
export async function takeEarlySnapshot(ports: Ports): Promise<SnapshotResult> {
  const already = (await earlyEvidence(ports)).every(({ holds }) => holds);
  const { id, source } = await beginEarlySnapshot(ports);
  if (!already) await untilAvailable(ports, id);
  return { already, snapshot: id, source, database: undefined };
}

/** In AWS's words, with how far it is. */
async function statusOf(ports: Ports, id: string): Promise<string> {
  const found = await ports.databases.findSnapshot(id);
  if (!found) return 'not listed';
  throwIfFailed(found);
  return found.status === 'available' ? found.status : `${found.status} (${found.percent} %)`;
}

async function isTaken(ports: Ports, { endpoint, snapshot }: DatabaseRecord): Promise<boolean> {
  return endpoint !== undefined || (await ports.databases.findSnapshot(snapshot!))?.status === 'available';
}

/** A snapshot that was begun earlier is good for as long as nobody wrote to its source. */
async function requireUnwritten(ports: Ports, record: Recorded, making: DatabaseRecord): Promise<void> {
  const { live } = record.posture;
  const written = await whatWasWrittenSince(ports, record, making, await instanceNear(ports, live));
  if (written) throw new PreconditionError('SOURCE_WRITTEN', { so: written, next: anotherCopy(live) });
}

/** Records which database will be restored from which snapshot, and what a restore would drop. */
async function recordMaking(
  ports: Ports,
  source: DatabaseRecord,
  generation: number,
): Promise<DatabaseRecord> {
  const { settings } = ports;
  const instance = await ports.databases.find(source.id);
  if (instance?.status !== 'available')
    throw new PreconditionError('DATABASE_NOT_AVAILABLE', {
      so: `The database ${source.id} is ${instance?.status ?? 'not there'}, not available.`,
      next: 'Wait until it is (aws rds wait db-instance-available), and run npm run snapshot again.',
    });
  const side = settings.upgrade.to;
  const id = databaseId(settings, side, generation);
  const snapshot = `${id}-from-${source.id}`;
  // Recorded first and begun afterwards, it is not of this upgrade when it is there before.
  const older = await ports.databases.findSnapshot(snapshot);
  if (older)
    throw new PreconditionError('SNAPSHOT_NAME_TAKEN', {
      so: `There is a snapshot ${snapshot} already, of ${older.createdAt?.toISOString() ?? 'an unknown time'}, which no upgrade recorded.`,
      next: `Look whose it is, then remove it and run npm run snapshot again: aws rds delete-db-snapshot --db-snapshot-identifier ${snapshot}`,
    });
  const chosen = await instanceNear(ports, source.side);
  const making: DatabaseRecord = {
    id,
    side,
    generation,
    snapshot,
    source: instance.attributes,
    sourceWrites: await countWrites(ports, chosen, source.endpoint!),
    migrated: false,
    ...(source.synced ? { synced: source.synced } : {}),
  };
  await ports.record.writeDatabase(making);
  return making;
}

async function untilAvailable(ports: Ports, id: string): Promise<Snapshot> {
  return poll(
    ports,
    { until: `the snapshot ${id} is available`, everyMs: 10_000, forMs: 2 * 60 * 60_000 },
    async () => {
      const snapshot = await ports.databases.findSnapshot(id);
      if (snapshot?.status === 'available') return snapshot;
      // A snapshot just started may not be listed yet.
      if (snapshot) throwIfFailed(snapshot);
      ports.progress(`${id}: ${snapshot?.status ?? 'not listed yet'}, ${snapshot?.percent ?? 0} %`);
      return undefined;
    },
  );
}

function throwIfFailed({ id, status }: Snapshot): void {
  if (['creating', 'pending', 'available'].includes(status)) return;
  throw new StepFailedError('SNAPSHOT_FAILED', {
    so: `The snapshot ${id} is ${status}, not available.`,
    changed: 'It is of no use, and nothing was made from it.',
    next: `Delete it and take it again: aws rds delete-db-snapshot --db-snapshot-identifier ${id} && npm run snapshot`,
  });
}
