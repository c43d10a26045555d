import fc from 'fast-check';
import { policyOf } from '../../../../lib/report/page/frame';
import { lifecyclePage } from '../../../../lib/report/page/lifecycle-page';
import { reportPage } from '../../../../lib/report/page/report-page';
import { style } from '../../../../lib/report/page/style';
import type { Report } from '../../../../lib/report/report';
import { anyText, tries } from '../../../support/hostile';
import { smallReport } from '../../../support/reported-night';
import { cobalt } from '../../../support/upgrade';

const pageOf = (report: Report) => reportPage(report, { timeZone: 'Australia/Sydney' });
const page = pageOf(smallReport('Cut over'));
/** What a person reads of a page. */
const words = (markup: string) => markup.replace(/<style>.*?<\/style>|<[^>]*>/gs, ' ').replace(/\s+/g, ' ');

test('times are those of the place, and say which', () => {
  expect(words(page)).toContain('Thursday 26 November 2026, 22:00 to 02:03');
  expect(words(page)).toContain('Times are of Australia/Sydney');
});

test('minutes of a sandbox are called modelled', () => {
  expect(words(page)).toContain('durations, never from AWS');
  expect(words(pageOf({ ...smallReport(), minutesAre: 'measured' }))).not.toContain('odelled');
});

test('each step tells its number on the page, what became of it, and what was seen', () => {
  const row = words(/<details id="step-beside">.*?<\/details>/s.exec(page)![0]);
  expect(row).toContain('U7–9 : ');
  expect(row).toContain(', done,');
  expect(row).toContain('2 min');
  expect(row).toContain('✗ does not hold: Cut over expected: closed');
});

test('what is drawn is also said: critical steps, what was asked, what was broken', () => {
  expect(page.match(/, on the critical path/g)).toHaveLength(smallReport().criticalPath.length);
  expect(words(page)).toContain('test : people were asked');
  expect(words(page)).toContain('and seen: ✗ Cut over');
});

test('a run that did not begin, or is not over, has a page', () => {
  const unfinished = { ...smallReport(), result: 'failed' as const, criticalPath: [], finishedAt: undefined };
  expect(words(pageOf(unfinished))).toContain('✗ failed');
  const none = {
    ...unfinished,
    startedAt: undefined,
    outage: undefined,
    outageMinutes: undefined,
    events: [],
  };
  expect(words(pageOf(none))).toContain('Nothing has begun yet.');
});

test('it asks for nothing, and runs nothing', () => {
  expect(page).not.toMatch(/<script|\son\w+=|\sstyle=|\ssrc=|url\((?!#)|@import/);
  expect(page.match(/href="[^"]*"/g)).toEqual(['href="data:,"', 'href="#content"']);
  expect(page).toContain(policyOf().replaceAll("'", '&#39;'));
  expect(policyOf()).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/]+=';/);
  // A reader of markup would end the style there.
  expect(style).not.toContain('</');
});

const parts = (markup: string) => markup.match(/<[^>]*>/g);

test('whatever somebody wrote makes no part of a page', () => {
  const calm = pageOf(smallReport('said'));
  const usual = parts(calm)!.length;
  fc.assert(
    fc.property(anyText, (text) => {
      const made = pageOf(smallReport(text));
      expect(parts(made)).toHaveLength(usual);
      expect(made).not.toContain('<script');
      // A tag that is begun swallows what follows, and the number of tags stays.
      expect(made.split('<')).toHaveLength(calm.split('<').length);
    }),
    tries(60),
  );
});

test('several runs stand on one page, and no id twice', () => {
  const whole = {
    sections: [smallReport('said'), smallReport('said')],
    givenUp: { database: 'd', source: 's', countedAt: '2026-11-26T12:30:00.000Z', rows: [] },
    invariants: { checked: 3, broken: [] },
  };
  const made = lifecyclePage(whole, cobalt, 'Australia/Sydney');
  const ids = [...made.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [, to] of made.matchAll(/(?:href="#|aria-labelledby=")([^"]*)"/g))
    expect(ids).toEqual(expect.arrayContaining(to!.split(' ')));
});
