import type { Words } from '../../../../lib/posture';
import type { Side } from '../../../../lib/settings';
import { declaredTemplate, recordFor } from '../../../../lib/upgrade/stacks/deploy';
import * as looking from '../../../../lib/upgrade/steps/look';
import type { Night } from '../../../../lib/upgrade/steps/night';
import { peopleTest, smokeAfter } from '../../../../lib/upgrade/steps/open';
import { withVariables } from '../../../support/aws';
import { FakeWorld, fakePorts } from '../../../support/ports';
import { at, cobalt, readied } from '../../../support/upgrade';

let restore: () => void;
beforeAll(() => {
  restore = withVariables({ CDK_VALIDATION: 'false' });
});
afterAll(() => restore());

const { from, to } = cobalt.upgrade;
const testing: Words = { live: to, access: 'testing', reassert: false };
const opened: Words = { live: to, access: 'open', reassert: false };
const steps = [smokeAfter, looking.before, peopleTest];

/** The night at a posture that is recorded, with the doors deployed as these words declare them. */
async function nightAt({ live, access }: Words, doors: Words): Promise<{ night: Night; world: FakeWorld }> {
  const world = new FakeWorld(cobalt, at(cobalt, { live, access }, readied));
  const ports = fakePorts(world);
  const record = await recordFor(ports, 'CobaltDoor');
  const template = declaredTemplate({ settings: cobalt, record, words: doors }, 'CobaltDoor');
  world.stack('CobaltDoor', JSON.parse(template));
  return { night: { ports, from, to }, world };
}

describe('what a closed door is to prove', () => {
  test('is asked while only testers are let in', async () => {
    const { night } = await nightAt(testing, testing);
    for (const step of steps) expect(await step(night).past!()).toBeUndefined();
  });

  test('is past once everybody is let in, whatever the record says: nobody is kept out again, or asked twice', async () => {
    const { night } = await nightAt(testing, opened);
    for (const step of steps)
      expect(await step(night).past!()).toMatchObject({ observed: 'open to everybody', holds: true });
  });

  test('is not past while the door is on its way', async () => {
    const { night, world } = await nightAt(testing, opened);
    world.stacks.get('CobaltDoor')!.status = 'UPDATE_IN_PROGRESS';
    for (const step of steps) expect(await step(night).past!()).toBeUndefined();
  });

  test('is not past before the names lead to the new side, however its door is', async () => {
    const { night } = await nightAt({ live: from, access: 'frozen', reassert: false }, opened);
    for (const step of steps) expect(await step(night).past!()).toBeUndefined();
  });
});

test('what may launch on the side that is tested launches nothing again before people test it', async () => {
  const { night, world } = await nightAt(testing, testing);
  const groups = Object.values(cobalt.sides[to].environments).map(
    ({ name }) => world.environments.get(name)!.autoScalingGroup,
  );
  for (const group of groups) world.suspended.delete(group);
  await looking.before(night).act!();
  for (const group of groups)
    expect(world.suspended.get(group)).toEqual(expect.arrayContaining(['Launch', 'ReplaceUnhealthy']));
});

test.each([from, to])(
  'cron that a process started late on %s is stopped before people test',
  async (side) => {
    const { night, world } = await nightAt(testing, testing);
    const { instances } = world.environments.get(cobalt.sides[side].environments.web!.name)!;
    for (const id of instances) world.instances.get(id)!.cron = { running: true, enabled: true };
    await looking.before(night).act!();
    for (const id of instances)
      expect(world.instances.get(id)!.cron).toEqual({ running: false, enabled: false });
  },
);

test('after the opening the jobs of the side that is open go on, and late ones of the other are stopped', async () => {
  const { night, world } = await nightAt(opened, opened);
  const cronOf = (side: Side) =>
    world.environments
      .get(cobalt.sides[side].environments.web!.name)!
      .instances.map((id) => world.instances.get(id)!.cron);
  for (const cron of cronOf(from)) Object.assign(cron, { running: true, enabled: true });
  await looking.after(night).act!();
  expect(cronOf(to)).not.toContainEqual({ running: false, enabled: false });
  expect(cronOf(from)).not.toContainEqual({ running: true, enabled: true });
});

test('a rollback by somebody is told, though its difference is mended without a question', async () => {
  const { night, world } = await nightAt(testing, testing);
  world.stack('CobaltBlue', {}, 'UPDATE_ROLLBACK_COMPLETE');
  await looking.before(night).act!();
  expect(world.said).toContainEqual(
    'CobaltBlue is UPDATE_ROLLBACK_COMPLETE: somebody had its last change rolled back.',
  );
});
