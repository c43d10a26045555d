import { parameterNames } from '../../../../lib/names';
import { restore } from '../../../../lib/upgrade/database/restore';
import { takeEarlySnapshot, takeSnapshot } from '../../../../lib/upgrade/database/snapshot';
import { makeReader } from '../../../../lib/upgrade/side/reader';
import { at, before, cobalt, original, restored } from '../../../support/upgrade';
import { endpointOf, rejection, UpgradeWorld } from '../../../support/upgrade-world';

const blue = original('blue').endpoint!;
const green = endpointOf('cobalt-production-green');
const snapshotId = 'cobalt-production-green-from-production-blue';
const secret = parameterNames(cobalt).secret;
const templateOf = () => '{}';
let world: UpgradeWorld;
const making = () => world.record.databases.find(({ id }) => id === 'cobalt-production-green');

/** Frozen on blue, as far as anybody can see. */
beforeAll(async () => {
  world = await UpgradeWorld.open();

  world.relaunch();
  await makeReader(world.ports);
  for (const name of cobalt.variables.payments) world.denied.add(secret(name));
});
afterAll(() => world.close());

beforeEach(() => {
  world.record = at(cobalt, { live: 'blue', access: 'frozen' });
  world.record.databases = [original('blue')];
  world.snapshots.clear();
  world.stacks.clear();
  world.clusters.delete(green);
  world.said.length = 0;
  world.relaunch();
  for (const name of ['cobalt-production-blue', 'cobalt-ses-production-green'])
    world.suspended.set(`group-of-${name}`, ['Launch', 'ReplaceUnhealthy']);
});

/** The snapshot as an earlier run left it. */
const taken = async (status = 'available') => {
  await world.ports.record.writeDatabase(restored('green', { endpoint: undefined, migrated: false }));
  await world.ports.databases.startSnapshot('production-blue', snapshotId);
  world.snapshots.set(snapshotId, {
    ...world.snapshots.get(snapshotId)!,
    status,
  });
};

describe('an early snapshot', () => {
  const early = 'cobalt-production-green-early-2026-11-18';

  it('is taken of an open side, and nothing is recorded of it', async () => {
    world.record.posture.access = 'open';
    const expected = { snapshot: early, source: 'production-blue', database: undefined };
    expect(await takeEarlySnapshot(world.ports)).toEqual({ already: false, ...expected });
    expect(world.snapshots.get(early)).toMatchObject({ status: 'available' });
    expect(making()).toBeUndefined();
    expect(await takeEarlySnapshot(world.ports)).toEqual({ already: true, ...expected });
    expect(world.snapshots.size).toBe(1);
  });

  it('stands in the way of none that the new side is restored from', async () => {
    await takeEarlySnapshot(world.ports);
    expect((await takeSnapshot(world.ports)).snapshot).toBe(snapshotId);
  });
});

