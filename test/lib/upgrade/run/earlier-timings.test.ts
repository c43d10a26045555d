import { earlierTimings } from '../../../../lib/upgrade/run/earlier-timings';
import { MemoryStore } from '../../../support/memory-store';

async function bucket(...reports: [key: string, report: object | string][]) {
  const store = new MemoryStore();
  for (const [key, report] of reports)
    await store.write(
      `runs/${key}/report.json`,
      typeof report === 'string' ? report : JSON.stringify(report),
      'absent',
    );
  return store;
}

const run = (minutes: number, given: object = {}) => ({
  runbook: 'cutover',
  result: 'done',
  minutesAre: 'measured',
  steps: [{ id: 'copy', state: 'done', minutes }],
  ...given,
});

test('are those of runs of the same runbook that were carried out to their end', async () => {
  const store = await bucket(
    ['2026-01-01-cutover-to-green', run(12)],
    ['2026-01-02-cutover-to-green', run(90, { result: 'failed' })],
    ['2026-01-03-failback-to-blue', run(70, { runbook: 'failback' })],
  );
  expect([...(await earlierTimings(store, 'cutover', false))]).toEqual([['copy', 12]]);
});

test('never mix modelled minutes with measured ones', async () => {
  const store = await bucket(['2026-01-01-cutover-to-green', run(12, { minutesAre: 'modelled' })]);
  expect((await earlierTimings(store, 'cutover', false)).size).toBe(0);
  expect((await earlierTimings(store, 'cutover', true)).size).toBe(1);
});

test('come from the last five runs', async () => {
  const minutes = [99, 99, 99, 99, 1, 2, 3, 4, 5];
  const store = await bucket(
    ...minutes.map((each, index): [string, object] => [`2026-01-0${index + 1}-cutover-to-green`, run(each)]),
  );
  expect((await earlierTimings(store, 'cutover', false)).get('copy')).toBe(3);
});

test('leave out a report that cannot be understood', async () => {
  const store = await bucket(
    ['2026-01-01-cutover-to-green', run(12)],
    ['2026-01-02-cutover-to-green', 'torn {'],
    ['2026-01-03-cutover-to-green', { runbook: 'cutover' }],
  );
  expect((await earlierTimings(store, 'cutover', false)).get('copy')).toBe(12);
});
