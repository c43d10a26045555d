import fs from 'node:fs';
import path from 'node:path';
import { startActors } from '../../sandbox/actors/actors';
import { CheckoutUnfit, migrateToBefore } from '../../sandbox/application/checkout-tables';
import { createApplication } from '../../sandbox/application/cobalt';
import { createPlainApplication } from '../../sandbox/application/plain';
import { constraintsBefore, tablesBefore } from '../../sandbox/application/schema';
import { createRds, type Rds } from '../../sandbox/rds/rds';
import { type LoadProduction, NothingLoaded, seedDatabases } from '../../sandbox/seed-databases';
import type { Process, WebRequest } from '../../sandbox/world';
import { fakeWorld } from './shell/fake-world';

const variables = {
  name: 'DB_NAME',
  host: 'DB_HOST',
  port: 'DB_PORT',
  user: 'DB_USER',
  password: 'DB_PASSWORD',
};
const size = {
  ...{ users: 30, unregistered: 20, blockedEmails: 4, entries: 10, payments: 10 },
  ...{ queuedEmails: 2, sessions: 5, duePayments: 1 },
};
const world = fakeWorld({
  parameters: {
    arnOf: () => '',
    read: (name) => ({ name, value: 'w', type: 'SecureString', version: 1, lastModifiedMs: 0 }),
    put: () => undefined as never,
    remove: () => {},
  },
});
let rds: Rds;
let id = '';
let count = 0;

beforeAll(() => {
  rds = createRds(world);
  world.databases = rds.databases;
});
beforeEach(() => {
  id = `production-${++count}`;
});
afterAll(async () => {
  await rds.stop();
  world.remove();
});

type Given = { loadProduction?: LoadProduction; checkout?: ReturnType<typeof checkout> };

function seed({ loadProduction, checkout }: Given) {
  const database = {
    ...{ id, instanceClass: 'db.t3.large', databaseName: 'ebdb', masterUsername: 'postgres' },
    ...{ password: { parameter: 'password' }, data: 'production' as const },
  };
  return seedDatabases(world, rds, { databases: [database], size, loadProduction, checkout, visitors: 2 });
}

/** Loads statements, as psql would a file. */
const statements =
  (text: string): LoadProduction =>
  async ({ name }) => {
    const client = await rds.openAsSuperuser(id, name);
    await client.query(`SET ROLE postgres; ${text}`);
    await client.end();
  };

/** A checkout whose manage.py is a script of the shell. */
function checkout(text: string) {
  const folder = fs.mkdtempSync(path.join(world.folder, 'checkout-'));
  fs.writeFileSync(path.join(folder, 'manage.py'), text);
  return { manageDir: folder, python: '/bin/sh', searchPath: process.env.PATH ?? '', variables };
}

