import { setImmediate } from 'node:timers/promises';
import type { DatabaseRecord } from '../../../../lib/record';
import { exitCodes, having, PreconditionError } from '../../../../lib/runbook/errors';
import { keepBlockedEmails, putBackBlockedEmails } from '../../../../lib/upgrade/database/blocked-emails';
import { convertUsers } from '../../../../lib/upgrade/database/convert-users';
import { migrate } from '../../../../lib/upgrade/database/migrate';
import { emptySessions } from '../../../../lib/upgrade/database/sessions';
import type { CommandResult, Ports } from '../../../../lib/upgrade/ports';
import { observe } from '../../../../lib/upgrade/side/observation';
import { makeReader } from '../../../../lib/upgrade/side/reader';
import { at, cobalt, original } from '../../../support/upgrade';
import { endpointOf, rejection, UpgradeWorld } from '../../../support/upgrade-world';

const blue = original('blue').endpoint!;
const green = endpointOf('cobalt-production-green');
const blocked = 'notifications_unregisteredblockedemail';
let world: UpgradeWorld;
let fresh: string;
let readied: string;

beforeAll(async () => {
  world = await UpgradeWorld.open();
  world.relaunch();
  await makeReader(world.ports);
  fresh = await world.copyOf(blue);
  await copy(fresh, {});
  await keepBlockedEmails(world.ports);
  await migrate(world.ports);
  readied = await world.copyOf(green);
});
afterAll(() => world.close());

/** Puts a copy behind the new side's endpoint and records what was done to it. */
async function copy(folder: string, done: Partial<DatabaseRecord>) {
  await world.clusters.get(green)?.stop('immediate');
  world.record = at(cobalt, { live: 'blue', access: 'frozen' }, { migrated: false, ...done });
  world.relaunch();
  await world.restoreTo(green, folder);
}
const recorded = () => world.record.databases.find(({ id }) => id === 'cobalt-production-green')!;
const ofGreen = () => world.instances.find(({ environment }) => environment === 'cobalt-production-green')!;
const sql = async (text: string) => (await world.query(green, (client) => client.query(text))).rows;

/** The world with another answer to a command of the application. */
const answering = (command: string, result: Partial<CommandResult>): Ports => ({
  ...world.ports,
  instances: {
    ...world.ports.instances,
    run: async (id, script, args, options) =>
      script === 'manage' && args.includes(command)
        ? { commandId: 'c-1', exitCode: 0, stdout: '', stderr: '', ...result }
        : world.ports.instances.run(id, script, args, options),
  },
});

/** The world in which a script is begun and its end is never seen, as when credentials expire. */
const unseen = (wanted: (script: string, args: string[]) => boolean): Ports => ({
  ...world.ports,
  instances: {
    ...world.ports.instances,
    run: async (id, script, args, options) => {
      if (!wanted(script, args)) return world.ports.instances.run(id, script, args, options);
      const expired = new PreconditionError('CREDENTIALS_EXPIRED', { so: 'Expired.', next: 'Sign in.' });
      return having(options.begun ?? 'Nothing is said.', () => Promise.reject(expired));
    },
  },
});

