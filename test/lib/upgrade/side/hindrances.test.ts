import type { Words } from '../../../../lib/posture';
import type { Access, DatabaseRecord } from '../../../../lib/record';
import type { Side } from '../../../../lib/settings';
import { hindrances } from '../../../../lib/upgrade/side/hindrances';
import { FakeWorld, fakePorts } from '../../../support/ports';
import { at, cobalt, readied } from '../../../support/upgrade';

const copy: Partial<DatabaseRecord> = { ...readied, sourceWrites: 700 };
const web = (side: Side) => cobalt.sides[side].environments.web!.name;
let world: FakeWorld;
let secretExists = true;
const counted = (rows: number) => ({
  stdout: `tracking on\nbefore t ${rows}\nafter t ${rows - 1}\nafter u 1\n`,
});

/** A world as recorded, its source with as many rows written as when the snapshot was started. */
function stand(live: Side, access: Access) {
  world = new FakeWorld(cobalt, at(cobalt, { live, access }, copy));
  world.scripts.set('count-writes', () => counted(700));
}

async function found(words: Pick<Words, 'live' | 'access'>): Promise<string[]> {
  const ports = fakePorts(world);
  const secrets = { ...ports.secrets, exists: async () => secretExists };
  const refusals = await hindrances({ ...ports, secrets }, world.record, { ...words, reassert: false });
  return refusals.map(({ so, next }) => `${so} ${next}`);
}

test('nothing is asked of a deploy that moves nothing', async () => {
  stand('blue', 'open');
  world.environments.clear();
  expect(await found({ live: 'blue', access: 'open' })).toEqual([]);
});

describe('any move', () => {
  beforeEach(() => stand('green', 'open'));
  const back = () => found({ live: 'blue', access: 'open' });

  test.each(['blue', 'green'] as const)('waits for an environment of %s that is not Ready', async (side) => {
    world.environments.get(web(side))!.status = 'Updating';
    expect(await back()).toEqual([
      expect.stringContaining(`${web(side)} (e-${web(side)}) is Updating, not Ready.`),
    ]);
  });

  test('does not point the names at an environment that answers elsewhere, or is gone', async () => {
    world.environments.get(web('blue'))!.cname = 'another.ap-southeast-2.elasticbeanstalk.com';
    world.environments.delete(cobalt.sides.blue.environments.ses!.name);
    expect(await back()).toEqual([
      expect.stringContaining('answers at another.ap-southeast-2.elasticbeanstalk.com'),
      expect.stringContaining('does not exist'),
    ]);
  });
});

describe('opening', () => {
  beforeEach(() => stand('green', 'testing'));

  test('waits for groups that may launch nothing', async () => {
    const [refusal] = await found({ live: 'green', access: 'open' });
    expect(refusal).toContain('npm run jobs -- release --side green');
  });

  test('goes on once they may', async () => {
    world.suspended.clear();
    expect(await found({ live: 'green', access: 'open' })).toEqual([]);
  });
});

describe('freezing', () => {
  beforeEach(() => stand('blue', 'open'));
  afterEach(() => {
    secretExists = true;
  });

  test('waits for the jobs', async () => {
    const [refusal] = await found({ live: 'blue', access: 'frozen' });
    expect(refusal).toContain('npm run jobs -- stop --side blue');
  });

  test('waits for the login that only reads', async () => {
    for (const name of world.suspended.keys()) world.suspended.set(name, ['Launch']);
    secretExists = false;
    expect(await found({ live: 'blue', access: 'frozen' })).toEqual([
      expect.stringContaining('Run npm run reader.'),
    ]);
    secretExists = true;
    expect(await found({ live: 'blue', access: 'frozen' })).toEqual([]);
  });

  test('asks nothing of a side that is tested: its jobs never ran', async () => {
    stand('green', 'testing');
    secretExists = false;
    expect(await found({ live: 'green', access: 'frozen' })).toEqual([]);
  });
});

describe('testing', () => {
  beforeEach(() => stand('blue', 'frozen'));
  const testing = () => found({ live: 'green', access: 'testing' });

  test('goes on with a copy of all that was written', async () => {
    expect(await testing()).toEqual([]);
  });

  test('does not with a source that was written since', async () => {
    world.scripts.set('count-writes', () => counted(701));
    const [refusal] = await testing();
    expect(refusal).toContain('production-blue counts 701 rows ever written, and counted 700');
    expect(refusal).toContain('npx cdk deploy --all -c live=blue -c access=open');
  });

  test('does not when the rows cannot be counted', async () => {
    world.scripts.set('count-writes', () => ({ stdout: 'tracking on\n' }));
    await expect(testing()).rejects.toMatchObject({ code: 'WRITES_NOT_COUNTED', exitCode: 4 });
  });

  test.each([
    ['cron runs', { cron: { running: true, enabled: true } }],
    ['cron would run after a restart', { cron: { running: false, enabled: true } }],
    ['a command runs', { commands: 1 }],
  ])('waits while %s on the new side', async (_, fault) => {
    Object.assign(world.instances.get(`i-${web('green')}-1`)!, fault);
    expect(await testing()).toEqual([
      `The jobs of green are not stopped: they run on i-${web('green')}-1. Run npm run jobs -- stop --side green, then the same command again.`,
    ]);
  });

  test('waits while the new side may launch instances, which run jobs', async () => {
    world.suspended.set(`awseb-${web('green')}`, []);
    expect((await testing())[0]).toContain(`may launch instances for ${web('green')}`);
  });

  test('does not trust an instance that cannot be asked', async () => {
    world.instances.get(`i-${web('green')}-1`)!.reachable = false;
    await expect(testing()).rejects.toMatchObject({ code: 'INSTANCE_UNREACHABLE', exitCode: 3 });
  });
});
