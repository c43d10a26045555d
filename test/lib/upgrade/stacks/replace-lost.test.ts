import type { Ports } from '../../../../lib/upgrade/ports';
import { releaseJobs } from '../../../../lib/upgrade/side/jobs';
import { mending, replaceLost } from '../../../../lib/upgrade/stacks/replace-lost';
import { FakeWorld, fakePorts } from '../../../support/ports';
import { at, before, cobalt, readied } from '../../../support/upgrade';

const { from, to } = cobalt.upgrade;
const webOf = (side: 'blue' | 'green') => cobalt.sides[side].environments.web!.name;
const web = webOf(to);
const group = `awseb-${web}`;
const launchMs = 120_000;

let world: FakeWorld;
let ports: Ports;
beforeEach(() => play(new FakeWorld(cobalt, before(cobalt))));

/** Groups that may launch fill up again, some time later; cron runs on what they launch. */
function play(given: FakeWorld): void {
  world = given;
  ports = fakePorts(world);
  const { resume } = ports.scalingGroups;
  ports.scalingGroups.resume = async (name, processes) => {
    await resume(name, processes);
    world.after(launchMs, () => {
      for (const each of world.environments.values()) if (each.autoScalingGroup === name) launch(each.name);
    });
  };
}

function launch(name: string): void {
  const environment = world.environments.get(name)!;
  if (environment.instances.length > 0) return;
  const id = `i-${name}-new`;
  environment.instances = [id];
  world.instances.set(id, {
    reachable: true,
    cron: { running: true, enabled: true },
    commands: 0,
    processes: [],
  });
}

function lose(name: string): void {
  for (const id of world.environments.get(name)!.instances.splice(0)) world.instances.delete(id);
}

const launchesNothing = () => world.suspended.get(group);

describe('an instance that is lost while its group may launch nothing', () => {
  beforeEach(() => lose(web));

  test('is replaced, and the jobs of the new one are stopped again', async () => {
    const result = await replaceLost(ports, to);
    expect(result).toMatchObject({ side: to, already: false });
    expect(result.instances).toContain(`i-${web}-new`);
    expect(world.instances.get(`i-${web}-new`)!.cron).toEqual({ running: false, enabled: false });
    expect(launchesNothing()).toEqual(expect.arrayContaining(['Launch', 'ReplaceUnhealthy']));
  });

  test('is waited for while its environment is Updating', async () => {
    const { resume } = ports.scalingGroups;
    ports.scalingGroups.resume = async (name, processes) => {
      world.environments.get(web)!.status = 'Updating';
      world.after(launchMs + 60_000, () => {
        world.environments.get(web)!.status = 'Ready';
      });
      await resume(name, processes);
    };
    expect(await replaceLost(ports, to)).toMatchObject({ already: false });
    expect(world.environments.get(web)!.status).toBe('Updating');
  });

  test('has a command that replaces it, which is none for the other side', async () => {
    expect(await mending(ports)).toEqual([`npm run jobs -- replace --side ${to}`]);
  });

  test('needs no command once its group may launch: it is replaced by itself', async () => {
    await ports.scalingGroups.resume(group, ['Launch', 'ReplaceUnhealthy']);
    expect(await mending(ports)).toEqual([]);
  });

  test('that does not come is told, and that the jobs of one that comes later must be stopped', async () => {
    ports.scalingGroups.resume = fakePorts(world).scalingGroups.resume;
    await expect(replaceLost(ports, to)).rejects.toMatchObject({
      code: 'STILL_WAITING',
      text: {
        so: expect.stringContaining(`${web} has an instance again, whose jobs are stopped then`),
        changed: 'What was begun in AWS goes on.',
        next: expect.stringContaining('Run the same command again'),
      },
    });
    expect(launchesNothing()).toEqual([]);
  });

  test('that came after all is found by the same command, which stops its jobs', async () => {
    const { resume } = fakePorts(world).scalingGroups;
    const launching = ports.scalingGroups.resume;
    ports.scalingGroups.resume = resume;
    await replaceLost(ports, to).catch(() => {});
    ports.scalingGroups.resume = launching;
    launch(web);
    await replaceLost(ports, to);
    expect(world.instances.get(`i-${web}-new`)!.cron.running).toBe(false);
    expect(launchesNothing()).toEqual(expect.arrayContaining(['Launch', 'ReplaceUnhealthy']));
  });

  test('is refused while its environment cannot be worked with', async () => {
    world.environments.get(web)!.status = 'Updating';
    await expect(replaceLost(ports, to)).rejects.toMatchObject({ code: 'ENVIRONMENT_NOT_READY' });
    expect(world.changes).toEqual([]);
  });
});

describe('a side that was fenced by force', () => {
  beforeEach(async () => {
    for (const { autoScalingGroup } of world.environments.values())
      if (autoScalingGroup.includes(web)) await ports.scalingGroups.empty(autoScalingGroup);
    world.changes.length = 0;
  });

  test('gets no instance back: it would be as armed as its environment is', async () => {
    await expect(replaceLost(ports, to)).rejects.toMatchObject({
      code: 'FENCED_BY_FORCE',
      text: {
        so: expect.stringContaining(`${web} has no instance because ${to} was fenced by force`),
        next: expect.stringContaining(`npm run jobs -- release --side ${to}`),
      },
    });
    expect(world.changes).toEqual([]);
  });

  test('is nothing that an error tells to replace', async () => {
    expect(await mending(ports)).toEqual([]);
  });
});

test.each<[string, (name: string) => void]>([
  ['is not there', (name) => void world.environments.delete(name)],
  ['is being updated', (name) => Object.assign(world.environments.get(name)!, { status: 'Updating' })],
])('an environment that %s keeps no advice about the other side back', async (_, change) => {
  lose(web);
  change(webOf(from));
  expect(await mending(ports)).toEqual([`npm run jobs -- replace --side ${to}`]);
});

test('a side that has lost and may launch again has a command that stops its jobs', async () => {
  await releaseJobs(ports, to);
  await releaseJobs(ports, from);
  expect(await mending(ports)).toEqual([`npm run jobs -- stop --side ${to}`]);
});

test('where nothing was lost, nothing is launched or changed', async () => {
  expect(await replaceLost(ports, to)).toMatchObject({ already: true });
  expect(await mending(ports)).toEqual([]);
  expect(world.changes).toEqual([]);
});

test('on a side that is open the new instance keeps its jobs, and its group may launch', async () => {
  const openWeb = webOf(from);
  await ports.scalingGroups.suspend(`awseb-${openWeb}`, ['Launch', 'ReplaceUnhealthy']);
  lose(openWeb);
  expect(await replaceLost(ports, from)).toMatchObject({ already: false });
  expect(world.instances.get(`i-${openWeb}-new`)!.cron).toEqual({ running: true, enabled: true });
  expect(world.suspended.get(`awseb-${openWeb}`)).toEqual([]);
});

test('of a side that testers use the jobs are stopped: it is not open to people yet', async () => {
  play(new FakeWorld(cobalt, at(cobalt, { live: to, access: 'testing' }, readied)));
  lose(web);
  await replaceLost(ports, to);
  expect(world.instances.get(`i-${web}-new`)!.cron.running).toBe(false);
});
