import fc from 'fast-check';
import type pg from 'pg';
import { parameterNames } from '../../../lib/names';
import type { DatabaseRecord } from '../../../lib/record';
import { keepBlockedEmails, putBackBlockedEmails } from '../../../lib/upgrade/database/blocked-emails';
import type { Readied } from '../../../lib/upgrade/database/copy';
import { countActivity } from '../../../lib/upgrade/database/count-activity';
import { fingerprint } from '../../../lib/upgrade/database/fingerprint';
import { countWrites } from '../../../lib/upgrade/database/source-writes';
import { listed, loginArguments, onInstance } from '../../../lib/upgrade/on-instance';
import type { Ports } from '../../../lib/upgrade/ports';
import { grantReader, proveReader } from '../../../lib/upgrade/side/reader';
import { takeOverSent } from '../../../lib/upgrade/test-system/take-over-sent';
import { blockedEmailReference } from '../../../sandbox/application/schema';
import { plainText, several, slowTries, storedName, storedText } from '../../support/hostile';
import { RealInstance } from '../../support/real-instance';
import { at, cobalt, original, restored } from '../../support/upgrade';
import { endpointOf, UpgradeWorld } from '../../support/upgrade-world';

jest.setTimeout(Number(process.env.FUZZ_RUNS ?? 0) * 2_000 + 120_000);

const blue = original('blue').endpoint!;
const green = endpointOf('cobalt-production-green');
const few = slowTries(4);
let world: UpgradeWorld;
let machine: RealInstance;
let ports: Ports;

const tiny = { users: 30, unregistered: 12, blockedEmails: 0, entries: 4, payments: 4, queuedEmails: 4 };

beforeAll(async () => {
  world = await UpgradeWorld.open({ ...tiny, sessions: 2, duePayments: 0 });
  await world.restoreTo(green, await world.copyOf(blue));
  world.record = at(cobalt, { live: 'green', access: 'open' });
  world.relaunch();
  world.secrets.set(parameterNames(cobalt).secret(cobalt.database.reader.secret), 'a reader');
  machine = new RealInstance(world);
  ports = {
    ...world.ports,
    instances: {
      ...world.ports.instances,
      run: (instance, script, args) => machine.run(instance, script, args),
    },
  };
});
afterAll(async () => {
  machine?.close();
  await world?.close();
});

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
// biome-ignore lint/suspicious/noExplicitAny: rows of any shape.
type Row = any;
/** As a script prints what the database calls a thing. */
const printed = (name: string) => name.replaceAll('\n', '\u001f');
const ask = (endpoint: string, text: string, values: unknown[] = []): Promise<Row[]> =>
  world.query(endpoint, async (client: pg.Client) => (await client.query(text, values)).rows);
/** Ports that keep what the scripts print. */
const heard = (seen: string[]): Ports => ({
  ...ports,
  instances: {
    ...ports.instances,
    run: async (...given) => {
      const result = await ports.instances.run(...given);
      seen.push(result.stdout, result.stderr);
      return result;
    },
  },
});
const writer = () => loginArguments(cobalt, blue, 'writer');

describe('whatever schemas, tables, columns, indexes and sequences are called', () => {
  const names = several(storedName, 5);

  async function made(all: string[]) {
    const statements = all.map((each, index) => {
      const [schema, name] = [quoted(each), quoted(all[(index + 1) % all.length]!)];
      const sequence = quoted(`${[...each].slice(0, 10).join('')} s`);
      return `CREATE SCHEMA ${schema} CREATE TABLE ${name} (${name} int PRIMARY KEY) CREATE SEQUENCE ${sequence};
        INSERT INTO ${schema}.${name} VALUES (1), (2)`;
    });
    await ask(blue, [...statements, 'SELECT pg_stat_force_next_flush()'].join(';\n'));
  }
  const dropped = (all: string[]) => ask(blue, `DROP SCHEMA ${all.map(quoted).join(', ')} CASCADE`);

  test('each is counted, granted, refused, watched and read, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(names, async (all) => {
        await made(all);
        try {
          await everyScript(all);
        } finally {
          await dropped(all);
        }
      }),
      few,
    );
  });

  async function everyScript(all: string[]) {
    const places =
      "FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname !~ '^pg_|^information_schema$'";
    const there = await ask(
      blue,
      `SELECT format('%I.%I', nspname, relname) AS name, relkind AS kind ${places}`,
    );
    const of = (kind: string) =>
      there.flatMap((each) => (each.kind === kind ? [printed(each.name)] : [])).sort();

    const print = await fingerprint(ports, 'i-1', { id: 'blue', endpoint: blue });
    expect([...print.rows.keys()].sort()).toEqual(of('r'));
    expect([...print.sequences.keys()].sort()).toEqual(of('S'));
    const filled = [...print.rows].filter(([, rows]) => rows === 2).length;
    expect(filled).toBeGreaterThanOrEqual(all.length);

    expect(await grantReader(ports, 'i-1', blue)).toBe(of('r').length);

    const [{ written }] = await ask(
      blue,
      'SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::int AS written FROM pg_stat_user_tables',
    );
    expect(await countWrites(ports, 'i-1', blue)).toBe(written);

    const used = await onInstance(ports, 'i-1', 'count-reads', writer());
    const read = await onInstance(ports, 'i-1', 'warm', [...writer(), used.join('\n')]);
    expect(
      listed(read, 'table')
        .map((line) => line.replace(/^(whole|partly) /, ''))
        .sort(),
    ).toEqual(of('r'));
    expect(read.filter((line) => / gone /.test(line))).toEqual([]);
  }
});

