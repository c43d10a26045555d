import type { Entry } from '../../runbook/entry';
import { PreconditionError } from '../../runbook/errors';
import { readJournal, readJournalIfLegible } from '../../runbook/journal';
import { readLock } from '../../runbook/lock-file';
import { standing } from '../../runbook/standing';
import type { Store } from '../../runbook/store';
import type { Ports } from '../ports';
import { openEvidence, requireNotOpened } from './take-back';
import type { UpgradeRunbook } from './upgrade-runbook';

/** What is asked before the lock is taken: a run that has nothing to do is not begun. */

/** A run that reached its end. */
export interface FinishedRun {
  run: string;
  entries: Entry[];
}

/** The last run, if it carried this runbook out to its end and what it brought about is so still. */
export async function finishedRun(
  objects: Store,
  { id, stands }: Pick<UpgradeRunbook, 'id' | 'stands'>,
): Promise<FinishedRun | undefined> {
  const found = await readLock(objects);
  if (found?.lock.state !== 'free' || !found.lock.run.endsWith(`-${id}`)) return undefined;
  if (!(await stands?.())) return undefined;
  const { run } = found.lock;
  const entries = await readJournalIfLegible(objects, run);
  // One that cannot be read was given up.
  if (!Array.isArray(entries) || standing(entries).state !== 'finished') return undefined;
  return { run, entries };
}

/**
 * Makes sure that there is something to call off, unless a process drives the run: then the lock refuses.
 * @throws PreconditionError ALREADY_OPEN, NOTHING_TO_CALL_OFF
 */
export async function requireSomethingToCallOff(ports: Ports): Promise<void> {
  const { from } = ports.settings.upgrade;
  const lock = (await readLock(ports.objects))?.lock;
  if (lock?.state === 'held') return;
  if (lock?.state === 'kept') return requireNotOpened(ports, await readJournal(ports.objects, lock.run));
  await requireNotOpened(ports, []);
  if ((await openEvidence(ports)).some(({ holds }) => !holds)) return;
  throw new PreconditionError('NOTHING_TO_CALL_OFF', {
    so: `No run is unfinished, and ${from} is open as it should be.`,
    next: 'To begin: npm run cutover. To look: npm run status.',
  });
}
