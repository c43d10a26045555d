import { PreconditionError, type UpgradeError } from '../../lib/runbook/errors';
import type { Message } from '../../lib/runbook/messages';
import { drive, type Ended } from '../../lib/upgrade/run/run';
import type { UpgradeRunbook } from '../../lib/upgrade/run/upgrade-runbook';
import { cutover } from '../../lib/upgrade/runbooks/cutover';
import { defaultDurations } from '../../sandbox/world';
import { inProcess } from '../support/night';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';
import { cobalt } from '../support/upgrade';

jest.setTimeout(300_000);

let stage: Stage;
let told: Message[];
beforeEach(async () => {
  told = [];
  stage = await Stage.open(cobalt, { actors: true, durations: { ...quick } });
  await stage.deploy();
});
afterEach(() => stage.close());

/** A run whose person says no at these steps. */
async function run({
  no = [] as string[],
  callOff = false,
  runbook = undefined as UpgradeRunbook | undefined,
} = {}): Promise<Ended> {
  const ports = await stage.ports();
  return drive({
    ports,
    runbook: runbook ?? cutover(ports),
    operator: {
      tell: (message) => told.push(message),
      confirm: async ({ id }) => !no.includes(id),
      stopped: new Promise(() => {}),
    },
    driver: { who: 'ada', host: 'laptop', pid: process.pid },
    alive: () => false,
    modelled: true,
    callOff,
  });
}

async function judged() {
  await stage.sandbox.judge.settle();
  return stage.sandbox.judge.verdict();
}

const visit = async () => (await stage.visit('myabf.com.au'))?.status;

test('a night that is called off while people test serves them on the old side within 7 minutes, whatever the new one does; and fences that one once it can', async () => {
  const declined = await run({ no: ['test'] });
  expect(declined.error).toMatchObject({ code: 'GATE_DECLINED', exitCode: 6 });
  expect(declined.report).toMatchObject({ result: 'stopped', posture: { live: 'green', access: 'testing' } });
  expect(await visit()).toBe(503);

  // From here on AWS takes as long as it does, and the new side cannot be updated.
  stage.sandbox.world.durations.environmentUpdateMs = defaultDurations.environmentUpdateMs;
  const failed = stage.sandbox.beanstalk
    .environments()
    .find(({ name }) => name === 'cobalt-production-green')!;
  failed.leaveReady('Updating', 'somebody');
  told = [];
  const beganMs = stage.sandbox.world.clock.nowMs();
  const unfenced = await run({ callOff: true });
  const welcomed = told.find(({ code }) => code === 'VISITORS_WELCOMED')!;
  expect(welcomed.at.getTime() - beganMs).toBeLessThan(7 * 60_000);
  expect(unfenced.error).toMatchObject({ code: 'DEPLOY_FAILED', exitCode: 4 });
  expect((unfenced.error as UpgradeError).text.changed).toContain('blue is open again, without its jobs yet');
  failed.settle('Ready');

  const off = await run({ callOff: true });
  expect([off.error, off.report.result]).toEqual([undefined, 'called off']);
  expect(off.report.posture).toEqual({ live: 'blue', access: 'open' });
  expect(await visit()).toBe(200);
  const running = stage.sandbox.world.beanstalk.instances().filter(({ state }) => state === 'running');
  const old = running.filter(({ environment }) => environment === 'cobalt-production-blue');
  expect(old).toHaveLength(2);
  expect(old.every(({ cron }) => cron.running)).toBe(true);

  expect(await judged()).toMatchObject({ broken: [], missing: [] });
});

/** What the bucket holds of runs. */
const kept = async () => {
  const { objects } = await stage.ports();
  const keys = await objects.list('runs/');
  return Promise.all(keys.map(async (key) => [key, (await objects.read(key))?.tag]));
};

/** The night, but for one step that always fails. */
async function failingAt(id: string): Promise<UpgradeRunbook> {
  const whole = cutover(await stage.ports());
  const act = () => Promise.reject(new PreconditionError('SHUT', { so: 'It is shut.', next: 'Open it.' }));
  return { ...whole, steps: whole.steps.map((step) => (step.id === id ? { ...step, act } : step)) };
}

test('what has nothing to do writes nothing: neither calling off, nor a night that is done', async () => {
  const refusal = { exitCode: 3, text: { changed: 'Nothing was changed.' } };
  await expect(run({ callOff: true })).rejects.toMatchObject({ code: 'NOTHING_TO_CALL_OFF', ...refusal });
  expect(await kept()).toEqual([]);

  const opened = await run({ runbook: await failingAt('record-open') });
  expect(opened.error).toMatchObject({ code: 'SHUT' });
  const unfinished = await kept();
  await expect(run({ callOff: true })).rejects.toMatchObject({ code: 'ALREADY_OPEN', ...refusal });
  expect(await kept()).toEqual(unfinished);

  await stage.deploy({ live: 'green', access: 'open' });
  const first = await run();
  expect(first.error).toBeUndefined();
  const finished = await kept();
  told = [];
  expect(await run()).toEqual(first);
  expect(told.map(({ code }) => code)).toEqual(['RUN_ALREADY']);
  const since = first.report.outage?.welcomedAt;
  expect(told[0]?.text).toContain(`green is open since ${since}, by the run ${first.report.run}.`);
  await expect(run({ callOff: true })).rejects.toMatchObject({ code: 'ALREADY_OPEN', ...refusal });
  expect(await kept()).toEqual(finished);
});

test('a losing side that cannot be updated is fenced by force, and the night goes on without it', async () => {
  const stuck = stage.sandbox.beanstalk.environments().find(({ name }) => name === 'cobalt-production-blue')!;
  const declined = await run({ no: ['begin'] });
  expect(declined.error).toMatchObject({ code: 'GATE_DECLINED' });
  stuck.leaveReady('Updating', 'somebody');

  const refused = await run();
  expect(refused.error).toMatchObject({ code: expect.stringMatching(/ENVIRONMENT_NOT_READY|MOVE_REFUSED/) });

  const fence = 'npm run fence -- --side blue --confirm cobalt-production-blue';
  const { code, said } = await inProcess(stage, fence);
  expect([code, said]).toEqual([0, said]);
  const ended = await run();
  expect([ended.error, ended.report.result]).toEqual([undefined, 'done']);
  expect(stage.processes('cobalt-production-blue')).toEqual([]);
  expect(await visit()).toBe(200);
  expect(await judged()).toMatchObject({ broken: [], missing: [] });
});
