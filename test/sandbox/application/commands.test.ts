import { harmlessAddress } from '../../../sandbox/application/mail';
import { seededSession } from '../../../sandbox/application/production';
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

const sender = ['post_office_email_sender_cron'];
const clearBlocked = () => trial.database.query('DELETE FROM notifications_unregisteredblockedemail');

describe('migrate', () => {
  test('applies what the new release adds, in its order, and then has nothing to do', async () => {
    await clearBlocked();
    const startedMs = trial.clock.nowMs();
    expect(await trial.manage(['migrate', '--check'])).toMatchObject({ exitCode: 1 });
    const first = await trial.manage(['migrate']);
    expect(first).toMatchObject({ exitCode: 0 });
    expect(first.output).toMatchInlineSnapshot(`
"Operations to perform:
  Apply all migrations: accounts, events, masterpoints, notifications, organisations, payments, results, utils, xero
Running migrations:
  Applying accounts.0074_alter_user_managers_remove_user_covid_status_and_more... OK
  Applying accounts.0075_user_identifier... OK
  Applying accounts.0076_systemcard_conv_4th_suit_game_force_and_more... OK
  Applying organisations.0090_organisation_old_mpc_id... OK
  Applying masterpoints.0003_initial... OK
  Applying masterpoints.0004_remove_mptran_system_number_mptran_user... OK
  Applying notifications.0055_alter_unregisteredblockedemail_un_registered_user... OK
  Applying notifications.0056_add_post_office_email_message_id_index... OK
  Applying utils.0011_batchstatus... OK
"
`);
    expect(trial.clock.nowMs() - startedMs).toBeGreaterThanOrEqual(trial.world.durations.migrateMs);
    expect((await trial.manage(['migrate'])).output).toContain('  No migrations to apply.\n');
    expect(await trial.manage(['migrate', '--check'])).toMatchObject({ exitCode: 0 });
    expect((await trial.manage(['showmigrations', '--plan'])).output).not.toContain('[ ]');
  });

  test('on an instance of the old release has nothing to apply', async () => {
    const { environ } = trial.web(trial.environ(), 'old');
    expect(await trial.manage(['migrate'], environ)).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining('No migrations to apply.'),
    });
    expect((await trial.manage(['temp_copy_unreg_to_user'], environ)).output).toContain('Unknown command');
  });

  test('fails on the constraint while blocked e-mails are in the table, with what came before applied', async () => {
    const { exitCode, output } = await trial.manage(['migrate']);
    expect(exitCode).toBe(1);
    expect(output).toMatch(/Applying notifications\.0055_\w+\.\.\.Traceback/);
    expect(output).toContain('violates foreign key constraint');
    expect(output).toContain('is not present in table "accounts_user"');
    expect(await trial.count('django_migrations', `app = 'accounts' AND name LIKE '0076%'`)).toBe(1);
    expect(await trial.count('django_migrations', `name LIKE '0055%'`)).toBe(0);
  });

  test('blocks the wrong person, and says nothing, where every blocked id happens to be some user', async () => {
    await trial.database.query(
      `DELETE FROM notifications_unregisteredblockedemail
       WHERE un_registered_user_id NOT IN (SELECT id FROM accounts_user)`,
    );
    const meant = await trial.rows<{ number: number }>(
      `SELECT u.system_number AS number FROM notifications_unregisteredblockedemail b
       JOIN accounts_unregistereduser u ON u.id = b.un_registered_user_id ORDER BY b.id`,
    );
    expect(meant.length).toBeGreaterThan(0);
    expect(await trial.manage(['migrate'])).toMatchObject({ exitCode: 0 });
    const blocked = await trial.rows<{ number: number }>(
      `SELECT u.system_number AS number FROM notifications_unregisteredblockedemail b
       JOIN accounts_user u ON u.id = b.un_registered_user_id ORDER BY b.id`,
    );
    expect(blocked).toHaveLength(meant.length);
    for (const [index, { number }] of blocked.entries()) expect(number).not.toBe(meant[index]!.number);
  });

  test('fails as Django does with a login that only reads, unless there is nothing to apply', async () => {
    await clearBlocked();
    const refused = await trial.manage(['migrate'], trial.reader());
    expect(refused).toMatchObject({
      exitCode: 1,
      output: expect.stringContaining(
        'django.db.utils.ProgrammingError: must be owner of table accounts_user',
      ),
    });
    await trial.manage(['migrate']);
    expect(await trial.manage(['migrate'], trial.reader())).toMatchObject({ exitCode: 0 });
  });

  test('refuses options that are not modelled, and commands that are not known', async () => {
    expect(await trial.manage(['migrate', '--fake'])).toMatchObject({
      exitCode: 2,
      output: expect.stringContaining('unrecognized arguments: --fake'),
    });
    expect(await trial.manage(['flush'])).toEqual({
      exitCode: 1,
      output: "Unknown command: 'flush'\nType 'manage.py help' for usage.\n",
    });
  });
});