describe('whoever does not see the end of what changes the copy says what may be so', () => {
  const migrated = { migrated: true, blockedEmails: { kept: 20 } };
  const converted = { ...migrated, converted: { converted: 200, duplicates: 0 } };
  const { migrate: migration } = cobalt.commands;
  const { command: conversion } = cobalt.conversion!;
  const manages = (command: string[]) => (script: string, args: string[]) =>
    script === 'manage' && args.slice(-command.length).join() === command.join();
  const is = (wanted: string) => (script: string) => script === wanted;
  type Case = [
    string,
    Partial<DatabaseRecord>,
    Parameters<typeof unseen>[0],
    (ports: Ports) => Promise<unknown>,
    RegExp,
  ];
  const cases: Case[] = [
    ['the reader', {}, is('make-reader'), makeReader, /^The login cobalt_reader may have been made/],
    ['keeping', {}, is('keep-blocked-emails'), keepBlockedEmails, /^What was kept of \S+ is in its table/],
    ['the migration', { blockedEmails: { kept: 20 } }, manages(migration), migrate, /^Some migrations/],
    ['the sessions', migrated, is('empty-sessions'), emptySessions, /^Rows of django_session of \S+ may be/],
    [
      'the conversion',
      migrated,
      manages(conversion),
      convertUsers,
      /^Each user is converted in a transaction/,
    ],
    ['putting back', converted, is('put-back-blocked-emails'), putBackBlockedEmails, /^The addresses that/],
  ];

  it.each(cases)('%s', async (_, done, script, verb, changed) => {
    await copy(done.migrated ? readied : fresh, done);
    const error = await rejection(verb(unseen(script)));
    expect(error).toMatchObject({ code: 'CREDENTIALS_EXPIRED', exitCode: exitCodes.stepFailed });
    expect(error.text.changed).toMatch(changed);
  });
});

describe('before the migration', () => {
  beforeEach(() => copy(fresh, {}));

  it('keeps every blocked address by number, clears the table, and does so once', async () => {
    const wanted = await sql(`SELECT u.system_number, b.email FROM ${blocked} b
      JOIN accounts_unregistereduser u ON u.id = b.un_registered_user_id ORDER BY 1, 2`);
    expect(await keepBlockedEmails(world.ports)).toMatchObject({ already: false, kept: 20 });
    expect(await sql('SELECT system_number, email FROM upgrade_blocked_email ORDER BY 1, 2')).toEqual(wanted);
    expect(await world.count(green, blocked)).toBe(0);
    expect(await world.count(blue, blocked)).toBe(20);
    expect(recorded().blockedEmails).toEqual({ kept: 20 });
    expect(await keepBlockedEmails(world.ports)).toMatchObject({ already: true, kept: 20 });
  });

  it('keeps a hundred thousand', async () => {
    await sql(`INSERT INTO ${blocked} (email, un_registered_user_id)
      SELECT 'a' || n || '@example.com', (SELECT min(id) FROM accounts_unregistereduser) + n % 200
      FROM generate_series(1, 100000) n`);
    expect(await keepBlockedEmails(world.ports)).toMatchObject({ kept: 100_020 });
    expect(await world.count(green, blocked)).toBe(0);
  });

  it('deletes nothing when an address belongs to nobody, and names the row by its id', async () => {
    const [reference] = await sql(
      `SELECT conname FROM pg_constraint WHERE conrelid = '${blocked}'::regclass AND contype = 'f'`,
    );
    await sql(`ALTER TABLE ${blocked} DROP CONSTRAINT ${reference.conname}`);
    const [row] = await sql(
      `INSERT INTO ${blocked} (email, un_registered_user_id) VALUES ('x@example.com', 999999) RETURNING id`,
    );
    const error = await rejection(keepBlockedEmails(world.ports));
    expect(error).toMatchObject({ code: 'BLOCKED_EMAILS_OF_NOBODY', exitCode: 3 });
    expect(error.text.so).toContain(`ids ${row.id}.`);
    expect(error.message).not.toContain('@');
    expect(await world.count(green, blocked)).toBe(21);
  });

  it('does not migrate while they are there', async () => {
    expect(await rejection(migrate(world.ports))).toMatchObject({
      code: 'BLOCKED_EMAILS_NOT_KEPT',
      exitCode: 3,
    });
  });

  it('empties the sessions of the copy and leaves those of the old side', async () => {
    expect(await emptySessions(world.ports)).toMatchObject({ already: false, removed: 10 });
    expect([await world.count(green, 'django_session'), await world.count(blue, 'django_session')]).toEqual([
      0, 10,
    ]);
    expect(recorded().sessionsEmptied).toBe(true);
    expect(await emptySessions(world.ports)).toMatchObject({ already: true, removed: 0 });
  });

  it('does not convert users', async () => {
    expect(await rejection(convertUsers(world.ports))).toMatchObject({ code: 'NOT_MIGRATED', exitCode: 3 });
  });
});

