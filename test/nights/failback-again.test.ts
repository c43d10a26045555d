import { cutover } from '../../lib/upgrade/runbooks/cutover';
import { failback } from '../../lib/upgrade/runbooks/failback';
import { driven } from '../support/driven';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';
import { cobalt } from '../support/upgrade';

jest.setTimeout(900_000);

let stage: Stage;
afterEach(() => stage.close());

async function broken() {
  await stage.sandbox.judge.settle();
  return stage.sandbox.judge.verdict().broken;
}

test('the night can be had again after a failback, and given up while people test, by a process that is cut off again and again', async () => {
  stage = await Stage.open(cobalt, { actors: true, durations: quick });
  await stage.deploy();
  expect((await driven(stage, cutover)).error).toBeUndefined();
  await (await stage.ports()).clock.sleep(4 * 60_000);
  expect((await driven(stage, failback, { words: 'any' })).error).toBeUndefined();
  const before = await broken();

  const second = await driven(stage, cutover, { no: ['test'] });
  expect(second.error).toMatchObject({ code: 'GATE_DECLINED' });
  expect((await stage.record()).posture).toMatchObject({ live: 'green', access: 'testing' });
  // The instances of the new side do not answer.
  for (const instance of stage.sandbox.world.beanstalk.instances())
    if (instance.environment === 'cobalt-production-green') instance.managed = false;
  const cutOff: unknown[] = [];
  for (const lines of [3, 9, 16, 24]) cutOff.push((await driven(stage, failback, { lines })).error);
  expect(cutOff.map(String)).toEqual(Array(4).fill('Error: It was cut off.'));

  const givenUp = await driven(stage, failback);
  expect([givenUp.error, givenUp.report.result]).toEqual([undefined, 'done']);
  expect(givenUp.report.steps.map(({ state }) => state)).not.toContain('failed');
  expect((await stage.visit('myabf.com.au'))?.status).toBe(200);
  expect(stage.processes('cobalt-production-green')).toEqual([]);
  // People's writes of the first night stay on the side that was left: the judge said so then, and says no more now.
  expect(await broken()).toEqual(before);
});