describe('temp_copy_unreg_to_user', () => {
  beforeEach(async () => {
    await clearBlocked();
    await trial.manage(['migrate']);
  });

  test('makes users of all but the duplicate numbers, which it prints, and exits 0 all the same', async () => {
    const users = await trial.count('accounts_user');
    const duplicates = await trial.rows<{ number: number }>(
      `SELECT system_number AS number FROM accounts_unregistereduser
       WHERE system_number IN (SELECT system_number FROM accounts_user) ORDER BY id`,
    );
    const contacts = await trial.count('accounts_unregistereduser', 'internal_system_number');
    const { exitCode, output } = await trial.manage(['temp_copy_unreg_to_user']);
    expect(exitCode).toBe(0);
    const lines = output.trimEnd().split('\n');
    expect(lines[0]).toBe('About to convert 260 unregistered users...');
    expect(lines).toHaveLength(261);
    expect(duplicates.length).toBe(2);
    expect(lines.filter((line) => line.startsWith('Error'))).toEqual(
      duplicates.map(({ number }) => `Error - likely dupe ABF number ${number}`),
    );
    expect(await trial.count('accounts_user')).toBe(users + 258);
    expect(await trial.count('accounts_unregistereduser')).toBe(2);
    expect(await trial.count('accounts_user', `user_type = 'C'`)).toBe(contacts);
    expect(
      await trial.count(
        'accounts_user',
        `user_type <> 'U' AND email = 'noemail@notset.com' AND NOT is_active`,
      ),
    ).toBe(258);
  });

  test('run again, it converts nobody and prints the same duplicates', async () => {
    const first = await trial.manage(['temp_copy_unreg_to_user']);
    const again = await trial.manage(['temp_copy_unreg_to_user']);
    expect(again.exitCode).toBe(0);
    const errors = first.output.split('\n').filter((line) => line.startsWith('Error'));
    expect(again.output).toBe(`About to convert 2 unregistered users...\n${errors.join('\n')}\n`);
  });

  test('killed half-way, it leaves whole rows on either side', async () => {
    const kill = new AbortController();
    const total = (await trial.count('accounts_user')) + (await trial.count('accounts_unregistereduser'));
    trial.clock.at(trial.clock.nowMs() + 235_000, 'kill', () => kill.abort());
    const { exitCode } = await trial.manage(['temp_copy_unreg_to_user'], trial.environ(), kill.signal);
    expect(exitCode).toBe(137);
    expect(await trial.count('accounts_unregistereduser')).toBe(11);
    expect((await trial.count('accounts_user')) + (await trial.count('accounts_unregistereduser'))).toBe(
      total,
    );
  });
});

describe('e-mail', () => {
  const visitor = seededSession(0);
  const enter = (environ: Record<string, string>) =>
    trial.ask(trial.web(environ), 'POST', '/events/enter', {
      headers: { cookie: visitor.cookie },
      body: 'event=1',
    });
  const sentTo = () => trial.kinds('email.sent').map(({ to }) => to);

  test('is redirected when it is composed, not when it is sent', async () => {
    await trial.database.query('DELETE FROM post_office_email WHERE status = 2');
    await enter(trial.environ());
    await enter(trial.environ({ DISABLE_PLAYPEN: 'OFF' }));
    await trial.manage(sender, trial.environ({ DISABLE_PLAYPEN: 'OFF' }));
    expect(sentTo()).toEqual([`${visitor.username}@example.com`, harmlessAddress]);
  });

  test('scheduled for later stays in the queue until then', async () => {
    await trial.manage(sender);
    expect(sentTo()).toHaveLength(6);
    await trial.clock.skip(100 * 60_000);
    await trial.manage(sender);
    expect(sentTo()).toHaveLength(12);
  });

  test('of a sender killed half-way goes out twice, once its lock has expired', async () => {
    const kill = new AbortController();
    trial.clock.at(trial.clock.nowMs() + 2_000, 'kill', () => kill.abort());
    expect(await trial.manage(sender, trial.environ(), kill.signal)).toMatchObject({ exitCode: 137 });
    const first = sentTo();
    expect(first.length).toBeGreaterThan(0);
    expect(first.length).toBeLessThan(6);
    expect((await trial.manage(sender)).output).toBe("Topic: 'email' is currently locked\n");
    await trial.clock.skip(15 * 60_000);
    await trial.manage(sender);
    expect(sentTo().slice(first.length)).toEqual(expect.arrayContaining(first));
    expect(sentTo()).toHaveLength(first.length + 6);
  });

  test('of a sender whose login only reads does not go out', async () => {
    const { exitCode, output } = await trial.manage(sender, trial.reader());
    expect(exitCode).toBe(1);
    expect(output).toContain('permission denied for table utils_lock');
    expect(sentTo()).toEqual([]);
  });
});

