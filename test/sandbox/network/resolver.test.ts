import { createBrowser } from '../../../sandbox/network/browse';
import { Resolver } from '../../../sandbox/network/resolver';
import type { RecordChange } from '../../../sandbox/route53/change-batch';
import type { WebRequest } from '../../../sandbox/world';
import { beanstalkZoneId, blue, green, type TestWorld, testWorld, zoneId } from '../route53/world';

let world: TestWorld;

beforeEach(() => {
  world = testWorld();
  world.route53.seedRecord({
    zoneId,
    name: 'myabf.com.au',
    type: 'A',
    alias: { hostedZoneId: beanstalkZoneId, dnsName: blue },
  });
  world.route53.seedRecord({
    zoneId,
    name: 'www.myabf.com.au',
    type: 'CNAME',
    ttlSeconds: 300,
    values: [blue],
  });
});
afterEach(() => world.clock.stop());

async function inSync(...changes: RecordChange[]): Promise<void> {
  await world.route53.zones.settledChange(world.route53.zones.change(zoneId, changes).id);
}

const move = (target: string) =>
  inSync({
    action: 'UPSERT',
    record: {
      name: 'myabf.com.au',
      type: 'A',
      alias: { hostedZoneId: beanstalkZoneId, dnsName: target, evaluateTargetHealth: false },
    },
  });

const request: WebRequest = { method: 'POST', path: '/entry', host: 'myabf.com.au', headers: {}, body: 'x' };

/** Each address answers with itself. */
function serveEverywhere(): void {
  world.world.beanstalk.serve = async (address, asked) => ({
    status: 200,
    headers: {},
    body: `${address} ${asked.method} ${asked.host}${asked.path}`,
  });
}

test('a client goes on to the old side until the answer it holds is over', async () => {
  world.durations.recordsInSyncMs = 10_000;
  serveEverywhere();
  const stale = createBrowser(world.world);
  expect((await stale(request))!.body).toBe('198.51.100.1 POST myabf.com.au/entry');
  await move(green);
  expect((await createBrowser(world.world)(request))!.body).toMatch(/^198\.51\.100\.2/);
  expect((await stale(request))!.body).toMatch(/^198\.51\.100\.1/);
  await world.clock.skip(50_000);
  expect((await stale(request))!.body).toMatch(/^198\.51\.100\.2/);
});

test('each record of a chain is kept for its own TTL', async () => {
  const resolver = new Resolver(world.world);
  expect(resolver.addresses('www.myabf.com.au.')).toEqual(['198.51.100.1']);
  await inSync({
    action: 'UPSERT',
    record: { name: 'www.myabf.com.au', type: 'CNAME', ttlSeconds: 300, values: [green] },
  });
  world.addresses.set(blue, ['198.51.100.9']);
  await world.clock.skip(60_000);
  expect(resolver.addresses('www.myabf.com.au')).toEqual(['198.51.100.9']);
  await world.clock.skip(240_000);
  expect(resolver.addresses('www.myabf.com.au')).toEqual(['198.51.100.2']);
});

test('a name asked too early stays unknown for the quarter of an hour that the SOA allows', async () => {
  const resolver = new Resolver(world.world);
  expect(resolver.addresses('new.myabf.com.au')).toEqual([]);
  await inSync({
    action: 'CREATE',
    record: { name: 'new.myabf.com.au', type: 'A', ttlSeconds: 60, values: ['192.0.2.1'] },
  });
  await world.clock.skip(800_000);
  expect(resolver.addresses('new.myabf.com.au')).toEqual([]);
  await world.clock.skip(100_000);
  expect(resolver.addresses('new.myabf.com.au')).toEqual(['192.0.2.1']);
});

test('names that lead in a circle or nowhere have no address', async () => {
  const circle = (name: string, target: string) =>
    world.route53.seedRecord({ zoneId, name, type: 'CNAME', ttlSeconds: 60, values: [target] });
  circle('a.myabf.com.au', 'b.myabf.com.au');
  circle('b.myabf.com.au', 'a.myabf.com.au');
  const resolver = new Resolver(world.world);
  expect(resolver.addresses('a.myabf.com.au')).toEqual([]);
  expect(resolver.addresses('www.example.org')).toEqual([]);
  expect(await createBrowser(world.world)({ ...request, host: 'a.myabf.com.au' })).toBeUndefined();
});
