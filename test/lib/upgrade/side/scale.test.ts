import { scale } from '../../../../lib/upgrade/side/scale';
import { FakeWorld, fakePorts } from '../../../support/ports';
import { at, cobalt } from '../../../support/upgrade';

const side = cobalt.upgrade.from;
const web = cobalt.sides[side].environments.web!.name;
const ses = cobalt.sides[side].environments.ses!.name;
const group = `awseb-${web}`;

/** The live side, whose group follows its sizes after two minutes. */
function openWorld(): FakeWorld {
  const world = new FakeWorld(cobalt, at(cobalt, { live: side, access: 'open' }));
  world.scripts.set('wait-for-commands', (instance) => {
    world.changes.push(`wait for commands on ${instance}`);
    return {};
  });
  return world;
}

function follow(world: FakeWorld) {
  const ports = fakePorts(world);
  const update = ports.environments.update;
  ports.environments.update = async (name, options) => {
    await update(name, options);
    world.environments.get(name)!.status = 'Updating';
    world.after(120_000, () => {
      world.environments.get(name)!.status = 'Ready';
      world.resize(name, Number(options[0]!.value));
    });
  };
  return ports;
}

test('a side shrinks only after its jobs were stopped, which start again afterwards', async () => {
  const world = openWorld();
  const result = await scale(follow(world), { side, size: 1 });
  expect(result).toEqual({
    side,
    already: false,
    environments: [
      { name: web, size: 1, instances: [`i-${web}-1`] },
      { name: ses, size: 1, instances: [`i-${ses}-1`] },
    ],
  });
  const update = world.changes.indexOf(`update ${web}: MinSize=1 MaxSize=1`);
  const before = world.changes.slice(0, update);
  const after = world.changes.slice(update + 1);
  expect(before).toContain(`suspend Launch ReplaceUnhealthy of ${group}`);
  expect(before).toContain(`wait for commands on i-${web}-2`);
  expect(after).toContain(`resume Launch ReplaceUnhealthy of ${group}`);
  expect(after).toContain(`start cron on i-${web}-1`);
});

test('run again, it changes nothing', async () => {
  const world = openWorld();
  await scale(follow(world), { side, size: 1 });
  const changes = [...world.changes];
  expect(await scale(follow(world), { side, size: 1 })).toMatchObject({ already: true });
  expect(world.changes).toEqual(changes);
});

test('jobs that were stopped before stay stopped', async () => {
  const world = openWorld();
  for (const instance of world.instances.values()) instance.cron = { running: false, enabled: false };
  for (const each of [group, `awseb-${ses}`]) world.suspended.set(each, ['Launch', 'ReplaceUnhealthy']);
  await scale(follow(world), { side, size: 1 });
  expect(world.changes).toEqual([`update ${web}: MinSize=1 MaxSize=1`]);
});

test('no environment gets more than its open size', async () => {
  const world = openWorld();
  await scale(follow(world), { side, size: 1 });
  const { environments } = await scale(follow(world), { side, size: 2 });
  expect(environments.map(({ name, size }) => [name, size])).toEqual([
    [web, 2],
    [ses, 1],
  ]);
});

test('a group that may not launch is not asked to grow', async () => {
  const world = openWorld();
  await scale(follow(world), { side, size: 1 });
  world.suspended.set(group, ['Launch']);
  const changes = [...world.changes];
  await expect(scale(follow(world), { side, size: 2 })).rejects.toMatchObject({
    code: 'LAUNCH_SUSPENDED',
    exitCode: 3,
  });
  expect(world.changes).toEqual(changes);
});

test('an environment that is not Ready is refused', async () => {
  const world = openWorld();
  world.environments.get(web)!.status = 'Updating';
  await expect(scale(follow(world), { side, size: 1 })).rejects.toMatchObject({
    code: 'ENVIRONMENT_NOT_READY',
  });
  expect(world.changes).toEqual([]);
});

test('an environment that never settles is waited for and then told of', async () => {
  const world = openWorld();
  await expect(scale(fakePorts(world), { side, size: 1 })).rejects.toMatchObject({
    code: 'STILL_WAITING',
    exitCode: 4,
  });
});
