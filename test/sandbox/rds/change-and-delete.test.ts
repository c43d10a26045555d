import {
  AddTagsToResourceCommand,
  CreateDBInstanceCommand,
  type DBInstance,
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  ListTagsForResourceCommand,
  ModifyDBInstanceCommand,
  type ModifyDBInstanceMessage,
  RebootDBInstanceCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
  StartDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { type Bench, masterPassword, seedProduction, startBench } from './bench';

let bench: Bench;
const id = 'production-blue';

beforeAll(async () => {
  bench = await startBench();
  await seedProduction(bench.rds);
});
afterAll(() => bench.stop());

async function describeInstance(name = id): Promise<DBInstance> {
  const { DBInstances } = await bench.client.send(
    new DescribeDBInstancesCommand({ DBInstanceIdentifier: name }),
  );
  return DBInstances?.[0] as DBInstance;
}

const endpoint = async (name = id) => (await describeInstance(name)).Endpoint?.Address as string;

const modify = (changes: Omit<ModifyDBInstanceMessage, 'DBInstanceIdentifier'>) =>
  bench.client.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: id, ...changes }));

test('the master user is no superuser, yet makes roles and databases, sees sessions and ends them', async () => {
  const at = await endpoint();
  const [role] = await bench.ask<object>(
    at,
    `select rolsuper, rolcreaterole, rolcreatedb, pg_has_role('rds_superuser', 'member') as member,
            pg_has_role('pg_monitor', 'member') as monitor, pg_has_role('pg_signal_backend', 'member') as signal
     from pg_roles where rolname = current_user`,
  );
  expect(role).toEqual({
    ...{ rolsuper: false, rolcreaterole: true, rolcreatedb: true },
    ...{ member: true, monitor: true, signal: true },
  });
  await expect(bench.ask(at, "copy users to '/tmp/stolen'")).rejects.toThrow('permission denied');
  await expect(bench.ask(at, 'alter role rdsadmin nologin')).rejects.toThrow('permission denied');
});

test('a new class waits for the maintenance window unless it is to apply immediately; then the server restarts', async () => {
  const startedAt = 'select pg_postmaster_start_time()::text as at';
  const before = await bench.ask(await endpoint(), startedAt);
  await modify({ DBInstanceClass: 'db.t3.large' });
  expect(await describeInstance()).toMatchObject({
    DBInstanceClass: 'db.t3.medium',
    PendingModifiedValues: { DBInstanceClass: 'db.t3.large' },
  });
  expect(await bench.ask(await endpoint(), startedAt)).toEqual(before);
  await modify({ ApplyImmediately: true });
  expect(await describeInstance()).toMatchObject({
    DBInstanceClass: 'db.t3.large',
    PendingModifiedValues: {},
  });
  expect(await bench.ask(await endpoint(), startedAt)).not.toEqual(before);
});

test('a pending change that is taken back is pending no more', async () => {
  await modify({ DBInstanceClass: 'db.t3.medium' });
  await modify({ DBInstanceClass: 'db.t3.large' });
  expect(await describeInstance()).toMatchObject({ PendingModifiedValues: {} });
});

test('storage of another type comes with its own IOPS', async () => {
  await modify({ StorageType: 'gp2', ApplyImmediately: true });
  const { StorageType, Iops, StorageThroughput } = await describeInstance();
  expect({ StorageType, Iops, StorageThroughput }).toEqual({ StorageType: 'gp2' });
  await modify({ StorageType: 'gp3', AllocatedStorage: 400, ApplyImmediately: true });
  expect(await describeInstance()).toMatchObject({ Iops: 12_000, StorageThroughput: 500 });
});

test('a parameter group that is changed waits for a reboot', async () => {
  await modify({ DBParameterGroupName: 'default.postgres17' });
  expect((await describeInstance()).DBParameterGroups?.[0]?.ParameterApplyStatus).toBe('pending-reboot');
  await bench.client.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: id }));
  expect((await describeInstance()).DBParameterGroups?.[0]?.ParameterApplyStatus).toBe('in-sync');
  expect(await bench.ask(await endpoint(), 'select count(*)::int as n from users')).toEqual([{ n: 1000 }]);
});

test.each([
  ['a short password', { MasterUserPassword: 'short' }, 'InvalidParameterValue'],
  ['less storage', { AllocatedStorage: 50 }, 'InvalidParameterCombination'],
  ['an older version', { EngineVersion: '17.2' }, 'InvalidParameterCombination'],
  ['two months of backups', { BackupRetentionPeriod: 60 }, 'InvalidParameterValue'],
  ['monitoring without a role', { MonitoringInterval: 60 }, 'InvalidParameterCombination'],
  ['another major version', { EngineVersion: '18.1' }, 'SandboxDoesNotModel'],
  ['a new name, which is not modelled', { NewDBInstanceIdentifier: 'other' }, 'ValidationError'],
])('refuses %s and changes nothing', async (_, changes, name) => {
  const before = await describeInstance();
  await expect(modify({ ...changes, ApplyImmediately: true })).rejects.toMatchObject({ name });
  const { LatestRestorableTime: _before, ...same } = before;
  expect(await describeInstance()).toMatchObject(same);
});

