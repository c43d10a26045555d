import type { ReportedEvent, ReportSoFar } from '../report';
import { type Html, html } from './html';
import { labels, type Words } from './words';

/** What a person should read besides the picture. */

export function invariants(
  { invariants: { checked, broken } }: Pick<ReportSoFar, 'invariants'>,
  prefix: string,
): Html {
  const judged =
    broken.length === 0
      ? html`<p><span class="good" aria-hidden="true">✓</span> What must never be so was looked for ${checked.toLocaleString('en-AU')} times, and never seen.</p>`
      : html`<p>What must never be so was looked for ${checked.toLocaleString('en-AU')} times, and seen:</p><ul class="plain">${broken.map((each) => html`<li class="note is-bad"><p>✗ ${each}</p></li>`)}</ul>`;
  return html`<section class="sheet" aria-labelledby="${labels(prefix, 'invariants')}"><h2 id="${prefix}invariants">Invariants</h2>${judged}</section>`;
}

export function warnings({ warnings: said }: ReportSoFar, prefix: string): Html | false {
  return (
    said.length > 0 &&
    html`<section class="sheet" aria-labelledby="${labels(prefix, 'warnings')}"><h2 id="${prefix}warnings">Warnings</h2>
<ul class="plain">${said.map((each) => html`<li class="note"><p>${each}</p></li>`)}</ul></section>`
  );
}

const meanings: Partial<Record<ReportedEvent['event'], string>> = {
  'run-started': 'the run began',
  'run-resumed': 'the run went on',
  'gate-asked': 'people were asked',
  'gate-confirmed': 'confirmed',
  'gate-declined': 'declined',
  'step-failed': 'failed',
  undone: 'taken back',
  'visitor-refused': 'visitors are refused',
  'visitor-welcomed': 'visitors are welcome',
  'change-seen': 'somebody changed something',
  'change-confirmed': 'the change is known of',
  'change-declined': 'the change is not wanted',
  'run-stopped': 'the run stopped',
  'run-called-off': 'the run was called off',
  'run-finished': 'the run was over',
};

/** What happened besides steps that went as they should. */
export function happenings({ events }: ReportSoFar, words: Words, prefix: string): Html {
  const lines = events.flatMap((event, index) => {
    const isStart = ({ event: each, step }: ReportedEvent) => each === 'step-started' && step === event.step;
    const isAgain = isStart(event) && events.slice(0, index).some(isStart);
    const meaning = isAgain ? 'was begun again' : meanings[event.event];
    return meaning === undefined ? [] : [line(event, meaning, words)];
  });
  return html`<section class="sheet" aria-labelledby="${labels(prefix, 'happened')}"><h2 id="${prefix}happened">What happened</h2>
<table class="events"><thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col">By</th></tr></thead>
<tbody>${lines}</tbody></table></section>`;
}

function line({ at, step, text, who }: ReportedEvent, meaning: string, words: Words): Html {
  const said =
    text !== undefined && !repeats(text, meaning) && html`<span class="wanted">${shortened(text)}</span>`;
  return html`<tr><td class="number">${words.exactTime(at)}</td><td>${step !== undefined && html`<code>${step}</code>: `}${meaning}${said}</td><td class="quiet">${who}</td></tr>`;
}

/** Such as "Ordinary visitors are refused." beside "visitors are refused". */
const repeats = (text: string, meaning: string) => text.toLowerCase().includes(meaning);

/** What was asked stands in the journal whole. */
const shortened = (text: string) =>
  text.length > 220 ? `${text.slice(0, 200).replace(/\s\S*$/, '')} …` : text;
