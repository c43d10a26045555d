import type { AnyResourceType, ResourceState } from '../../../sandbox/cloudformation/resource-type';
import { type Bench, masterPassword, seedProduction, startBench } from './bench';

let bench: Bench;
let type: AnyResourceType;

beforeAll(async () => {
  bench = await startBench();
  type = bench.rds.resourceTypes[0] as AnyResourceType;
  await seedProduction(bench.rds);
  for (const id of ['first', 'second']) {
    await takeSnapshot(id);
    const admin = await bench.rds.openAsSuperuser('production-blue');
    await admin.query(`insert into users (name) values ('after ${id}')`);
    await admin.end();
  }
});
afterAll(() => bench.stop());

async function takeSnapshot(id: string) {
  const { operations } = bench.rds.service;
  await operations.CreateDBSnapshot?.act(
    { DBInstanceIdentifier: 'production-blue', DBSnapshotIdentifier: id } as never,
    {} as never,
  );
  await operations.DescribeDBSnapshots?.act({ DBSnapshotIdentifier: id } as never, {} as never);
}

/** Does what CloudFormation does: the work is an activity, and time passes until it is over. */
async function deploy<T>(work: () => Promise<T>): Promise<T> {
  let over = false;
  const working = bench.world.clock.run('stack', work).finally(() => {
    over = true;
  });
  working.catch(() => {});
  while (!over) await bench.world.clock.skipUntil(() => over);
  return working;
}

const named = (properties: object) => ({
  ...{ stackName: 'CobaltDatabaseGreen', logicalId: 'Database' },
  properties: type.properties.parse(properties),
});
const create = (properties: object): Promise<ResourceState> => deploy(() => type.create(named(properties)));
const remove = (physicalId: string, properties: object, snapshot = false) =>
  deploy(() => type.delete({ ...named(properties), physicalId, snapshot }));

const green = {
  DBInstanceIdentifier: 'cobalt-production-green',
  DBSnapshotIdentifier: 'first',
  DBInstanceClass: 'db.t3.small',
  VPCSecurityGroups: ['sg-0123456789abcdef0'],
  BackupRetentionPeriod: 7,
  MonitoringInterval: '0',
  PreferredMaintenanceWindow: 'sat:18:00-sat:18:30',
  DeletionProtection: 'false',
  StorageType: 'gp3',
  AllocatedStorage: '100',
};

test('a snapshot identifier restores; the resource is complete only after the first backup', async () => {
  const { happenings } = bench.world;
  const from = happenings.length;
  const state = await create(green);
  expect(happenings.slice(from).map(({ kind }) => kind)).toEqual([
    'restore.started',
    'database.restored',
    'database.available',
    'database.modified',
  ]);
  expect(state).toEqual({
    physicalId: 'cobalt-production-green',
    attributes: {
      'Endpoint.Address': expect.stringMatching(/^cobalt-production-green\.c/),
      'Endpoint.Port': '5432',
      DBInstanceArn: 'arn:aws:rds:ap-southeast-2:123456789012:db:cobalt-production-green',
      DbiResourceId: expect.stringMatching(/^db-[A-Z0-9]{26}$/),
    },
  });
  const at = state.attributes['Endpoint.Address'] as string;
  expect(await bench.ask(at, 'select count(*)::int as n from users')).toEqual([{ n: 1000 }]);
  expect(type.find('cobalt-production-green')).toEqual(state);
});

test('the same identifier on an update restores nothing', async () => {
  const at = type.find('cobalt-production-green')?.attributes['Endpoint.Address'] as string;
  await bench.ask(at, "insert into users (name) values ('on green')");
  const previous = named(green).properties;
  const next = { ...green, BackupRetentionPeriod: 14 };
  await deploy(() => type.update({ ...named(next), physicalId: 'cobalt-production-green', previous }));
  expect(await bench.ask(at, 'select count(*)::int as n from users')).toEqual([{ n: 1001 }]);
  expect(type.replaces?.(previous, named(next).properties)).toBe(false);
});

test('a changed identifier is a replacement; a dropped one is, as documented, or is not', async () => {
  const { DBSnapshotIdentifier: _, ...dropped } = green;
  expect(type.replaces?.(green, { ...green, DBSnapshotIdentifier: 'second' })).toBe(true);
  expect(type.replaces?.(green, dropped)).toBe(true);
  bench.world.switches.droppedSnapshotReplaces = false;
  expect(type.replaces?.(green, dropped)).toBe(false);
  bench.world.switches.droppedSnapshotReplaces = true;
});

