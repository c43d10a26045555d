import { AsyncLocalStorage } from 'node:async_hooks';
import { RegisteredClients } from './registered-clients';

/** `skip` jumps over the waits of AWS as soon as somebody waits for them; `real` never jumps. */
export type TimeMode = 'skip' | 'real';

/** Something that is under way. Time cannot be skipped while one is working; it can while all of them wait. */
interface Activity {
  name: string;
  waits: number;
}

interface Due {
  atMs: number;
  sequence: number;
  name: string;
  run: () => void | Promise<void>;
}

/** One question may skip at most this much: longer than anything the sandbox models, yet not for ever. */
const longestSkipMs = 6 * 60 * 60_000;
/** How long a question waits for work that is really running (a shell, a copy of files) before it is answered. */
const patienceMs = 2_000;

/**
 * The sandbox's time: wall time plus the waits that were skipped.
 *
 * Everything that happens later is an entry in one queue, so that a skip plays what is due in between,
 * in order: other resources, visitors, cron, web hooks.
 */
export class Clock {
  /** The clients that time waits for. */
  readonly clients = new RegisteredClients(this, () => this.skipRests());
  private skippedMs: number;
  private leaptMs = 0;
  private sequence = 0;
  private readonly queue: Due[] = [];
  private readonly activities = new Set<Activity>();
  private readonly current = new AsyncLocalStorage<Activity>();
  private turn: Promise<void> = Promise.resolve();
  private quietWaiters: (() => void)[] = [];
  private timer: NodeJS.Timeout | undefined;
  private skippingRests = false;
  private stopped = false;

  constructor(
    readonly mode: TimeMode,
    startAt: Date,
    private readonly onError: (error: unknown, name: string) => void = (error) => {
      throw error;
    },
  ) {
    this.skippedMs = startAt.getTime() - Date.now();
  }

  nowMs(): number {
    return Date.now() + this.skippedMs;
  }

  date(): Date {
    return new Date(this.nowMs());
  }

  /** Calls `run` once at the time. Returns what cancels it. */
  at(atMs: number, name: string, run: () => void | Promise<void>): () => void {
    const due: Due = { atMs, sequence: this.sequence++, name, run };
    const index = this.queue.findIndex((other) => other.atMs > atMs);
    this.queue.splice(index === -1 ? this.queue.length : index, 0, due);
    this.arm();
    return () => {
      const place = this.queue.indexOf(due);
      if (place !== -1) this.queue.splice(place, 1);
    };
  }

  /** Calls `run` again and again, the next turn `intervalMs` after the last one began. Returns what cancels it. */
  every(intervalMs: number, name: string, run: () => void | Promise<void>): () => void {
    let cancelled = false;
    let cancel = () => {};
    const again = (atMs: number) => {
      const leaptBeforeMs = this.leaptMs;
      cancel = this.at(atMs, name, async () => {
        if (cancelled) return;
        again(atMs + this.leaptMs - leaptBeforeMs + intervalMs);
        await run();
      });
    };
    again(this.nowMs() + intervalMs);
    return () => {
      cancelled = true;
      cancel();
    };
  }

