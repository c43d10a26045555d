import type { ReportSoFar } from '../report';
import { Html, html } from './html';

/** What is drawn besides lines and bars, and what all of it means. */

export const patterns = new Html(
  '<svg width="0" height="0" aria-hidden="true" class="unseen"><defs>' +
    '<pattern id="asked" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6"/><path d="M0 0V6"/></pattern>' +
    '<pattern id="nobody" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V4"/></pattern>' +
    '</defs></svg>',
);

export function legend({ criticalPath, outage, steps }: ReportSoFar): Html {
  const isAsked = steps.some(({ questions }) => questions.length > 0);
  const sign = (markup: string, meaning: string) =>
    html`<li><svg aria-hidden="true">${new Html(markup)}</svg>${meaning}</li>`;
  const hasPath = criticalPath.length > 0;
  return html`<ul class="legend" aria-label="Signs">
${hasPath && html`<li class="is-critical"><svg class="bar" aria-hidden="true"><rect class="work" x="1" y="2" width="24" height="10" rx="2"/></svg><span><span class="diamond" aria-hidden="true">◆</span> on the critical path: it made the outage as long as it was</span></li>`}
${sign('<g class="bar"><rect class="work" x="1" y="2" width="24" height="10" rx="2"/></g>', hasPath ? 'another step' : 'a step')}
${hasPath && sign('<g class="bar"><line class="slack" x1="1" x2="25" y1="7" y2="7"/></g>', 'slack: so much longer would have changed nothing')}
${isAsked && sign('<rect class="people" x="1" y="2" width="24" height="10"/>', 'people were asked')}
${outage && sign('<g class="grid"><rect class="band" width="26" height="14"/><line class="edge" x1="1" x2="1" y1="0" y2="14"/><line class="edge" x1="25" x2="25" y1="0" y2="14"/></g>', 'the outage')}
</ul>`;
}
