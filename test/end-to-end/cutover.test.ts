import { cname, databaseId, parameterArn, parameterNames } from '../../lib/names';
import { reversed } from '../../lib/reversed';
import { status } from '../../lib/upgrade/side/status';
import { night, type Outcome } from '../support/night';
import { quick } from '../support/quick';
import { everyRow } from '../support/rows';
import { Stage } from '../support/stage';
import { cobalt } from '../support/upgrade';

jest.setTimeout(300_000);

/** Each step by hand, as the README lists them. The other direction is the runbook's own test. */
const settings = reversed(cobalt);

const keyOf = (table: string) => (table === 'notifications_snooper' ? 'post_office_email_id' : 'id');

describe('the night from green to blue, by hand', () => {
  const { from, to } = settings.upgrade;
  const old = `production-${from}`;
  const fresh = databaseId(settings, to, 1);
  const environments = settings.sides[to].environments;
  let stage: Stage;
  let outcomes: Outcome[];
  let untouched: Record<string, string>;
  let usersBefore: number;

  beforeAll(async () => {
    stage = await Stage.open(settings, { actors: true, durations: quick });
    outcomes = await night(stage, { until: 'npm run snapshot' });
    untouched = await everyRow(stage, old);
    usersBefore = await count('accounts_user', old);
    outcomes.push(...(await night(stage, { from: 'npm run restore' })));
    await stage.sandbox.world.clock.skip(20 * 60_000);
  });
  afterAll(() => stage.close());

  const count = async (table: string, database: string) =>
    (await stage.query(database, `SELECT count(*)::int AS n FROM ${table}`))[0].n as number;

  test('nothing warned of anything', () => {
    expect(stage.warned).toEqual([]);
    for (const { said } of outcomes) expect(said).not.toMatch(/warning|deprecated|unknown option/i);
  });

  test('the names point at the new side, and status finds no difference', async () => {
    const { observed, differences } = await status(await stage.ports());
    expect(differences).toEqual([]);
    for (const [role, { hosts }] of Object.entries(settings.roles))
      for (const host of hosts) expect(observed.hosts[host]).toBe(`alias to ${cname(settings, to, role)}`);
  });

  test('exactly one environment can charge', () => {
    const { beanstalk, iam } = stage.sandbox.world;
    const key = parameterNames(settings).secret('STRIPE_SECRET_KEY');
    const running = beanstalk.instances().filter(({ state }) => state === 'running');
    const armed = running.filter(({ web }) => web!.environ.STRIPE_SECRET_KEY !== 'not-set');
    const allowed = running.filter(
      ({ role }) => iam.decide(role, 'ssm:GetParameter', parameterArn(settings, key)) === 'allowed',
    );
    const of = (machines: typeof running) => [...new Set(machines.map(({ environment }) => environment))];
    expect(of(running)).toHaveLength(4);
    expect(of(armed)).toEqual([environments.web!.name]);
    expect(of(allowed)).toEqual([environments.web!.name]);
  });

  test('every e-mail went out once, and every membership that was due was charged once', () => {
    const sent = stage.happenings('email.sent');
    expect(new Set(sent.map(({ messageId }) => messageId)).size).toBe(sent.length);
    expect(sent.map(({ environment }) => environment)).toContain(environments.web!.name);
    const charged = stage.happenings('charged').filter(({ automatic }) => automatic);
    expect(new Set(charged.map(({ membership }) => membership)).size).toBe(charged.length);
  });

  test('what people were told was done is there', async () => {
    const acknowledged = stage
      .happenings('write.acknowledged')
      .filter(({ table }) => table !== 'django_session');
    const endpoints = new Set(acknowledged.map(({ endpoint }) => String(endpoint).split('.')[0]));
    expect(endpoints).toEqual(new Set([old, fresh]));
    const snapshotAtMs = stage.happenings('snapshot.started')[0]!.atMs;
    const lost = acknowledged.filter(
      ({ atMs, endpoint }) => atMs >= snapshotAtMs && String(endpoint).startsWith(`${old}.`),
    );
    expect(lost).toEqual([]);
    const tables = new Set(acknowledged.map(({ table }) => String(table)));
    expect([...tables]).toEqual(expect.arrayContaining(['accounts_user', 'events_evententry']));
    for (const table of tables) {
      const ids = [...new Set(acknowledged.filter((each) => each.table === table).map(({ id }) => id))];
      const found = await stage.query(fresh, `SELECT FROM ${table} WHERE ${keyOf(table)} = ANY ($1)`, [ids]);
      expect([table, found.length]).toEqual([table, ids.length]);
    }
  });

  test('the users are converted but for the one whose number was taken, and the blocked e-mails are back', async () => {
    expect(await count('accounts_unregistereduser', fresh)).toBe(1);
    expect(await count('accounts_user', fresh)).toBe(usersBefore + 149);
    const blocked = (database: string, people: string) =>
      stage.query(
        database,
        `SELECT b.email, p.system_number FROM notifications_unregisteredblockedemail b
         JOIN ${people} p ON p.id = b.un_registered_user_id ORDER BY 1, 2`,
      );
    const before = await blocked(old, 'accounts_unregistereduser');
    expect(before).toHaveLength(20);
    expect(await blocked(fresh, 'accounts_user')).toEqual(before);
  });

  test('the old database is as the snapshot found it', async () => {
    expect(await everyRow(stage, old)).toEqual(untouched);
  });
});
