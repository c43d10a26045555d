import { ApplicationError } from '../../../sandbox/application/failure';
import { charge } from '../../../sandbox/application/payments';
import type { Settings } from '../../../sandbox/application/settings';
import type { World } from '../../../sandbox/world';
import type { Connection } from './connection';
import type { Row } from './data';
import { mpcSync, sanitise, syncedTables } from './sync-and-sanitise';

export interface Run {
  world: World;
  database: Connection;
  settings: Settings;
  environment: string;
  upgraded: boolean;
  args: string[];
  print: (text: string) => void;
  /** Lets time pass; resolves to whether the process was ended meanwhile. */
  work: (durationMs: number) => Promise<boolean>;
  /** The old Masterpoints Centre, from which the sync copies. */
  centre: { answers: boolean };
}

export interface Command {
  act: (run: Run) => Promise<number>;
  onlyUpgraded?: boolean;
}

/** The exit code of a process that was ended. */
const killed = 137;
const lockExpiresMs = 15 * 60_000;
const mail = { sent: 0, queued: 2, requeued: 3 };

/** The migrations of the new release. */
export const migrations = ['accounts.0074_new_users', 'notifications.0056_blocked_emails_refer_to_users'];

/** The last of them makes the blocked addresses refer to users: the database refuses that of one who is none. */
const blocked = 'notifications_unregisteredblockedemail';

export const commands: Record<string, Command> = {
  migrate: {
    async act({ database, upgraded, args, work, world }) {
      const applied = new Set(database.rows('django_migrations').map(({ name }) => name));
      const pending = upgraded ? migrations.filter((name) => !applied.has(name)) : [];
      if (args.includes('--check')) return pending.length === 0 ? 0 : 1;
      for (const name of pending) {
        if (await work(world.durations.migrateMs / pending.length)) return killed;
        if (name === migrations[0]) for (const table of syncedTables) database.make(table);
        if (name === migrations[1]) referToUsers(database);
        database.insert('django_migrations', { name });
      }
      return 0;
    },
  },
  createsu: { act: async () => 0 },
  add_notifications_templates: {
    async act({ database }) {
      database.insert('post_office_emailtemplate', {});
      return 0;
    },
  },
  temp_copy_unreg_to_user: {
    onlyUpgraded: true,
    async act({ database, print, work, world }) {
      const people = database.rows('accounts_unregistereduser');
      for (const person of people) {
        if (await work(world.durations.convertMs / people.length)) return killed;
        print(convert(database, person));
      }
      return 0;
    },
  },
  post_office_email_sender_cron: {
    act: (run) => locked(run, 'email', sendBatch),
  },
  auto_pay_batch: {
    act: (run) => locked(run, 'auto_pay_batch', payWhatIsDue),
  },
  mpc_sync: mpcSync,
  sanitise_production_data_for_testing: sanitise,
};

function referToUsers(database: Connection): void {
  for (const { person } of database.rows(blocked))
    if (!database.find('accounts_user', person))
      throw new ApplicationError('django.db.utils.IntegrityError', 'a blocked address refers to nobody');
  database.insert('references', { id: blocked, table: 'accounts_user' });
}

/** One that cannot be converted is told as a duplicate, whatever is the matter, and left. */
function convert(database: Connection, person: Row): string {
  const number = person.system_number;
  const taken = database
    .rows('accounts_user')
    .some((user) => user.system_number === number || user.username === String(number));
  if (taken || person.first_name === null || person.last_name === null)
    return `Error - likely dupe ABF number ${number}\n`;
  const user = { username: String(number), system_number: number, email: 'noemail@notset.com' };
  database.insert('accounts_user', user);
  database.remove('accounts_unregistereduser', person.id);
  return `Create new user (ABF: ${number}).\n`;
}

/** A job that is ended leaves its lock, which expires a quarter of an hour later. */
async function locked(run: Run, topic: string, work: (run: Run) => Promise<number>): Promise<number> {
  const { database, world } = run;
  const until = database.find('utils_lock', topic)?.until as number | undefined;
  if (until !== undefined && until > world.clock.nowMs()) return 0;
  database.insert('utils_lock', { id: topic, until: world.clock.nowMs() + lockExpiresMs });
  const exitCode = await work(run);
  if (exitCode === 0) database.update('utils_lock', topic, { until: 0 });
  return exitCode;
}

async function sendBatch({ database, world, environment, settings, work }: Run): Promise<number> {
  const nowMs = world.clock.nowMs();
  const batch = database
    .rows('post_office_email')
    .filter(
      ({ status, scheduledMs = 0 }) =>
        (status === mail.queued || status === mail.requeued) && (scheduledMs as number) <= nowMs,
    )
    .slice(0, 10);
  for (const { id, to, messageId } of batch) {
    world.happened('email.sent', { id, to, messageId, environment, endpoint: settings.databaseHost });
    if (await work(world.durations.sendBatchMs / batch.length)) return killed;
  }
  for (const { id } of batch) database.update('post_office_email', id, { status: mail.sent });
  return 0;
}

async function payWhatIsDue({ database, world, environment, settings, work }: Run): Promise<number> {
  const nowMs = world.clock.nowMs();
  const due = database
    .rows('organisations_membermembershiptype')
    .filter(({ paid, dueMs }) => !paid && (dueMs as number) <= nowMs);
  for (const { id, fee } of due) {
    try {
      const { mode } = charge(settings);
      const facts = { environment, endpoint: settings.databaseHost, mode, automatic: true };
      world.happened('charged', { ...facts, amount: fee, membership: id });
    } catch (error) {
      if (!(error instanceof ApplicationError)) throw error;
      continue;
    }
    if (await work(200)) return killed;
    database.insert('payments_stripetransaction', { status: 'Succeeded', last_change_date: nowMs });
    database.update('organisations_membermembershiptype', id, { paid: true });
  }
  return 0;
}
