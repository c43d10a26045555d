import type { Clock } from '../../lib/runbook/clock';
import { playedClock } from '../support/clock';

/** A call to the world outside that waits until a schedule lets it go on. */
interface Call {
  what: string;
  /** The object that it writes, if it is written once and never again. */
  writes: string | undefined;
  perform(): Promise<unknown>;
  answer(value: unknown): void;
  fail(error: Error): void;
}

/** One process of one person, on a machine of its own: each of its calls waits, as long as the schedule wants. */
export class WaitingProcess {
  readonly calls: Call[] = [];
  state: 'not begun' | 'runs' | 'ended' | 'dead' = 'not begun';
  nowMs = Date.parse('2026-11-25T11:00:00Z');

  constructor(readonly who: string) {}

  get token(): string {
    return `token of ${this.who}`;
  }

  get clock(): Clock {
    const sleep = (durationMs: number) => this.wait(`sleeps ${durationMs / 1000} s`, async () => {});
    return { ...playedClock(() => new Date(this.nowMs), sleep), secret: () => this.token };
  }

  wait<T>(what: string, perform: () => Promise<T>, writes?: string): Promise<T> {
    return new Promise((resolve, reject) => {
      this.calls.push({ what, writes, perform, answer: resolve as Call['answer'], fail: reject });
    });
  }

  /** Lets a call go on; whatever can go on without another call has gone on afterwards. */
  async go(what: string, isAnswerLost = false): Promise<void> {
    const [call] = this.calls.splice(
      this.calls.findIndex((each) => each.what === what),
      1,
    );
    const value = await call!.perform();
    if (isAnswerLost) call!.fail(new Error('The connection broke.'));
    else call!.answer(value);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