describe('whatever people are called and their addresses are', () => {
  const people = fc.array(fc.tuple(storedText, storedText), { minLength: 1, maxLength: 8 });
  const numbered = 900_000;

  beforeAll(() =>
    ask(green, `ALTER TABLE notifications_unregisteredblockedemail DROP CONSTRAINT ${blockedEmailReference}`),
  );

  /** People who are not registered, each with an address that is blocked. */
  async function blocked(all: [name: string, address: string][]) {
    await ask(
      green,
      `TRUNCATE notifications_unregisteredblockedemail; DROP TABLE IF EXISTS upgrade_blocked_email;
       DELETE FROM accounts_user WHERE system_number >= ${numbered}; DELETE FROM accounts_unregistereduser`,
    );
    for (const [index, [name, address]] of all.entries())
      await ask(
        green,
        `WITH person AS (INSERT INTO accounts_unregistereduser (system_number, first_name, last_name, origin, deceased,
           internal_system_number, last_updated_by_id, created_at, updated_at, identifier)
           VALUES ($1, left($2, 30), left($2, 30), 'CSV', false, false, 3, now(), now(), $3) RETURNING id)
         INSERT INTO notifications_unregisteredblockedemail (email, un_registered_user_id)
         SELECT left($4, 250), id FROM person`,
        [numbered + index, name, String(index), address],
      );
  }
  /** What the application's command does, but that it leaves the old rows. */
  const converted = () =>
    ask(
      green,
      `INSERT INTO accounts_user SELECT (jsonb_populate_record(t, jsonb_build_object('id', ${numbered} + p.id,
         'username', p.system_number::text || p.first_name, 'system_number', p.system_number))).*
       FROM accounts_unregistereduser p JOIN accounts_user t ON t.id = 1`,
    );
  const blockedOf = (table: string) =>
    ask(
      green,
      `SELECT p.system_number AS number, b.email FROM notifications_unregisteredblockedemail b
       JOIN ${table} p ON p.id = b.un_registered_user_id ORDER BY 1, 2`,
    );

  test('none is printed, and each address is blocked as before', async () => {
    await fc.assert(
      fc.asyncProperty(people, async (all) => {
        const seen: string[] = [];
        const done: DatabaseRecord = { ...restored('green'), migrated: false };
        const copy: Readied = {
          id: 'copy',
          target: { instance: 'i-1', endpoint: green },
          done,
          hasReader: false,
          amend: async (changes) => void Object.assign(done, changes),
        };
        const given = heard(seen);
        await blocked(all);
        const before = await blockedOf('accounts_unregistereduser');
        expect(before).toHaveLength(all.length);

        expect(await keepBlockedEmails(given, copy)).toMatchObject({ kept: all.length });
        await converted();
        Object.assign(done, { migrated: true, converted: { converted: all.length, duplicates: 0 } });
        const login = loginArguments(cobalt, green, 'writer');
        const tables = ['accounts_unregistereduser', 'accounts_user'];
        const users = await onInstance(given, 'i-1', 'count-users', [...login, ...tables]);
        expect(listed(users, 'duplicate')).toEqual(all.map((_, index) => String(numbered + index)));
        expect(await putBackBlockedEmails(given, copy)).toMatchObject({ putBack: all.length, left: 0 });

        expect(await blockedOf('accounts_user')).toEqual(before);
        const told = all.flat().filter((text) => text.length > 12 && seen.join('\n').includes(text));
        expect(told).toEqual([]);
      }),
      few,
    );
  });
});

