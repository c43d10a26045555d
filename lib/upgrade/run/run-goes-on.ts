import type { Refusal } from '../../moves';
import { UpgradeError } from '../../runbook/errors';
import { leaseEnd, nowOfHolder, readLock, whoHas } from '../../runbook/lock-file';
import type { Ports } from '../ports';

/**
 * Why nobody else may deploy now: a process drives a run, and what was synthesised from the record as it is may be carried
 * out when the run is further on. A run that nobody drives may be gone on with by hand.
 */
export async function runGoesOn({ objects, clock }: Pick<Ports, 'objects' | 'clock'>): Promise<Refusal[]> {
  const found = await readLock(objects).catch((error) => {
    if (error instanceof UpgradeError && error.code === 'OPERATIONS_BUCKET_MISSING') return undefined;
    throw error;
  });
  if (found?.lock.state !== 'held') return [];
  const now = nowOfHolder(found, clock);
  if (leaseEnd(found.lock) <= now) return [];
  return [{ so: whoHas(found.lock, now), next: 'Leave the stacks to that run, or stop it first (Ctrl-C).' }];
}
