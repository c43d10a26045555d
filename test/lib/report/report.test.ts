import { report } from '../../../lib/report/report';
import { outageOf, personMinutes, timesOf } from '../../../lib/report/times';
import type { Entry, Happening } from '../../../lib/runbook/entry';
import type { Step } from '../../../lib/runbook/step';
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
const doneIn = (step: string, since: number, how: 'done' | 'already' = 'done'): Happening => ({
  event: 'step-done',
  step,
  how,
  since: at(since),
  evidence: [],
});
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

  test('does not count a question that was not answered when its process was killed, until another goes on', () => {
    const entries = journal(
      [5, refused],
      [20, { event: 'gate-asked', step: 'test' }],
      [26, { event: 'judged', data: { checked: 4, broken: 0 } }],
      [50, { event: 'run-resumed' }, 'bob'],
      [51, { event: 'gate-asked', step: 'test' }, 'bob'],
      [53, { event: 'gate-confirmed', step: 'test' }, 'bob'],
      [60, welcomed, 'bob'],
    );
    expect(outageOf(entries)?.minutes).toBe(60 - 5 - (50 - 20) - (53 - 51));
    expect(personMinutes(entries)).toBe(26 - 20 + (53 - 51));
  });

  test('goes on when people have said no', () => {
    const entries = journal(
      [5, refused],
      [20, { event: 'gate-asked', step: 'test' }],
      [25, { event: 'run-stopped', text: 'GATE_DECLINED' }],
      [50, { event: 'run-resumed' }, 'bob'],
      [51, welcomed, 'bob'],
    );
    expect(outageOf(entries)?.minutes).toBe(51 - 5 - (25 - 20));
    expect(personMinutes(entries)).toBe(5);
  });

  test('does not count a question that nobody has answered yet', () => {
    const entries = journal(
      [5, refused],
      [20, { event: 'gate-asked', step: 'test' }],
      [35, { event: 'warned', text: '' }],
    );
    expect(outageOf(entries)).toMatchObject({ welcomedAt: undefined, minutes: 15 });
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
    criticalPath: [],
  });
  expect(made.steps[0]).toMatchObject({ critical: false, slackMinutes: undefined });
  expect(made.steps.map(({ id, seed, state, minutes }) => [id, seed, state, minutes])).toEqual([
    ['a', ['U1'], 'done', 3],
    ['b', ['U7', 'U8'], 'failed', 1],
    ['c', ['U1'], 'waiting', undefined],
    ['d', ['U1'], 'waiting', undefined],
  ]);
  expect(made.steps[0]).toMatchObject({ startedAt: at(1), finishedAt: at(4), evidence });
});

test('the critical path is that of the minutes the steps took, without those of people', () => {
  const { step } = new PlayedRun();
  const asks: Partial<Step> = { act: undefined, postconditions: [] };
  const steps = [
    step('begin', { ...asks, minutes: 0 }),
    step('copy', { after: ['begin'], minutes: 20 }),
    step('freeze', { after: ['begin'], minutes: 1 }),
    step('test', { ...asks, after: ['begin'] }),
    step('welcome', { after: ['copy', 'freeze', 'test'] }),
    step('grow', { after: ['welcome'] }),
  ];
  const entries = journal(
    [0, { event: 'gate-asked', step: 'begin' }],
    [3, { event: 'gate-confirmed', step: 'begin' }],
    [3, doneIn('begin', 0)],
    [3, { event: 'step-started', step: 'freeze', attempt: 1 }],
    [3, { event: 'gate-asked', step: 'test' }],
    // The copy was made by hand before: it is looked at for two minutes.
    [5, doneIn('copy', 3, 'already')],
    [10, doneIn('freeze', 3)],
    [40, { event: 'gate-confirmed', step: 'test' }],
    [41, doneIn('test', 3)],
    [41, { event: 'step-started', step: 'welcome', attempt: 1 }],
    [42, doneIn('welcome', 41)],
    [42, { event: 'step-started', step: 'grow', attempt: 1 }],
    [47, doneIn('grow', 42)],
    [48, { event: 'run-finished' }],
  );
  const made = report({
    run: 'a-run',
    runbook: { name: 'cutover', id: 'cutover-blue-green', title: 'Cut over', steps },
    entries,
    modelled: false,
    posture: { live: 'green', access: 'open' },
  });
  expect(made.criticalPath).toEqual(['begin', 'freeze', 'welcome']);
  expect(made.steps.map(({ id, critical, slackMinutes }) => [id, critical, slackMinutes])).toEqual([
    ['begin', true, 0],
    ['copy', false, 5],
    ['freeze', true, 0],
    ['test', false, 6],
    ['welcome', true, 0],
    ['grow', false, 0],
  ]);
});

