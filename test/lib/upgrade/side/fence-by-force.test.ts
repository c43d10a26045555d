import { ElasticBeanstalkClient, UpdateEnvironmentCommand } from '@aws-sdk/client-elastic-beanstalk';
import { cname } from '../../../../lib/names';
import { resolveWords, type Words } from '../../../../lib/posture';
import type { UpgradeRecord } from '../../../../lib/record';
import type { Side } from '../../../../lib/settings';
import { proveFrozen } from '../../../../lib/upgrade/database/prove-frozen';
import { fenceByForce, fencedByForce } from '../../../../lib/upgrade/side/fence-by-force';
import { releaseJobs } from '../../../../lib/upgrade/side/jobs';
import { makeReader } from '../../../../lib/upgrade/side/reader';
import { status } from '../../../../lib/upgrade/side/status';
import { declaredTemplate } from '../../../../lib/upgrade/stacks/deploy';
import { deployUntil } from '../../../../lib/upgrade/stacks/deploy-until';
import { script } from '../../../../scripts/fence';
import { runScript } from '../../../../scripts/terminal/command';
import { withVariables } from '../../../support/aws';
import { inProcess } from '../../../support/night';
import { FakeWorld, fakePorts } from '../../../support/ports';
import { quick } from '../../../support/quick';
import { Stage } from '../../../support/stage';
import { at, cobalt, before as openBefore, readied } from '../../../support/upgrade';
import { rejection } from '../../../support/upgrade-world';

const web = 'cobalt-production-blue';
const ses = 'cobalt-ses-production-green';
const launching = ['Launch', 'ReplaceUnhealthy'];

/** A world whose fence is deployed as these words declare it. */
function worldOf(record: UpgradeRecord, given: Partial<Words> = {}): FakeWorld {
  const world = new FakeWorld(cobalt, record);
  const words = { ...resolveWords(record.posture, {}), ...given };
  const declared = { settings: cobalt, record: { ...record, door: world.doorRecord }, words };
  for (const stack of ['CobaltFence', 'CobaltDoor'])
    world.stack(stack, JSON.parse(declaredTemplate(declared, stack)));
  return world;
}
const fence = (world: FakeWorld, side: Side = 'blue') => fenceByForce(fakePorts(world), side);
const violated = async (world: FakeWorld, side: Side = 'blue') =>
  (await fencedByForce(fakePorts(world), side))
    .filter(({ holds }) => !holds)
    .map(({ what, observed }) => `${what}: ${observed}`);

let restore: () => void;
beforeAll(() => {
  restore = withVariables({ CDK_VALIDATION: 'false' });
});
afterAll(() => restore());

describe('a live side that cannot be frozen', () => {
  test('is closed first, then denied the keys, then launches nothing, then ends; no name is led to it', async () => {
    const world = worldOf(openBefore(cobalt));
    world.names[0]!.target = cname(cobalt, 'green', 'web');
    world.environments.get(web)!.status = 'Updating';
    const { already, evidence } = await fence(world);
    expect(already).toBe(false);
    expect(evidence.filter(({ holds }) => !holds)).toEqual([]);
    expect(world.changes).toEqual([
      'prepare CobaltDoor',
      'execute CobaltDoor',
      'prepare CobaltFence',
      'execute CobaltFence',
      ...[web, ses].flatMap((name) => [
        `suspend ${launching.join(' ')} of awseb-${name}`,
        `empty awseb-${name}`,
      ]),
    ]);
    expect(await violated(world)).toEqual([]);
    expect(world.environments.get('cobalt-production-green')!.instances).toHaveLength(1);
  });

  test('is fenced once: the second time only looks', async () => {
    const world = worldOf(openBefore(cobalt));
    await fence(world);
    world.changes.length = 0;
    expect((await fence(world)).already).toBe(true);
    expect(world.changes).toEqual([]);
  });

  test('gets the sizes of its environments back when it may launch again', async () => {
    const world = worldOf(openBefore(cobalt));
    await fence(world);
    world.changes.length = 0;
    expect((await releaseJobs(fakePorts(world), 'blue')).already).toBe(false);
    const wanted = [
      [`resize awseb-${web} to 2 to 2`, `resume ${launching.join(' ')} of awseb-${web}`],
      [`resize awseb-${ses} to 1 to 1`, `resume ${launching.join(' ')} of awseb-${ses}`],
    ];
    for (const [resized, resumed] of wanted)
      expect(world.changes.filter((each) => [resized, resumed].includes(each))).toEqual([resized, resumed]);
    world.changes.length = 0;
    expect((await releaseJobs(fakePorts(world), 'blue')).already).toBe(true);
    expect(world.changes).toEqual([]);
  });

  test('is waited for until its last instance and its last session have ended', async () => {
    const world = worldOf(openBefore(cobalt), { access: 'frozen' });
    const group = [...world.environments.get(web)!.instances];
    const ports = fakePorts(world);
    let sessions = '4711 10.0.0.1 idle\n';
    world.scripts.set('sessions-of', (instance, args) => {
      expect(instance).toBe('i-cobalt-production-green-1');
      expect(args).toContain('production-blue.c0ba17.ap-southeast-2.rds.amazonaws.com');
      return { stdout: sessions };
    });
    const slow = {
      ...ports,
      scalingGroups: {
        ...ports.scalingGroups,
        instances: async (name: string) => (name === `awseb-${web}` ? [...group] : []),
      },
    };
    world.after(60_000, () => group.pop());
    world.after(120_000, () => group.splice(0));
    world.after(180_000, () => {
      sessions = '';
    });
    const startedMs = world.nowMs;
    await fenceByForce(slow, 'blue');
    expect(world.nowMs - startedMs).toBeGreaterThanOrEqual(180_000);
    expect(world.said.join('\n')).toContain(`the instances of ${web}: i-${web}-1, i-${web}-2`);
    expect(world.said.join('\n')).toContain('4711 10.0.0.1 idle');
  });

  test('whose session never ends is an error in the end, and what was done is told', async () => {
    const world = worldOf(openBefore(cobalt));
    world.scripts.set('sessions-of', () => ({ stdout: '4711 10.0.0.1 active\n' }));
    expect(await rejection(fence(world))).toMatchObject({ code: 'STILL_WAITING', exitCode: 4 });
    expect(world.changes).toContain(`empty awseb-${web}`);
  });

  test('is not left half-way without a word when its keys cannot be denied', async () => {
    const world = worldOf(openBefore(cobalt));
    world.stacks.get('CobaltFence')!.status = 'UPDATE_IN_PROGRESS';
    const error = await rejection(fence(world));
    expect(error).toMatchObject({ code: 'STACK_BUSY', exitCode: 4 });
    expect(error.text.changed).toContain('blue');
    expect(world.changes).toEqual(['prepare CobaltDoor', 'execute CobaltDoor']);
  });
});

