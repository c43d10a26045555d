import type { Clock } from './clock';
import { LockHeldError } from './errors';
import { type Alive, type Driver, hasEnded } from './holder';
import { beatMs, Lock, leaseSeconds } from './lock';
import {
  type FoundLock,
  type LockFile,
  leaseEnd,
  nowOfHolder,
  readLock,
  thatHasEnded,
  whoHas,
  writeLock,
} from './lock-file';
import type { Store } from './store';

/** At least one beat of whoever lives falls into it. */
const listenMs = 2 * beatMs;

export interface Asked {
  runbook: string;
  /** The runbooks whose unfinished run this one ends. */
  supersedes?: string[];
  holder: Driver;
  /** The name of the run, if a new one begins. */
  newRunId: string;
  /** Why the lock is wanted, for others to read. */
  reason: string;
  alive: Alive;
}

export interface Acquired {
  lock: Lock;
  run: string;
  /** Whether the run was begun before. */
  resumed: boolean;
  /** The unfinished run of another runbook that this one ends. */
  superseded?: string;
  /** Of whom the lock was taken that still seemed to hold it, and why it was. */
  tookOver?: string;
}

/**
 * Takes the lock for a new run, or to go on with an unfinished one of the same runbook. An unfinished run that the
 * runbook supersedes is over with it.
 * @throws LockHeldError LOCK_HELD when a process drives a run, LOCK_KEPT when a run of another runbook is unfinished.
 * @throws PreconditionError LOCK_UNREADABLE
 */
export async function acquire(store: Store, clock: Clock, asked: Asked): Promise<Acquired> {
  const holder = { ...asked.holder, token: clock.secret() };
  /** The lock when this began to listen for its holder. */
  let before: FoundLock | undefined;
  for (;;) {
    const found = await readLock(store);
    const silence = found && judge(found, before, asked, nowOfHolder(found, clock));
    // A lease that is over by one clock may go on by another.
    if (silence === 'lease over') {
      before = found;
      await clock.sleep(listenMs);
    }
    const unfinished = found !== undefined && found.lock.state !== 'free';
    const resumed = unfinished && found.lock.runbook === asked.runbook;
    const run = resumed ? found.lock.run : asked.newRunId;
    const now = clock.now();
    const since = now.toISOString();
    const { runbook, reason } = asked;
    const lock: LockFile = {
      state: 'held',
      run,
      runbook,
      holder,
      reason,
      since,
      renewedAt: since,
      leaseSeconds,
    };
    const tag = await writeLock(store, lock, found);
    // Somebody wrote it since it was read: it is judged anew.
    if (tag === undefined) continue;
    const tookOver = silence && `${whoHas(found.lock, nowOfHolder(found, clock))} ${reasonOf[silence]}`;
    return {
      lock: new Lock(store, clock, lock, tag),
      run,
      resumed,
      ...(unfinished && !resumed ? { superseded: found.lock.run } : {}),
      ...(tookOver ? { tookOver } : {}),
    };
  }
}

type Silence = 'process ended' | 'lease over';
const reasonOf: Record<Silence, string> = {
  'process ended': thatHasEnded,
  'lease over': `Nothing more was heard of it within ${listenMs / 1000} seconds.`,
};

/** Why nobody drives a run that is held; undefined for one that is not held. Throws when it may not be taken. */
function judge(
  { lock, tag }: FoundLock,
  before: FoundLock | undefined,
  asked: Asked,
  now: Date,
): Silence | undefined {
  if (lock.state === 'free') return undefined;
  const silence = lock.state === 'held' ? silenceOf(lock, asked, now) : undefined;
  const stirred = before?.lock.holder.token === lock.holder.token && before.tag !== tag;
  if (lock.state === 'held' && (!silence || stirred))
    throw new LockHeldError('LOCK_HELD', {
      so: whoHas(lock, now),
      changed: 'Nothing was changed.',
      next: 'Leave it to them. If they are gone, run the same command again when the lease is over; npm run unlock shows where they are, and takes the run from them.',
    });
  if (lock.runbook !== asked.runbook && !asked.supersedes?.includes(lock.runbook))
    throw new LockHeldError('LOCK_KEPT', {
      so: silence === 'process ended' ? `${whoHas(lock, now)} ${reasonOf[silence]}` : whoHas(lock, now),
      changed: 'Nothing was changed.',
      next: `Go on with it first (npm run ${lock.runbook}), or end it with npm run unlock.`,
    });
  return silence;
}

function silenceOf(lock: LockFile, { alive }: Asked, now: Date): Silence | undefined {
  if (hasEnded(lock.holder, alive)) return 'process ended';
  return leaseEnd(lock) <= now ? 'lease over' : undefined;
}
