import type { Settings } from '../../lib/settings';
import { ByHand } from '../support/by-hand';
import { inProcess, type Outcome } from '../support/night';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';
import { documented } from '../support/upgrade';

jest.setTimeout(240_000);

const settings = documented as Settings & { testSystem: NonNullable<Settings['testSystem']> };
const { environment, host, secret } = settings.testSystem;
const test1 = 'cobalt-test-1';
let stage: Stage;
let byHand: ByHand;
let refused: Outcome;
let done: Outcome;

const typed = (words = '') => inProcess(stage, `npm run test-system -- --yes${words}`);
const mailed = (endpoint: string) =>
  stage.happenings('email.sent').filter((mail) => String(mail.endpoint).startsWith(`${endpoint}.`));
const harmless = new Set([...settings.testSystem.sanitise.harmless, 'success@simulator.amazonses.com']);
const toPeople = (endpoint: string) => mailed(endpoint).filter(({ to }) => !harmless.has(String(to)));
const held = (name: string) => [
  ...new Set(stage.processes(environment.name).map((environ) => environ[name])),
];
const endpointOf = (id: string) => stage.sandbox.rds.endpointOf(id);

beforeAll(async () => {
  stage = await Stage.open(settings, { durations: { ...quick, restoreMs: 30_000 } });
  byHand = new ByHand(settings);
  await stage.deploy({}, { stacks: ['CobaltOperations'] });
  refused = await typed();
  await stage.deploy({}, { stacks: ['CobaltFence'] });
  done = await typed();
});
afterAll(() => stage.close());

test('it is refused while its role can read what opens production, and changes nothing', async () => {
  expect([refused.code, refused.said]).toEqual([4, expect.stringContaining('secrets of production')]);
  expect(stage.happenings('snapshot.started').length).toBeLessThan(2);
});

test('it is carried out, and the test system uses the copy in every process', async () => {
  expect([done.code, done.said]).toEqual([0, done.said]);
  expect(held('RDS_HOSTNAME')).toEqual([endpointOf(test1)]);
  expect(held('MP_USE_DJANGO')).toEqual(['YES']);
  expect(held('DISABLE_PLAYPEN')).toEqual(['OFF']);
  expect((await stage.visit(host, { path: '/accounts/login/' }))?.status).toBe(200);
  expect(done.said).toContain(endpointOf('cobalt-test'));
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
  await byHand.point(environment.name, endpointOf('naive'));
  await byHand.set(environment.name, { RDS_PASSWORD: 'canary-writer-password' });
  await stage.sandbox.world.clock.skip(3 * 60_000);
  expect(toPeople('naive').length).toBeGreaterThan(0);
});
