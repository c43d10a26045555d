import type { Access, UpgradeRecord } from '../../../../lib/record';
import { PreconditionError } from '../../../../lib/runbook/errors';
import { otherSide, type Settings, type Side } from '../../../../lib/settings';
import { status } from '../../../../lib/upgrade/side/status';
import { FakeWorld, fakePorts } from '../../../support/ports';
import { at, before, cobalt, directions, readied, sixPostures } from '../../../support/upgrade';

const from = cobalt.upgrade.from;
const web = cobalt.sides[from].environments.web!.name;
const ses = cobalt.sides[from].environments.ses!.name;
const instance = `i-${web}-1`;

function worldAt(live: Side, access: Access, settings: Settings = cobalt): FakeWorld {
  return new FakeWorld(settings, at(settings, { live, access }, readied));
}

async function differencesOf(world: FakeWorld) {
  return (await status(fakePorts(world))).differences;
}

describe.each(directions)('an upgrade from %s', (_, settings) => {
  test.each(sixPostures(settings))('finds nothing where $live/$access is as declared', async (words) => {
    const world = new FakeWorld(settings, at(settings, words));
    expect(await differencesOf(world)).toEqual([]);
    expect(world.changes).toEqual([]);
  });
});

test('an environment that does not exist yet is one difference', async () => {
  const world = new FakeWorld(cobalt, before(cobalt));
  const missing = cobalt.sides.green.environments.web!.name;
  world.environments.delete(missing);
  expect(await differencesOf(world)).toEqual([
    { where: missing, what: 'environment', declared: 'Ready', observed: 'does not exist' },
  ]);
});

test('an instance that cannot be asked is a difference, and the others are asked', async () => {
  const world = worldAt(from, 'open');
  world.instances.get(instance)!.reachable = false;
  world.instances.get(`i-${web}-2`)!.cron.running = false;
  expect(await differencesOf(world)).toEqual([
    expect.objectContaining({ where: `${instance} of ${web}`, what: 'instance', declared: 'answers' }),
    {
      where: `i-${web}-2 of ${web}`,
      what: 'cron',
      declared: 'running and enabled',
      observed: 'stopped and enabled',
    },
  ]);
});

test('an instance that answers nonsense was not asked', async () => {
  const world = worldAt(from, 'open');
  world.scripts.set('observe', () => ({ stdout: 'hello' }));
  const differences = await differencesOf(world);
  expect(differences.filter(({ what }) => what === 'instance').length).toBe(world.instances.size);
});

test('before there is a bucket for their answers, no instance is asked and the rest is told', async () => {
  const ports = fakePorts(worldAt(from, 'open'));
  const text = { so: 'The bucket does not exist.', next: 'Deploy it.' };
  ports.instances.run = () => Promise.reject(new PreconditionError('OUTPUT_BUCKET_MISSING', text));
  const { differences } = await status(ports);
  expect(new Set(differences.map(({ observed }) => observed))).toEqual(new Set([text.so]));
});

test('lost permission is an error, not a difference', async () => {
  const ports = fakePorts(worldAt(from, 'open'));
  ports.instances.run = () => Promise.reject(new Error('no'));
  await expect(status(ports)).rejects.toThrow('no');
});

test('a variable set by hand differs in Elastic Beanstalk although processes do not have it yet', async () => {
  const world = worldAt(from, 'frozen');
  const { options } = world.environments.get(web)!;
  options['aws:elasticbeanstalk:application:environment:MAINTENANCE_MODE'] = 'OFF';
  expect(await differencesOf(world)).toEqual([
    { where: web, what: 'MAINTENANCE_MODE', declared: 'ON', observed: 'OFF' },
  ]);
});

test('a process with an old stamp differs although Elastic Beanstalk is right', async () => {
  const world = worldAt(from, 'frozen');
  const [process] = world.instances.get(instance)!.processes;
  process!.environ.UPGRADE_POSTURE = 'open@1';
  process!.environ.STRIPE_SECRET_KEY = 'sk_live_left';
  expect(await differencesOf(world)).toEqual([
    {
      where: `${instance} of ${web}`,
      what: 'UPGRADE_POSTURE in 1 of 3 processes',
      declared: 'fenced@1',
      observed: 'open@1',
    },
    {
      where: `${instance} of ${web}`,
      what: 'STRIPE_SECRET_KEY in 1 of 3 processes',
      declared: 'not-set',
      observed: 'armed',
    },
  ]);
});

