import {
  CreateDBSnapshotCommand,
  type DBInstance,
  DeleteDBSnapshotCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
  waitUntilDBSnapshotAvailable,
} from '@aws-sdk/client-rds';
import { type Bench, seedProduction, startBench } from './bench';

let bench: Bench;
let blue: string;

beforeAll(async () => {
  bench = await startBench();
  await seedProduction(bench.rds);
  blue = (await describeInstance('production-blue')).Endpoint?.Address as string;
});
afterAll(() => bench.stop());

async function describeInstance(id: string): Promise<DBInstance> {
  const { DBInstances } = await bench.client.send(
    new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }),
  );
  return DBInstances?.[0] as DBInstance;
}

async function snapshot(id: string) {
  await bench.client.send(
    new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'production-blue', DBSnapshotIdentifier: id }),
  );
  await waitUntilDBSnapshotAvailable(
    { client: bench.client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 },
    { DBSnapshotIdentifier: id },
  );
}

const restore = (id: string, from: string, stated = {}) =>
  bench.client.send(
    new RestoreDBInstanceFromDBSnapshotCommand({
      DBInstanceIdentifier: id,
      DBSnapshotIdentifier: from,
      ...stated,
    }),
  );

test('describes an instance as AWS does', async () => {
  expect(await describeInstance('production-blue')).toMatchObject({
    DBInstanceIdentifier: 'production-blue',
    DBInstanceStatus: 'available',
    Engine: 'postgres',
    EngineVersion: '17.6',
    DBName: 'ebdb',
    Endpoint: {
      Address: expect.stringMatching(/^production-blue\.c[0-9a-z]{11}\.ap-southeast-2\.rds\.amazonaws\.com$/),
      Port: 5432,
    },
    StorageType: 'gp3',
    Iops: 3000,
    StorageThroughput: 125,
    MultiAZ: true,
    VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-0123456789abcdef0', Status: 'active' }],
    DBSubnetGroup: { DBSubnetGroupName: 'cobalt', Subnets: expect.arrayContaining([expect.anything()]) },
    DBParameterGroups: [{ DBParameterGroupName: 'cobalt-postgres17', ParameterApplyStatus: 'in-sync' }],
    OptionGroupMemberships: [{ OptionGroupName: 'default:postgres-17', Status: 'in-sync' }],
    DeletionProtection: true,
    TagList: [{ Key: 'application', Value: 'cobalt' }],
    PendingModifiedValues: {},
    InstanceCreateTime: expect.any(Date),
  });
});

test('a snapshot takes its time, and the first poll is answered with its end', async () => {
  const beganMs = bench.world.clock.nowMs();
  const { DBSnapshot } = await bench.client.send(
    new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'production-blue', DBSnapshotIdentifier: 'timed' }),
  );
  expect(DBSnapshot).toMatchObject({ Status: 'creating', SnapshotType: 'manual', Encrypted: true });
  const { DBSnapshots } = await bench.client.send(
    new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: 'timed' }),
  );
  expect(DBSnapshots).toMatchObject([
    { Status: 'available', PercentProgress: 100, TagList: [{ Key: 'application', Value: 'cobalt' }] },
  ]);
  expect(bench.world.clock.nowMs() - beganMs).toBeGreaterThanOrEqual(bench.world.durations.snapshotMs);
});

test('while a snapshot is made its instance refuses a second one, and nothing restores from it', async () => {
  await bench.client.send(
    new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'production-blue', DBSnapshotIdentifier: 'early' }),
  );
  await expect(
    bench.client.send(
      new CreateDBSnapshotCommand({
        DBInstanceIdentifier: 'production-blue',
        DBSnapshotIdentifier: 'second',
      }),
    ),
  ).rejects.toMatchObject({
    name: 'InvalidDBInstanceStateFault',
    message:
      'Cannot create a snapshot because the database instance production-blue is not currently in the available state.',
  });
  await expect(restore('too-early', 'early')).rejects.toMatchObject({ name: 'InvalidDBSnapshotStateFault' });
  expect((await describeInstance('production-blue')).DBInstanceStatus).toBe('available');
});

test('a snapshot holds the data as of its start; a restore brings data, roles and passwords', async () => {
  await bench.ask(blue, "insert into users (name) values ('before')");
  await bench.client.send(
    new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'production-blue', DBSnapshotIdentifier: 'start' }),
  );
  await bench.ask(blue, "insert into users (name) values ('while it is made')");
  await bench.client.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: 'start' }));
  await restore('copy-of-start', 'start');
  const { Endpoint } = await describeInstance('copy-of-start');
  const endpoint = Endpoint?.Address as string;
  expect(await bench.ask(endpoint, "select name from users where name not like 'user %'")).toEqual([
    { name: 'before' },
  ]);
  const reader = { user: 'reader', password: 'only-reads-17' };
  expect(await bench.ask(endpoint, 'select count(*)::int as n from users', reader)).toEqual([{ n: 1001 }]);
  await expect(bench.ask(endpoint, 'delete from users', reader)).rejects.toThrow('permission denied');
  expect(endpoint.split('.').slice(1)).toEqual(blue.split('.').slice(1));
});

