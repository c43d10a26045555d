import { posture, resolveWords } from '../../../../lib/posture';
import { isClosed, takenDoors } from '../../../../lib/upgrade/side/door';
import { everyEnvironment, observeEnvironment } from '../../../../lib/upgrade/side/observed';
import { differences } from '../../../../lib/upgrade/stacks/differences';
import { FakeWorld, fakePorts } from '../../../support/ports';
import { at, cobalt } from '../../../support/upgrade';

const web = 'cobalt-production-green';

function worldAt(access: 'open' | 'testing' | 'frozen') {
  const world = new FakeWorld(cobalt, at(cobalt, { live: 'green', access }));
  const declared = posture(cobalt, world.record, resolveWords(world.record.posture, {}));
  return { world, declared };
}

function put(world: FakeWorld, environment: string, door: { name: string; lets: boolean; rules: string[] }) {
  world.doors.set(loadBalancerOf(world, environment), door);
}

const loadBalancerOf = (world: FakeWorld, environment: string) =>
  world.environments.get(environment)!.loadBalancers[0]!;

async function seen({ world, declared }: ReturnType<typeof worldAt>) {
  const environments = await Promise.all(
    everyEnvironment(declared.sides).map(([side, each]) => observeEnvironment(fakePorts(world), side, each)),
  );
  return differences(cobalt, declared, [], { environments, hosts: {}, databases: [] }).filter(
    ({ what }) => what === 'door',
  );
}

test.each(['open', 'testing', 'frozen'] as const)('at green/%s the doors are as declared', async (access) => {
  expect(await seen(worldAt(access))).toEqual([]);
});

test('a door that was opened by hand is a difference', async () => {
  const night = worldAt('frozen');
  put(night.world, web, { name: `${web}-door`, lets: true, rules: [] });
  expect(await seen(night)).toEqual([{ where: web, what: 'door', declared: 'closed', observed: 'open' }]);
});

test('a load balancer that was replaced has lost its door, and status says so', async () => {
  const night = worldAt('testing');
  night.world.environments.get(web)!.loadBalancers = ['arn:aws:elasticloadbalancing:another'];
  expect(await seen(night)).toEqual([{ where: web, what: 'door', declared: 'testers', observed: 'none' }]);
});

test("somebody else's web ACL is no door, and stands in the way of one", async () => {
  const night = worldAt('open');
  put(night.world, web, { name: 'company-rules', lets: true, rules: ['bots'] });
  expect(await seen(night)).toEqual([
    { where: web, what: 'door', declared: 'open', observed: 'another web ACL (company-rules)' },
  ]);
  expect(await takenDoors(fakePorts(night.world))).toEqual([
    {
      so: `The load balancer of ${web} has another web ACL (company-rules) already, and can have only one.`,
      next: expect.stringContaining('aws wafv2 disassociate-web-acl'),
    },
  ]);
});

test('a side is closed when every door of it is', async () => {
  const { world } = worldAt('testing');
  expect(await isClosed(fakePorts(world), 'blue')).toBe(true);
  expect(await isClosed(fakePorts(world), 'green')).toBe(false);
  world.environments.get('cobalt-ses-production-green')!.loadBalancers = ['arn:another'];
  expect(await isClosed(fakePorts(world), 'blue')).toBe(false);
});
