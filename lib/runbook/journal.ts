import type { Clock } from './clock';
import { type Entry, entryShape, type Happening } from './entry';
import { PreconditionError, StepFailedError } from './errors';
import { type Holder, nameOf } from './holder';
import { type Store, textOf, understood, unreadable } from './store';

const folder = (run: string) => `runs/${run}/journal/`;
/** Six digits keep a listing in the order of the numbers. */
const keyOf = (run: string, n: number) => `${folder(run)}${String(n).padStart(6, '0')}.json`;

/**
 * All that a run has written so far, oldest first.
 * @throws PreconditionError JOURNAL_UNREADABLE when a line is missing or cannot be understood.
 */
export async function readJournal(store: Store, run: string): Promise<Entry[]> {
  const { length } = await store.list(folder(run));
  return Promise.all(
    Array.from({ length }, async (_, index) => {
      const entry = await readEntry(store, run, index + 1);
      if (entry) return entry;
      const why = `it is not there, though ${length} objects are in its folder`;
      throw unreadable('JOURNAL_UNREADABLE', keyOf(run, index + 1), why);
    }),
  );
}

/** The same for whoever only looks: why it cannot be read is an answer too. */
export async function readJournalIfLegible(store: Store, run: string): Promise<Entry[] | PreconditionError> {
  return readJournal(store, run).catch((error) => {
    if (error instanceof PreconditionError && error.code === 'JOURNAL_UNREADABLE') return error;
    throw error;
  });
}

async function readEntry(store: Store, run: string, n: number): Promise<Entry | undefined> {
  const key = keyOf(run, n);
  const found = await store.read(key);
  if (!found) return undefined;
  const entry = understood(entryShape, found.text, key, 'JOURNAL_UNREADABLE');
  if (entry.n !== n) throw unreadable('JOURNAL_UNREADABLE', key, `it says that it is line ${entry.n}`);
  return entry;
}

/**
 * The journal of a run, to go on writing it.
 * @param by who holds the lock
 * @throws PreconditionError JOURNAL_UNREADABLE
 */
export async function openJournal(store: Store, clock: Clock, run: string, by: Holder): Promise<Journal> {
  return new Journal(store, clock, run, by, await readJournal(store, run));
}

/** What happened in a run, in order, one object a line. A line once written is never written again. */
export class Journal {
  private last: Promise<unknown> = Promise.resolve();
  /** Told after each line that this process wrote. */
  onWritten = () => {};

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
    readonly run: string,
    private readonly by: Holder,
    /** All that is known to be written, oldest first. */
    readonly entries: Entry[],
  ) {}

  /**
   * Writes the next line. Steps run side by side, lines are written one after the other.
   * @throws StepFailedError LOCK_LOST when somebody else wrote the line of that number.
   */
  append(happening: Happening): Promise<Entry> {
    const written = this.last.then(() => this.write(happening));
    this.last = written.catch(() => {});
    return written;
  }

  private async write(happening: Happening): Promise<Entry> {
    for (;;) {
      const n = this.entries.length + 1;
      const entry = this.entry(n, happening);
      if (await this.store.write(keyOf(this.run, n), textOf(entry), 'absent')) {
        this.entries.push(entry);
        this.onWritten();
        return entry;
      }
      const found = await readEntry(this.store, this.run, n);
      if (found?.by.token !== this.by.token) throw this.taken(n, found);
      // An earlier line of ours that was written, though its answer never came.
      this.entries.push(found);
    }
  }

  private entry(n: number, happening: Happening): Entry {
    const evidence = happening.evidence?.map(({ what, observed, expected, holds }) => ({
      what,
      observed,
      expected,
      holds,
    }));
    const at = this.clock.now().toISOString();
    const workedMs = Math.round(this.clock.workedMs());
    return entryShape.parse({ n, at, by: this.by, workedMs, ...happening, evidence });
  }

  private taken(n: number, found: Entry | undefined): StepFailedError {
    const who = found ? nameOf(found.by) : 'somebody who removed it since';
    return new StepFailedError('LOCK_LOST', {
      so: `Line ${n} of the journal of the run ${this.run} was written by ${who}: another machine goes on with this run.`,
      changed: 'What this process began goes on in AWS; it begins nothing more.',
      next: 'Leave the run to them, and look with npm run status.',
    });
  }
}
