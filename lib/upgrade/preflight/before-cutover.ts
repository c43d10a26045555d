import { readLock } from '../../runbook/lock-file';
import type { Ports } from '../ports';
import { nightWindow } from './night-window';
import { faultsOf, preflight, requireKnown, requireNone } from './preflight';

/**
 * A cutover that begins asks everything first. One that goes on, or that somebody began by hand, asks step by step what it
 * needs: much of what preflight wants is then no longer so, on purpose.
 * @param accepted the ids of checks that a person has looked at: their faults are told and stop nothing
 * @throws PreconditionError PREFLIGHT, UsageError CHECK_UNKNOWN
 */
export async function beforeCutover(ports: Ports, accepted: string[] = []): Promise<void> {
  requireKnown(accepted);
  const lock = (await readLock(ports.objects))?.lock;
  if (lock && lock.state !== 'free') return;
  const { live, access } = (await ports.record.recorded()).posture;
  if (live !== ports.settings.upgrade.from || access !== 'open') return;
  ports.progress('preflight: asking AWS and every instance');
  const checked = await preflight(ports, nightWindow(ports));
  const isAccepted = ({ id }: { id: string }) => accepted.includes(id);
  for (const { what, observed } of faultsOf(checked.filter(isAccepted)))
    ports.progress(`accepted: ${what}: ${observed}`);
  requireNone(checked.filter((each) => !isAccepted(each)));
}
