import { parameterArn, parameterNames } from '../../../lib/names';
import { loginArguments } from '../../../lib/upgrade/on-instance';
import { cobalt, documented, original } from '../../support/upgrade';
import { endpointOf } from '../../support/upgrade-world';
import { type Said, SideBySide } from './side-by-side';

const blue = original('blue').endpoint!;
const green = endpointOf('cobalt-production-green');
const { blockedEmailTable, unregisteredTable, userTable, command, duplicateLine } = cobalt.conversion!;
const { writer, reader } = cobalt.database;
const names = parameterNames(cobalt);
const kept = 'upgrade_blocked_email';
const toBlue = loginArguments(cobalt, blue, 'writer');
const toGreen = loginArguments(cobalt, green, 'writer');
let worlds: SideBySide;

beforeAll(async () => {
  const size = { users: 40, unregistered: 24, blockedEmails: 8, entries: 8, payments: 8 };
  worlds = await SideBySide.open({ ...size, queuedEmails: 3, sessions: 4, duePayments: 1 });
  const { real } = worlds;
  real.secrets.set(names.secret(reader.secret), 'reads only');
  await ask(
    blue,
    `DELETE FROM notifications_snooper WHERE post_office_email_id > 1;
     DELETE FROM post_office_email WHERE status NOT IN (2, 3) AND id > 1;
     UPDATE accounts_unregistereduser SET system_number = 200011 WHERE id = 40;
     UPDATE accounts_unregistereduser SET last_name = NULL WHERE id = 42;
     UPDATE accounts_unregistereduser SET first_name = NULL WHERE id = 44;
     UPDATE accounts_user SET username = (SELECT system_number FROM accounts_unregistereduser WHERE id = 37) WHERE id = 12`,
  );
  await real.restoreTo(green, await real.copyOf(blue));
  real.launch('blue', 'web', { access: 'open' });
  real.launch('green', 'web', { live: 'green', access: 'open' });
});
afterAll(() => worlds.close());
beforeEach(() => worlds.mirror());

const ask = async (endpoint: string, text: string) =>
  (await worlds.real.query(endpoint, (client) => client.query(text))).rows;
const old = () => worlds.real.instances[0]!;
const fresh = () => worlds.real.instances[1]!;
const both = (script: string, args: string[], instance = fresh()) => worlds.both(instance, script, args);
/** With what may differ by nature put out of sight. */
const without = (pattern: RegExp, { exitCode, lines }: Said): Said => ({
  exitCode,
  lines: lines.map((line) => line.replace(pattern, '*')),
});
const sorted = ({ exitCode, lines }: Said): Said => ({ exitCode, lines: [...lines].sort() });

async function expectSame(
  script: string,
  args: string[],
  seen: (said: Said) => Said = (said) => said,
  exitCode = 0,
) {
  const { real, model } = await both(script, args);
  expect(real.exitCode).toBe(exitCode);
  expect(seen(model)).toEqual(seen(real));
  return real;
}

/** How many rows a table has, really and in the model. */
async function rowsOf(endpoint: string, table: string) {
  const data = worlds.dataAt(endpoint);
  const model = data.has(table) ? data.rows(table).length : undefined;
  const known = await ask(endpoint, `SELECT FROM pg_tables WHERE tablename = '${table}'`);
  return { real: known.length === 0 ? undefined : await worlds.real.count(endpoint, table), model };
}
async function expectSameRows(endpoint: string, ...tables: string[]) {
  for (const table of tables) {
    const { real, model } = await rowsOf(endpoint, table);
    expect([table, model]).toEqual([table, real]);
  }
}

describe('a database that cannot be asked is told by the same exit code', () => {
  const [region, , port, name, user, parameter] = toBlue as [string, string, string, string, string, string];
  const unfit: [string, number, string[]][] = [
    ['a wrong password', 61, [region, blue, port, name, user, names.notSet]],
    ['an unknown login', 61, [region, blue, port, name, 'nobody', parameter]],
    ['no parameter', 60, [region, blue, port, name, user, `${parameter}-missing`]],
    ['no server', 62, [region, endpointOf('nowhere'), port, name, user, parameter]],
    ['no database of the name', 63, [region, blue, port, 'elsewhere', user, parameter]],
  ];
  test.each(unfit)('%s: %i', async (_, code, login) => {
    for (const [script, more] of [
      ['count-users', [unregisteredTable, userTable]],
      ['sessions-of', []],
    ] as const) {
      const { real, model } = await both(script, [...login, ...more]);
      expect([real.exitCode, model.exitCode]).toEqual([code, code]);
    }
    await expectSame('look-ahead', [...login, 'briefly', parameter], (said) => without(/\d{4,}/, said));
  });

  test('a parameter that the role may not read: 60', async () => {
    worlds.real.denied.add(parameter);
    const { real, model } = await both('count-users', [...toBlue, unregisteredTable, userTable]);
    await expectSame('try-parameters', [region, parameter, names.notSet, `${parameter}-missing`]);
    worlds.real.denied.delete(parameter);
    expect([real.exitCode, model.exitCode]).toEqual([60, 60]);
  });
});