describe('snapshot', () => {
  it('is taken of a frozen side, recorded first with all that a restore would drop, and waited for', async () => {
    expect(await takeSnapshot(world.ports)).toEqual({
      already: false,
      snapshot: snapshotId,
      source: 'production-blue',
      database: 'cobalt-production-green',
    });
    expect(making()).toMatchObject({ generation: 1, snapshot: snapshotId, migrated: false });
    expect(making()?.source).toMatchObject({ subnetGroup: 'cobalt-database', storageGib: 100 });
    expect(world.said).toContain(`${snapshotId}: creating, 50 %`);
  });

  it('of a synced database is synced', async () => {
    const synced = { at: '2026-11-20T00:00:00.000Z', rows: 900 };
    world.record = {
      ...world.record,
      databases: world.record.databases.map((each) => ({ ...each, synced })),
    };
    world.relaunch();
    await takeSnapshot(world.ports);
    expect(making()).toMatchObject({ generation: 1, synced });
  });

  it('is taken once', async () => {
    await taken();
    const snapshots = [...world.snapshots.values()];
    expect((await takeSnapshot(world.ports)).already).toBe(true);
    expect([...world.snapshots.values()]).toEqual(snapshots);
  });

  it('is waited for when an earlier run began it, though the side is not frozen any more', async () => {
    await taken('creating');
    await world.query(blue, () => takeSnapshot(world.ports));
    expect([...world.snapshots.values()]).toMatchObject([{ id: snapshotId, status: 'available' }]);
  });

  it('is of no use any more when its source was written since it was started', async () => {
    await takeSnapshot(world.ports);
    expect((await takeSnapshot(world.ports)).already).toBe(true);
    await world.query(blue, (client) =>
      client.query('UPDATE accounts_user SET last_activity = now() WHERE id = 7'),
    );
    const error = await rejection(takeSnapshot(world.ports));
    expect(error).toMatchObject({ code: 'SOURCE_WRITTEN', exitCode: 3 });
    expect(error.text.next).toContain('-c live=blue -c access=open');
  });

  it('is not one of the same name that was there before', async () => {
    await world.ports.databases.startSnapshot('production-blue', snapshotId);
    const error = await rejection(takeSnapshot(world.ports));
    expect(error).toMatchObject({ code: 'SNAPSHOT_NAME_TAKEN', exitCode: 3 });
    expect(making()).toBeUndefined();
  });

  it('is started when an earlier run recorded it and came no further', async () => {
    await taken();
    world.snapshots.clear();
    expect(await takeSnapshot(world.ports)).toMatchObject({ already: false, snapshot: snapshotId });
    expect(world.snapshots.size).toBe(1);
  });

  it('is refused while the side may be written', async () => {
    world.record = before(cobalt);
    expect(await rejection(takeSnapshot(world.ports))).toMatchObject({
      code: 'NOT_DECLARED_FROZEN',
      exitCode: 3,
    });
    expect(world.snapshots.size).toBe(0);
  });

  it('is refused when the side is declared frozen and is not', async () => {
    await world.query(blue, async () => {
      const error = await rejection(takeSnapshot(world.ports));
      expect(error).toMatchObject({ code: 'NOT_FROZEN', exitCode: 3 });
      expect(error.text.so).toContain("sessions of postgres that are not the tool's");
    });
    expect(world.snapshots.size).toBe(0);
    expect(making()).toBeUndefined();
  });

  it('is refused when the upgrade was done', async () => {
    world.record = at(cobalt, { live: 'green', access: 'open' });
    expect(await rejection(takeSnapshot(world.ports))).toMatchObject({ code: 'TARGET_IS_LIVE', exitCode: 3 });
  });

  it('that failed is named with the command that removes it', async () => {
    await taken('failed');
    const error = await rejection(takeSnapshot(world.ports));
    expect(error).toMatchObject({ code: 'SNAPSHOT_FAILED', exitCode: 4 });
    expect(error.text.next).toContain(`delete-db-snapshot --db-snapshot-identifier ${snapshotId}`);
  });
});

