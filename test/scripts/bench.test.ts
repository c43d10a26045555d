import { defaultDurations } from '../../sandbox/world';
import {
  type Bench,
  benchTable,
  figure,
  leastOutageMinutes,
  type Sample,
} from '../../scripts/rehearsal/bench-figures';
import { cobalt } from '../support/upgrade';

const sample = (given: Partial<Sample>): Sample => ({
  outageMinutes: 35,
  toolSeconds: 60,
  startSeconds: 5,
  synthSeconds: 4,
  rehearsalSeconds: 90,
  statusSeconds: 3,
  ...given,
});

const bench = (given: Partial<Bench> = {}): Bench => ({
  machine: '2 processors',
  leastOutageMinutes: 33,
  oneByOne: [sample({ outageMinutes: 52.1 })],
  sideBySide: [sample({})],
  ...given,
});

/** The rest of a line that begins so. */
const row = (text: string, start: string) =>
  text
    .split('\n')
    .find((line) => line.startsWith(start))
    ?.slice(start.length)
    .trim();

test('the least that an outage can be is what the sandbox plays, one wait after another', () => {
  expect(leastOutageMinutes(cobalt)).toBe(0.5 + 8 + 15 + 5 + 4 + 0.5);
  const slower = { ...defaultDurations, webAclPropagationMs: 90_000, snapshotMs: 60_000 };
  expect(leastOutageMinutes(cobalt, slower)).toBe(1.5 + 1 + 15 + 5 + 4 + 1.5);
});

test('an application without a conversion waits for none', () => {
  expect(leastOutageMinutes({ conversion: undefined })).toBe(leastOutageMinutes(cobalt) - 4);
});

test('the median is the middle one, or between the two in the middle', () => {
  expect(figure([30, 10, 11])).toEqual({ median: 11, least: 10, most: 30 });
  expect(figure([4, 1, 2, 100])).toEqual({ median: 3, least: 1, most: 100 });
  expect(figure([2.34])).toEqual({ median: 2.3, least: 2.3, most: 2.3 });
});

test('minutes of the sandbox are called modelled, those of the page are its own', () => {
  const text = benchTable(bench());
  expect(row(text, '(a) the page by hand, with the minutes it allows')).toMatch(/^91, the page's +-$/);
  expect(row(text, '    the page by hand, with those it timed, where it did')).toMatch(/^78, the page's +-$/);
  expect(row(text, '(b) this runbook, one step after another')).toMatch(/^52\.1 modelled +60$/);
  expect(row(text, '(c) this runbook ')).toMatch(/^35 modelled +60$/);
  expect(row(text, '    nothing but what AWS takes')).toMatch(/^33 modelled +-$/);
});

test('several runs are told as their median and how far they spread', () => {
  const sideBySide = [{ rehearsalSeconds: 90 }, { rehearsalSeconds: 120 }, { rehearsalSeconds: 95 }].map(
    sample,
  );
  const oneByOne = [{ synthSeconds: 4 }, { synthSeconds: 9 }, { synthSeconds: 4 }].map(sample);
  const text = benchTable(bench({ oneByOne, sideBySide }));
  expect(text).toContain('3 run(s) of each');
  expect(row(text, 'rehearsal (c): the same')).toBe('95 (90 to 120)');
  expect(row(text, 'npx cdk synth of all stacks')).toBe('4 (4 to 9)');
});