test('a restored instance accepts connections before it is available, and polls do not skip that', async () => {
  await snapshot('for-phases');
  const { DBInstance } = await restore('phases', 'for-phases', { BackupRetentionPeriod: 7 });
  expect(DBInstance).toMatchObject({ DBInstanceStatus: 'creating' });
  expect(DBInstance?.Endpoint).toBeUndefined();
  const accepting = await describeInstance('phases');
  expect(accepting.DBInstanceStatus).toBe('backing-up');
  expect(await bench.ask(accepting.Endpoint?.Address as string, 'select 1 as one')).toEqual([{ one: 1 }]);
  const acceptingAtMs = bench.world.clock.nowMs();
  expect((await describeInstance('phases')).DBInstanceStatus).toBe('available');
  expect(bench.world.clock.nowMs() - acceptingAtMs).toBeGreaterThan(
    bench.world.durations.baselineBackupMs / 2,
  );
});

test('without backups a restored instance is available at once', async () => {
  await snapshot('for-no-backups');
  await restore('no-backups', 'for-no-backups', { BackupRetentionPeriod: 0 });
  expect((await describeInstance('no-backups')).DBInstanceStatus).toBe('available');
});

test('a restore drops what AWS drops and keeps what the snapshot carries', async () => {
  await snapshot('for-defaults');
  await restore('defaults', 'for-defaults');
  const restored = await describeInstance('defaults');
  expect(restored).toMatchObject({
    DBInstanceClass: 'db.t3.medium',
    EngineVersion: '17.6',
    AllocatedStorage: 100,
    StorageType: 'gp3',
    StorageEncrypted: true,
    MultiAZ: false,
    DeletionProtection: false,
    BackupRetentionPeriod: 1,
    DBSubnetGroup: { DBSubnetGroupName: 'default' },
    DBParameterGroups: [{ DBParameterGroupName: 'default.postgres17' }],
    MasterUsername: 'postgres',
  });
  expect(restored.VpcSecurityGroups).not.toContainEqual(
    expect.objectContaining({ VpcSecurityGroupId: 'sg-0123456789abcdef0' }),
  );
  expect(restored.TagList ?? []).toEqual([]);
});

test('a restore has what is stated', async () => {
  await snapshot('for-stated');
  const stated = {
    DBInstanceClass: 'db.t3.small',
    VpcSecurityGroupIds: ['sg-0123456789abcdef0'],
    DBSubnetGroupName: 'cobalt',
    DBParameterGroupName: 'cobalt-postgres17',
    DeletionProtection: true,
    Tags: [{ Key: 'side', Value: 'green' }],
  };
  await restore('stated', 'for-stated', stated);
  expect(await describeInstance('stated')).toMatchObject({
    DBInstanceClass: 'db.t3.small',
    VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-0123456789abcdef0' }],
    DBSubnetGroup: { DBSubnetGroupName: 'cobalt' },
    DeletionProtection: true,
    TagList: [{ Key: 'side', Value: 'green' }],
  });
});

test.each([
  ['a taken name', { DBInstanceIdentifier: 'production-blue' }, 'DBInstanceAlreadyExistsFault'],
  ['an unknown snapshot', { DBSnapshotIdentifier: 'nowhere' }, 'DBSnapshotNotFoundFault'],
  ['an unknown parameter group', { DBParameterGroupName: 'nowhere' }, 'DBParameterGroupNotFoundFault'],
  ['an unknown security group', { VpcSecurityGroupIds: ['sg-nowhere'] }, 'InvalidParameterValue'],
  ['an unknown class', { DBInstanceClass: 'db.t3.tiny' }, 'InvalidParameterCombination'],
  ['IOPS for small gp3 storage', { Iops: 4000 }, 'InvalidParameterCombination'],
  ['less storage than the snapshot has', { AllocatedStorage: 50 }, 'InvalidParameterValue'],
  ['a parameter it does not model', { Domain: 'corp' }, 'ValidationError'],
])('refuses a restore with %s', async (_, stated, name) => {
  if (!(await snapshots()).includes('for-refusals')) await snapshot('for-refusals');
  await expect(restore('refused', 'for-refusals', stated)).rejects.toMatchObject({ name });
  await expect(describeInstance('refused')).rejects.toMatchObject({
    name: 'DBInstanceNotFoundFault',
    message: 'DBInstance refused not found.',
  });
});

async function snapshots(): Promise<(string | undefined)[]> {
  const { DBSnapshots } = await bench.client.send(
    new DescribeDBSnapshotsCommand({ DBInstanceIdentifier: 'production-blue' }),
  );
  return (DBSnapshots ?? []).map(({ DBSnapshotIdentifier }) => DBSnapshotIdentifier);
}

test('a snapshot can be deleted, and its name is then free', async () => {
  await snapshot('passing');
  await expect(snapshot('passing')).rejects.toMatchObject({ name: 'DBSnapshotAlreadyExistsFault' });
  await bench.client.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'passing' }));
  await expect(
    bench.client.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: 'passing' })),
  ).rejects.toMatchObject({ name: 'DBSnapshotNotFoundFault' });
});