test('a step of seconds is on the path when it was waited for', () => {
  const { step } = new PlayedRun();
  const [begin, copy, keep, welcome] = [
    step('begin'),
    step('copy', { after: ['begin'] }),
    step('keep', { after: ['copy'] }),
    step('welcome', { after: ['copy', 'keep'] }),
  ];
  const steps = [begin, copy, keep, welcome];
  const entries = journal(...steps.map(({ id }): [number, Happening] => [4, doneIn(id, 4)]));
  // Of the step that keeps, two seconds.
  const [second] = entries.slice(2, 3);
  const at = new Date(Date.parse(second!.at) + 2000).toISOString();
  const made = report({
    run: 'a-run',
    runbook: { name: 'cutover', id: 'cutover-blue-green', title: 'Cut over', steps },
    entries: entries.map((entry) => (entry === second ? { ...entry, at } : entry)),
    modelled: false,
    posture: { live: 'green', access: 'open' },
  });
  expect(made.steps.map(({ minutes }) => minutes)).toEqual([0, 0, 0, 0]);
  expect(made.criticalPath).toEqual(['begin', 'copy', 'keep', 'welcome']);
});

describe('a step', () => {
  const started: Happening = { event: 'step-started', step: 'a', attempt: 1 };
  const seen = (observed: string) => [{ what: 'a', observed, expected: observed, holds: true }];
  const done = (how: 'done' | 'already' | 'proved', since: number): Happening => ({
    event: 'step-done',
    step: 'a',
    how,
    since: at(since),
    evidence: seen(how),
  });
  const failed: Happening = { event: 'step-failed', step: 'a', text: 'BROKEN: It broke.' };
  const stopped: Happening = { event: 'run-stopped', text: 'BROKEN: It broke.' };

  function told(...lines: Parameters<typeof journal>) {
    const { step } = new PlayedRun();
    const { steps } = report({
      run: 'a-run',
      runbook: { name: 'cutover', id: 'cutover-blue-green', title: 'Cut over', steps: [step('a')] },
      entries: journal(...lines),
      modelled: false,
      posture: { live: 'green', access: 'open' },
    });
    return steps[0]!;
  }

  test('that a resumed run finds done is told as when it was done', () => {
    const made = told([1, started], [4, done('done', 0)], [9, done('already', 9), 'bob']);
    expect(made).toMatchObject({ state: 'done', startedAt: at(1), finishedAt: at(4), minutes: 3 });
    expect(made.evidence).toEqual(seen('done'));
  });

  test('that was done and failed since has failed', () => {
    const made = told([1, started], [4, done('proved', 0)], [30, started, 'bob'], [32, failed, 'bob']);
    expect(made).toMatchObject({ state: 'failed', startedAt: at(1), finishedAt: undefined, minutes: 5 });
  });

  test('that was done and is begun anew is begun, and done again is told as it is then', () => {
    const anew: Parameters<typeof journal> = [
      [1, started],
      [4, done('done', 0)],
      [30, started, 'bob'],
    ];
    expect(told(...anew)).toMatchObject({ state: 'begun', finishedAt: undefined });
    const again = told(...anew, [36, done('proved', 29), 'bob']);
    expect(again).toMatchObject({ state: 'proved', startedAt: at(1), finishedAt: at(36), minutes: 9 });
    expect(again.evidence).toEqual(seen('proved'));
  });

  test('took the minutes in which it was worked on, not those in which nobody drove the run', () => {
    const made = told(
      [1, started],
      [3, { event: 'judged', data: { checked: 4, broken: 0 } }],
      [30, { event: 'run-resumed' }, 'bob'],
      [31, started, 'bob'],
      [33, failed, 'bob'],
      [34, stopped, 'bob'],
      [50, started, 'cyd'],
      [54, done('done', 49), 'cyd'],
    );
    expect(made).toMatchObject({ startedAt: at(1), finishedAt: at(54), minutes: 2 + 2 + 4 });
  });

  test('that was taken back is not done, and its time before does not count when it is done anew', () => {
    const undone: Parameters<typeof journal> = [
      [1, started],
      [4, done('done', 0)],
      [9, { event: 'undone', step: 'a' }],
    ];
    expect(told(...undone)).toMatchObject({ state: 'undone', startedAt: undefined, minutes: undefined });
    expect(told(...undone, [20, started], [22, done('done', 19)])).toMatchObject({
      state: 'done',
      startedAt: at(20),
      minutes: 2,
    });
  });
});