describe('what only looks says the same', () => {
  test('logins that are taken', () => expectSame('accept-connections', [...toBlue, '2', '5']));

  test('what a night will need', async () => {
    const briefly = [...toBlue, 'briefly', names.notSet];
    await expectSame('look-ahead', briefly, (said) => without(/(?<=free |bytes )\d+/, said));
    const atLength = [...toBlue, 'at-length', names.notSet];
    await expectSame('look-ahead', atLength, (said) => without(/(?<=free |bytes )\d+/, said));
  });

  test('people who can be converted, and who cannot', async () => {
    const { lines } = await expectSame('count-users', [...toBlue, unregisteredTable, userTable]);
    expect(lines.map((line) => line.split(' ')[0])).toEqual([
      ...['unregistered', 'users', 'duplicate', 'duplicate', 'nameless', 'nameless'],
    ]);
  });

  test('blocked addresses', () =>
    expectSame('look-at-blocked-emails', [...toBlue, blockedEmailTable, unregisteredTable]));

  test('rows, sums and sequences', () =>
    // A sum is of a row's text, and a sequence is loaded with its rows.
    expectSame('fingerprint', [...toBlue, 'payments_stripetransaction,payments_membertransaction'], (said) =>
      without(/(?<=^checksum \S+ |^sequence \S+ ).*/, said),
    ));

  test('tables that were used', () => expectSame('count-reads', toBlue, sorted));

  test('tables and their keys that were read', () =>
    expectSame('warm', [...toBlue, ''], ({ exitCode, lines }) =>
      sorted({ exitCode, lines: lines.filter((line) => /^table |_pkey$/.test(line)) }),
    ));

  test('rows that were written', () =>
    expectSame('count-writes', [...toBlue, '1'], (said) =>
      without(/(?<=^before \S+ |^after \S+ )\d+/, said),
    ));

  test('sessions of the application', async () => {
    await expectSame('sessions-of', toBlue);
    const client = await worlds.real.clusters
      .get(blue)!
      .connectAs(writer.user, worlds.real.secrets.get(toBlue[5]!)!, 'ebdb');
    worlds.serverAt(blue).admit({}, writer.user, worlds.real.secrets.get(toBlue[5]!)!, 'ebdb', 'cobalt');
    await expectSame('sessions-of', toBlue, (said) => without(/^\d+ [\d.]+/, said)).finally(() =>
      client.end(),
    );
  });
});

describe('the login that only reads', () => {
  const toReader = loginArguments(cobalt, blue, 'reader');

  test('it is made, reads everything and writes nothing, and a script that would write ends in the same way', async () => {
    expect((await both('prove-reader', toReader)).model.exitCode).toBe(61);
    await expectSame('make-reader', [...toBlue, reader.user, names.secret(reader.secret)]);
    const { lines } = await expectSame('prove-reader', toReader);
    expect(lines[0]).toBe('default on');
    const before = await rowsOf(blue, 'django_session');
    const { real, model } = await both('empty-sessions', [...toReader, 'django_session']);
    expect([real.exitCode, model.exitCode]).toEqual([3, 3]);
    expect(await rowsOf(blue, 'django_session')).toEqual(before);
  });

  test('another login is told from it', async () => {
    const { real, model } = await both('prove-reader', toBlue);
    const kinds = ({ lines }: Said) => new Set(lines.map((line) => line.split(' ')[0]));
    expect(kinds(model)).toEqual(kinds(real));
    expect(model.lines.slice(0, 3)).toEqual(real.lines.slice(0, 3));
  });

  test('a command of the application fails with it', async () => {
    const args = ['', ...toReader, ...variables, '256', '', 'add_notifications_templates'];
    const { real, model } = await both('manage', args);
    expect([real.exitCode, model.exitCode]).toEqual([1, 1]);
    await expectSameRows(blue, 'post_office_emailtemplate');
  });
});

