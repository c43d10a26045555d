import type { UpgradeError } from '../../lib/runbook/errors';
import type { Settings } from '../../lib/settings';
import type { Ports } from '../../lib/upgrade/ports';
import { requireApart } from '../../lib/upgrade/test-system/test-system';
import {
  beginRestoreForTest,
  changePassword,
  passwordEvidence,
  sanitise,
} from '../../lib/upgrade/test-system/test-system-copy';
import { ByHand } from '../support/by-hand';
import { inProcess, type Outcome } from '../support/night';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';
import { documented } from '../support/upgrade';
import { rejection } from '../support/upgrade-world';

jest.setTimeout(240_000);

const settings = documented as Settings & { testSystem: NonNullable<Settings['testSystem']> };
const { environment, host, secret } = settings.testSystem;
const test1 = 'cobalt-test-1';
let stage: Stage;
let byHand: ByHand;
let refused: Outcome;
let done: Outcome;
let lostOutputs: unknown[];
let ports: Ports;
let misnamed: unknown;
let shared: unknown;
const elsewhere = {
  ...settings,
  testSystem: { ...settings.testSystem, environment: { ...environment, name: 'cobalt-tset' } },
};

const typed = (words = '') => inProcess(stage, `npm run test-system -- --yes${words}`);
const mailed = (endpoint: string) =>
  stage.happenings('email.sent').filter((mail) => String(mail.endpoint).startsWith(`${endpoint}.`));
const harmless = new Set([...settings.testSystem.sanitise.harmless, 'success@simulator.amazonses.com']);
const toPeople = (endpoint: string) => mailed(endpoint).filter(({ to }) => !harmless.has(String(to)));
const held = (name: string) => [
  ...new Set(stage.processes(environment.name).map((environ) => environ[name])),
];
const endpointOf = (id: string) => stage.sandbox.rds.endpointOf(id);

/** Until it is Ready again: the ports' clock has time stand still until it is told to pass. */
async function setByHand(variables: Record<string, string>) {
  await byHand.set(environment.name, variables);
  await stage.sandbox.world.clock.skip(2 * quick.environmentUpdateMs!);
}

beforeAll(async () => {
  stage = await Stage.open(settings, { durations: { ...quick, restoreMs: 30_000 } });
  byHand = new ByHand(settings);
  await stage.deploy({}, { stacks: ['CobaltOperations'] });
  refused = await typed();
  ports = await stage.ports();
  misnamed = await rejection(requireApart({ ...ports, settings: elsewhere }));
  const production = { RDS_HOSTNAME: endpointOf('production-blue'), COBALT_HOSTNAME: 'myabf.com.au' };
  await setByHand(production);
  shared = await rejection(requireApart(ports));
  const own = { RDS_HOSTNAME: endpointOf('cobalt-test'), COBALT_HOSTNAME: host };
  await setByHand(own);
  await stage.deploy({}, { stacks: ['CobaltFence'] });
  const refusals = stage.happenings('command.outputRefused').length;
  done = await typed();
  lostOutputs = stage.happenings('command.outputRefused').slice(refusals);
});
afterAll(() => stage.close());

test('it is refused while its role can read what opens production, and changes nothing', async () => {
  expect([refused.code, refused.said]).toEqual([3, expect.stringContaining('secrets of production')]);
  expect(stage.happenings('snapshot.started')).toHaveLength(1);
});

test('it is refused where its environment is missing, on a database of production, or as its host', () => {
  expect(misnamed).toMatchObject({ code: 'ENVIRONMENT_MISSING', exitCode: 3 });
  expect(shared).toMatchObject({ code: 'TEST_SYSTEM_IS_PRODUCTION', exitCode: 3 });
  const so = (shared as UpgradeError).text.so;
  expect(so).toContain('databases of production that cobalt-test uses is production-blue');
  expect(so).toContain('COBALT_HOSTNAME of cobalt-test is myabf.com.au');
});

