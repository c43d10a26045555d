import type { Report } from '../report';
import { comparison } from './comparison';
import { figures } from './figures';
import { framed } from './frame';
import { type Html, html } from './html';
import { timeline } from './timeline';
import { happenings, invariants, warnings } from './told';
import { count, labels, type Words, wordsIn } from './words';

/** A run as a page that stands alone. */
export function reportPage(report: Report, { timeZone, more }: { timeZone: string; more?: Html }): string {
  const words = wordsIn(timeZone);
  return framed({
    title: `${report.title}: ${report.result}`,
    body: html`${top(report, words)}
<main id="content">
<section class="sheet" aria-label="In numbers">${figures(report)}</section>
${sections(report, words)}
${more}
</main>
${foot(report, words)}`,
  });
}

export function top(report: Report, words: Words): Html {
  const { startedAt, finishedAt, title, result } = report;
  const kind = report.minutesAre === 'modelled' ? 'Rehearsal' : 'Report';
  const when =
    startedAt !== undefined &&
    finishedAt !== undefined &&
    html`, ${words.date(startedAt)}, ${words.time(startedAt)} to ${words.time(finishedAt)}`;
  return html`<header class="top"><p class="above">${kind}${when}</p><h1>${title}</h1>${resultPill(result)}</header>`;
}

export function resultPill(result: Report['result']): Html {
  const looks: Record<Report['result'], [string, string]> = {
    done: ['good', '✓ done'],
    failed: ['bad', '✗ failed'],
    stopped: ['warn', '◌ stopped'],
    'called off': ['warn', '↺ called off'],
    running: ['at-work', '▸ under way'],
  };
  const [kind, told] = looks[result];
  return html`<span class="pill ${kind}">${told}</span>`;
}

/** @param prefix before every id, where a page has several runs */
export function sections(report: Report, words: Words, prefix = ''): Html {
  return html`${comparison(report, prefix)}
<section class="sheet" aria-labelledby="${labels(prefix, 'steps')}"><h2 id="${prefix}steps">${count(report.steps.length, 'step')}, as they went</h2>
<p class="quiet">Open one to read what was seen. Beside each is its number on the page.</p>
${timeline(report, { words, prefix: `${prefix}step-` })}</section>
${warnings(report, prefix)}
${invariants(report, prefix)}
${happenings(report, words, prefix)}`;
}

function foot({ run, minutesAre, posture }: Report, { timeZone }: Words): Html {
  return html`<footer><p>Run <code>${run}</code>. Recorded at its end: <code>${posture.live}/${posture.access}</code>. Times are of ${timeZone}. ${minutesAre === 'modelled' && "Minutes are modelled: they come from a sandbox's durations, never from AWS. "}All of it is in <code>report.json</code> beside this page.</p></footer>`;
}