const variables = ['RDS_HOSTNAME', 'RDS_PORT', 'RDS_DB_NAME', 'RDS_USERNAME', 'RDS_PASSWORD'];
const manage = (...words: string[]) => ['', ...toGreen, ...variables, '256', '', ...words];

describe('the copy is readied by the same steps', () => {
  test('addresses that belong to nobody: none is moved', async () => {
    const key = `SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = '${blockedEmailTable}'::regclass`;
    const [{ conname }] = await ask(green, key);
    await ask(
      green,
      `ALTER TABLE ${blockedEmailTable} DROP CONSTRAINT ${conname};
      INSERT INTO ${blockedEmailTable} (id, email, un_registered_user_id) VALUES (999, 'x@example.com', 9999)`,
    );
    await worlds.mirror();
    await expectSame('look-at-blocked-emails', [...toGreen, blockedEmailTable, unregisteredTable]);
    const keep = [...toGreen, blockedEmailTable, unregisteredTable, kept];
    await expectSame('keep-blocked-emails', keep, (said) => said, 3);
    await expectSameRows(green, kept, blockedEmailTable);
    await ask(
      green,
      `DELETE FROM ${blockedEmailTable} WHERE id = 999;
      ALTER TABLE ${blockedEmailTable} ADD CONSTRAINT ${conname}
      FOREIGN KEY (un_registered_user_id) REFERENCES accounts_unregistereduser DEFERRABLE INITIALLY DEFERRED`,
    );
  });

  test('sessions are emptied, and again', async () => {
    for (const _ of [1, 2]) await expectSame('empty-sessions', [...toGreen, 'django_session']);
    await expectSameRows(green, 'django_session');
  });

  test('addresses are kept, people are converted, and each gets its own back', async () => {
    const keep = [...toGreen, blockedEmailTable, unregisteredTable, kept];
    for (const _ of [1, 2]) await expectSame('keep-blocked-emails', keep);
    await expectSameRows(green, kept, blockedEmailTable);
    for (const _ of [1, 2]) {
      await expectExits(manage('migrate', '--check'));
      await expectExits(manage('migrate'));
    }
    await expectSame('look-at-blocked-emails', [...toGreen, blockedEmailTable, unregisteredTable]);
    const convert = manage(...command);
    convert[13] = duplicateLine.replaceAll('\\d', '[0-9]');
    await expectSame('manage', convert, sorted);
    await expectSameRows(green, unregisteredTable, userTable);
    await expectSame('count-users', [...toGreen, unregisteredTable, userTable]);
    for (const _ of [1, 2]) await expectSame('put-back-blocked-emails', [...keep, userTable]);
    await expectSameRows(green, kept, blockedEmailTable);
  });

  async function expectExits(args: string[]) {
    const { real, model } = await both('manage', args);
    expect([args.slice(14), model.exitCode]).toEqual([args.slice(14), real.exitCode]);
  }

  test('a command that there is not, and one beside another', async () => {
    await expectExits(manage('no_such_command'));
    const web = fresh();
    const { processes } = web;
    const away = [...processes];
    processes.clear();
    const { real, model } = await both('manage', manage('migrate', '--check'));
    for (const [pid, process] of away) processes.set(pid, process);
    expect([real.exitCode, model.exitCode]).toEqual([65, 65]);
  });
});

