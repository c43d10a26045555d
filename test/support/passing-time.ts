import type { Clock } from '../../lib/runbook/clock';
import { playedClock } from './clock';

/** Whatever can go on without time passing has gone on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Time that passes when the test says so, the same for every machine but for what its clock is ahead. */
export class PassingTime {
  nowMs: number;
  private secrets = 0;
  private readonly sleepers = new Set<{ atMs: number; wake: () => void }>();

  constructor(startMs: number) {
    this.nowMs = startMs;
  }

  clock(aheadMs = 0): Clock {
    const sleep = (durationMs: number) =>
      new Promise<void>((wake) => {
        this.sleepers.add({ atMs: this.nowMs + durationMs, wake });
      });
    return {
      ...playedClock(() => new Date(this.nowMs + aheadMs), sleep),
      secret: () => `token-${++this.secrets}`,
    };
  }

  async pass(seconds: number): Promise<void> {
    const untilMs = this.nowMs + seconds * 1000;
    await settled();
    for (;;) {
      const due = [...this.sleepers].filter(({ atMs }) => atMs <= untilMs);
      const next = due.sort((a, b) => a.atMs - b.atMs)[0];
      if (!next) break;
      this.sleepers.delete(next);
      this.nowMs = next.atMs;
      next.wake();
      await settled();
    }
    this.nowMs = untilMs;
  }
}