describe('the migration', () => {
  const kept = { blockedEmails: { kept: 20 } };

  it('is done when the application finds none pending, and what it made can be read by the reader', async () => {
    await copy(fresh, {});
    await keepBlockedEmails(world.ports);
    const result = await migrate(world.ports);
    expect(result.output).toContain('Applying notifications.0055');
    expect(recorded().migrated).toBe(true);
    const [{ readable }] = await sql(
      "SELECT has_table_privilege('cobalt_reader', 'masterpoints_rank', 'SELECT') AS readable",
    );
    expect(readable).toBe(true);
    expect(await migrate(world.ports)).toMatchObject({ already: true });
    expect((await world.count(blue, 'django_migrations')) + 9).toBe(
      await world.count(green, 'django_migrations'),
    );
  });

  it('is not done because the command says so: it may print an error and exit with 0', async () => {
    await copy(fresh, kept);
    const error = await rejection(migrate(answering('--noinput', { stdout: 'Error - no such column\n' })));
    expect(error).toMatchObject({ code: 'MIGRATIONS_PENDING', exitCode: 4 });
    expect(error.text.so).toContain('Error - no such column');
    expect(recorded().migrated).toBe(false);
  });

  it('fails when the command fails', async () => {
    await copy(fresh, kept);
    const error = await rejection(
      migrate(answering('--noinput', { exitCode: 1, stderr: 'IntegrityError\n' })),
    );
    expect(error).toMatchObject({ code: 'COMMAND_FAILED', exitCode: 4 });
    expect(error.text.so).toContain('IntegrityError');
  });

  it('fails of itself when the blocked addresses were left in place', async () => {
    await copy(fresh, kept);
    expect(await rejection(migrate(world.ports))).toMatchObject({ code: 'COMMAND_FAILED', exitCode: 4 });
    expect(recorded().migrated).toBe(false);
  });

  it('waits for the application where an update is starting it anew', async () => {
    await copy(fresh, {});
    await keepBlockedEmails(world.ports);
    const instance = ofGreen();
    instance.stopWeb();
    const startsAtMs = world.clock.nowMs() + 80_000;
    world.clock.at(startsAtMs, 'start of the web server', () => instance.startWeb('cobalt.wsgi'));
    expect(await migrate(world.ports)).toMatchObject({ already: false });
    expect(world.clock.nowMs()).toBeGreaterThanOrEqual(startsAtMs);
  });

  it('is no job of the side, though it runs on one of its instances', async () => {
    await copy(fresh, {});
    await keepBlockedEmails(world.ports);
    const instance = ofGreen();
    await world.query(green, async (client) => {
      await client.query('BEGIN; LOCK TABLE django_migrations');
      let ended = false;
      const migrating = migrate(world.ports).finally(() => {
        ended = true;
      });
      const waiting = 'SELECT FROM pg_locks WHERE NOT granted';
      while (!ended && (await client.query(waiting)).rowCount === 0) await setImmediate();
      const running = [...instance.processes.values()].filter(({ argv }) => argv.includes('manage.py'));
      const alone = await observe(world.ports, instance.id);
      world.cronCommand(instance, 'auto_pay_batch');
      const besideAnother = await observe(world.ports, instance.id);
      await client.query('ROLLBACK');
      expect(await migrating).toMatchObject({ already: false });
      expect(running).toHaveLength(1);
      expect([alone.commands, besideAnother.commands]).toEqual([0, 1]);
    });
  });

  it.each([
    [
      'a disk that is full',
      'DISK_FULL',
      (instance: { diskFreeMb?: number }) => Object.assign(instance, { diskFreeMb: 20 }),
    ],
    [
      'no process of the application',
      'APPLICATION_NOT_RUNNING',
      (instance: { stopWeb(): void }) => instance.stopWeb(),
    ],
  ])('is not begun on an instance with %s', async (_, code, spoil) => {
    await copy(fresh, kept);
    spoil(ofGreen());
    expect(await rejection(migrate(world.ports))).toMatchObject({ code, exitCode: 3 });
  });
});