describe('whatever people wrote', () => {
  const settings = {
    ...cobalt,
    activity: {
      ...cobalt.activity!,
      tables: [
        { kind: 'notes', table: 'notes', newer: ['note'], number: 'number', what: 'note', informs: false },
      ],
    },
    mailQueue: { table: 'outbox', key: 'key', state: 'state', pending: ['waiting', '3'] },
  };
  beforeAll(async () => {
    for (const endpoint of [blue, green])
      await ask(
        endpoint,
        'CREATE TABLE notes (id serial PRIMARY KEY, note text COLLATE "C", number text); CREATE TABLE outbox (key text PRIMARY KEY, state text)',
      );
  });

  test('what is beyond the greatest is counted, to the letter', async () => {
    await fc.assert(
      fc.asyncProperty(
        several(plainText.filter((text) => text !== '')),
        several(storedText.filter((text) => text !== '')),
        async (old, notes) => {
          for (const endpoint of [blue, green]) {
            await ask(endpoint, 'TRUNCATE notes');
            await ask(endpoint, 'INSERT INTO notes (note, number) SELECT n, n FROM unnest($1::text[]) n', [
              old,
            ]);
          }
          await ask(green, 'INSERT INTO notes (note, number) SELECT n, n FROM unnest($1::text[]) n', [notes]);
          const beyond = await ask(
            green,
            'SELECT note FROM notes WHERE note > (SELECT max(n COLLATE "C") FROM unnest($1::text[]) n)',
            [old],
          );
          const { rows } = (await countActivity({ ...ports, settings }))!;
          const all = beyond.map(({ note }) => note).sort();
          expect(rows.map(({ what }) => what).sort()).toEqual(all);
          expect(rows.map(({ number }) => number).sort()).toEqual(all);
        },
      ),
      few,
    );
  });

  test('what was sent is marked so, each with its own state, and nothing else', async () => {
    const row = fc.record({
      key: storedText,
      state: fc.oneof(storedText, fc.constantFrom('sent', 'waiting', '3')),
    });
    const rows = fc.uniqueArray(row, { minLength: 1, maxLength: 8, selector: ({ key }) => key });
    await fc.assert(
      fc.asyncProperty(rows, async (queue) => {
        for (const endpoint of [blue, green]) await ask(endpoint, 'TRUNCATE outbox');
        for (const { key, state } of queue) {
          await ask(blue, "INSERT INTO outbox VALUES ($1, 'waiting')", [key]);
          await ask(green, 'INSERT INTO outbox VALUES ($1, $2)', [key, state]);
        }
        const handled = queue.filter(({ state }) => !settings.mailQueue.pending.includes(state));
        expect(await takeOverSent({ ...ports, settings })).toBe(handled.length);
        const expected = queue.map(({ key, state }) => ({
          key,
          state: handled.some((each) => each.key === key) ? state : 'waiting',
        }));
        const found = await ask(blue, 'SELECT * FROM outbox');
        const byKey = (a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : 1);
        expect(found.sort(byKey)).toEqual(expected.sort(byKey));
      }),
      few,
    );
  });
});

test('whatever a password is, it is taken as it is, and stands in no command line', async () => {
  const secret = parameterNames(cobalt).secret(cobalt.database.reader.secret);
  // A new line at its end would be lost where the shell reads it; Parameter Store shows none either.
  const passwords = fc.string({
    unit: fc.constantFrom(...` \t\v'"\\$\`%:;{}[]()!#&*?~-=azAZ09`),
    minLength: 8,
    maxLength: 24,
  });
  await fc.assert(
    fc.asyncProperty(passwords, async (password) => {
      world.secrets.set(secret, password);
      expect(await grantReader(ports, 'i-1', blue)).toBeGreaterThan(20);
      expect(machine.commandLines()).not.toContain(password);
    }),
    few,
  );
  world.secrets.set(secret, 'another one');
  await expect(proveReader(ports, 'i-1', blue)).rejects.toMatchObject({ code: 'DATABASE_REFUSES_PASSWORD' });
});
