import { type ActorsOptions, startActors } from '../../../sandbox/actors/actors';
import { seededSession } from '../../../sandbox/application/production';
import type { Happening, Process } from '../../../sandbox/world';
import { Rig, type Trial } from '../application/support';

const minuteMs = 60_000;
const hosts = { web: ['myabf.com.au', 'www.myabf.com.au'], ses: 'ses.myabf.com.au' };
const stripeWebhookSecret = 'whsec_1';

let rig: Rig;
let trial: Trial;
let web: Process;
let actors: { stop: () => void };
beforeAll(async () => {
  rig = await Rig.open();
});
afterAll(() => rig.close());
beforeEach(async () => {
  trial = await rig.start();
});
afterEach(async () => {
  actors.stop();
  await trial.close();
});

function begin(changes: Record<string, string> = {}, options: Partial<ActorsOptions> = {}) {
  web = trial.web(trial.environ({ STRIPE_WEBHOOK_SECRET: stripeWebhookSecret, ...changes }));
  actors = startActors(trial.world, {
    hosts,
    accounts: [0, 1, 2, 3].map(seededSession),
    browse: (request) => trial.application.serve(web, request),
    stripeWebhookSecret,
    ...options,
  });
}

const asked = (wanted: (happening: Happening) => boolean = () => true) =>
  trial.kinds('visitor.asked').filter(wanted);
const hooks = () => asked(({ path }) => path === '/payments/stripe-webhook');

test('visitors act every half a minute to a minute: they look, enter and pay, at both names', async () => {
  begin();
  await trial.clock.skip(20 * minuteMs);
  const visits = asked(({ actor }) => String(actor).startsWith('user'));
  expect(visits.length).toBeGreaterThanOrEqual(4 * 20);
  expect(visits.length).toBeLessThanOrEqual(4 * 40);
  expect(new Set(visits.map(({ host }) => host))).toEqual(new Set(hosts.web));
  expect(new Set(visits.map(({ path }) => path))).toEqual(new Set(['/', '/events/enter', '/payments/pay']));
  expect(visits.every(({ acknowledged }) => acknowledged)).toBe(true);
});

test('the same seed makes the same visitors do the same, another seed makes them do otherwise', async () => {
  const paths = async (seed: number) => {
    trial.happenings.length = 0;
    begin({}, { seed, browse: async () => undefined });
    await trial.clock.skip(10 * minuteMs);
    actors.stop();
    return asked().map(({ actor, path }) => `${actor} ${path}`);
  };
  const first = await paths(1);
  expect(await paths(1)).toEqual(first);
  expect(await paths(2)).not.toEqual(first);
});

test('a visitor whose session is gone logs in again', async () => {
  begin();
  await trial.database.query('DELETE FROM django_session');
  await trial.clock.skip(10 * minuteMs);
  expect(
    asked(({ path, acknowledged }) => path === '/accounts/login/' && acknowledged === true),
  ).toHaveLength(4);
  expect(await trial.count('django_session')).toBe(4);
});

test('nobody is told that all is well when nothing answers', async () => {
  begin({}, { browse: async () => undefined });
  await trial.clock.skip(2 * minuteMs);
  expect(asked().length).toBeGreaterThan(0);
  expect(asked(({ acknowledged, status }) => acknowledged === true || status !== undefined)).toEqual([]);
});

test('in maintenance mode visitors are shown a page of refusal and their posts are committed', async () => {
  begin({ MAINTENANCE_MODE: 'ON' });
  const before = await trial.count('events_evententry');
  await trial.clock.skip(20 * minuteMs);
  expect(asked(({ path, acknowledged }) => path === '/events/enter' && acknowledged === true)).toEqual([]);
  expect(await trial.count('events_evententry')).toBeGreaterThan(before);
});

test('with a login that only reads, an hour of visitors leaves every row where it was', async () => {
  begin({ RDS_USERNAME: 'reader', RDS_PASSWORD: 'reads', MAINTENANCE_MODE: 'ON' });
  await trial.clock.skip(60 * minuteMs);
  expect(asked().length).toBeGreaterThan(200);
  expect(trial.kinds('write.committed')).toEqual([]);
});

test('Stripe confirms a payment, and asks again later until it is told that all is well', async () => {
  begin();
  const { headers, body } = { headers: { cookie: seededSession(5).cookie }, body: 'amount=10' };
  await trial.ask(web, 'POST', '/payments/pay', { headers, body });
  web = trial.web(trial.environ({ STRIPE_WEBHOOK_SECRET: 'another' }));
  await trial.clock.skip(minuteMs);
  expect(hooks()).toMatchObject([{ status: 400, acknowledged: false }]);
  web = trial.web(trial.environ({ STRIPE_WEBHOOK_SECRET: stripeWebhookSecret }));
  await trial.clock.skip(5 * minuteMs);
  const [paid] = await trial.rows<{ status: string }>(
    'SELECT status FROM payments_stripetransaction WHERE amount = 10 ORDER BY id LIMIT 1',
  );
  expect(paid?.status).toBe('Succeeded');
});

describe('word of a delivered e-mail', () => {
  const tell = () => trial.world.happened('email.sent', { messageId: '<seed-3@myabf.com.au>' });
  const words = () => asked(({ actor }) => actor === 'ses');

  test('reaches the application under the name of its SES side', async () => {
    begin({}, { accounts: [] });
    tell();
    await trial.clock.skip(minuteMs);
    expect(words()).toMatchObject([{ host: hosts.ses, status: 200, acknowledged: true }]);
    expect(await trial.count('notifications_snooper', 'ses_delivered_at IS NOT NULL')).toBe(1);
  });

  test('is lost for good when the application cannot write for a minute', async () => {
    begin({ RDS_USERNAME: 'reader', RDS_PASSWORD: 'reads' }, { accounts: [] });
    tell();
    await trial.clock.skip(2 * minuteMs);
    web = trial.web(trial.environ());
    await trial.clock.skip(30 * minuteMs);
    expect(words()).toHaveLength(4);
    expect(trial.kinds('webhook.dropped')).toMatchObject([{ actor: 'ses', status: 500 }]);
    expect(await trial.count('notifications_snooper', 'ses_delivered_at IS NOT NULL')).toBe(0);
  });
});

test('stopped, the actors ask nothing more', async () => {
  begin();
  await trial.clock.skip(2 * minuteMs);
  actors.stop();
  const before = asked().length;
  expect(before).toBeGreaterThan(0);
  await trial.clock.skip(10 * minuteMs);
  expect(asked()).toHaveLength(before);
});
