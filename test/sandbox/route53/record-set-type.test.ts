import type { AnyResourceType } from '../../../sandbox/cloudformation/resource-type';
import type { RecordChange } from '../../../sandbox/route53/change-batch';
import { alias, beanstalkZoneId, blue, green, type TestWorld, testWorld, zoneId } from './world';

let world: TestWorld;
let type: AnyResourceType;

beforeEach(() => {
  world = testWorld();
  type = world.route53.resourceTypes[0]!;
});
afterEach(() => world.clock.stop());

const aliasProperties = (target: string) => ({
  HostedZoneId: zoneId,
  Name: 'myabf.com.au.',
  Type: 'A',
  AliasTarget: { HostedZoneId: beanstalkZoneId, DNSName: target },
});
const cnameProperties = (TTL: string | number, target: string) => ({
  HostedZoneName: 'myabf.com.au.',
  Name: 'cobalt-production-green.myabf.com.au',
  Type: 'CNAME',
  TTL,
  ResourceRecords: [target],
});

const request = (properties: object) => ({
  stackName: 'CobaltTraffic',
  logicalId: 'Record',
  properties: type.properties.parse(properties),
});

/** Runs as CloudFormation does, and lets time pass until it is over. */
async function settled<T>(work: () => Promise<T>): Promise<T> {
  let over = false;
  const running = world.clock.run('a stack operation', work).finally(() => {
    over = true;
  });
  running.catch(() => {});
  await world.clock.skipUntil(() => over);
  return running;
}

const create = (properties: object) => settled(() => type.create(request(properties)));
const update = (previous: object, next: object) =>
  settled(() =>
    type.update({ ...request(next), physicalId: 'myabf.com.au', previous: type.properties.parse(previous) }),
  );
const remove = (properties: object) =>
  settled(() => type.delete({ ...request(properties), physicalId: 'myabf.com.au', snapshot: false }));

const byHand = (action: RecordChange['action'], target: string) =>
  world.route53.zones.change(zoneId, [
    {
      action,
      record: {
        name: 'myabf.com.au',
        type: 'A',
        alias: { hostedZoneId: beanstalkZoneId, dnsName: target, evaluateTargetHealth: false },
      },
    },
  ]);

const aliasNow = () => world.route53.zones.zone(zoneId).current.get('myabf.com.au A')?.alias?.dnsName;
const changes = () => world.happenings.filter(({ kind }) => kind === 'records.changed');

test('creates a record and waits until it is INSYNC', async () => {
  const startedAtMs = world.clock.nowMs();
  expect(await create(aliasProperties(blue))).toEqual({ physicalId: 'myabf.com.au', attributes: {} });
  expect(aliasNow()).toBe(blue);
  expect(world.clock.nowMs() - startedAtMs).toBeGreaterThanOrEqual(world.durations.recordsInSyncMs);
  expect(type.find('myabf.com.au')).toEqual({ physicalId: 'myabf.com.au', attributes: {} });
  expect(type.find('www.myabf.com.au')).toBeUndefined();
});

test('takes a TTL as text or number, and the zone by its name', async () => {
  await create(cnameProperties('60', blue));
  await update(cnameProperties('60', blue), cnameProperties(300, green));
  expect(
    world.route53.zones.zone(zoneId).current.get('cobalt-production-green.myabf.com.au CNAME'),
  ).toMatchObject({
    ttlSeconds: 300,
    values: [green],
  });
});

test('adopts a record that is exactly identical', async () => {
  byHand('CREATE', blue);
  await create(aliasProperties(`${blue}.`));
  expect(aliasNow()).toBe(blue);
});

test('refuses to create over a record that differs', async () => {
  byHand('CREATE', blue);
  await expect(create(aliasProperties(green))).rejects.toThrow(
    "Tried to create resource record set [name='myabf.com.au.', type='A'] but it already exists",
  );
  expect(aliasNow()).toBe(blue);
});

test('refuses an identical alias too when AWS is taken not to adopt them', async () => {
  world.switches.adoptsIdenticalAlias = false;
  byHand('CREATE', blue);
  await expect(create(aliasProperties(blue))).rejects.toThrow('but it already exists');
  world.route53.seedRecord({
    zoneId,
    name: 'cobalt-production-green.myabf.com.au',
    type: 'CNAME',
    ttlSeconds: 60,
    values: [green],
  });
  await create(cnameProperties(60, green));
});

test('an adopted record is deleted with the stack', async () => {
  byHand('CREATE', blue);
  await create(aliasProperties(blue));
  await remove(aliasProperties(blue));
  expect(aliasNow()).toBeUndefined();
});

test('deletes a record as it was declared, and leaves one that was changed by hand', async () => {
  await create(aliasProperties(blue));
  byHand('UPSERT', green);
  await remove(aliasProperties(blue));
  expect(aliasNow()).toBe(green);
  await remove(aliasProperties(green));
  expect(aliasNow()).toBeUndefined();
  await remove(aliasProperties(green));
});

test('an update moves the name in one change, whatever was done by hand', async () => {
  await create(aliasProperties(blue));
  await update(aliasProperties(blue), aliasProperties(green));
  expect(aliasNow()).toBe(green);
  expect(changes()).toHaveLength(2);
});

test('a change of type is one batch without a gap', async () => {
  const previous = { ...cnameProperties(60, blue), Name: 'ses.myabf.com.au' };
  const next = {
    ...aliasProperties(green),
    HostedZoneId: undefined,
    HostedZoneName: 'myabf.com.au.',
    Name: 'ses.myabf.com.au',
  };
  await create(previous);
  await update(previous, next);
  const records = world.route53.zones.zone(zoneId).current;
  expect([...records.values()].filter(({ name }) => name === 'ses.myabf.com.au')).toHaveLength(1);
  expect(records.get('ses.myabf.com.au A')?.alias?.dnsName).toBe(green);
  expect(changes()).toHaveLength(2);
});

test.each([
  ['Weight', { ...aliasProperties(blue), Weight: '1', SetIdentifier: 'one' }],
  [
    'unknown inner property',
    { ...aliasProperties(blue), AliasTarget: { ...alias('x', blue).AliasTarget, Zone: 'x' } },
  ],
])('refuses properties that it does not know: %s', (_what, properties) => {
  const parsed = type.properties.safeParse(properties);
  expect(parsed.error?.issues.map(({ code }) => code)).toContain('unrecognized_keys');
});

test('refuses both names of a zone, none, one that is not there, and half a record', async () => {
  const { HostedZoneId: _id, ...noZone } = aliasProperties(blue);
  await expect(create(noZone)).rejects.toThrow('Specify either HostedZoneName or HostedZoneId');
  await expect(create({ ...aliasProperties(blue), HostedZoneName: 'myabf.com.au.' })).rejects.toThrow(
    'but not both',
  );
  await expect(create({ ...noZone, HostedZoneName: 'example.org.' })).rejects.toThrow(
    'No hosted zone named example.org.',
  );
  await expect(create({ ...noZone, HostedZoneId: 'Z404' })).rejects.toThrow(
    'No hosted zone found with ID: Z404',
  );
  await expect(create({ ...aliasProperties(blue), TTL: 60 })).rejects.toThrow('either AliasTarget or both');
});
