import { keepBlockedEmails } from '../../../../lib/upgrade/database/blocked-emails';
import { migrate } from '../../../../lib/upgrade/database/migrate';
import { stopJobs } from '../../../../lib/upgrade/side/jobs';
import { makeReader } from '../../../../lib/upgrade/side/reader';
import { endSync, sync, syncWarning } from '../../../../lib/upgrade/test-system/sync';
import { at, cobalt, original, readied } from '../../../support/upgrade';
import { endpointOf, rejection, UpgradeWorld } from '../../../support/upgrade-world';

const green = endpointOf('cobalt-production-green');
let world: UpgradeWorld;
let migrated: string;

beforeAll(async () => {
  world = await UpgradeWorld.open();
  world.relaunch();
  await makeReader(world.ports);
  world.record = at(cobalt, { live: 'blue', access: 'frozen' }, { migrated: false });
  world.relaunch();
  await world.restoreTo(green, await world.copyOf(original('blue').endpoint!));
  await keepBlockedEmails(world.ports);
  await migrate(world.ports);
  migrated = await world.copyOf(green);
});
afterAll(() => world.close());

/** Days after the cutover: green is live and open, its database migrated and not synced. */
beforeEach(async () => {
  await world.clusters.get(green)?.stop('immediate');
  await world.restoreTo(green, migrated);
  world.record = at(cobalt, { live: 'green', access: 'open' }, readied);
  world.masterpointsCentre.answers = true;
  world.relaunch();
  world.said.length = 0;
  world.ran.length = 0;
});

const recorded = () => world.record.databases.find(({ endpoint }) => endpoint === green)!;
const machine = () => world.instances.find(({ environment }) => environment === 'cobalt-production-green')!;
const begun = () => world.ran.filter((script) => script === 'manage').length;
/** Until the command runs that another process began. */
async function running() {
  while (![...machine().processes.values()].some(({ argv }) => argv.includes('mpc_sync')))
    await new Promise((resolve) => setTimeout(resolve, 20));
}

it('fills the tables, tells how far it is, and records it; a second run does nothing', async () => {
  const result = await sync(world.ports);
  expect(result).toEqual({ already: false, database: 'cobalt-production-green', rows: expect.any(Number) });
  expect(await world.count(green, 'masterpoints_mptran')).toBeGreaterThan(300);
  expect(recorded().synced).toEqual({ at: expect.any(String), rows: result.rows });
  expect(world.said).toEqual(
    expect.arrayContaining([expect.stringContaining('mpc_sync: syncing MP Trans...')]),
  );
  expect(world.said.join('\n')).not.toContain('begun');
  expect(await sync(world.ports)).toEqual({ ...result, already: true });
  expect(begun()).toBe(1);
});

it('outlives whoever began it: the next one follows it and begins no second', async () => {
  const killed = {
    ...world.ports,
    clock: { ...world.ports.clock, sleep: () => new Promise<void>(() => {}) },
  };
  void sync(killed);
  await running();
  expect(await sync(world.ports)).toMatchObject({ already: false });
  expect(world.said).toEqual(
    expect.arrayContaining([expect.stringContaining('goes on there: following it')]),
  );
  expect(begun()).toBe(1);
  expect(recorded().synced?.rows).toBeGreaterThan(300);
});

it('is not recorded when the centre did not answer, although the command exits with 0', async () => {
  world.masterpointsCentre.answers = false;
  expect(await rejection(sync(world.ports))).toMatchObject({
    code: 'COMMAND_REPORTS_FAULTS',
    text: { so: expect.stringMatching(/reported 8 fault\(s\), the first: HTTPConnectionPool/) },
  });
  expect(recorded().synced).toBeUndefined();
  world.masterpointsCentre.answers = true;
  expect(await sync(world.ports)).toMatchObject({ already: false });
});

it('is not recorded while a table has no row, whatever the command printed', async () => {
  world.masterpointsCentre.answers = false;
  const settings = { ...cobalt, sync: { ...cobalt.sync!, faultLine: undefined } };
  expect(await rejection(sync({ ...world.ports, settings }))).toMatchObject({
    code: 'TABLES_EMPTY',
    text: { so: expect.stringContaining('masterpoints_mptran') },
  });
  expect(recorded().synced).toBeUndefined();
});

it('says so when its machine is replaced meanwhile, and begins again on the next', async () => {
  const { ports } = world;
  const first = machine();
  const sleep = async (durationMs: number) => {
    if (first.state === 'running') {
      first.terminate();
      world.launch('green', 'web');
    }
    await ports.clock.sleep(durationMs);
  };
  expect(await rejection(sync({ ...ports, clock: { ...ports.clock, sleep } }))).toMatchObject({
    code: 'INSTANCE_GONE',
    exitCode: 4,
    text: { so: expect.stringContaining(first.id), next: expect.stringContaining('npm run sync') },
  });
  expect(recorded().synced).toBeUndefined();
  expect(await sync(ports)).toMatchObject({ already: false });
});

it('is ended by hand, and whoever freezes its side is told before', async () => {
  void sync({ ...world.ports, clock: { ...world.ports.clock, sleep: () => new Promise<void>(() => {}) } });
  await running();
  expect(await syncWarning(world.ports, 'green')).toEqual([expect.stringContaining(machine().id)]);
  expect(await endSync(world.ports)).toEqual({ already: false, instances: [machine().id] });
  expect(await endSync(world.ports)).toEqual({ already: true, instances: [] });
  expect(await syncWarning(world.ports, 'green')).toEqual([]);
  expect(recorded().synced).toBeUndefined();
});

it('does not hold up a side that stops its jobs: it is ended with them', async () => {
  const environ = { ...machine().deployed, UPGRADE_COMMAND: '1' };
  const process = machine().start(['/var/app/venv/x/bin/python', 'manage.py', 'mpc_sync'], environ);
  await stopJobs(world.ports, 'green');
  expect([...machine().processes.values()]).not.toContain(process);
  expect(world.said).toEqual(expect.arrayContaining([expect.stringContaining('ended the sync')]));
});

it.each([
  [
    'a side that is not open',
    () => at(cobalt, { live: 'green', access: 'frozen' }, readied),
    'SIDE_NOT_OPEN',
  ],
  [
    'a database that is not migrated',
    () => at(cobalt, { live: 'green', access: 'open' }, { migrated: false }),
    'NOT_MIGRATED',
  ],
])('refuses %s', async (_, record, code) => {
  world.record = record();
  expect(await rejection(sync(world.ports))).toMatchObject({ code, exitCode: 3 });
  expect(begun()).toBe(0);
});

it('refuses an environment that is being changed, and an application that has nothing to sync', async () => {
  world.environmentStatus.set('cobalt-production-green', 'Updating');
  expect(await rejection(sync(world.ports))).toMatchObject({ code: 'ENVIRONMENT_NOT_READY' });
  world.environmentStatus.clear();
  const { sync: _, ...settings } = cobalt;
  expect(await rejection(sync({ ...world.ports, settings }))).toMatchObject({ code: 'NO_SYNC' });
});