test('a fixed name cannot be made a second time', async () => {
  expect(type.nameOf?.(green)).toBe('cobalt-production-green');
  await expect(create({ ...green, DBSnapshotIdentifier: 'second' })).rejects.toThrow(
    'cobalt-production-green already exists',
  );
});

test('without a fixed name a replacement succeeds, and what people wrote since is gone', async () => {
  const { DBInstanceIdentifier: _, ...unnamed } = green;
  const old = await create(unnamed);
  expect(old.physicalId).toMatch(/^cobaltdatabasegreen-database-/);
  await bench.ask(
    old.attributes['Endpoint.Address'] as string,
    "insert into users (name) values ('an entry')",
  );
  const changed = { ...unnamed, DBSnapshotIdentifier: 'second' };
  const other = await create(changed);
  await remove(old.physicalId, unnamed);
  expect(bench.rds.databases.connectionTo(old.attributes['Endpoint.Address'] as string)).toBeUndefined();
  const at = other.attributes['Endpoint.Address'] as string;
  expect(await bench.ask(at, "select name from users where name not like 'user %'")).toEqual([
    { name: 'after first' },
  ]);
  await remove(other.physicalId, changed);
});

test('without a snapshot identifier the instance is empty', async () => {
  const login = { MasterUsername: 'postgres', MasterUserPassword: masterPassword, DBName: 'ebdb' };
  const empty = { ...login, Engine: 'postgres', DBInstanceClass: 'db.t3.small', AllocatedStorage: '20' };
  const { physicalId, attributes } = await create(empty);
  const at = attributes['Endpoint.Address'] as string;
  expect(await bench.ask(at, "select to_regclass('users') as users")).toEqual([{ users: null }]);
  await remove(physicalId, empty);
});

test('deletion protection makes a delete fail; the policy Snapshot keeps the data', async () => {
  const protect = { ...green, DeletionProtection: true };
  const physicalId = 'cobalt-production-green';
  await deploy(() => type.update({ ...named(protect), physicalId, previous: named(green).properties }));
  await expect(remove(physicalId, protect, true)).rejects.toThrow('Cannot delete protected DB Instance');
  await deploy(() => type.update({ ...named(green), physicalId, previous: named(protect).properties }));
  await remove(physicalId, green, true);
  expect(type.find(physicalId)).toBeUndefined();
  const last = bench.world.happenings.filter(({ kind }) => kind === 'snapshot.available').at(-1);
  expect(last?.id).toMatch(/^cobaltdatabasegreen-snapshot-database-/);
  const restored = await create({ ...green, DBSnapshotIdentifier: last?.id });
  const at = restored.attributes['Endpoint.Address'] as string;
  expect(await bench.ask(at, 'select count(*)::int as n from users')).toEqual([{ n: 1001 }]);
});

test.each([
  ['a property that it does not model', { ...green, Domain: 'corp' }],
  ['a value of another kind', { ...green, BackupRetentionPeriod: 'a week' }],
  ['another engine', { ...green, Engine: 'mysql' }],
])('refuses %s', (_, properties) => {
  expect(type.properties.safeParse(properties).success).toBe(false);
});

test('refuses a master user beside a snapshot, and a snapshot that does not exist', async () => {
  const unnamed = { ...green, DBInstanceIdentifier: 'other' };
  await expect(create({ ...unnamed, MasterUsername: 'postgres' })).rejects.toThrow('comes from the snapshot');
  await expect(create({ ...unnamed, DBSnapshotIdentifier: 'none' })).rejects.toThrow(
    'DBSnapshot not found: none',
  );
});

test('an import gives the live instance what the template says otherwise, and leaves the rest', async () => {
  const before = type.find('production-blue');
  const adopt = (properties: object) =>
    deploy(() => type.adopt!({ ...named(properties), physicalId: 'production-blue' }));
  const changes = () =>
    bench.world.happenings
      .filter(({ kind, id }) => kind === 'database.modified' && id === 'production-blue')
      .map(({ settings }) => settings);
  await adopt({ DBInstanceIdentifier: 'production-blue' });
  expect(changes()).toEqual([]);
  expect(await adopt({ DBInstanceIdentifier: 'production-blue', BackupRetentionPeriod: 3 })).toEqual(before);
  expect(changes()).toEqual([['BackupRetentionPeriod']]);
});