test('what a killed run began is found done: nothing is made or changed twice', async () => {
  const copy = (await ports.record.readTestSystem())!;
  await beginRestoreForTest(ports, copy);
  await changePassword(ports, copy);
  await sanitise(ports, copy);
  expect((await passwordEvidence(ports, copy)).filter(({ holds }) => !holds)).toEqual([]);
  expect(stage.happenings('restore.started')).toHaveLength(1);
  // Converted people have a harmless address too by now.
  expect(await ports.record.readTestSystem()).toEqual({ ...copy, sanitised: expect.anything() });
});

test('it is carried out, and the test system uses the copy in every process', async () => {
  expect([done.code, done.said]).toEqual([0, done.said]);
  expect(held('RDS_HOSTNAME')).toEqual([endpointOf(test1)]);
  expect(held('MP_USE_DJANGO')).toEqual(['YES']);
  expect(held('DISABLE_PLAYPEN')).toEqual(['OFF']);
  expect((await stage.visit(host, { path: '/accounts/login/' }))?.status).toBe(200);
  expect(done.said).toContain(endpointOf('cobalt-test'));
});

test('what commands print is kept whole, with the rights of roles that people made', () => {
  expect(stage.happenings('command.outputRefused')).not.toEqual([]);
  expect(lostOutputs).toEqual([]);
});

test('the copy is migrated, converted and synced', async () => {
  const [{ people }] = await stage.query(
    test1,
    'SELECT count(*)::int AS people FROM accounts_unregistereduser',
  );
  const [{ points }] = await stage.query(test1, 'SELECT count(*)::int AS points FROM masterpoints_mptran');
  expect(people).toBeLessThan(10);
  expect(points).toBeGreaterThan(300);
});

test('no person is mailed from it, however long its cron runs', async () => {
  await stage.sandbox.world.clock.skip(5 * 60_000);
  expect(toPeople(test1)).toEqual([]);
  expect(
    await stage.query(
      test1,
      "SELECT DISTINCT email FROM accounts_user WHERE email NOT IN ('a@b.com', 'noemail@notset.com', '')",
    ),
  ).toEqual([]);
});

test("production's passwords are useless on it, and its own opens nothing of production's", async () => {
  const { parameters } = stage.sandbox.world;
  const read = (name: string) => parameters.read(`/cobalt/production/secrets/${name}`)!.value;
  const { port } = stage.sandbox.world.databases.connectionTo(endpointOf(test1))!;
  const login = async (password: string, at = port) => {
    const { Client } = await import('pg');
    const client = new Client({ host: '127.0.0.1', port: at, user: 'postgres', password, database: 'ebdb' });
    return client.connect().then(
      () => client.end().then(() => 'open'),
      () => 'refused',
    );
  };
  expect(await login(read('RDS_PASSWORD'))).toBe('refused');
  expect(await login(read(secret))).toBe('open');
  const production = stage.sandbox.world.databases.connectionTo(endpointOf('production-blue'))!;
  expect(await login(read(secret), production.port)).toBe('refused');
});

test('production is as it was: nothing of it restarted, sanitised or moved', async () => {
  const [{ real }] = await stage.query(
    'production-blue',
    "SELECT count(*)::int AS real FROM accounts_user WHERE email NOT IN ('a@b.com', '')",
  );
  expect(real).toBeGreaterThan(100);
  await stage.sandbox.judge.settle();
  expect(stage.sandbox.judge.verdict().broken).toEqual([]);
});

test('typed again it says so and does nothing', async () => {
  const again = await typed();
  expect([again.code, again.said]).toEqual([0, expect.stringContaining('done already')]);
});

test('naively, pointed at a copy as it was restored, the test system mails people', async () => {
  await byHand.restore(`${test1}-from-production-blue`, 'naive');
  // Its queue is that of production; what was scheduled for later is due by now.
  await stage.query('naive', 'UPDATE post_office_email SET scheduled_time = NULL');
  stage.sandbox.world.parameters.put(
    '/cobalt/production/secrets/NAIVE',
    'canary-writer-password',
    'SecureString',
  );
  await byHand.set(environment.name, { RDS_HOSTNAME: endpointOf('naive') }, { RDS_PASSWORD: 'NAIVE' });
  await stage.sandbox.world.clock.skip(2 * 60_000);
  expect(toPeople('naive').length).toBeGreaterThan(0);
});
