import type { Settings } from '../../settings';
import type { Activity } from '../activity';
import type { Report } from '../report';
import { activitySection } from './activity';
import { framed } from './frame';
import { type Html, html } from './html';
import { resultPill, sections } from './report-page';
import { invariants } from './told';
import { minutesWord, type Words, wordsIn } from './words';

export interface WholeLifecycle {
  sections: Report[];
  givenUp: Activity | undefined;
  invariants: Report['invariants'];
}

/** Several runs, one after another, as a page that stands alone. */
export function lifecyclePage(whole: WholeLifecycle, settings: Settings, timeZone: string): string {
  const words = wordsIn(timeZone);
  const { sections: reports, givenUp } = whole;
  return framed({
    title: 'From a production made by hand to the next upgrade',
    body: html`<header class="top"><p class="above">Rehearsal</p><h1>From a production made by hand to the next upgrade</h1></header>
<main id="content"><nav class="sheet" aria-labelledby="runs"><h2 id="runs">${reports.length} runs</h2>
<div class="wide" tabindex="0" role="region" aria-label="Runs"><table><caption>In modelled minutes.</caption>
<thead><tr><th scope="col">Runbook</th><th scope="col">Result</th><th scope="col" class="number">Steps</th><th scope="col" class="number">Visitors refused</th><th scope="col" class="number">Waiting for AWS</th><th scope="col" class="number">The tool</th></tr></thead>
<tbody>${reports.map(line)}</tbody></table></div></nav>
${invariants(whole, '')}
${givenUp && activitySection(settings, givenUp)}
${reports.map((report, index) => run(report, index, words))}
</main><footer><p>Times are of ${timeZone}. Minutes are modelled: they come from a sandbox's durations, never from AWS.</p></footer>`,
  });
}

function line(report: Report, index: number): Html {
  const { title, result, steps, outageMinutes, awsBoundMinutes, toolSeconds } = report;
  return html`<tr><th scope="row"><a href="#run-${index}">${title}</a></th><td>${resultPill(result)}</td><td class="number">${steps.length}</td><td class="number">${minutesWord(outageMinutes)}</td><td class="number">${minutesWord(awsBoundMinutes)}</td><td class="number">${minutesWord(toolSeconds / 60)}</td></tr>`;
}

function run(report: Report, index: number, words: Words): Html {
  const when = report.startedAt && html`, ${words.date(report.startedAt)}, ${words.time(report.startedAt)}`;
  return html`<article aria-labelledby="run-${index}"><header class="run"><p class="above">Run ${index + 1}${when}</p><h2 class="run-title" id="run-${index}">${report.title}</h2></header>
${sections(report, words, `run-${index}-`)}</article>`;
}