async function rows<T>(text: string): Promise<T[]> {
  const client = await rds.openAsSuperuser(id);
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

describe('a database of another application', () => {
  const table = 'CREATE TABLE shelf (id int); CREATE TABLE django_session ';
  const columns =
    '(session_key varchar(40) PRIMARY KEY, session_data text NOT NULL, expire_date timestamptz NOT NULL)';

  test('is named for what it lacks, and gets plain pages, where a session is what is written', async () => {
    const { lacking, accounts } = await seed({ loadProduction: statements(table + columns) });
    expect(lacking).toEqual(expect.arrayContaining(['accounts_user', 'events_congress']));
    expect(lacking).not.toContain('django_session');
    expect(accounts.map(({ cookie }) => cookie)).toEqual(['', '']);

    const application = createPlainApplication(world, {
      variables: { database: variables, maintenance: { name: 'CLOSED', on: 'YES' } },
      sessions: 'django_session',
      healthCheckPath: '/health/',
    });
    const web = (environ: Record<string, string>): Process => {
      const login = { DB_NAME: 'ebdb', DB_HOST: rds.endpointOf(id), DB_USER: 'postgres', DB_PASSWORD: 'w' };
      return { pid: 1, argv: [], environ: { ...login, ...environ }, startedAtMs: 0 };
    };
    const open = web({});
    const ask = (process: Process, method: string, to: string, headers: WebRequest['headers'] = {}) =>
      application.serve(process, { method, path: to, host: 'example.org', headers, body: '' });

    expect(await ask(open, 'GET', '/')).toMatchObject({ status: 200, body: 'Welcome.' });
    const { headers } = await ask(open, 'POST', '/accounts/login/');
    const cookie = headers['set-cookie']!.split(';')[0]!;
    expect(await ask(open, 'GET', '/any', { cookie })).toMatchObject({ status: 200, body: 'Dashboard.' });
    expect(await ask(open, 'POST', '/any', { cookie })).toMatchObject({ status: 200, body: 'Saved.' });
    expect(await ask(open, 'POST', '/any')).toMatchObject({ status: 302 });
    expect(await rows('SELECT FROM django_session')).toHaveLength(1);

    const closed = web({ CLOSED: 'YES' });
    expect(await ask(closed, 'POST', '/accounts/login/')).toMatchObject({ status: 503 });
    expect(await rows('SELECT FROM django_session')).toHaveLength(2);
    expect(await ask(closed, 'GET', '/health/')).toMatchObject({ status: 200 });

    await rows(
      `CREATE ROLE r${count} LOGIN PASSWORD 'r'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO r${count}`,
    );
    const reader = web({ DB_USER: `r${count}`, DB_PASSWORD: 'r' });
    expect(await ask(reader, 'GET', '/health/')).toMatchObject({ status: 200 });
    expect(await ask(reader, 'POST', '/accounts/login/')).toMatchObject({ status: 500 });
    for (const each of [open, closed, reader]) await application.close(each);
  });

  test('has no tables: that is no database to go on with', async () => {
    await expect(seed({ loadProduction: async () => {} })).rejects.toThrow(NothingLoaded);
  });
});

test('people of a loaded Cobalt database are given sessions, and act', async () => {
  const people = `INSERT INTO accounts_user SELECT * FROM jsonb_populate_recordset(NULL::accounts_user, (
    SELECT jsonb_agg(to_jsonb(u) || jsonb_build_object('id', n, 'username', 'p' || n, 'system_number', n))
    FROM generate_series(1, 3) n, (SELECT '' AS password, false AS is_superuser, 'A' AS first_name, 'B' AS last_name,
      false AS is_staff, true AS is_active, now() AS date_joined, '' AS email, false AS deceased,
      'Off' AS stripe_auto_confirmed, 'US' AS covid_status, '' AS pic, true AS receive_sms_results,
      true AS receive_abf_newsletter, true AS receive_marketing, true AS receive_payments_emails,
      true AS receive_monthly_masterpoints_report, true AS receive_email_results, true AS receive_low_balance_emails,
      true AS receive_member_to_member_emails, true AS system_number_search, true AS receive_sms_reminders,
      true AS windows_scrollbar) u))`;
  const { lacking, accounts } = await seed({
    loadProduction: statements(`${tablesBefore};${constraintsBefore};${people}`),
  });
  expect(lacking).toEqual([]);
  expect(accounts.map(({ username }) => username)).toEqual(['p1', 'p2']);
  const application = createApplication(world, { releasesBefore: [''] });
  const environ = {
    RDS_DB_NAME: 'ebdb',
    RDS_HOSTNAME: rds.endpointOf(id),
    RDS_USERNAME: 'postgres',
    RDS_PASSWORD: 'w',
  };
  const web: Process = { pid: 1, argv: [], environ, startedAtMs: 0 };
  const actors = startActors(world, {
    hosts: { web: ['myabf.com.au'], ses: 'ses.myabf.com.au' },
    browse: (request) => application.serve(web, request),
    accounts,
  });
  await world.clock.skip(3 * 60_000);
  actors.stop();
  await application.close(web);
  expect(await rows('SELECT id FROM accounts_user WHERE last_activity IS NOT NULL ORDER BY id')).toEqual([
    { id: 1 },
    { id: 2 },
  ]);
});

describe('a checkout without a database', () => {
  test('is asked for the tables before the upgrade, with its own variables', async () => {
    const given = checkout('env >environ; printf "%s" "$*" >words');
    const { lacking, accounts } = await seed({ checkout: given });
    const read = (file: string) => fs.readFileSync(path.join(given.manageDir, file), 'utf8');
    expect(read('environ')).toMatch(/^DB_HOST=127\.0\.0\.1$/m);
    expect(read('environ')).toMatch(/^DB_USER=postgres$/m);
    expect(read('environ')).not.toMatch(/^AWS_/m);
    expect(read('words')).toContain('"notifications":"0054_add_snooper_indexes"');
    // It made no tables: then they are the stand-in's.
    expect(lacking).toEqual([]);
    expect(accounts).toHaveLength(2);
    expect(await rows('SELECT FROM accounts_user')).toHaveLength(size.users);
  });

  test('fills the tables that it made, whatever else they demand, and leaves them as they were', async () => {
    const made = `${tablesBefore};${constraintsBefore};
      ALTER TABLE events_congress ADD COLUMN status varchar(10) NOT NULL, ADD COLUMN author_id integer NOT NULL REFERENCES accounts_user;
      DROP TABLE xero_xeroinvoice`;
    const given = checkout('exit 0');
    await expect(
      seed({ checkout: { ...given, python: madeBy(given.manageDir, made) } }),
    ).resolves.toMatchObject({ lacking: [] });
    expect(await rows('SELECT DISTINCT status, author_id FROM events_congress')).toEqual([
      { status: '', author_id: 1 },
    ]);
    expect(
      await rows(`SELECT FROM information_schema.columns WHERE table_name = 'events_congress'
        AND column_default IS NOT NULL`),
    ).toEqual([]);
  });

  test.each([
    [
      'fails',
      'echo "CommandError: App \'accounts\' does not have migrations." >&2; exit 1',
      /App 'accounts' does not/,
    ],
    ['fails silently', 'exit 3', /it ended with exit code 3/],
  ])('is unfit where it %s', async (_, text, message) => {
    const login = { host: '127.0.0.1', port: 1, user: 'postgres', password: 'w', name: 'ebdb' };
    const seeding = migrateToBefore(checkout(text), login);
    await expect(seeding).rejects.toThrow(CheckoutUnfit);
    await expect(seeding).rejects.toThrow(message);
  });

  test('is unfit where its tables are not Cobalt’s', async () => {
    const given = checkout('exit 0');
    const python = madeBy(given.manageDir, 'CREATE TABLE shelf (id int)');
    await expect(seed({ checkout: { ...given, python } })).rejects.toThrow(
      /its tables lack django_migrations, /,
    );
  });
});

/** An interpreter that makes these tables, whatever it is asked. */
function madeBy(folder: string, text: string): string {
  const file = path.join(folder, 'python');
  const program = `#!${process.execPath}
const { Client } = require(${JSON.stringify(require.resolve('pg'))});
const { DB_HOST: host, DB_PORT: port, DB_USER: user, DB_PASSWORD: password, DB_NAME: database } = process.env;
const client = new Client({ host, port: Number(port), user, password, database });
client.connect().then(() => client.query(${JSON.stringify(text)})).then(() => client.end());
`;
  fs.writeFileSync(file, program, { mode: 0o755 });
  return file;
}
