import type { Settings } from '../settings';
import { type Activity, type ActivityRow, lostRows, money, type Tally, tallies } from './activity';

const style = `body { font: 1rem/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a }
table { border-collapse: collapse; width: 100%; margin: 0.5rem 0 2rem }
th, td { text-align: left; padding: 0.3rem 0.6rem; border-bottom: 1px solid #ddd; vertical-align: top }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums }
.lost { font-size: 1.3rem; font-weight: 600 } .tester { color: #767676 }`;

/** A page that stands alone: what people did, first in numbers, then each row. */
export function activityPage(settings: Settings, activity: Activity): string {
  const counted = tallies(settings, activity);
  const lost = lostRows(settings, activity);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>What people did on ${text(activity.database)}</title>
<style>${style}</style>
<h1>What people did on ${text(activity.database)}</h1>
<p class="lost">${lost === 0 ? 'Nothing of it is lost with it.' : `${lost} rows are lost with it.`}</p>
<p>Counted ${text(activity.countedAt)}: the rows that ${text(activity.source)}, from which it was copied, has not. Testers' rows are not counted as lost.</p>
<table>
<tr><th>What</th><th>Table</th><th class="number">Rows</th><th class="number">Of testers</th><th class="number">Amounts</th><th>Lost</th></tr>
${counted.map(summaryRow).join('\n')}
</table>
${counted.map((tally) => rowsOf(settings, tally, activity)).join('')}</html>
`;
}

function summaryRow({ kind, table, rows, testers, cents, isLost }: Tally): string {
  const numbers = [String(rows), String(testers), cents === undefined ? '' : money(cents)];
  const cells = numbers.map((each) => `<td class="number">${each}</td>`).join('');
  return `<tr><td>${text(kind)}</td><td>${text(table)}</td>${cells}<td>${isLost ? 'yes' : 'no'}</td></tr>`;
}

function rowsOf({ activity: settings }: Settings, { kind, table, rows }: Tally, activity: Activity): string {
  if (rows === 0) return '';
  const testers = new Set(settings?.testers);
  const own = activity.rows.filter((row) => row.table === table);
  return `<h2>${text(kind)}: ${text(table)}</h2>
<table>
<tr><th>Key</th><th>When (UTC)</th><th>Who</th><th class="number">Amount</th><th>What</th></tr>
${own.map((row) => rowOf(row, row.number !== null && testers.has(row.number))).join('\n')}
</table>
`;
}

function rowOf({ key, at, number, amount, what }: ActivityRow, isTester: boolean): string {
  const cells = [key, at, number]
    .map((each) => `<td>${text(each ?? '')}</td>`)
    .concat(`<td class="number">${text(amount ?? '')}</td>`, `<td>${text(what ?? '')}</td>`);
  return `<tr${isTester ? ' class="tester"' : ''}>${cells.join('')}</tr>`;
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const text = (given: string) => given.replace(/[&<>"']/g, (character) => entities[character]!);
