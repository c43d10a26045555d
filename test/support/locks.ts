import { type Asked, acquire } from '../../lib/runbook/acquire';
import type { Driver } from '../../lib/runbook/holder';
import { readLock } from '../../lib/runbook/lock-file';
import { MemoryStore } from './memory-store';
import { PassingTime } from './passing-time';

const startMs = Date.parse('2026-11-23T11:00:00Z');
export const ada = { who: 'ada', host: 'laptop', pid: 41 };
export const ben = { who: 'ben', host: 'desk', pid: 99 };

/** A lock in a store in memory, and the time that passes while people want it. */
export class PlayedLock {
  readonly time = new PassingTime(startMs);
  readonly store = new MemoryStore();

  take(holder: Driver, asked: Partial<Asked> = {}, clock = this.time.clock()) {
    return acquire(this.store, clock, {
      runbook: 'cutover',
      holder,
      newRunId: `run-of-${holder.who}`,
      reason: 'Cut over from blue to green',
      alive: () => undefined,
      ...asked,
    });
  }

  async now() {
    return (await readLock(this.store))!.lock;
  }

  secondsSinceStart(at: string): number {
    return (Date.parse(at) - startMs) / 1000;
  }
}
