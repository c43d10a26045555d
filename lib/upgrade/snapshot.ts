import { databaseId } from '../names';
import { type DatabaseRecord, databaseInTheMaking, nextGeneration, type UpgradeRecord } from '../record';
import { having, PreconditionError, StepFailedError } from '../runbook/errors';
import { chooseInstance } from './choose-instance';
import { poll } from './poll';
import type { Ports, Snapshot } from './ports';
import { requireFrozen } from './prove-frozen';
import { liveDatabase } from './reader';
import { anotherCopy, countWrites, whatWasWrittenSince } from './source-writes';

export interface SnapshotResult {
  already: boolean;
  snapshot: string;
  source: string;
  /** The identifier that the restored database will have. */
  database: string;
}

/**
 * Takes the snapshot that the new side's database is restored from. What it is for is recorded before it is started, so
 * that a second run finds it and waits for it.
 */
export async function takeSnapshot(ports: Ports): Promise<SnapshotResult> {
  const target = ports.settings.upgrade.to;
  const { record, live, database: source } = await liveDatabase(ports);
  if (live === target)
    throw new PreconditionError('TARGET_IS_LIVE', {
      so: `${target} is live already: the upgrade from ${ports.settings.upgrade.from} to ${target} was done.`,
      next: 'For the next one, exchange upgrade.from and upgrade.to in the settings.',
    });
  const recorded = databaseInTheMaking(record, target);
  const begun = recorded?.snapshot ? await ports.databases.findSnapshot(recorded.snapshot) : undefined;
  const result = (making: DatabaseRecord, already: boolean): SnapshotResult => ({
    already,
    snapshot: making.snapshot!,
    source: source.id,
    database: making.id,
  });
  // Once restored, the copy does not need its snapshot any more.
  if (recorded && (recorded.endpoint || begun)) {
    await requireUnwritten(ports, record, recorded);
    const already = recorded.endpoint !== undefined || begun?.status === 'available';
    if (!already) await untilAvailable(ports, recorded.snapshot!);
    return result(recorded, already);
  }
  await requireFrozen(ports);
  const making = await recordMaking(ports, source, recorded?.generation ?? nextGeneration(record, target));
  ports.progress(`taking the snapshot ${making.snapshot} of ${source.id}`);
  await having(`What ${making.id} will be restored from is recorded.`, async () => {
    await ports.databases.startSnapshot(source.id, making.snapshot!);
    await untilAvailable(ports, making.snapshot!);
  });
  return result(making, false);
}

/** A snapshot that was begun earlier is good for as long as nobody wrote to its source. */
async function requireUnwritten(ports: Ports, record: UpgradeRecord, making: DatabaseRecord): Promise<void> {
  const { live } = record.posture;
  const written = await whatWasWrittenSince(ports, record, making, await chooseInstance(ports, live));
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
  const chosen = await chooseInstance(ports, source.side);
  const making: DatabaseRecord = {
    id,
    side,
    generation,
    snapshot,
    source: instance.attributes,
    sourceWrites: await countWrites(ports, chosen, source.endpoint!),
    migrated: false,
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
      if (!snapshot || ['creating', 'pending'].includes(snapshot.status)) {
        ports.progress(`${id}: ${snapshot?.status ?? 'not listed yet'}, ${snapshot?.percent ?? 0} %`);
        return undefined;
      }
      throw new StepFailedError('SNAPSHOT_FAILED', {
        so: `The snapshot ${id} is ${snapshot.status}, not available.`,
        changed: 'It is of no use, and nothing was made from it.',
        next: `Delete it and take it again: aws rds delete-db-snapshot --db-snapshot-identifier ${id} && npm run snapshot`,
      });
    },
  );
}
