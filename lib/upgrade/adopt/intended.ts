import type { Posture, Words } from '../../posture';
import type { DatabaseRecord, UpgradeRecord } from '../../record';
import { UpgradeError } from '../../runbook/errors';
import type { Settings } from '../../settings';
import type { Ports, RecordStore } from '../ports';

/**
 * What adoption leaves recorded: the side that the next upgrade leaves is live and open, on the database that its
 * processes use now.
 */
export function intendedRecord(
  settings: Settings,
  { id, endpoint }: { id: string; endpoint: string },
): UpgradeRecord {
  const live = settings.upgrade.from;
  const database: DatabaseRecord = { id, side: live, generation: 0, endpoint, migrated: true };
  return {
    posture: { live, access: 'open', n: 1, served: { [live]: id }, spent: [] },
    databases: [database],
    versions: {},
  };
}

/** The words of a production that was adopted. */
export const adoptedWords = ({ upgrade }: Settings): Words => ({
  live: upgrade.from,
  access: 'open',
  reassert: false,
});

/** What the environments of the live side must be. */
export const liveSide = (declared: Posture) => declared.sides[declared.live];

const unrecorded = (error: unknown) => error instanceof UpgradeError && error.code === 'RECORD_MISSING';

/** Whether the posture is recorded, which is the last thing that adoption does. */
export async function isRecorded({ record }: Pick<Ports, 'record'>): Promise<boolean> {
  try {
    await record.recorded();
    return true;
  } catch (error) {
    if (unrecorded(error)) return false;
    throw error;
  }
}

/** The world in which what is intended counts as recorded until it is: for the verbs that ask the record. */
export function adopting(ports: Ports, intended: UpgradeRecord): Ports {
  const { record: kept } = ports;
  const orIntended = (error: unknown) => {
    if (unrecorded(error)) return structuredClone(intended);
    throw error;
  };
  const read: RecordStore['read'] = () => kept.read().catch(orIntended);
  const recorded: RecordStore['recorded'] = () => kept.recorded().catch(orIntended);
  // Whatever else is asked of the record is asked of the one that is kept.
  const record: RecordStore = Object.assign(Object.create(kept) as RecordStore, { read, recorded });
  return { ...ports, record };
}
