import type { Report } from '../report';
import { type Html, html, type Part } from './html';
import { minutesWord } from './words';

/** What a run came to, in a few numbers. */
export function figures(report: Report): Html {
  const { outageMinutes, pageOutageMinutes, awsBoundMinutes, personMinutes, toolSeconds, invariants } =
    report;
  const done = report.steps.filter(({ finishedAt }) => finishedAt !== undefined).length;
  const minutes = (value: number): Part => [String(value), ' ', html`<span class="unit">min</span>`];
  const are = report.minutesAre;
  const broken = invariants.broken.length;
  return html`<dl class="figures">
${outageMinutes !== undefined && figure('Visitors refused', minutes(outageMinutes), pageOutageMinutes === undefined ? are : `${are}; the page needs ${pageOutageMinutes}`)}
${figure('Waiting for AWS', minutes(awsBoundMinutes), are)}
${personMinutes > 0 && figure('Waiting for people', minutes(personMinutes), are)}
${figure("The tool's own work", minutesWord(toolSeconds / 60), 'measured')}
${figure('Steps done', `${done}/${report.steps.length}`, done === report.steps.length ? 'each proved' : '')}
${figure('Invariants', html`<span class="${broken === 0 ? 'good' : 'bad'}">${broken} broken</span>`, `${invariants.checked.toLocaleString('en-AU')} looks`)}
</dl>`;
}

const figure = (name: string, value: Part, beside: string) =>
  html`<div><dt>${name}</dt><dd>${value}${beside !== '' && html`<small>${beside}</small>`}</dd></div>`;
