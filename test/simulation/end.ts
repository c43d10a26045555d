import { readLock } from '../../lib/runbook/lock-file';
import type { Side } from '../../lib/settings';
import type { Ports } from '../../lib/upgrade/ports';
import { status } from '../../lib/upgrade/status';
import type { UpgradeRunbook } from '../../lib/upgrade/upgrade-runbook';
import type { Simulation } from './simulation';

/**
 * Judges a night that is over: what the world's own judge saw at every happening, and what must be so at the end, whoever
 * was killed on the way.
 */
export async function judgeEnd(
  simulation: Simulation,
  live: Side,
  ended: string,
  make: (ports: Ports) => UpgradeRunbook,
): Promise<{ broken: string[]; checked: number }> {
  const { judge } = simulation.world;
  await simulation.while(judge.settle());
  const { broken, checked } = judge.verdict();
  const seen = broken.map(({ invariant, evidence }) => `${invariant}: ${evidence}`);
  if (ended === 'stuck')
    return { checked, broken: [...seen, 'once faults stop, every run ends: this one did not'] };
  const ports = await simulation.while(simulation.ports(simulation.process()));
  const end = await simulation.while(faultsOfEnd(ports, live, make));
  return { checked: checked + endings, broken: [...seen, ...end] };
}

/** The posture, what AWS says, the lock, and that the same command has nothing to do. */
const endings = 4;

async function faultsOfEnd(
  ports: Ports,
  live: Side,
  make: (ports: Ports) => UpgradeRunbook,
): Promise<string[]> {
  const { posture } = await ports.record.read();
  const lock = await readLock(ports.objects);
  const { differences } = await status(ports);
  const runbook = make(ports);
  return [
    ...(posture.live === live && posture.access === 'open'
      ? []
      : [
          `a run ends in the posture of an undisturbed one: ${posture.live}/${posture.access}, not ${live}/open`,
        ]),
    ...differences.map(
      ({ where, observed, declared }) =>
        `the journal replays to what AWS says: ${where} is ${observed}, not ${declared}`,
    ),
    ...(lock?.lock.state === 'free' ? [] : [`a run that is over frees its lock: it is ${lock?.lock.state}`]),
    ...((await runbook.stands?.()) ? [] : ['the same command again has nothing to do: it would begin anew']),
  ];
}
