import type { Message } from '../../lib/runbook/messages';
import { drive } from '../../lib/upgrade/run';
import { cutover } from '../../lib/upgrade/runbooks';
import { status } from '../../lib/upgrade/status';
import { defaultDurations } from '../../sandbox/world';
import { Stage } from '../support/stage';
import { cobalt } from '../support/upgrade';

jest.setTimeout(300_000);

const newWeb = 'cobalt-production-green';

/** A night in which the new side is of no use, minutes before people are let in; AWS takes as long as it does. */
let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open(cobalt, {
    actors: true,
    durations: { ...defaultDurations, snapshotMs: 60_000, restoreMs: 60_000 },
  });
  await stage.deploy();
});
afterAll(() => stage.close());

/** Drives the run until it ends, well or not; something may go wrong right before a step acts. */
async function run({ callOff = false, before = '', goesWrong = () => {} } = {}) {
  const told: Message[] = [];
  const ports = await stage.ports();
  const runbook = cutover(ports);
  const steps = runbook.steps.map((step) =>
    step.id === before
      ? {
          ...step,
          act: async () => {
            goesWrong();
            return (await step.act?.()) ?? [];
          },
        }
      : step,
  );
  const { error, report } = await drive({
    ports,
    runbook: { ...runbook, steps },
    operator: {
      tell: (message) => told.push(message),
      confirm: async () => true,
      stopped: new Promise(() => {}),
    },
    driver: { who: 'ada', host: 'laptop', pid: process.pid },
    alive: () => false,
    modelled: true,
    callOff,
  });
  return { error, report, told };
}

const environment = () => stage.sandbox.beanstalk.environments().find(({ name }) => name === newWeb)!;

test('a side that fails is of no use to open', async () => {
  const { error } = await run({
    before: 'put-back-blocked-emails',
    goesWrong: () => {
      environment().leaveReady('Updating', 'somebody');
      throw new Error('The new side is of no use.');
    },
  });
  expect(String(error)).toContain('The new side is of no use.');
  expect((await stage.record()).posture).toMatchObject({ live: 'green', access: 'testing' });
});

test('the old side serves again while the new one cannot be fenced yet, whose door is closed', async () => {
  const beganMs = stage.sandbox.world.clock.nowMs();
  const { error, told } = await run({ callOff: true });
  const welcomed = told.findLast(({ code }) => code === 'VISITORS_WELCOMED')!;
  const minutes = (welcomed.at.getTime() - beganMs) / 60_000;
  process.stderr.write(
    `MEASURED ${minutes} ${told.map(({ at, text }) => `${at.toISOString()} ${text}`).join('\n')}\n`,
  );
  expect(minutes).toBeLessThanOrEqual(7);
  expect(error).toMatchObject({ exitCode: 4 });
  expect((await stage.record()).posture).toMatchObject({ live: 'blue', access: 'open' });
});

test('once it answers again the same command fences it, and ends', async () => {
  environment().settle('Ready');
  const { error } = await run({ callOff: true });
  expect(error).toBeUndefined();
  expect((await status(await stage.ports())).differences).toEqual([]);
  await stage.sandbox.judge.settle();
  expect(stage.sandbox.judge.verdict()).toMatchObject({ broken: [], missing: [] });
});
