import type { Clock } from '../../runbook/clock';
import type { Entry } from '../../runbook/entry';
import { UpgradeError } from '../../runbook/errors';
import type { Journal } from '../../runbook/journal';
import type { Channel, People } from '../people-ports';
import { type Happened, happenings } from './happenings';
import type { UpgradeRunbook } from './upgrade-runbook';

interface Telling {
  people: People;
  journal: Pick<Journal, 'run' | 'entries' | 'append'>;
  runbook: Pick<UpgradeRunbook, 'name' | 'title' | 'steps' | 'ended'>;
  clock: Clock;
  warn(text: string): void;
}

/**
 * Tells people who are not at the terminal what happens in a run, beside its steps: nothing waits for it but the run's end.
 * What was told is written down after it was sent. A process that is killed in between tells it once more, when the run goes
 * on: to hear of a failure twice is better than never. What could not be sent is written down as well, and not tried again.
 */
export class PeopleTold {
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly telling: Telling) {}

  /** Looks whether something happened that people are not told of yet. */
  look(): void {
    // The run goes on without whoever cannot be told.
    this.last = this.last.then(() => this.tell()).catch(() => {});
  }

  /** Resolves when all that happened so far was told. */
  settled(): Promise<void> {
    return this.last;
  }

  private async tell(): Promise<void> {
    const { journal, runbook } = this.telling;
    const untold = (by: string) => (happened: Happened) => !isTold(journal.entries, happened, by);
    const happened = happenings(journal.run, runbook, journal.entries);
    for (const channel of this.telling.people.channels())
      for (const each of happened.filter(untold(channel.name))) await this.send(channel, each);
  }

  private async send(channel: Channel, { n, text }: Happened): Promise<void> {
    const { journal, runbook, warn } = this.telling;
    let sent = true;
    try {
      if (!(await channel.isKept())) return;
      await channel.send(runbook.title, text);
    } catch (error) {
      sent = false;
      warn(`The ${channel.name} was not told "${text.split('\n')[0]}": ${wordsOf(error)}`);
    }
    await journal.append({ event: 'people-told', data: { line: n, by: channel.name, sent } });
  }
}

const isTold = (entries: Entry[], { n }: Happened, by: string) =>
  entries.some((entry) => entry.event === 'people-told' && entry.data.line === n && entry.data.by === by);

const wordsOf = (error: unknown) => (error instanceof UpgradeError ? error.text.so : String(error));
