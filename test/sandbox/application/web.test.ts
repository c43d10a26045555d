import { stripeSignature } from '../../../sandbox/application/payments';
import { seededPassword, seededSession, seededSuperuser } from '../../../sandbox/application/production';
import { Rig, type Trial } from './support';

let rig: Rig;
let trial: Trial;
beforeAll(async () => {
  rig = await Rig.open();
});
afterAll(() => rig.close());
beforeEach(async () => {
  trial = await rig.start();
});
afterEach(() => trial.close());

const visitor = seededSession(0);
const headers = { cookie: visitor.cookie };
const entry = { headers, body: 'event=1' };

const lastActivity = async () =>
  (
    await trial.rows<{ at: Date }>(`SELECT last_activity AS at FROM accounts_user WHERE id = $1`, [
      visitor.userId,
    ])
  )[0]!.at;

describe('in ordinary times', () => {
  test('a logged-in visitor sees the dashboard, and looking at it saves their row', async () => {
    const before = await lastActivity();
    const answer = await trial.ask(trial.web(trial.environ()), 'GET', '/', { headers });
    expect(answer).toMatchObject({
      status: 200,
      body: expect.stringContaining(`Dashboard of ${visitor.username}`),
    });
    expect((await lastActivity()).getTime()).toBeGreaterThan(before.getTime());
  });

  test('an entry commits its rows, each told to the world with the environment and the database', async () => {
    const answer = await trial.ask(trial.web(trial.environ()), 'POST', '/events/enter', entry);
    expect(answer.body).toBe('Entry 201 received.');
    const tables = trial.kinds('write.acknowledged').map(({ table }) => table);
    expect(tables).toEqual([
      'accounts_user',
      'events_evententry',
      'events_evententryplayer',
      'events_eventlog',
      'post_office_email',
    ]);
    expect(trial.kinds('write.acknowledged')[1]).toMatchObject({
      id: 201,
      environment: 'cobalt-production-blue',
    });
  });

  test('somebody who is not logged in is sent to log in, and a login starts a session', async () => {
    const web = trial.web(trial.environ());
    const sent = await trial.ask(web, 'POST', '/events/enter', { body: 'event=1' });
    expect(sent).toMatchObject({ status: 302, headers: { location: '/accounts/login/?next=/events/enter' } });
    const body = `username=${visitor.username}&password=${seededPassword}`;
    const login = await trial.ask(web, 'POST', '/accounts/login/', { body });
    expect(login.status).toBe(302);
    const home = await trial.ask(web, 'GET', '/', { headers: { cookie: login.headers['set-cookie']! } });
    expect(home.body).toContain('Dashboard');
  });

  test('a payment charges the card for real, once there is a live key', async () => {
    await trial.ask(trial.web(trial.environ()), 'POST', '/payments/pay', { headers, body: 'amount=25' });
    expect(trial.kinds('charged')).toMatchObject([{ amount: 25, mode: 'live' }]);
    expect(await trial.count('payments_stripetransaction', `status = 'Pending'`)).toBe(1);
  });

  test.each([['not-set'], ['']])(
    'with the payment key %j nothing is charged and an error page says so',
    async (key) => {
      const web = trial.web(trial.environ({ STRIPE_SECRET_KEY: key }));
      const answer = await trial.ask(web, 'POST', '/payments/pay', { headers, body: 'amount=25' });
      expect(answer.body).toContain('Something went wrong');
      expect(trial.kinds('charged')).toEqual([]);
      expect(await trial.count('payments_stripetransaction', `status = 'Pending'`)).toBe(0);
    },
  );
});

describe('in maintenance mode, with a login that writes', () => {
  test("a visitor's entry is committed although they are shown the maintenance page", async () => {
    const web = trial.web(trial.environ({ MAINTENANCE_MODE: 'ON' }));
    const before = await trial.count('events_evententry');
    const answer = await trial.ask(web, 'POST', '/events/enter', entry);
    expect(answer).toMatchObject({ status: 503, body: 'MyABF is down for maintenance.' });
    expect(await trial.count('events_evententry')).toBe(before + 1);
    expect(trial.kinds('write.committed')).not.toEqual([]);
    expect(trial.kinds('write.acknowledged')).toEqual([]);
  });

  test('anybody can log in, and a superuser sees everything', async () => {
    const web = trial.web(trial.environ({ MAINTENANCE_MODE: 'ON' }));
    const body = `username=${seededSuperuser}&password=${seededPassword}`;
    const login = await trial.ask(web, 'POST', '/accounts/login/', { body });
    const cookie = login.headers['set-cookie']!;
    expect(await trial.ask(web, 'GET', '/', { headers: { cookie } })).toMatchObject({ status: 200 });
    expect(await trial.ask(web, 'GET', '/')).toMatchObject({ status: 503 });
  });

  test("Stripe's web hook is carried out and answered 503", async () => {
    const web = trial.web(trial.environ({ MAINTENANCE_MODE: 'ON' }));
    const body = stripeEvent(1);
    expect(await trial.ask(web, 'POST', '/payments/stripe-webhook', { body })).toMatchObject({ status: 503 });
    expect(await trial.count('payments_stripetransaction', `stripe_reference = 'ch_new'`)).toBe(1);
  });

  test("the e-mail service's web hook is answered as always", async () => {
    const web = trial.web(trial.environ({ MAINTENANCE_MODE: 'ON' }));
    const Message = JSON.stringify({
      eventType: 'Delivery',
      mail: { headers: [{ name: 'Message-ID', value: '<seed-7@myabf.com.au>' }] },
    });
    const answer = await trial.ask(web, 'POST', '/notifications/ses/event-webhook/', {
      body: JSON.stringify({ Message }),
    });
    expect(answer.status).toBe(200);
    expect(await trial.count('notifications_snooper', 'ses_delivered_at IS NOT NULL')).toBe(1);
  });
});