test('the value of a key that stands where a reference should is never told', async () => {
  const world = worldAt(from, 'frozen');
  const { options } = world.environments.get(web)!;
  options['aws:elasticbeanstalk:application:environment:STRIPE_SECRET_KEY'] = 'sk_live_plain';
  options['aws:elasticbeanstalk:application:environment:MP_USE_DJANGO'] = 'NO';
  const result = await status(fakePorts(world));
  expect(result.differences).toEqual([
    {
      where: web,
      what: 'STRIPE_SECRET_KEY',
      declared: 'the parameter /cobalt/production/secrets/not-set',
      observed: 'a plain value and the parameter /cobalt/production/secrets/not-set',
    },
    { where: web, what: 'MP_USE_DJANGO', declared: 'absent', observed: 'a plain value' },
  ]);
  expect(JSON.stringify(result)).not.toContain('sk_live');
});

test('a forbidden variable counts whatever its value is', async () => {
  const world = worldAt(from, 'open');
  for (const { environ } of world.instances.get(`i-${ses}-1`)!.processes) environ.MP_USE_DJANGO = 'NO';
  expect(await differencesOf(world)).toEqual([
    {
      where: `i-${ses}-1 of ${ses}`,
      what: 'MP_USE_DJANGO in 3 of 3 processes',
      declared: 'absent',
      observed: 'present',
    },
  ]);
});

test('jobs that run on a frozen side differ: cron, commands and what may launch instances', async () => {
  const world = worldAt(from, 'frozen');
  world.instances.get(instance)!.cron = { running: true, enabled: true };
  world.instances.get(instance)!.commands = 2;
  world.suspended.set(`awseb-${web}`, ['AZRebalance']);
  expect((await differencesOf(world)).map(({ what, observed }) => [what, observed])).toEqual([
    ['suspended Auto Scaling processes', 'none'],
    ['cron', 'running and enabled'],
    ['commands running', '2'],
  ]);
});

test('the size and the number of instances differ each by themselves', async () => {
  const world = worldAt(from, 'open');
  world.resize(web, 1);
  expect(await differencesOf(world)).toEqual([
    { where: web, what: 'instances', declared: '2', observed: '1' },
  ]);
  world.environments.get(web)!.options['aws:autoscaling:asg:MinSize'] = '1';
  expect((await differencesOf(world))[0]).toMatchObject({ what: 'size', observed: '1 to 2' });
});

test('health is shown and is no difference: it follows what visitors were answered a minute ago', async () => {
  const open = worldAt(from, 'open');
  open.environments.get(web)!.health = 'Severe';
  expect(await differencesOf(open)).toEqual([]);
});

test('a name that points at the other side, at two places or nowhere differs', async () => {
  const world = worldAt(from, 'open');
  const [first, second, third] = world.names;
  world.names = [{ ...first!, target: 'elsewhere.example.com' }, second!, { ...second!, type: 'AAAA' }];
  expect((await differencesOf(world)).map(({ where, observed }) => [where, observed])).toEqual([
    [first!.name, 'alias to elsewhere.example.com'],
    [second!.name, `alias to ${second!.target} and AAAA alias to ${second!.target}`],
    [third!.name, 'no record'],
  ]);
});

test('a recorded database that is gone or elsewhere differs; a spent one does not', async () => {
  const record: UpgradeRecord = at(cobalt, { live: from, access: 'open' });
  const [old, fresh] = record.databases;
  const world = new FakeWorld(cobalt, record);
  world.databases.delete(fresh!.id);
  world.databases.get(old!.id)!.endpoint = 'elsewhere';
  world.databases.get(old!.id)!.status = 'backing-up';
  expect(await differencesOf(world)).toEqual([
    { where: old!.id, what: 'endpoint', declared: old!.endpoint, observed: 'elsewhere' },
    { where: fresh!.id, what: 'status', declared: 'available', observed: 'missing' },
  ]);
  const spent = { ...record, posture: { ...record.posture, spent: [fresh!.id] } };
  const after = new FakeWorld(cobalt, spent);
  after.databases.delete(fresh!.id);
  expect(await differencesOf(after)).toEqual([]);
});

test('names the moves that are legal from here, with their commands', async () => {
  const { moves } = await status(fakePorts(worldAt(from, 'frozen')));
  const to = otherSide(from);
  expect(moves).toEqual([
    { posture: `${from}/open`, command: `npx cdk deploy --all -c live=${from} -c access=open` },
    { posture: `${to}/testing`, command: `npx cdk deploy --all -c live=${to} -c access=testing` },
  ]);
});
