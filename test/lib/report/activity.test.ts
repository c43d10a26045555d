import fc from 'fast-check';
import { type Activity, described, lostRows, tallies } from '../../../lib/report/activity';
import { activityCsv } from '../../../lib/report/activity-csv';
import { activityPage } from '../../../lib/report/activity-page';
import { anyText, tries } from '../../support/hostile';
import { cobalt } from '../../support/upgrade';

const settings = { ...cobalt, activity: { ...cobalt.activity!, testers: ['620000'] } };
const row = { key: '1', at: '2026-11-26T12:00:00', number: '620001', amount: null, what: null };
const activity: Activity = {
  database: 'cobalt-production-green',
  source: 'production-blue',
  countedAt: '2026-11-26T12:30:00.000Z',
  rows: [
    { ...row, table: 'events_evententry' },
    { ...row, table: 'events_evententry', key: '2', number: '620000' },
    { ...row, table: 'payments_membertransaction', amount: '-10.10', what: 'Entry, "Club <b>"' },
    { ...row, table: 'payments_membertransaction', key: '2', amount: '-0.20', what: '=1+1' },
    { ...row, table: 'accounts_user' },
  ],
};

test('what testers did, and what only tells, is not lost', () => {
  expect(lostRows(settings, activity)).toBe(3);
  expect(lostRows(cobalt, activity)).toBe(4);
});

test('amounts are added to the cent', () => {
  const paid = tallies(settings, activity).find(({ table }) => table === 'payments_membertransaction');
  expect(paid).toMatchObject({ rows: 2, testers: 0, cents: -1030 });
  expect(described(settings, activity)).toBe(
    "1 entries (events_evententry), 2 members' payments (payments_membertransaction, -10.30), 1 people seen (accounts_user)",
  );
});

test('a spreadsheet gets each row, and no formula that somebody wrote', () => {
  const lines = activityCsv(settings, activity).split('\r\n');
  expect(lines).toHaveLength(7);
  expect(lines[2]).toBe('"entries","events_evententry","2","2026-11-26T12:00:00","620000","","","yes"');
  expect(lines[3]).toContain('"-10.10","Entry, ""Club <b>"""');
  expect(lines[4]).toContain('"\'=1+1"');
});

test('a page shows numbers first, and runs nothing that somebody wrote', () => {
  const page = activityPage(settings, activity);
  expect(page).toContain('3 rows are lost with it.');
  expect(page).toContain('Entry, &quot;Club &lt;b&gt;&quot;');
  expect(page).not.toContain('<b>');
});

describe('whatever somebody wrote', () => {
  const written = (what: string): Activity => ({
    ...activity,
    rows: [{ ...row, table: 'events_eventlog', key: what, number: what, what }],
  });
  const cells = (csv: string) =>
    [...csv.matchAll(/"((?:[^"]|"")*)"(?=[,\r])/g)].map(([, cell]) => cell!.replaceAll('""', '"'));

  test('it stays in its cell, and is no formula there', () => {
    fc.assert(
      fc.property(anyText, (what) => {
        const [, line] = /\r\n(".*)$/s.exec(activityCsv(settings, written(what)))!;
        const found = cells(line!);
        expect(found).toHaveLength(8);
        expect(found.filter((cell) => [what, `'${what}`].includes(cell)).length).toBeGreaterThanOrEqual(3);
        for (const cell of found.filter((each) => !/^-?\d+(\.\d+)?$/.test(each)))
          expect(cell).not.toMatch(/^[\t\r\n]|^[\s\p{C}]*[=+\-@＝＋－＠]/u);
      }),
      tries(300),
    );
  });

  test('it makes no part of the page', () => {
    const parts = (what: string) => activityPage(settings, written(what)).match(/<[^>]*>/g);
    const usual = parts('said nothing');
    fc.assert(
      fc.property(anyText, (what) => expect(parts(what)).toEqual(usual)),
      tries(300),
    );
  });
});
