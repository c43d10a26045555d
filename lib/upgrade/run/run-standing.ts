import { UpgradeError } from '../../runbook/errors';
import type { Alive } from '../../runbook/holder';
import { readJournalIfLegible } from '../../runbook/journal';
import { evidence, nowOfHolder, readLock } from '../../runbook/lock-file';
import { standing } from '../../runbook/standing';
import type { Ports } from '../ports';

/** Where the last run stands, by its lock and its journal. */
export interface RunStanding {
  run: string;
  state: ReturnType<typeof standing>['state'] | 'unreadable';
  /** The steps that were begun and are not done. */
  steps: string[];
  /** Sentences for people. */
  evidence: string[];
}

/** Undefined when there never was a run, or nothing to keep one in yet. */
export async function runStanding({ objects, clock }: Ports, alive: Alive): Promise<RunStanding | undefined> {
  try {
    const found = await readLock(objects);
    if (!found) return undefined;
    const { lock } = found;
    const journal = await readJournalIfLegible(objects, lock.run);
    const stands = Array.isArray(journal) ? standing(journal) : { state: 'unreadable' as const, steps: [] };
    return { run: lock.run, ...stands, evidence: evidence(lock, journal, nowOfHolder(found, clock), alive) };
  } catch (error) {
    if (error instanceof UpgradeError && error.code === 'OPERATIONS_BUCKET_MISSING') return undefined;
    throw error;
  }
}