describe('the old side learns what the new one did', () => {
  const { people, tables } = cobalt.activity!;
  const of = (only: string[]) =>
    tables
      .filter(({ table }) => only.includes(table))
      .flatMap(({ table, newer, at, who, number, amount, what }) => [
        table,
        newer.join(','),
        ...[at, who, number, amount, what].map((column) => column ?? '-'),
      ]);
  const args = [...toBlue, green, people.table, people.key, people.number];

  test('rows that are new or changed', async () => {
    await ask(
      green,
      `INSERT INTO events_eventlog (event_id, actor_id, action_date, action)
         VALUES (1, 7, '2026-11-26 12:00:00+00', E'said "it''s; done"\\n\\\\');
       INSERT INTO payments_userpendingpayment (system_number, organisation_id, amount, description, created_at)
         VALUES (620123, 1, 12.50, NULL, '2026-11-26 12:01:00+00');
       UPDATE payments_stripetransaction SET status = 'Refunded', last_change_date = '2026-11-26 12:02:00+00'
         WHERE id = 1`,
    );
    await worlds.mirror();
    const only = of(['events_eventlog', 'payments_userpendingpayment', 'payments_stripetransaction']);
    const { real, model } = await both('count-activity', [...args, ...only]);
    const read = ({ exitCode, lines }: Said) => [
      exitCode,
      ...lines.map((line) => {
        const row = JSON.parse(line.slice(4));
        return [line.slice(0, 4), { ...row, amount: row.amount === null ? null : Number(row.amount) }];
      }),
    ];
    expect(read(model)).toEqual(read(real));
    expect(real.lines).toHaveLength(3);
  });

  test('what was sent', async () => {
    await ask(
      green,
      `UPDATE post_office_email SET status = 0 WHERE id IN (SELECT id FROM post_office_email WHERE status = 2 ORDER BY id LIMIT 2)`,
    );
    await worlds.mirror();
    const { table, key, state, pending } = cobalt.mailQueue!;
    const take = [...toBlue, green, table, key, state, pending.join(',')];
    expect((await expectSame('take-over-sent', take)).lines).toEqual(['taken 2']);
    const waiting = (await ask(blue, `SELECT id FROM ${table} WHERE status = 2 ORDER BY id`)).map(
      ({ id }) => id,
    );
    const modelled = worlds
      .dataAt(blue)
      .rows(table)
      .filter(({ status }) => status === 2);
    expect(modelled.map(({ id }) => id).sort()).toEqual(waiting.sort());
    expect((await expectSame('take-over-sent', take)).lines).toEqual(['taken 0']);
  });
});

describe('an instance is looked at and told what to do in the same words', () => {
  const asked = [
    'RDS_HOSTNAME',
    'variable',
    'MAINTENANCE_MODE',
    'variable',
    'NOT_THERE',
    'payment',
    'STRIPE_SECRET_KEY',
  ];
  const more = ['payment', 'NOT_THERE', 'forbidden', 'MP_USE_DJANGO', 'forbidden', 'NOT_THERE'];

  test('what it was started with, and what cron does', async () => {
    await expectSame('observe', [...asked, ...more]);
    for (const script of ['stop-jobs', 'start-jobs', 'stop-jobs'] as const) {
      const { real } = await both(script, []);
      expect(real.exitCode).toBe(0);
      await expectSame('observe', [...asked, ...more]);
      const { running, enabled } = fresh().cron;
      fresh().cron.running = !running;
      await worlds.model(fresh(), script, []);
      expect(fresh().cron).toMatchObject({ running, enabled });
    }
  });

  test('commands that cron started', async () => {
    const process = worlds.real.cronCommand(fresh(), 'post_office_email_sender_cron');
    await expectSame('observe', [...asked, ...more]);
    await expectSame('wait-for-commands', ['10']);
    fresh().end(process);
    await expectSame('wait-for-commands', ['10', 'mpc_sync']);
  });

  test('a command of the tool that nobody began', () =>
    expectSame('follow-command', ['/var/app/nothing.log', 'mpc_sync', green, '0', '', '']));
});

describe('a command that takes hours is kept, and followed, in the same words', () => {
  const { command, tables, progressLine = '', faultLine = '' } = cobalt.sync!;
  const log = '/var/app/upgrade-mpc_sync.log';
  const login = [...toGreen, ...variables, '256', ''];
  const follow = (known = '0', endpoint = green) => [
    ...[log, command[0]!, endpoint, known, progressLine, faultLine],
  ];
  /** How far it is and how long each part took is told by other lines. */
  const standing = ({ exitCode, lines }: Said): Said => ({
    exitCode,
    lines: [...new Set(lines.map((line) => line.replace(/^lines \d+$/, 'lines *').replace(/^>.*/, '>')))],
  });

  test('it fills the tables and stays on its instance', async () => {
    const { real, model } = await both('manage', [log, ...login, ...command]);
    expect([real, model]).toEqual([
      { exitCode: 0, lines: [] },
      { exitCode: 0, lines: [] },
    ]);
    await expectSameRows(green, ...tables);
    const { lines } = await expectSame('follow-command', follow(), standing);
    expect(lines).toEqual(expect.arrayContaining(['ended 0', 'faults 0']));
    await expectSame('follow-command', follow('999'), standing);
    await expectSame('follow-command', follow('0', blue));
    await expectSame('count-rows', [...toGreen, ...tables]);
  });

  test('a centre that does not answer is told by its lines alone', async () => {
    worlds.real.masterpointsCentre.answers = false;
    await both('manage', [log, ...login, ...command]);
    const counted = (said: Said) => without(/(?<=^faults )\d+/, standing(said));
    const { lines } = await expectSame('follow-command', follow(), counted);
    worlds.real.masterpointsCentre.answers = true;
    expect(lines.join('\n')).toMatch(/^faults [1-9]\d*$/m);
  });

  test('one that fails shows its last lines', async () => {
    const { real, model } = await both('manage', [log, ...login, 'no_such_command']);
    expect([real.exitCode, model.exitCode]).toEqual([1, 1]);
    // How many lines a fault has is told by another model.
    const short = (said: Said): Said => {
      const { exitCode, lines } = standing(said);
      return { exitCode, lines: [...new Set(lines.map((line) => line.replace(/^\?.*/, '?')))] };
    };
    expect((await expectSame('follow-command', follow(), short)).lines[0]).toBe('ended 1');
  });
});

