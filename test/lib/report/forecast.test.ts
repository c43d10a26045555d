import { forecast, timingsOf } from '../../../lib/report/forecast';
import type { ReportedStep } from '../../../lib/report/report';
import { PlayedRun } from '../../support/runbook';

const { step } = new PlayedRun();
const steps = [
  step('scale', { minutes: 5 }),
  step('begin', { after: ['scale'], minutes: 0 }),
  step('copy', { after: ['begin'], minutes: 20 }),
  step('freeze', { after: ['begin'], minutes: 6 }),
  step('welcome', { after: ['copy', 'freeze'], minutes: 2 }),
  step('size', { after: ['welcome'], minutes: 5 }),
];
type Seen = Partial<ReportedStep>;

const done = (minutes: number, personMinutes = 0): Seen => ({
  state: 'done',
  finishedAt: '2026-11-25T11:00:00Z',
  minutes,
  personMinutes,
});
const begun = (minutes: number, personMinutes = 0): Seen => ({ state: 'begun', minutes, personMinutes });

function of(
  seen: Record<string, Seen> = {},
  { outageMinutes = undefined as number | undefined, timings = {} } = {},
) {
  const reported = steps.map(
    ({ id }) => ({ id, state: 'waiting', personMinutes: 0, ...seen[id] }) as unknown as ReportedStep,
  );
  const report = { steps: reported, outageMinutes };
  return forecast({ name: 'test', steps }, report, new Map(Object.entries(timings)));
}

const until = (id: string, made: ReturnType<typeof forecast>) =>
  made.steps.find((each) => each.id === id)!.endsInMinutes;

test('before anything it is the plan', () => {
  expect(of()).toMatchObject({ toWelcomeMinutes: 27, toEndMinutes: 32, outageMinutes: 22, pace: 1 });
});

test('what is behind takes nothing, and what runs takes what is left of it', () => {
  const made = of(
    { scale: done(5), begin: done(0), copy: begun(13), freeze: done(6) },
    { outageMinutes: 13 },
  );
  expect(made).toMatchObject({ toWelcomeMinutes: 9, toEndMinutes: 14, outageMinutes: 22 });
  expect(until('freeze', made)).toBe(0);
});

test('what takes longer than expected is taken to end at any moment', () => {
  expect(of({ scale: done(5), begin: done(0), copy: begun(31), freeze: done(6) }).toWelcomeMinutes).toBe(2);
});

test('minutes in which people were asked are none of the work', () => {
  expect(until('copy', of({ scale: done(5), begin: done(0), copy: begun(40, 37) }))).toBe(17);
});

test('earlier runs say better than the runbook what a step takes', () => {
  const made = of({}, { timings: { copy: 12 } });
  expect(made.toWelcomeMinutes).toBe(5 + 12 + 2);
  expect(made.steps.map(({ id, from }) => (from === 'earlier runs' ? id : ''))).toContain('copy');
});

test('a run that is slower than expected is taken to stay so, one that is faster promises nothing', () => {
  expect(of({ scale: done(10) })).toMatchObject({ pace: 2, toWelcomeMinutes: 2 * 22, outageMinutes: 44 });
  expect(of({ scale: done(1) })).toMatchObject({ pace: 1, toWelcomeMinutes: 22 });
});

test('a short step that was slow says nothing of the others', () => {
  const made = of({
    scale: { state: 'already', finishedAt: 'then', minutes: 0 },
    begin: done(0),
    freeze: begun(1),
  });
  expect(made.pace).toBe(1);
});

test('after the welcome the outage is what it was', () => {
  const behind = { scale: done(5), begin: done(0), copy: done(20), freeze: done(6), welcome: done(2) };
  expect(of(behind, { outageMinutes: 22.4 })).toMatchObject({
    toWelcomeMinutes: 0,
    toEndMinutes: 5,
    outageMinutes: 22.4,
  });
});

test('a runbook without an outage has none to tell', () => {
  const reported = [{ id: 'scale', state: 'waiting', personMinutes: 0 }] as unknown as ReportedStep[];
  const made = forecast(
    { name: 'test', steps: [steps[0]!] },
    { steps: reported, outageMinutes: undefined },
    new Map(),
  );
  expect(made).toMatchObject({ toWelcomeMinutes: undefined, outageMinutes: undefined, toEndMinutes: 5 });
});

test('of earlier runs the median counts, where the step acted or proved, without people', () => {
  const run = (seen: Seen) => ({ steps: [{ id: 'copy', personMinutes: 0, ...seen } as ReportedStep] });
  const timings = timingsOf([
    run(done(30, 18)),
    run(done(14)),
    run(done(90)),
    run({ ...done(1), state: 'already' }),
    run(begun(3)),
  ]);
  expect([...timings]).toEqual([['copy', 14]]);
});
