import type { DatabaseRecord } from '../../record';
import { type Evidence, fact } from '../../runbook/step';
import type { Side } from '../../settings';
import { amend } from '../database/copy';
import type { Ports, Snapshot } from '../ports';

/**
 * The snapshot that keeps what a database last had: the newest one that was begun since the other side is open, for since
 * then nothing writes to it. CloudFormation names the one that it takes itself.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
 */
export async function finalSnapshotOf(ports: Ports, id: string): Promise<Snapshot | undefined> {
  const since = await ports.record.unchangedSince();
  const snapshots = await ports.databases.snapshotsOf(id);
  const begunMs = ({ createdAt }: Snapshot) => createdAt?.getTime() ?? Number.POSITIVE_INFINITY;
  return snapshots
    .filter((snapshot) => begunMs(snapshot) > since.getTime())
    .sort((a, b) => begunMs(a) - begunMs(b))
    .at(-1);
}

/** Whether a database is gone, its final snapshot is there, and the record says so. */
export async function keptEvidence(ports: Ports, id: string): Promise<Evidence[]> {
  const [database, snapshot] = await Promise.all([ports.databases.find(id), finalSnapshotOf(ports, id)]);
  return [
    fact(`the database ${id}`, database?.status ?? 'gone', 'gone'),
    fact(
      `the final snapshot of ${id}${snapshot ? `, ${snapshot.id},` : ''}`,
      snapshot?.status ?? 'not there',
      'available',
    ),
  ];
}

/** Records by what snapshot a database that is gone is kept. */
export async function recordKept(ports: Ports, id: string): Promise<string | undefined> {
  const kept = (await keptEvidence(ports, id)).every(({ holds }) => holds);
  const snapshot = kept ? await finalSnapshotOf(ports, id) : undefined;
  if (snapshot) await amend(ports, id, { gone: { finalSnapshot: snapshot.id } });
  return snapshot?.id;
}

/** From now on it is never used again, whatever becomes of it. */
export async function recordGivenUp(ports: Ports, { id, gone }: DatabaseRecord): Promise<void> {
  if (!gone) await amend(ports, id, { gone: {} });
}

/** Records the databases of a side that somebody took away by hand, each with a final snapshot. */
export async function noteWhatIsGone(ports: Ports, side: Side): Promise<void> {
  const { databases } = await ports.record.recorded();
  for (const { id, gone } of databases.filter((each) => each.side === side && each.endpoint))
    if (!gone?.finalSnapshot && !(await ports.databases.find(id))) await recordKept(ports, id);
}