test('a door that cannot be closed keeps nothing else from being done', async () => {
  const world = worldOf(openBefore(cobalt));
  world.stacks.get('CobaltDoor')!.status = 'UPDATE_IN_PROGRESS';
  await fence(world);
  expect(await violated(world)).toEqual([]);
  expect(world.said.join('\n')).toContain(
    'the door stays as it is: The stack CobaltDoor is UPDATE_IN_PROGRESS',
  );
});

describe('a side that lost', () => {
  const lost = () => worldOf(at(cobalt, { live: 'green', access: 'testing' }, readied));

  test('loses the names that still lead to it, and the live side keeps its keys', async () => {
    const world = lost();
    const www = world.names.find(({ name }) => name === 'www.myabf.com.au')!;
    www.target = cname(cobalt, 'blue', 'web');
    expect(await violated(world)).toContain(
      `the record of www.myabf.com.au: alias to ${cname(cobalt, 'blue', 'web')}`,
    );
    await fence(world);
    expect(world.changes[0]).toBe(
      `point www.myabf.com.au at ${cname(cobalt, 'green', 'web')} in Z2PCDNR3VC2G1N`,
    );
    expect(world.changes).not.toContain('prepare CobaltFence');
    expect(await violated(world)).toEqual([]);
  });

  test('on a failback is denied the keys by its freeze, whatever it was', async () => {
    const world = lost();
    await fence(world, 'green');
    expect(world.changes.slice(0, 4)).toEqual(
      ['CobaltDoor', 'CobaltFence'].flatMap((stack) => [`prepare ${stack}`, `execute ${stack}`]),
    );
    expect(await violated(world, 'green')).toEqual([]);
    expect(world.environments.get(web)!.instances).toHaveLength(1);
  });
});

