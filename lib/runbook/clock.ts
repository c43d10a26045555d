import { randomBytes } from 'node:crypto';

/** Time and chance, the only place in lib that asks the machine for either. */
export interface Clock {
  /** By this machine's clock; in a rehearsal by the sandbox's. */
  now(): Date;
  /** @param cut ends the sleep early when it resolves */
  sleep(durationMs: number, cut?: Promise<unknown>): Promise<void>;
  /** Does what is no waiting, such as a call of AWS's, and does not sleep: a rehearsal skips no time meanwhile. */
  working<T>(work: () => Promise<T>): Promise<T>;
  /** Waits for a person: time passes as it does for people. */
  asking<T>(question: () => Promise<T>): Promise<T>;
  /** How long something was being worked on so far, in milliseconds of this machine: the tool's own part. */
  workedMs(): number;
  /** A new secret of letters and digits. */
  secret(): string;
}

/** What goes on, the first of these that does; nothing means nothing that the clock was told of. */
export type Activity = 'working' | 'asking' | 'resting' | 'nothing';

/** How time passes. */
export interface Passing {
  nowMs(): number;
  /**
   * Calls `due` at that time, or a little later; never when it is undefined. Said again, it replaces what was said.
   * @param activity while it is resting, a rehearsal may skip to that time
   */
  wakeAt(atMs: number | undefined, activity: Activity, due: () => void): void;
}

interface Sleeper {
  wakeMs: number;
  wake: () => void;
}

/** A clock that knows when all that goes on is sleep. */
export class RunClock implements Clock {
  private readonly sleepers = new Set<Sleeper>();
  private works = 0;
  private questions = 0;
  private noticing = false;
  private activity: Activity = 'nothing';
  private activeSinceMs = performance.now();
  private workedBeforeMs = 0;

  constructor(private readonly time: Passing) {
    // Before anything has begun, nothing has a claim on time.
    this.noticeSoon();
  }

  now(): Date {
    return new Date(this.time.nowMs());
  }

  sleep(durationMs: number, cut?: Promise<unknown>): Promise<void> {
    return new Promise((wake) => {
      const sleeper = { wakeMs: this.time.nowMs() + durationMs, wake };
      this.sleepers.add(sleeper);
      this.noticeSoon();
      cut?.then(() => this.wake(sleeper));
    });
  }

  async working<T>(work: () => Promise<T>): Promise<T> {
    this.works++;
    // At once: time must not be skipped under what begins.
    this.notice();
    try {
      return await work();
    } finally {
      this.works--;
      this.noticeSoon();
    }
  }

  async asking<T>(question: () => Promise<T>): Promise<T> {
    this.questions++;
    this.noticeSoon();
    try {
      return await question();
    } finally {
      this.questions--;
      this.become('nothing');
      this.noticeSoon();
    }
  }

  workedMs(): number {
    this.become(this.activity);
    return this.workedBeforeMs;
  }

  // 24 bytes are 192 bits: more than a password's hash in PostgreSQL keeps.
  secret(): string {
    return randomBytes(24).toString('base64url').replace(/[-_]/g, 'x');
  }

  /** Whoever was just woken or answered has a turn of the event loop to begin something. */
  private noticeSoon(): void {
    if (this.noticing) return;
    this.noticing = true;
    setImmediate(() => {
      this.noticing = false;
      this.notice();
    });
  }

  private notice(): void {
    this.become(this.whatGoesOn());
    const wakes = [...this.sleepers].map(({ wakeMs }) => wakeMs);
    const first = wakes.length > 0 ? Math.min(...wakes) : undefined;
    this.time.wakeAt(first, this.activity, () => this.wakeThoseDue());
  }

  private whatGoesOn(): Activity {
    if (this.works > 0) return 'working';
    if (this.questions > 0) return 'asking';
    return this.sleepers.size > 0 ? 'resting' : 'nothing';
  }

  /** All that is not known to be waiting counts as worked. */
  private become(activity: Activity): void {
    const nowMs = performance.now();
    if (this.activity === 'working' || this.activity === 'nothing')
      this.workedBeforeMs += nowMs - this.activeSinceMs;
    this.activity = activity;
    this.activeSinceMs = nowMs;
  }

  private wakeThoseDue(): void {
    const nowMs = this.time.nowMs();
    for (const sleeper of [...this.sleepers]) if (sleeper.wakeMs <= nowMs) this.wake(sleeper);
    this.noticeSoon();
  }

  private wake(sleeper: Sleeper): void {
    if (!this.sleepers.delete(sleeper)) return;
    sleeper.wake();
    this.become('nothing');
    this.noticeSoon();
  }
}

/** This machine's own time. */
function wallTime(): Passing {
  let timer: NodeJS.Timeout | undefined;
  return {
    nowMs: () => Date.now(),
    wakeAt: (atMs, _, due) => {
      clearTimeout(timer);
      if (atMs !== undefined) timer = setTimeout(due, Math.max(0, atMs - Date.now()));
    },
  };
}

export const wallClock: Clock = new RunClock(wallTime());