describe('restore', () => {
  it('goes on when the database accepts connections, before it is available, and records where', async () => {
    await taken();
    expect(await restore(world.ports, { templateOf })).toMatchObject({ already: false, endpoint: green });
    expect(making()?.endpoint).toBe(green);
    expect((await world.ports.databases.find('cobalt-production-green'))?.status).toBe('backing-up');
    expect(await world.count(green, 'accounts_user')).toBe(400);
    expect((await restore(world.ports, { templateOf })).already).toBe(true);
  });

  it('creates a stack that no update may touch, and mends a policy that somebody changed', async () => {
    await taken();
    await restore(world.ports, { templateOf });
    const stack = world.stacks.get('CobaltDatabaseGreen')!;
    const policy = { Statement: [{ Effect: 'Deny', Action: 'Update:*', Principal: '*', Resource: '*' }] };
    expect(JSON.parse(stack.policy)).toEqual(policy);
    stack.policy = '{"Statement":[]}';
    await restore(world.ports, { templateOf });
    expect(JSON.parse(stack.policy)).toEqual(policy);
  });

  it('waits while nothing listens yet', async () => {
    await taken();
    const { find } = world.ports.databases;
    let looks = 0;
    world.ports.databases.find = async (id) => {
      const found = await find(id);
      return found && ++looks < 3 ? { ...found, endpoint: 'not-yet.example.com' } : found;
    };
    await restore(world.ports, { templateOf });
    world.ports.databases.find = find;
    expect(looks).toBe(3);
    expect(making()?.endpoint).toBe(green);
  });

  it('refuses without a snapshot, and with one that is not ready', async () => {
    expect(await rejection(restore(world.ports, { templateOf }))).toMatchObject({
      code: 'SNAPSHOT_MISSING',
      exitCode: 3,
    });
    await taken();
    world.snapshots.set(snapshotId, { ...world.snapshots.get(snapshotId)!, status: 'copying' });
    expect(await rejection(restore(world.ports, { templateOf }))).toMatchObject({
      code: 'SNAPSHOT_NOT_READY',
      exitCode: 3,
    });
    expect(world.stacks.size).toBe(0);
  });

  it('is not a database of the same name that was there before', async () => {
    await taken();
    await world.restoreTo(green, await world.copyOf(blue));
    expect(await rejection(restore(world.ports, { templateOf }))).toMatchObject({
      code: 'DATABASE_NAME_TAKEN',
      exitCode: 3,
    });
    expect(world.stacks.size).toBe(0);
  });

  it('does not make a copy again that was readied and is gone', async () => {
    await taken();
    await restore(world.ports, { templateOf });
    world.stacks.clear();
    expect(await rejection(restore(world.ports, { templateOf }))).toMatchObject({
      code: 'COPY_GONE',
      exitCode: 3,
    });
  });

  it('is not held up by an update that the stack refused later', async () => {
    await taken();
    await restore(world.ports, { templateOf });
    world.stacks.get('CobaltDatabaseGreen')!.status = 'UPDATE_FAILED';
    expect((await restore(world.ports, { templateOf })).already).toBe(true);
  });

  it('does not wait for the stack when one of its resources has failed', async () => {
    await taken();
    await restore(world.ports, { templateOf });
    world.stacks.get('CobaltDatabaseGreen')!.status = 'CREATE_IN_PROGRESS';
    const stacks = { ...world.ports.stacks, failures: async () => ['Database: the storage is full'] };
    const error = await rejection(restore({ ...world.ports, stacks }, { templateOf }));
    expect(error.code).toBe('RESTORE_FAILED');
  });

  it('tells why the stack failed', async () => {
    await taken();
    await restore(world.ports, { templateOf });
    world.stacks.get('CobaltDatabaseGreen')!.status = 'CREATE_FAILED';
    const error = await rejection(restore(world.ports, { templateOf }));
    expect(error).toMatchObject({ code: 'RESTORE_FAILED', exitCode: 4 });
    expect(error.text.so).toContain('the storage is full');
  });

  it('tells a refused password and an unknown name of the database from one that is not up yet', async () => {
    await taken();
    const parameter = secret(cobalt.database.writer.secret);
    const right = world.secrets.get(parameter)!;
    world.secrets.set(parameter, 'wrong');
    const refused = await rejection(restore(world.ports, { templateOf }));
    world.secrets.set(parameter, right);
    const settings = { ...cobalt, database: { ...cobalt.database, name: 'cobalt' } };
    const unknown = await rejection(restore({ ...world.ports, settings }, { templateOf }));
    expect([refused.code, unknown.code]).toEqual(['DATABASE_REFUSES_PASSWORD', 'DATABASE_NAME_UNKNOWN']);
    expect(making()?.endpoint).toBeUndefined();
  });
});
