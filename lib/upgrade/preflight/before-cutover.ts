import { readLock } from '../../runbook/lock-file';
import type { Ports } from '../ports';
import { nightWindow } from './night-window';
import { requirePreflight } from './preflight';

/**
 * A cutover that begins asks everything first. One that goes on, or that somebody began by hand, asks step by step what it
 * needs: much of what preflight wants is then no longer so, on purpose.
 * @throws PreconditionError PREFLIGHT
 */
export async function beforeCutover(ports: Ports): Promise<void> {
  const lock = (await readLock(ports.objects))?.lock;
  if (lock && lock.state !== 'free') return;
  const { live, access } = (await ports.record.read()).posture;
  if (live !== ports.settings.upgrade.from || access !== 'open') return;
  ports.progress('preflight: asking AWS and every instance');
  await requirePreflight(ports, nightWindow(ports));
}