describe('the look', () => {
  test('sees every way in which a side is not fenced', async () => {
    const world = worldOf(openBefore(cobalt));
    world.suspended.set(`awseb-${ses}`, launching);
    expect(await violated(world)).toEqual([
      'the payment parameters to cobalt-production-blue-web: not denied',
      `the instances of ${web}: i-${web}-1, i-${web}-2`,
      `what ${web} may launch: instances`,
      `the instances of ${ses}: i-${ses}-1`,
    ]);
  });

  test('takes a Deny for none while its stack is not complete', async () => {
    const world = worldOf(openBefore(cobalt));
    await fence(world);
    world.stacks.get('CobaltFence')!.status = 'UPDATE_FAILED';
    expect(await violated(world)).toEqual(['the stack CobaltFence: UPDATE_FAILED']);
  });

  test.each([
    ['an Allow', '"Effect":"Deny"', '"Effect":"Allow"'],
    ['a Deny of some keys only', 'secrets/STRIPE_SECRET_KEY"', 'secrets/OTHER"'],
    ["another role's Deny", '"RoleName":"cobalt-production-blue-web"', '"RoleName":"other"'],
  ])('takes %s for no Deny', async (_, from, to) => {
    const world = worldOf(openBefore(cobalt));
    await fence(world);
    const stack = world.stacks.get('CobaltFence')!;
    const text = JSON.stringify(stack.template);
    expect(text).toContain(from);
    stack.template = JSON.parse(text.replaceAll(from, to));
    expect(await violated(world)).toContain(
      'the payment parameters to cobalt-production-blue-web: not denied',
    );
  });

  test('holds where an environment is not there at all', async () => {
    const world = worldOf(openBefore(cobalt));
    await fence(world);
    world.environments.delete(ses);
    expect(await violated(world)).toEqual([]);
  });
});

test('the command asks for the name of what is cut off', async () => {
  let said = '';
  const write = (text: string) => {
    said += text;
  };
  const words = ['--side', 'blue', '--confirm', 'cobalt-production-green'];
  expect(await runScript(script, words, { stdout: { write }, stderr: { write } })).toBe(2);
  expect(said).toContain('NOT_CONFIRMED');
  expect(said).toContain(`--confirm ${web}`);
});

describe('in the sandbox', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await Stage.open(undefined, { durations: quick });
    await stage.deploy();
    await makeReader(await stage.ports());
  });
  afterEach(() => stage.close());

  const beginChange = (EnvironmentName: string) =>
    new ElasticBeanstalkClient({}).send(
      new UpdateEnvironmentCommand({
        EnvironmentName,
        OptionSettings: [
          {
            Namespace: 'aws:elasticbeanstalk:application:environment',
            OptionName: 'LOG_LEVEL',
            Value: 'debug',
          },
        ],
      }),
    );
  const frozen = { live: 'blue', access: 'frozen', reassert: false } as const;
  const running = () =>
    stage.sandbox.world.beanstalk
      .instances()
      .filter(({ environment, state }) => [web, ses].includes(environment) && state !== 'terminated');

  test('a side whose stack has failed is fenced, recorded as frozen, and proved so', async () => {
    const record = await stage.record();
    await beginChange(ses);
    await expect(stage.deploy(frozen, { stacks: ['CobaltBlue'], record })).rejects.toThrow(/Must be Ready/);
    const ports = await stage.ports();
    expect((await ports.stacks.find('CobaltBlue'))?.status).toBe('UPDATE_FAILED');
    const { code, said } = await inProcess(stage, `npm run fence -- --side blue --confirm ${web}`);
    expect(said).toContain('The side blue is fenced by force.');
    expect(code).toBe(0);
    expect((await fencedByForce(ports, 'blue')).every(({ holds }) => holds)).toBe(true);
    expect(running()).toEqual([]);
    expect((await stage.visit('www.myabf.com.au'))?.status).toBe(503);
    await deployUntil(ports, 'CobaltTraffic', frozen);
    const proof = await proveFrozen(ports);
    expect(proof.evidence.filter(({ holds }) => !holds)).toEqual([]);
    expect(proof.evidence.map(({ what }) => what)).toContain('a write by the reader');
    await stage.sandbox.world.clock.skip(3 * 60_000);
    expect(running()).toEqual([]);
    await stage.deploy(frozen, { stacks: ['CobaltBlue'], record });
    const { differences } = await status(ports);
    expect(differences).toContainEqual({ where: ses, what: 'instances', declared: '1', observed: '0' });
    expect(said).toContain('npm run jobs -- release --side blue');
    const released = await inProcess(stage, 'npm run jobs -- release --side blue');
    expect(released).toMatchObject({ code: 0 });
    await stage.sandbox.world.clock.skip(3 * 60_000);
    const sizes = async (name: string) => (await ports.environments.find(name))!.instances.length;
    expect([await sizes(web), await sizes(ses)]).toEqual([1, 1]);
  });

  test('a side that is stuck Updating is fenced all the same', async () => {
    const ports = await stage.ports();
    for (const stack of ['CobaltDoor', 'CobaltFence']) await deployUntil(ports, stack, frozen);
    // AWS tells how it stands from here on; nothing is skipped to its end.
    const { clients } = stage.sandbox.world.clock;
    const client = clients.register(() => {});
    await beginChange(web);
    expect((await ports.environments.find(web))?.status).toBe('Updating');
    const { evidence } = await fenceByForce(ports, 'blue');
    expect(evidence.every(({ holds }) => holds)).toBe(true);
    expect((await ports.environments.find(web))?.status).toBe('Updating');
    expect(running()).toEqual([]);
    clients.leave(client);
  });
});