describe('after the migration', () => {
  const done = { migrated: true, blockedEmails: { kept: 20 } };
  beforeEach(() => copy(readied, done));

  it('converts the users, lists every duplicate, and does so once', async () => {
    expect(await convertUsers(world.ports)).toMatchObject({
      already: false,
      converted: 258,
      duplicates: [200135, 200265],
    });
    expect(await world.count(green, 'accounts_user')).toBe(658);
    expect(await world.count(green, 'accounts_unregistereduser')).toBe(2);
    expect(recorded().converted).toEqual({ converted: 258, duplicates: 2 });
    expect(await convertUsers(world.ports)).toMatchObject({
      already: true,
      converted: 258,
      duplicates: [200135, 200265],
    });
  });

  it('tells why a row is left that the command calls a duplicate, and gives its address to nobody', async () => {
    await sql(`UPDATE accounts_user SET username = '500001' WHERE id = 5;
      UPDATE accounts_unregistereduser SET first_name = NULL WHERE system_number = 500002;
      UPDATE upgrade_blocked_email SET system_number = 500002 WHERE ctid = (SELECT min(ctid) FROM upgrade_blocked_email)`);
    expect(await convertUsers(world.ports)).toMatchObject({
      converted: 256,
      duplicates: [200135, 200265, 500001],
      nameless: [500002],
    });
    expect(await putBackBlockedEmails(world.ports)).toMatchObject({ left: 1, leftNumbers: [500002] });
    expect(await convertUsers(world.ports)).toMatchObject({ already: true, nameless: [500002] });
  });

  it('counts those as well whom a command converted whose end nobody saw', async () => {
    const unseen: Ports = {
      ...world.ports,
      instances: {
        ...world.ports.instances,
        run: async (id, script, args, options) => {
          const result = await world.ports.instances.run(id, script, args, options);
          if (script === 'manage') throw new Error('the process was killed');
          return result;
        },
      },
    };
    await expect(convertUsers(unseen)).rejects.toThrow('the process was killed');
    expect(recorded().converted).toBeUndefined();
    expect(await convertUsers(world.ports)).toMatchObject({ already: false, converted: 258 });
    expect(recorded().converted).toEqual({ converted: 258, duplicates: 2 });
  });

  it('does not believe a conversion that left rows and exited with 0', async () => {
    const ports = answering('temp_copy_unreg_to_user', {
      stdout: 'About to convert 260 unregistered users...\n',
    });
    const error = await rejection(convertUsers(ports));
    expect(error).toMatchObject({ code: 'CONVERSION_DOES_NOT_ADD_UP', exitCode: 4 });
    expect(error.text.so).toContain('258 rows are left that are neither duplicates nor nameless');
    expect(error.text.so).toContain('did not report that it left 200135, 200265');
    expect(recorded().converted).toBeUndefined();
  });

  it('shows nobody’s name when the conversion fails', async () => {
    const ports = answering('temp_copy_unreg_to_user', {
      exitCode: 1,
      stdout: 'Create new user Jo Smith\n',
      stderr: 'killed',
    });
    const error = await rejection(convertUsers(ports));
    expect(error.code).toBe('COMMAND_FAILED');
    expect(error.message).not.toContain('Smith');
  });

  it('does not put addresses back before the conversion', async () => {
    expect(await rejection(putBackBlockedEmails(world.ports))).toMatchObject({
      code: 'NOT_CONVERTED',
      exitCode: 3,
    });
  });

  it('puts each address back to the user who has the number, once', async () => {
    await convertUsers(world.ports);
    expect(await putBackBlockedEmails(world.ports)).toMatchObject({
      already: false,
      kept: 20,
      putBack: 20,
      left: 0,
    });
    const byNumber = `SELECT u.system_number, b.email FROM ${blocked} b JOIN accounts_user u ON u.id = b.un_registered_user_id`;
    expect(
      await sql(`${byNumber} EXCEPT ALL SELECT system_number, email FROM upgrade_blocked_email`),
    ).toEqual([]);
    expect(await putBackBlockedEmails(world.ports)).toMatchObject({ already: true, putBack: 20 });
    expect(await world.count(green, blocked)).toBe(20);
    expect(recorded().blockedEmails).toEqual({ kept: 20, putBack: 20, left: 0 });
  });

  it('lists the addresses that nobody is there for by number, and those whose number a user had already', async () => {
    await sql(`UPDATE upgrade_blocked_email SET system_number = 999999 WHERE ctid = (SELECT min(ctid) FROM upgrade_blocked_email);
      UPDATE upgrade_blocked_email SET system_number = 200135 WHERE ctid = (SELECT min(ctid) FROM upgrade_blocked_email)`);
    await convertUsers(world.ports);
    expect(await putBackBlockedEmails(world.ports)).toMatchObject({
      kept: 20,
      putBack: 19,
      left: 1,
      leftNumbers: [999999],
      duplicateNumbers: [200135],
    });
  });

  it('puts them back on a side that was opened too early: they must not be mailed', async () => {
    await convertUsers(world.ports);
    const { posture } = world.record;
    const served = { ...posture.served, green: 'cobalt-production-green' };
    world.record = { ...world.record, posture: { ...posture, live: 'green', access: 'open', served } };
    expect(await putBackBlockedEmails(world.ports)).toMatchObject({ kept: 20, putBack: 20 });
  });

  it('fails when kept rows are gone', async () => {
    await convertUsers(world.ports);
    await sql('DELETE FROM upgrade_blocked_email WHERE ctid = (SELECT min(ctid) FROM upgrade_blocked_email)');
    expect(await rejection(putBackBlockedEmails(world.ports))).toMatchObject({
      code: 'BLOCKED_EMAILS_DO_NOT_ADD_UP',
      exitCode: 4,
    });
  });

  it('does not keep addresses of a copy that was migrated without', async () => {
    await copy(readied, { migrated: true });
    expect(await rejection(keepBlockedEmails(world.ports))).toMatchObject({
      code: 'ALREADY_MIGRATED',
      exitCode: 3,
    });
    await copy(readied, {});
    expect(await rejection(keepBlockedEmails(world.ports))).toMatchObject({
      code: 'ALREADY_MIGRATED',
      exitCode: 3,
    });
  });
});

describe('every verb on the copy', () => {
  const untilServing = { keepBlockedEmails, migrate, emptySessions, convertUsers };
  const verbs = { ...untilServing, putBackBlockedEmails };

  it.each(Object.entries(untilServing))('%s refuses a database that serves people', async (_, verb) => {
    world.record = at(cobalt, { live: 'green', access: 'open' });
    expect(await rejection(verb(world.ports))).toMatchObject({ code: 'COPY_SERVES', exitCode: 3 });
  });

  it.each(Object.entries(verbs))('%s refuses a copy whose endpoint is the old side’s', async (_, verb) => {
    world.record = at(cobalt, { live: 'blue', access: 'frozen' }, { endpoint: blue });
    expect(await rejection(verb(world.ports))).toMatchObject({ code: 'COPY_IS_THE_SOURCE', exitCode: 3 });
  });

  it('leaves no password in what it says', () => {
    const secrets = [...world.secrets.values()].filter((value) => value !== 'not-set');
    for (const secret of secrets) expect(world.said.join('\n')).not.toContain(secret);
  });
});