describe('with a login that only reads', () => {
  test.each([['OFF'], ['ON']])(
    'maintenance %s: an entry ends in a bare error page and nothing is committed',
    async (mode) => {
      const web = trial.web(trial.reader({ MAINTENANCE_MODE: mode }));
      const before = await trial.count('events_evententry');
      const activity = await lastActivity();
      const answer = await trial.ask(web, 'POST', '/events/enter', entry);
      expect(answer).toMatchObject({ status: 500, body: expect.stringContaining('Server Error (500)') });
      expect(await trial.count('events_evententry')).toBe(before);
      expect(await trial.count('utils_error500')).toBe(0);
      expect(await lastActivity()).toEqual(activity);
      expect(trial.kinds('write.committed')).toEqual([]);
    },
  );

  test("a superuser's page fails as well, and nobody can log in", async () => {
    const writer = trial.web(trial.environ());
    const body = `username=${seededSuperuser}&password=${seededPassword}`;
    const { headers: given } = await trial.ask(writer, 'POST', '/accounts/login/', { body });
    const web = trial.web(trial.reader({ MAINTENANCE_MODE: 'ON' }));
    const home = await trial.ask(web, 'GET', '/', { headers: { cookie: given['set-cookie']! } });
    expect(home.status).toBe(500);
    expect((await trial.ask(web, 'POST', '/accounts/login/', { body })).status).toBe(500);
  });

  test('the health check, which nobody is logged in for, still succeeds', async () => {
    const web = trial.web(trial.reader({ MAINTENANCE_MODE: 'ON' }));
    expect(await trial.ask(web, 'GET', '/accounts/login/')).toMatchObject({
      status: 200,
      body: expect.stringContaining('Log in to MyABF'),
    });
  });
});

describe('web hooks', () => {
  test('an empty signing secret accepts an unsigned hook; any other wants a signature', async () => {
    const body = stripeEvent(2);
    const post = (secret: string | undefined, signature?: string) =>
      trial.ask(
        trial.web(trial.environ(secret === undefined ? {} : { STRIPE_WEBHOOK_SECRET: secret })),
        'POST',
        '/payments/stripe-webhook',
        {
          body,
          headers: signature ? { 'Stripe-Signature': signature } : {},
        },
      );
    expect((await post(undefined)).status).toBe(200);
    expect((await post('not-set')).status).toBe(400);
    expect((await post('whsec_1')).status).toBe(400);
    expect((await post('whsec_1', stripeSignature('whsec_1', body, 1))).status).toBe(200);
  });

  test('a payment that the database does not know is answered as if it were', async () => {
    const answer = await trial.ask(trial.web(trial.environ()), 'POST', '/payments/stripe-webhook', {
      body: stripeEvent(999_999),
    });
    expect(answer.status).toBe(200);
    expect(trial.kinds('write.committed')).toEqual([]);
  });
});

describe('the database it is given', () => {
  test('the new release fails on tables that were not migrated', async () => {
    const web = trial.web(trial.environ(), 'new');
    expect((await trial.ask(web, 'GET', '/', { headers })).body).toContain('Something went wrong');
    const [error] = await trial.rows<{ summary: string }>('SELECT summary FROM utils_error500');
    expect(error?.summary).toBe('column u.user_type does not exist');
  });

  test('without a database even the login page is a bare error', async () => {
    const web = trial.web(trial.environ({ RDS_HOSTNAME: 'gone' }));
    expect((await trial.ask(web, 'GET', '/accounts/login/')).status).toBe(500);
  });

  test('a closed process holds no connection any more', async () => {
    const web = trial.web(trial.environ());
    const sessions = () =>
      trial.count('pg_stat_activity', `application_name = 'cobalt' AND datname = current_database()`);
    await trial.ask(web, 'GET', '/accounts/login/');
    expect(await sessions()).toBe(1);
    await trial.application.close(web);
    // PostgreSQL forgets a session a moment after its connection was closed.
    while ((await sessions()) > 0) await new Promise(setImmediate);
  });

  test('MP_USE_DJANGO means on with any value, even NO, and off only when absent', async () => {
    await trial.database.query('DELETE FROM notifications_unregisteredblockedemail');
    await trial.manage(['migrate']);
    const home = async (changes: Record<string, string>) =>
      (await trial.ask(trial.web(trial.environ(changes), 'new'), 'GET', '/', { headers })).body;
    expect(await home({})).toContain('from the Masterpoints Centre');
    expect(await home({ MP_USE_DJANGO: 'NO' })).toContain('0 from the database');
  });
});

function stripeEvent(payId: number): string {
  const object = { id: 'ch_new', metadata: { cobalt_pay_id: payId } };
  return JSON.stringify({ type: 'charge.succeeded', data: { object } });
}