describe('the daily jobs', () => {
  test('automatic payments charge what is due today, once', async () => {
    for (const _ of ['once', 'again'])
      expect(await trial.manage(['auto_pay_batch'])).toEqual({ exitCode: 0, output: '' });
    expect(trial.kinds('charged')).toHaveLength(3);
    expect(trial.kinds('charged')[0]).toMatchObject({ amount: 35, automatic: true, mode: 'live' });
  });

  test.each([
    ['the keys are gone', { STRIPE_SECRET_KEY: 'not-set' }],
    ['the login only reads', { RDS_USERNAME: 'reader', RDS_PASSWORD: 'reads' }],
  ])('automatic payments charge nobody when %s, and the payments stay due', async (_, changes) => {
    await trial.manage(['auto_pay_batch'], trial.environ(changes));
    expect(trial.kinds('charged')).toEqual([]);
    expect(await trial.count('organisations_membermembershiptype', 'NOT is_paid')).toBe(3);
  });

  test('closing congresses settles what is unpaid, and memberships that are over end', async () => {
    const unpaid = await trial.count('events_evententryplayer', `payment_status = 'Unpaid'`);
    expect(await trial.manage(['handle_closed_congresses_with_unpaid_entries'])).toEqual({
      exitCode: 0,
      output: '',
    });
    expect(await trial.count('events_evententryplayer', `payment_status = 'Unpaid'`)).toBeLessThan(unpaid);
    expect(await trial.manage(['update_membership_status'])).toEqual({ exitCode: 0, output: '' });
    expect(
      await trial.count('organisations_membermembershiptype', `membership_state = 'END'`),
    ).toBeGreaterThan(0);
  });

  test('waiting invoices are uploaded once', async () => {
    for (const _ of ['once', 'again'])
      expect(await trial.manage(['upload_xero_settlements'])).toEqual({ exitCode: 0, output: '' });
    expect(trial.kinds('xero.uploaded')).toHaveLength(8);
  });
});

describe('other commands', () => {
  test('the hook of a deployment can run any number of times, and fails with a login that only reads', async () => {
    const { environ } = trial.web(trial.environ(), 'old');
    for (const args of [...trial.application.hookCommands, ...trial.application.hookCommands])
      expect(await trial.manage(args, environ)).toMatchObject({ exitCode: 0 });
    const reader = trial.web(trial.reader(), 'old').environ;
    const codes = [];
    for (const args of trial.application.hookCommands)
      codes.push((await trial.manage(args, reader)).exitCode);
    expect(codes).toEqual([0, 0, 1]);
  });

  test('mpc_sync takes hours and fills the tables', async () => {
    await clearBlocked();
    await trial.manage(['migrate']);
    const startedMs = trial.clock.nowMs();
    const { output } = await trial.manage(['mpc_sync']);
    expect(trial.clock.nowMs() - startedMs).toBeGreaterThan(2 * 60 * 60_000);
    expect(output.match(/Run time/g)).toHaveLength(8);
    expect(await trial.count('masterpoints_mptran')).toBeGreaterThan(0);
  });

  test('sanitising refuses to run on production, and elsewhere leaves no address and no queue', async () => {
    const command = ['sanitise_production_data_for_testing'];
    const refused = await trial.manage(command);
    expect(refused).toMatchObject({
      exitCode: 1,
      output: expect.stringContaining('Not for use in production.'),
    });
    await trial.manage(command, trial.environ({ COBALT_HOSTNAME: 'test.myabf.com.au' }));
    expect(await trial.count('accounts_user', `email <> 'a@b.com'`)).toBe(0);
    expect(await trial.count('post_office_email', 'status = 2')).toBe(0);
  });
});
