import { Clock } from '../../../sandbox/clock';

interface Due {
  atMs: number;
  run: () => void | Promise<void>;
}

/** Lets everything that is not waiting for time go on to where it does: nothing here waits for anything else. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/**
 * Time that only passes when nothing is left to do at its moment. In a world without sockets, files and other processes
 * all that goes on is promises, which are through after one turn of the event loop; then the next moment comes at which
 * something is due. So the same world goes through the same moments in the same order, whatever the machine.
 */
export class VirtualClock extends Clock {
  private atMs: number;
  private readonly due: Due[] = [];
  private ended = false;

  constructor(
    startAt: Date,
    private readonly onFault: (error: unknown) => void,
  ) {
    super('skip', startAt);
    this.atMs = startAt.getTime();
  }

  override nowMs(): number {
    return this.atMs;
  }

  /** What is due at one moment happens in the order in which it was said. */
  override at(atMs: number, _name: string, run: () => void | Promise<void>): () => void {
    const due: Due = { atMs: Math.max(atMs, this.atMs), run };
    let low = 0;
    let high = this.due.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.due[middle]!.atMs > due.atMs) high = middle;
      else low = middle + 1;
    }
    this.due.splice(low, 0, due);
    return () => {
      const place = this.due.indexOf(due);
      if (place !== -1) this.due.splice(place, 1);
    };
  }

  override async run<T>(_name: string, work: () => Promise<T>): Promise<T> {
    return work();
  }

  override activity(): unknown {
    return undefined;
  }

  override within<T>(_activity: unknown, work: () => Promise<T>): Promise<T> {
    return work();
  }

  override sleep(durationMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.at(this.atMs + durationMs, 'sleep', resolve);
    });
  }

  override wait<T>(promise: Promise<T>): Promise<T> {
    return promise;
  }

  /** Whoever asks is told what is so now: time is not theirs to skip. */
  override async skipUntil(): Promise<void> {}

  override stop(): void {
    this.ended = true;
    this.due.length = 0;
    super.stop();
  }

  /**
   * Lets time pass until something has happened.
   * @throws Error when nothing is due any more, or when it takes longer than `longestMs` of this clock
   */
  async pass(until: () => boolean, longestMs: number): Promise<void> {
    const giveUpAtMs = this.atMs + longestMs;
    for (await settled(); !until(); await settled()) {
      const next = this.due.shift();
      if (!next || this.ended)
        throw new Error('Nothing is due any more, and what was waited for has not happened.');
      if (next.atMs > giveUpAtMs)
        throw new Error(`What was waited for has not happened in ${longestMs / 60_000} minutes.`);
      this.atMs = next.atMs;
      this.fire(next);
    }
  }

  private fire({ run }: Due): void {
    try {
      const going = run();
      if (going) going.catch(this.onFault);
    } catch (error) {
      this.onFault(error);
    }
  }
}
