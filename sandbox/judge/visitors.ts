import type { Happening } from '../world';
import type { Outage, Watch } from './verdict';

/** Senders of web hooks: no people. */
const services = ['stripe', 'ses'];

/** What people and services outside met. */
export class Visitors {
  readonly dropped: Record<string, number> = {};
  readonly watch: Watch = {
    'visitor.asked': (happening) => {
      if (!services.includes(String(happening.actor))) this.asked(happening);
    },
    'webhook.dropped': ({ actor }) => {
      const sender = String(actor);
      this.dropped[sender] = (this.dropped[sender] ?? 0) + 1;
    },
  };
  /** Since when everybody is refused. */
  private refusedFromMs: number | undefined;
  private longest: { fromMs: number; untilMs: number } | undefined;

  /**
   * While machines restart one by one, or names change, some are refused and others are not: then there are several
   * stretches, and the longest is the outage.
   */
  get outage(): Outage | undefined {
    return this.refusedFromMs === undefined
      ? this.longest
      : { fromMs: this.refusedFromMs, untilMs: undefined };
  }

  /** To be told to log in is a welcome: somebody answers who has the data. */
  private asked({ atMs, status }: Happening): void {
    const refused = status === undefined || Number(status) >= 500;
    if (refused) this.refusedFromMs ??= atMs;
    else if (this.refusedFromMs !== undefined) {
      const stretch = { fromMs: this.refusedFromMs, untilMs: atMs };
      if (lengthMs(stretch) > lengthMs(this.longest)) this.longest = stretch;
      this.refusedFromMs = undefined;
    }
  }
}

const lengthMs = (stretch: { fromMs: number; untilMs: number } | undefined) =>
  stretch ? stretch.untilMs - stretch.fromMs : -1;
