import type { Clock } from './clock';
import { StepFailedError, UpgradeError } from './errors';
import { type Holder, nameOf } from './holder';
import { type LockFile, leaseEnd, readLock, writeLock } from './lock-file';
import type { Store } from './store';

/** Three beats may fail before the lease is over: a short failure of the network costs nobody their run. */
export const leaseSeconds = 60;
export const beatMs = 15_000;

/**
 * The lock of a run while this process holds it. A lease fences no call of AWS's: whoever has lost it must find out by
 * asking, before each act, and in the middle of one after a sleep that was longer than the lease.
 */
export class Lock {
  private last: Promise<unknown> = Promise.resolve();
  private lost: StepFailedError | undefined;
  private isReleased = false;
  private release: () => void = () => {};
  private readonly released = new Promise<void>((resolve) => {
    this.release = resolve;
  });

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
    private lock: LockFile,
    private tag: string,
  ) {}

  get holder(): Holder {
    return this.lock.holder;
  }

  /**
   * Makes sure that it is still this process's, and begins the lease anew: a write that succeeds has read it.
   * @throws StepFailedError LOCK_LOST
   */
  check(): Promise<void> {
    return this.inTurn(async () => {
      if (this.lock.state !== 'held')
        throw new Error(`The run ${this.lock.run} was given up by this process.`);
      await this.write({});
    });
  }

  /**
   * Asked before each call, it asks itself only when the lease is over by this process's clock: another may have taken the
   * run then, and nothing of an act that this one slept in may be done beside it.
   * @throws StepFailedError LOCK_LOST
   */
  async awake(): Promise<void> {
    if (this.lost) throw this.lost;
    if (this.lock.state === 'held' && leaseEnd(this.lock) <= this.clock.now()) await this.check();
  }

  /** Renews the lease until the lock is released or lost. A renewal that fails is tried again at the next beat. */
  async keepAlive(): Promise<void> {
    while (!this.isReleased && !this.lost) {
      await this.clock.sleep(beatMs, this.released);
      if (!this.isReleased) await this.check().catch(() => {});
    }
  }

  /**
   * The run stops unfinished: whoever comes next may go on with it, and nothing else may begin.
   * @throws StepFailedError LOCK_LOST
   */
  keep(reason: string): Promise<void> {
    return this.end({ state: 'kept', reason });
  }

  /**
   * The run is over.
   * @throws StepFailedError LOCK_LOST
   */
  free(): Promise<void> {
    return this.end({ state: 'free', reason: 'the run is over' });
  }

  /** The heart stops whether it can be written or not: a lease that is not renewed ends by itself. */
  private end(changes: Pick<LockFile, 'state' | 'reason'>): Promise<void> {
    this.isReleased = true;
    this.release();
    return this.inTurn(() => this.write(changes));
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.last.then(work);
    this.last = done.catch(() => {});
    return done;
  }

  private async write(changes: Partial<LockFile>): Promise<void> {
    for (;;) {
      if (this.lost) throw this.lost;
      const lock = { ...this.lock, ...changes, renewedAt: this.clock.now().toISOString() };
      const tag = await writeLock(this.store, lock, { tag: this.tag });
      if (tag === undefined) await this.readAgain();
      else {
        [this.lock, this.tag] = [lock, tag];
        return;
      }
    }
  }

  /** It is not as it was written last: either an answer to a write of this process's was lost, or it is another's. */
  private async readAgain(): Promise<void> {
    const found = await readLock(this.store);
    if (found?.lock.holder.token === this.holder.token) this.tag = found.tag;
    else this.lost = lockLost(this.lock, found?.lock);
  }
}

function lockLost({ run, runbook }: LockFile, found: LockFile | undefined): StepFailedError {
  const now = found && `${nameOf(found.holder)} took it at ${found.since} (${found.reason})`;
  return new StepFailedError('LOCK_LOST', {
    so: `The lock of the run ${run} is no longer this process's: ${now ?? 'it was deleted'}.`,
    changed: 'What this process began goes on in AWS; it begins nothing more.',
    next: `Leave the run to them, and look with npm run status; when they have stopped, npm run ${runbook} goes on with it.`,
  });
}

/** Whether somebody else goes on with the run: its journal and its report are theirs then. */
export const isLost = (error: unknown): boolean =>
  error instanceof UpgradeError && error.code === 'LOCK_LOST';