  /**
   * Runs `work` as an activity. Inside it, whatever waits for time must go through `sleep`, `wait` or another
   * `run`; awaited from inside another activity, that one counts as waiting.
   */
  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    const activity: Activity = { name, waits: 0 };
    this.activities.add(activity);
    const running = this.current.run(activity, async () => {
      try {
        return await work();
      } finally {
        this.activities.delete(activity);
        this.noticeQuiet();
      }
    });
    return this.wait(running);
  }

  /** The activity we are in, for work that comes back from another process (a shell calling a stand-in command). */
  activity(): unknown {
    return this.current.getStore();
  }

  /** Runs `work` inside an activity that was begun elsewhere. */
  within<T>(activity: unknown, work: () => Promise<T>): Promise<T> {
    return this.current.run(activity as Activity, work);
  }

  /** Waits until the sandbox's time has passed. */
  sleep(durationMs: number): Promise<void> {
    const activity = this.current.getStore();
    if (activity) activity.waits++;
    this.noticeQuiet();
    return new Promise((resolve) => {
      this.at(this.nowMs() + durationMs, `sleep of ${activity?.name ?? 'a request'}`, () => {
        if (activity) activity.waits--;
        resolve();
      });
    });
  }

  /** Waits for something that other activities or time will bring about. */
  async wait<T>(promise: Promise<T>): Promise<T> {
    const activity = this.current.getStore();
    if (!activity) return promise;
    activity.waits++;
    this.noticeQuiet();
    try {
      return await promise;
    } finally {
      activity.waits--;
    }
  }

  /** Lets time pass until `settled` holds, if this clock skips and no registered client claims time. */
  async skipUntil(settled: () => boolean): Promise<void> {
    await this.play(() => !settled() && !this.clients.claimTime());
  }

  /** Lets this much time pass, everything due in it included. Only for clocks that skip. */
  async skip(durationMs: number): Promise<void> {
    let over = false;
    this.at(this.nowMs() + durationMs, 'skip', () => {
      over = true;
    });
    await this.play(() => !over);
    await this.quiet();
  }

  /** Lets time go by in which nothing happens: what is due comes as much later. Only for clocks that skip. */
  leap(durationMs: number): void {
    if (this.mode === 'real') return;
    this.leaptMs += durationMs;
    this.skippedMs += durationMs;
    for (const due of this.queue) due.atMs += durationMs;
    this.arm();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.queue.length = 0;
  }

  /** Plays what is due, one after the other, for as long as that is wanted and nothing works longer than the patience. */
  private async play(wanted: () => boolean): Promise<void> {
    if (this.mode === 'real') return;
    const deadlineMs = this.nowMs() + longestSkipMs;
    const within = () => (this.queue[0]?.atMs ?? Number.POSITIVE_INFINITY) <= deadlineMs;
    while (wanted() && !this.stopped) if (!(await this.playNext(() => wanted() && within()))) return;
  }

  /** Skips to the end of the first rest while all registered clients rest, however long anything works meanwhile. */
  private async skipRests(): Promise<void> {
    if (this.mode === 'real' || this.skippingRests) return;
    this.skippingRests = true;
    // The end of each rest is in the queue, and whoever's rest is over is working.
    const resting = () => this.clients.allRest() && !this.stopped;
    while (resting()) await this.playNext(resting);
    this.skippingRests = false;
  }

  /** Plays the next of what is due when nothing is working and it is still wanted; whether it did. */
  private playNext(wanted: () => boolean): Promise<boolean> {
    return this.inTurn(async () => {
      if (!(await this.quiet()) || !wanted()) return false;
      await this.fireNext();
      return true;
    });
  }

  private async fireNext(): Promise<void> {
    const due = this.queue.shift();
    if (!due) return;
    const jumpMs = Math.max(0, due.atMs - this.nowMs());
    this.skippedMs += jumpMs;
    if (jumpMs > 0) this.clients.tellTime();
    // Not awaited: what it starts may itself wait for later events. `quiet` waits for its work.
    this.run(due.name, async () => due.run()).catch((error) => this.onError(error, due.name));
    await this.quiet();
  }

  /** Fires what has become due by wall time alone. */
  private arm(): void {
    clearTimeout(this.timer);
    const next = this.queue[0];
    if (!next || this.stopped) return;
    const delayMs = Math.min(Math.max(0, next.atMs - this.nowMs()), 60_000);
    this.timer = setTimeout(() => {
      this.inTurn(async () => {
        while (this.queue[0] && this.queue[0].atMs <= this.nowMs()) await this.fireNext();
      }).finally(() => this.arm());
    }, delayMs);
  }

  /** One skipper at a time, or two would each jump over what the other is about to play. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.current.exit(() => this.turn.then(work));
    this.turn = mine.then(
      () => {},
      () => {},
    );
    return mine;
  }

  private working(): boolean {
    for (const activity of this.activities) if (activity.waits === 0) return true;
    return false;
  }

  private noticeQuiet(): void {
    if (this.working()) return;
    const waiters = this.quietWaiters;
    this.quietWaiters = [];
    for (const waiter of waiters) waiter();
  }

  /** True when nothing is working any more; false when something still is after the clock's patience. */
  private async quiet(): Promise<boolean> {
    const giveUpAt = Date.now() + patienceMs;
    for (;;) {
      // A waiter wakes one microtask after what it waited for: look again after a full turn of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
      if (!this.working()) return true;
      const leftMs = giveUpAt - Date.now();
      if (leftMs <= 0) return false;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.quietWaiters.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }
}
