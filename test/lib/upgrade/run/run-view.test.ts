import { carryOutAll } from '../../../../lib/runbook/engine';
import type { Gate } from '../../../../lib/runbook/step';
import { type Live, RunView } from '../../../../lib/upgrade/run/run-view';
import { PlayedRun } from '../../../support/runbook';

/** Carries out steps under a view, and looks whenever something is told or asked. */
async function seen(night: PlayedRun, ...steps: ReturnType<PlayedRun['step']>[]) {
  const run = await night.open();
  await run.journal.append({ event: 'run-started', data: { runbook: 'test', settings: '' } });
  const runbook = { name: 'test', id: 'test', title: 'A test', steps };
  const { journal, clock } = run;
  const view = new RunView({ runbook, journal, clock, timings: new Map(), modelled: true });
  const looks: Live[] = [];
  const look = () => looks.push(view.live());
  const { operator } = run;
  const watching = {
    ...operator,
    tell: (message: Parameters<typeof operator.tell>[0]) => {
      operator.tell(message);
      if (message.code === 'STEP_WAITING') night.nowMs += 90_000;
      look();
    },
    confirm: (...asked: Parameters<typeof operator.confirm>) => {
      look();
      return operator.confirm(...asked);
    },
  };
  await carryOutAll(runbook, { ...run, operator: view.over(watching) });
  return { looks, last: view.live() };
}

test('tells what runs, what it waits for, and how long it has taken', async () => {
  const night = new PlayedRun();
  const slow = night.step('slow', {
    minutes: 10,
    postconditions: [night.answers('it is there', false, false, false, true)],
  });
  const { looks, last } = await seen(night, slow);
  const waiting = looks.find(({ running }) => running[0]?.doing);
  expect(waiting?.running).toMatchObject([{ id: 'slow', doing: expect.stringContaining('it is there') }]);
  const begun = looks.findLast(({ report }) => report.steps[0]!.state === 'begun')!;
  expect(begun.report.steps[0]!.minutes).toBeGreaterThanOrEqual(1.5);
  expect(begun.forecast.toEndMinutes).toBeCloseTo(10 - begun.report.steps[0]!.minutes!, 1);
  expect(last).toMatchObject({ running: [], asked: undefined, forecast: { toEndMinutes: 0 } });
});

test('tells what a person is asked, until it is answered', async () => {
  const night = new PlayedRun();
  const gate: Gate = { will: ['It opens.'], check: ['Is it green?'] };
  const { looks, last } = await seen(night, night.step('open', { gate: async () => gate }));
  expect(looks.filter(({ asked }) => asked).map(({ asked }) => asked)).toEqual([
    { id: 'open', title: 'Do open', gate },
  ]);
  expect(last.asked).toBeUndefined();
});