test('a new instance is empty', async () => {
  await bench.client.send(
    new CreateDBInstanceCommand({
      ...{ DBInstanceIdentifier: 'fresh', DBInstanceClass: 'db.t3.small', Engine: 'postgres' },
      ...{
        MasterUsername: 'postgres',
        MasterUserPassword: masterPassword,
        AllocatedStorage: 20,
        DBName: 'ebdb',
      },
    }),
  );
  expect(await bench.ask(await endpoint('fresh'), "select to_regclass('users') as users")).toEqual([
    { users: null },
  ]);
});

test('tags are added, changed and listed', async () => {
  const ResourceName = (await describeInstance()).DBInstanceArn;
  await bench.client.send(
    new AddTagsToResourceCommand({
      ResourceName,
      Tags: [
        { Key: 'application', Value: 'other' },
        { Key: 'side', Value: 'blue' },
      ],
    }),
  );
  const { TagList } = await bench.client.send(new ListTagsForResourceCommand({ ResourceName }));
  expect(TagList).toEqual([
    { Key: 'application', Value: 'other' },
    { Key: 'side', Value: 'blue' },
  ]);
});

test('an operation that is not modelled is an error that names it', async () => {
  await expect(bench.client.send(new StartDBInstanceCommand({ DBInstanceIdentifier: id }))).rejects.toThrow(
    'rds StartDBInstance',
  );
});

test('a new master password replaces the old one, whether or not it is to apply immediately', async () => {
  const at = await endpoint();
  const { DBInstance } = await modify({ MasterUserPassword: 'another-one-18' });
  expect(DBInstance?.PendingModifiedValues).toEqual({ MasterUserPassword: '****' });
  expect(await describeInstance()).toMatchObject({
    DBInstanceStatus: 'available',
    PendingModifiedValues: {},
  });
  await expect(bench.ask(at, 'select 1')).rejects.toThrow('password authentication failed');
  expect(await bench.ask(at, 'select 1 as one', { password: 'another-one-18' })).toEqual([{ one: 1 }]);
  await modify({ MasterUserPassword: masterPassword, ApplyImmediately: true });
  await describeInstance();
  expect(await bench.ask(at, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('an instance in transition refuses changes', async () => {
  await modify({ MasterUserPassword: masterPassword });
  await expect(modify({ BackupRetentionPeriod: 3 })).rejects.toMatchObject({
    name: 'InvalidDBInstanceStateFault',
    message: 'Database instance is not in available state.',
  });
  expect((await describeInstance()).DBInstanceStatus).toBe('available');
});

test('deletion protection and a missing final snapshot refuse a deletion', async () => {
  await modify({ DeletionProtection: true });
  const remove = (how: object) =>
    bench.client.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: id, ...how }));
  await expect(remove({ SkipFinalSnapshot: true })).rejects.toMatchObject({
    name: 'InvalidParameterCombination',
    message: 'Cannot delete protected DB Instance, please disable deletion protection and try again.',
  });
  await modify({ DeletionProtection: false });
  await expect(remove({})).rejects.toMatchObject({
    message: 'FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.',
  });
  expect((await describeInstance()).DBInstanceStatus).toBe('available');
});

test('a deleted instance answers no more; its final snapshot brings the data back', async () => {
  const at = await endpoint();
  await modify({ DeletionProtection: false });
  await bench.client.send(
    new DeleteDBInstanceCommand({ DBInstanceIdentifier: id, FinalDBSnapshotIdentifier: 'the-last' }),
  );
  expect(bench.rds.databases.connectionTo(at)).toBeUndefined();
  await expect(describeInstance()).rejects.toMatchObject({ name: 'DBInstanceNotFoundFault' });
  expect(bench.world.happenings).toContainEqual(
    expect.objectContaining({ kind: 'database.deleted', id, finalSnapshot: 'the-last' }),
  );
  const { DBSnapshots } = await bench.client.send(
    new DescribeDBSnapshotsCommand({ DBInstanceIdentifier: id }),
  );
  expect(DBSnapshots).toMatchObject([{ DBSnapshotIdentifier: 'the-last', Status: 'available' }]);
  await bench.client.send(
    new RestoreDBInstanceFromDBSnapshotCommand({
      DBInstanceIdentifier: id,
      DBSnapshotIdentifier: 'the-last',
    }),
  );
  expect(await endpoint()).toBe(at);
  expect(await bench.ask(at, 'select count(*)::int as n from users')).toEqual([{ n: 1000 }]);
});
