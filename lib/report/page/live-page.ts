import type { Live } from '../../upgrade/run/run-view';
import { framed, policyOf } from './frame';
import { type Html, html } from './html';
import { liveScript } from './live-script';
import { now, ticks, type Watched } from './now';
import { resultPill } from './report-page';
import { timeline } from './timeline';
import { happenings, invariants, warnings } from './told';
import { count, type Words } from './words';

/** A run that goes on as a page that others watch. */

export const livePolicy = `${policyOf(liveScript)}; frame-ancestors 'none'`;

/** What the page is made of, by the ids of its places. */
export type Parts = Record<string, Html>;

/** What is told once a second. */
export interface Told {
  /** As people read it. */
  now: string;
  title: string;
  parts: Parts;
  ticks: Record<string, string>;
  said: string;
  over: boolean;
}

/** The picture changes with every second, and is large. */
const drawEveryMs = 10_000;

/** A page and what becomes of it, of a command that is looked at anew each time. */
export class LiveFeed {
  private drawn: { of: string; picture: Html } | undefined;

  constructor(
    private readonly look: () => Watched,
    private readonly words: Words,
  ) {}

  told(): Told {
    const watched = this.look();
    const { live, title, said, over } = watched;
    const asks = live?.asked ? '? ' : '';
    return {
      now: this.words.plainExactTime(watched.now.getTime()),
      title: `${asks}${title}: ${live?.report.result ?? 'not begun'}`,
      parts: this.partsOf(watched),
      ticks: ticks(watched),
      said,
      over,
    };
  }

  /** Everything as it is now; from then on its script is told what changes. */
  page(): string {
    const watched = this.look();
    return livePage(watched.title, this.partsOf(watched));
  }

  private partsOf(watched: Watched): Parts {
    return { ...liveParts(watched, this.words), picture: this.pictureOf(watched) };
  }

  private pictureOf({ live }: Watched): Html {
    if (!live) return html``;
    const { run, events, result } = live.report;
    const of = [run, events.length, result, Math.floor(live.now.getTime() / drawEveryMs)].join(' ');
    if (this.drawn?.of !== of) this.drawn = { of, picture: picture(live, this.words) };
    return this.drawn.picture;
  }
}

function liveParts(watched: Watched, words: Words): Parts {
  const { live, title } = watched;
  return {
    top: html`<p class="above">${live?.report.minutesAre === 'modelled' && 'Rehearsal, '}${words.date(watched.now.getTime())}, times of ${words.timeZone}</p><h1>${title}</h1>${live && resultPill(live.report.result)}`,
    now: now(watched, words),
    told: live ? html`${warnings(live.report, '')}${invariants(live.report, '')}` : html``,
    happened: live ? happenings(live.report, words, '') : html``,
  };
}

function picture({ report, forecast, now: at }: Live, words: Words): Html {
  const going = report.result === 'running' ? { going: { nowMs: at.getTime(), forecast } } : {};
  return html`<section class="sheet" aria-labelledby="steps"><h2 id="steps">${count(report.steps.length, 'step')}</h2>
${timeline(report, { words, prefix: 'step-', ...going })}</section>`;
}

function livePage(title: string, parts: Parts): string {
  const place = (id: string) => html`<div id="${id}">${parts[id]}</div>`;
  return framed({
    title,
    script: liveScript,
    body: html`<p class="connection"><span id="connection" role="status">Connecting</span><noscript>This page does not change without its script: load it again.</noscript></p>
<header class="top" id="top">${parts.top}</header>
<main id="content"><p id="said" role="status" class="said"></p>
${['now', 'picture', 'told', 'happened'].map(place)}
</main>
<footer><p>Whoever sees this page can read it and do nothing. It holds what the report of the run will hold; the report stands in <code>runs/</code> when the command has ended.</p></footer>`,
  });
}
