import { z } from 'zod';
import type { Clock } from './clock';
import type { Entry } from './entry';
import { clause, type PreconditionError } from './errors';
import { type Alive, type Driver, hasEnded, holderShape, nameOf } from './holder';
import { standing } from './standing';
import { type Store, textOf, understood } from './store';

/** The lock as an object: at most one run is unfinished, and at most one process drives it. */

export const lockKey = 'runs/lock.json';

const lockShape = z.strictObject({
  /** `held`: a process drives the run. `kept`: it is unfinished and nobody drives it. `free`: it is over. */
  state: z.enum(['held', 'kept', 'free']),
  run: z.string(),
  runbook: z.string(),
  /** Who wrote it last. */
  holder: holderShape,
  reason: z.string(),
  /** When the holder took it. */
  since: z.iso.datetime(),
  /** The holder's last sign of life. */
  renewedAt: z.iso.datetime(),
  leaseSeconds: z.number().int().min(1),
});
export type LockFile = z.output<typeof lockShape>;

export interface FoundLock {
  lock: LockFile;
  tag: string;
  ageMs?: number | undefined;
}

/** @throws PreconditionError LOCK_UNREADABLE */
export async function readLock(store: Store): Promise<FoundLock | undefined> {
  const found = await store.read(lockKey);
  if (!found) return undefined;
  const { text, ...rest } = found;
  return { lock: understood(lockShape, text, lockKey, 'LOCK_UNREADABLE'), ...rest };
}

/** What time it is by the clock of whoever wrote the lock: this machine's may differ. */
export const nowOfHolder = ({ lock, ageMs }: FoundLock, clock: Clock): Date =>
  ageMs === undefined ? clock.now() : new Date(Date.parse(lock.renewedAt) + ageMs);

/** @returns its new tag; undefined when the lock is not as it was found. */
export function writeLock(
  store: Store,
  lock: LockFile,
  found: { tag: string } | undefined,
): Promise<string | undefined> {
  return store.write(lockKey, textOf(lock), found ? { tag: found.tag } : 'absent');
}

/**
 * Takes the lock from whoever has it, once a person has seen the evidence. Their process finds out before its next act.
 * @param to `kept`: the run can be resumed. `free`: it is over, and another can begin.
 * @returns whether it was still as it was found; otherwise nothing was written.
 */
export async function unlock(
  store: Store,
  clock: Clock,
  found: FoundLock,
  to: { state: 'kept' | 'free'; by: Driver; reason: string },
): Promise<boolean> {
  const now = clock.now().toISOString();
  const holder = { ...to.by, token: clock.secret() };
  const { state, reason } = to;
  const lock = { ...found.lock, state, holder, reason, since: now, renewedAt: now };
  return (await writeLock(store, lock, found)) !== undefined;
}

export function leaseEnd({ renewedAt, leaseSeconds }: LockFile): Date {
  return new Date(Date.parse(renewedAt) + leaseSeconds * 1000);
}

export const thatHasEnded = 'That process has ended.';

/**
 * What a person should see before taking a lock from somebody.
 * @param journal its lines, or why they cannot be read
 */
export function evidence(
  lock: LockFile,
  journal: Entry[] | PreconditionError,
  now: Date,
  alive: Alive,
): string[] {
  const isLeft = lock.state === 'held' && hasEnded(lock.holder, alive);
  const holder = `${whoHas(lock, now)}${isLeft ? ` ${thatHasEnded}` : ''}`;
  if (!Array.isArray(journal)) return [holder, journal.text.so];
  const { state, steps } = standing(journal);
  const last = journal.at(-1);
  const words = last && [last.event, last.step, last.text].filter((word) => word !== undefined).join(' ');
  return [
    holder,
    `The run ${lock.run} is ${state}${steps.length > 0 ? ` at ${steps.join(', ')}` : ''}.`,
    last
      ? `Its journal ends with line ${last.n}, ${moment(last.at, now)}: ${clause(words ?? '')}.`
      : 'Its journal is empty.',
  ];
}

/** Who has the lock, since when, with the last sign of life, as a sentence. */
export function whoHas(lock: LockFile, now: Date): string {
  const { state, run, runbook, holder, reason, since, renewedAt } = lock;
  const name = `${run} (npm run ${runbook})`;
  if (state === 'free') return `No run is unfinished; the last one was ${name}.`;
  if (state === 'kept')
    return `The run ${name} is unfinished, and nobody drives it: ${nameOf(holder)} left it ${moment(renewedAt, now)} (${clause(reason)}).`;
  const end = leaseEnd(lock);
  return `${nameOf(holder)} holds the run ${name} since ${since} (${reason}): the last sign of life was ${moment(renewedAt, now)}, the lease ${end > now ? 'ends' : 'ended'} at ${end.toISOString()}.`;
}

function moment(at: string, now: Date): string {
  // Another machine's clock may be ahead of this one's.
  const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(at)) / 1000));
  return `at ${at} (${seconds < 120 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`} ago)`;
}
