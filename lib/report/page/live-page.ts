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

export function liveParts(watched: Watched, words: Words): Parts {
  const { live, title } = watched;
  return {
    top: html`<p class="above">${live?.report.minutesAre === 'modelled' && 'Rehearsal, '}${words.date(watched.now.getTime())}, times of ${words.timeZone}</p><h1>${title}</h1>${live && resultPill(live.report.result)}`,
    now: now(watched, words),
    told: live ? html`${warnings(live.report, '')}${invariants(live.report, '')}` : html``,
    happened: live ? happenings(live.report, words, '') : html``,
  };
}

/** The picture changes all the time, and need not be sent every second. */
export function livePicture({ live }: Watched, words: Words): Parts {
  if (!live) return { picture: html`` };
  const { report, forecast, now: at } = live;
  const drawn = {
    words,
    prefix: 'step-',
    ...(report.result === 'running' ? { going: { nowMs: at.getTime(), forecast } } : {}),
  };
  return {
    picture: html`<section class="sheet" aria-labelledby="steps"><h2 id="steps">${count(report.steps.length, 'step')}</h2>
${timeline(report, drawn)}</section>`,
  };
}

/** What is sent once a second. */
export interface Told {
  /** As people read it. */
  now: string;
  title: string;
  parts: Parts;
  ticks: Record<string, string>;
  said: string;
  over: boolean;
}

export function told(watched: Watched, words: Words, parts: Parts): Told {
  const { live, title, said, over } = watched;
  const asks = live?.asked ? '✋ ' : '';
  return {
    now: words.plainExactTime(watched.now.getTime()),
    title: `${asks}${title}: ${live?.report.result ?? 'not begun'}`,
    parts,
    ticks: ticks(watched),
    said,
    over,
  };
}

/** Everything as it is now; from then on the script is told what changes. */
export function livePage(watched: Watched, words: Words): string {
  const parts = { ...liveParts(watched, words), ...livePicture(watched, words) };
  const place = (id: string) => html`<div id="${id}">${parts[id]}</div>`;
  return framed({
    title: watched.title,
    script: liveScript,
    body: html`<p class="connection"><span id="connection" role="status">Connecting</span><noscript>This page does not change without its script: load it again.</noscript></p>
<header class="top" id="top">${parts.top}</header>
<main id="content"><p id="said" role="status" class="said"></p>
${['now', 'picture', 'told', 'happened'].map(place)}
</main>
<footer><p>Whoever sees this page can read it and do nothing. It holds what the report of the run will hold; the report stands in <code>runs/</code> when the command has ended.</p></footer>`,
  });
}
