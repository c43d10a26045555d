import type { Evidence } from '../../runbook/step';
import type { ReportedStep } from '../report';
import { type Html, html } from './html';
import { count, minutesWord, took, type Words } from './words';

/** What stands behind one step: when, how long, and what was seen. */
export function behind(step: ReportedStep, meaning: string, words: Words): Html {
  const { id, startedAt, finishedAt, expectedMinutes, slackMinutes, evidence } = step;
  const when = [
    startedAt !== undefined && html` from ${words.exactTime(startedAt)}`,
    finishedAt !== undefined && html` to ${words.exactTime(finishedAt)}`,
  ];
  const slack =
    slackMinutes === undefined ? '' : `, slack ${slackMinutes === 0 ? 'none' : minutesWord(slackMinutes)}`;
  return html`<div class="behind">
<p><code>${id}</code>: ${meaning}${when}. <span class="quiet">${step.minutes !== undefined && `${took(step)}`}${expectedMinutes > 0 && `, expected ${minutesWord(expectedMinutes)}`}${slack}.</span></p>
${evidence.length > 0 && evidenceTable(evidence, count(evidence.length, 'fact'))}
</div>`;
}

function evidenceTable(evidence: Evidence[], caption: string): Html {
  return html`<table><caption>${caption}</caption>
<thead><tr><th scope="col">What was looked at</th><th scope="col">What was seen</th></tr></thead>
<tbody>${evidence.map(fact)}</tbody></table>`;
}

/** What was expected is said where it is not what was seen. */
function fact({ what, observed, expected, holds }: Evidence): Html {
  const sign = holds
    ? html`<span class="good" aria-hidden="true">✓</span><span class="unseen">holds: </span>`
    : html`<strong class="bad">✗ does not hold:</strong>`;
  return html`<tr><th scope="row">${what}</th><td>${sign} ${observed}${expected !== observed && html`<span class="wanted">expected: ${expected}</span>`}</td></tr>`;
}
