import type { Settings } from '../../settings';
import { type Activity, type ActivityRow, lostRows, money, type Tally, tallies } from '../activity';
import { type Html, html } from './html';
import { count } from './words';

/** What people did: first in numbers, then each row. */
export function activitySection(settings: Settings, activity: Activity): Html {
  const counted = tallies(settings, activity);
  const lost = lostRows(settings, activity);
  return html`<section class="sheet" aria-labelledby="activity"><h2 id="activity">What people did on ${activity.database}</h2>
<p><strong>${lost === 0 ? 'Nothing of it is lost with it.' : `${count(lost, 'row is', 'rows are')} lost with it.`}</strong> Counted ${activity.countedAt}: the rows that ${activity.source}, from which it was copied, has not. Testers' rows are not counted as lost.</p>
<div class="wide" tabindex="0" role="region" aria-label="In numbers"><table>
<thead><tr><th scope="col">What</th><th scope="col">Table</th><th scope="col" class="number">Rows</th><th scope="col" class="number">Of testers</th><th scope="col" class="number">Amounts</th><th scope="col">Lost</th></tr></thead>
<tbody>${counted.map(summaryRow)}</tbody></table></div>
${counted.map((tally) => rowsOf(settings, tally, activity))}</section>`;
}

function summaryRow({ kind, table, rows, testers, cents, isLost }: Tally): Html {
  const amounts = cents === undefined ? '' : money(cents);
  return html`<tr><th scope="row">${kind}</th><td><code>${table}</code></td><td class="number">${rows}</td><td class="number">${testers}</td><td class="number">${amounts}</td><td>${isLost ? 'yes' : 'no'}</td></tr>`;
}

function rowsOf({ activity: settings }: Settings, { kind, table, rows }: Tally, activity: Activity): Html {
  if (rows === 0) return html``;
  const testers = new Set(settings?.testers);
  const own = activity.rows.filter((row) => row.table === table);
  return html`<details class="more" id="activity-${table}"><summary>${kind}: ${count(rows, 'row')} of ${table}</summary>
<div class="wide" tabindex="0" role="region" aria-label="Rows of ${table}"><table>
<thead><tr><th scope="col">Key</th><th scope="col">When (UTC)</th><th scope="col">Who</th><th scope="col" class="number">Amount</th><th scope="col">What</th></tr></thead>
<tbody>${own.map((row) => rowOf(row, row.number !== null && testers.has(row.number)))}</tbody></table></div></details>`;
}

function rowOf({ key, at, number, amount, what }: ActivityRow, isTester: boolean): Html {
  return html`<tr><td>${key}</td><td>${at ?? ''}</td><td>${number ?? ''}${isTester && html` <span class="quiet">(a tester)</span>`}</td><td class="number">${amount ?? ''}</td><td>${what ?? ''}</td></tr>`;
}