describe('secrets that become parameters', () => {
  const [same, other, missing] = cobalt.variables.payments.map((name) => names.secret(name)) as string[];
  const pairs = cobalt.variables.payments.flatMap((name) => [name, names.secret(name)]);
  const asked = [cobalt.region, 'RDS_HOSTNAME', ...pairs, 'NOT_THERE', names.secret('NOT_THERE')];
  beforeEach(() => {
    worlds.real.secrets.set(same!, fresh().web!.environ[cobalt.variables.payments[0]!]!);
    worlds.real.secrets.set(other!, 'another');
    worlds.real.secrets.delete(missing!);
  });
  afterEach(() => worlds.real.denied.clear());

  test('are compared', async () => {
    const { lines } = await expectSame('keep-secrets', ['compare', ...asked]);
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['same', 'other', 'missing', 'lacking']);
  });

  test('that may not be read or written are told', async () => {
    worlds.real.denied.add(same!).add(`ssm:PutParameter ${parameterArn(cobalt, missing!)}`);
    const { lines } = await expectSame('keep-secrets', ['keep', ...asked]);
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['unreadable', 'other', 'unwritable', 'lacking']);
  });

  test('are kept where there is none', async () => {
    const kept = async (run: Promise<Said>) => {
      const { lines } = await run;
      const value = worlds.real.secrets.get(missing!);
      worlds.real.secrets.delete(missing!);
      return { lines, value };
    };
    const keep = ['keep', ...asked];
    const real = await kept(worlds.run(fresh(), 'keep-secrets', keep));
    expect(real.lines[2]).toMatch(/^kept /);
    expect(await kept(worlds.model(fresh(), 'keep-secrets', keep))).toEqual(real);
  });
});

test('a script without a model is refused', async () => {
  expect(await worlds.model(old(), 'end-command', ['mpc_sync'])).toMatchObject({
    exitCode: 127,
  });
});

describe('a copy for the test system is made harmless in the same way', () => {
  const given = documented.testSystem!.sanitise;
  const count = [
    ...toGreen,
    given.harmless.join(','),
    ...given.addresses.flatMap(({ table, column }) => ['address', table, column]),
    ...['queue', given.queue!.table, given.queue!.column, given.queue!.waiting.join(',')],
  ];

  test('addresses of people are counted, and none is left', async () => {
    const { lines } = await expectSame('count-addresses', count);
    expect(lines.join('\n')).toMatch(/^people accounts_user\.email [1-9]/m);
    await both('manage', manage(...given.command));
    const after = await expectSame('count-addresses', count);
    expect(after.lines.join('\n')).toMatch(/^people accounts_user\.email 0$/m);
  });

  test('its logins are others: only the new password opens it', async () => {
    worlds.real.secrets.set(names.secret('TEST'), 'of the test system');
    await expectSame('make-reader', [...toGreen, reader.user, names.secret(reader.secret)]);
    await expectSame('change-password', [...toGreen, names.secret('TEST')]);
    const opened = (login: string[], exitCode: number) =>
      expectSame('accept-connections', [...login, '1', '1'], (said) => said, exitCode);
    await opened(toGreen, 61);
    await opened(loginArguments(cobalt, green, 'reader'), 61);
    await opened([...toGreen.slice(0, -1), names.secret('TEST')], 0);
  });
});
