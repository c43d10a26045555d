import { report } from '../../../lib/report/report';
import { outageOf, personMinutes, timesOf } from '../../../lib/report/times';
import type { Entry, Happening } from '../../../lib/runbook/entry';
import { PlayedRun } from '../../support/runbook';

/** A journal from what happened at which minute, by whom. */
function journal(
  ...lines: [minute: number, happening: Happening, by?: string, workedMs?: number][]
): Entry[] {
  return lines.map(([minute, happening, token = 'ada', workedMs = 0], index) => ({
    n: index + 1,
    at: new Date(Date.UTC(2026, 10, 25, 11, minute)).toISOString(),
    by: { who: token, host: 'laptop', pid: 1, token },
    workedMs,
    ...happening,
  })) as Entry[];
}

const refused: Happening = { event: 'visitor-refused', text: 'refused' };
const welcomed: Happening = { event: 'visitor-welcomed', text: 'welcome' };
const at = (minute: number) => new Date(Date.UTC(2026, 10, 25, 11, minute)).toISOString();

describe('the outage', () => {
  test('goes from the first refusal to the first welcome, without the time people took to test', () => {
    const entries = journal(
      [5, refused],
      [20, { event: 'gate-asked', step: 'test' }],
      [50, { event: 'gate-confirmed', step: 'test' }],
      [55, welcomed],
    );
    expect(outageOf(entries)).toEqual({ refusedAt: at(5), welcomedAt: at(55), minutes: 20 });
  });

  test('ends with the last welcome, when people were refused again in between', () => {
    expect(outageOf(journal([5, refused], [9, welcomed], [10, refused], [25, welcomed]))?.minutes).toBe(20);
  });

  test('lasts until now while nobody is welcome', () => {
    const entries = journal([5, refused], [12, { event: 'warned', text: '' }]);
    expect(outageOf(entries)).toMatchObject({ welcomedAt: undefined, minutes: 7 });
  });

  test('was none when nobody was refused', () => {
    expect(outageOf(journal([1, { event: 'warned', text: '' }]))).toBeUndefined();
  });

  test('does not subtract a question that was asked before it', () => {
    const entries = journal(
      [0, { event: 'gate-asked', step: 'begin' }],
      [10, { event: 'gate-confirmed', step: 'begin' }],
      [12, refused],
      [22, welcomed],
    );
    expect(outageOf(entries)?.minutes).toBe(10);
    expect(personMinutes(entries)).toBe(10);
  });
});

test('time between a stop and a resume belongs to nobody', () => {
  const warned: Happening = { event: 'warned', text: '' };
  const entries = journal(
    [0, warned, 'ada', 1000],
    [10, warned, 'ada', 4000],
    [30, warned, 'bob', 500],
    [35, warned, 'bob', 2000],
  );
  expect(timesOf(entries)).toEqual({ elapsedMinutes: 15, toolSeconds: 6 });
});

test('a run is reported step by step, as its journal tells it', () => {
  const { step } = new PlayedRun();
  const steps = [step('a', { seed: ['U1'] }), step('b', { seed: ['U7', 'U8'] }), step('c'), step('d')];
  const evidence = [{ what: 'a', observed: 'done', expected: 'done', holds: true }];
  const entries = journal(
    [0, { event: 'run-started', data: { runbook: 'cutover', settings: '' } }],
    [0, { event: 'warned', text: 'Events are lost.' }],
    [1, { event: 'step-started', step: 'a', attempt: 1 }],
    [4, { event: 'step-done', step: 'a', how: 'done', since: at(0), evidence }],
    [5, { event: 'step-started', step: 'b', attempt: 1 }],
    [6, { event: 'step-failed', step: 'b', text: 'BROKEN: It broke.' }],
    [6, { event: 'judged', data: { checked: 8, broken: 0 } }],
    [6, { event: 'run-stopped', text: 'BROKEN: It broke.' }],
  );
  const made = report({
    run: 'a-run',
    runbook: { name: 'cutover', id: 'cutover-blue-green', title: 'Cut over', steps },
    entries,
    modelled: true,
    posture: { live: 'blue', access: 'frozen' },
  });
  expect(made).toMatchObject({
    run: 'a-run',
    runbook: 'cutover',
    result: 'failed',
    minutesAre: 'modelled',
    invariants: { checked: 8, broken: [] },
    warnings: ['Events are lost.'],
    posture: { live: 'blue', access: 'frozen' },
  });
  expect(made.steps.map(({ id, seed, state, minutes }) => [id, seed, state, minutes])).toEqual([
    ['a', ['U1'], 'done', 3],
    ['b', ['U7', 'U8'], 'failed', undefined],
    ['c', ['U1'], 'waiting', undefined],
    ['d', ['U1'], 'waiting', undefined],
  ]);
  expect(made.steps[0]).toMatchObject({ startedAt: at(1), finishedAt: at(4), evidence });
});

test('a step that a resumed run finds done is told as when it was done', () => {
  const { step } = new PlayedRun();
  const done: Happening = { event: 'step-done', step: 'a', how: 'done', since: at(0), evidence: [] };
  const entries = journal(
    [0, { event: 'run-started', data: { runbook: 'cutover', settings: '' } }],
    [1, { event: 'step-started', step: 'a', attempt: 1 }],
    [4, done],
    [9, { ...done, how: 'already', since: at(9) }, 'bob'],
    [10, { event: 'run-finished' }, 'bob'],
  );
  const made = report({
    run: 'a-run',
    runbook: { name: 'cutover', id: 'cutover-blue-green', title: 'Cut over', steps: [step('a')] },
    entries,
    modelled: false,
    posture: { live: 'green', access: 'open' },
  });
  expect(made).toMatchObject({ result: 'done', minutesAre: 'measured' });
  expect(made.steps[0]).toMatchObject({ state: 'done', finishedAt: at(4), minutes: 3 });
});
