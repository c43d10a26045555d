import type pg from 'pg';
import { withDefaults } from './checkout-tables';
import { filled } from './filled';
import { migrationsAfter, migrationsBefore } from './migrations';
import { constraintsBefore, tablesBefore } from './schema';

/** How many rows of each kind a database is filled with. */
export interface DataSize {
  users: number;
  unregistered: number;
  blockedEmails: number;
  entries: number;
  payments: number;
  /** Waiting in the queue now; as many again are scheduled for 100 minutes later. */
  queuedEmails: number;
  /** The first users after the system's own are logged in, as many as this. */
  sessions: number;
  /** Memberships whose automatic payment falls on this day. */
  duePayments: number;
}

export const productionSize: DataSize = {
  users: 20_000,
  unregistered: 5_000,
  blockedEmails: 400,
  entries: 15_000,
  payments: 15_000,
  queuedEmails: 120,
  sessions: 3_000,
  duePayments: 12,
};

const preparationSize: DataSize = {
  users: 60,
  unregistered: 20,
  blockedEmails: 0,
  entries: 30,
  payments: 30,
  queuedEmails: 0,
  sessions: 5,
  duePayments: 0,
};

/** The system's own accounts come first: everyone, the placeholder player, the system, and one superuser. */
const firstVisitor = 5;
/** Every so many unregistered users carry the number of a user, or are contacts. */
const duplicateEvery = 130;
const contactEvery = 9;

/** The user of a seeded session, counted from 0, and the key of that session. */
export function seededSession(index: number) {
  const userId = firstVisitor + index;
  const key = `session${String(userId).padStart(25, '0')}`;
  return { userId, username: `user${userId}`, password: seededPassword, key, cookie: `sessionid=${key}` };
}

/** Everybody's password. */
export const seededPassword = 'trumps';
/** The username of the one superuser. */
export const seededSuperuser = 'Mark';

/**
 * The old side's database as it stands before the upgrade, the same rows every time.
 *
 * The first unregistered ids collide with users' ids and the last do not, and blocked e-mails refer to both.
 * `at` is the sandbox's time, to which "due today" and "scheduled" refer.
 */
export async function loadProduction(client: pg.ClientBase, size: Partial<DataSize> = {}, at = new Date()) {
  const full = { ...productionSize, ...size };
  await client.query(`BEGIN;\n${tablesBefore}`);
  for (const statement of rows(full, at.toISOString())) await client.query(statement);
  await client.query(`${constraintsBefore};\nCOMMIT; ANALYZE`);
}

/** The same rows in tables that are there already, as far as they are. */
export async function loadRows(client: pg.Client, size: Partial<DataSize> = {}, at = new Date()) {
  const full = { ...productionSize, ...size };
  await client.query('BEGIN');
  await withDefaults(client, async () => {
    for (const statement of rows(full, at.toISOString())) {
      const table = /^INSERT INTO (\w+)/.exec(statement)?.[1];
      if (table === 'django_migrations' || (table && !(await exists(client, table)))) continue;
      await client.query(statement);
    }
    await client.query('SET CONSTRAINTS ALL IMMEDIATE');
  });
  await client.query('COMMIT; ANALYZE');
}

async function exists(client: pg.Client, table: string): Promise<boolean> {
  const { rows } = await client.query('SELECT FROM pg_tables WHERE tablename = $1', [table]);
  return rows.length > 0;
}

/** A small test database on the new release's tables, for the side that is being prepared. */
export async function loadPreparation(client: pg.ClientBase, at = new Date()) {
  await loadProduction(client, preparationSize, at);
  for (const { app, name, statements } of migrationsAfter) {
    for (const statement of statements) await client.query(statement);
    await client.query(recordMigration, [app, name, at]);
  }
}

export const recordMigration = 'INSERT INTO django_migrations (app, name, applied) VALUES ($1, $2, $3)';

function rows(size: DataSize, at: string): string[] {
  const now = `timestamptz '${at}'`;
  const today = `(${now} AT TIME ZONE 'Australia/Sydney')::date`;
  const firstUnregistered = Math.max(1, Math.ceil(size.users * 0.875));
  const visitor = (n: string) => `${firstVisitor} + ${n} % ${size.users - firstVisitor + 1}`;
  const [users, players] = [filled('accounts_user'), filled('events_evententryplayer')];
  const [stripe, email, snooper] = [
    filled('payments_stripetransaction'),
    filled('post_office_email'),
    filled('notifications_snooper'),
  ];
  const ago = (n: string, count: number) => `${now} - (${count} - ${n}) * interval '7 minutes'`;
  return [
    `INSERT INTO django_migrations (app, name, applied) VALUES ${migrationsBefore
      .map(({ app, name }) => `('${app}', '${name}', ${now} - interval '200 days')`)
      .join(', ')}`,
    `INSERT INTO accounts_user (id, password, is_superuser, username, first_name, last_name, is_staff, is_active,
       date_joined, email, system_number, deceased, stripe_customer_id, stripe_auto_confirmed, covid_status, last_activity${users.moreNames})
     SELECT n, 'sandbox$${seededPassword}', n = 4,
       CASE n WHEN 1 THEN 'EVERYONE' WHEN 2 THEN 'TBA' WHEN 3 THEN 'ABF' WHEN 4 THEN '${seededSuperuser}' ELSE 'user' || n END,
       'First' || n % 997, 'Last' || n % 4999, n = 4, true, ${now} - interval '900 days',
       CASE WHEN n < 4 THEN 'a@b.com' ELSE 'user' || n || '@example.com' END,
       200000 + n, n % 400 = 0, CASE WHEN n % 3 = 0 THEN 'cus_' || n END, CASE WHEN n % 3 = 0 THEN 'On' ELSE 'Off' END,
       'US', CASE WHEN n > 4 THEN ${ago('n', size.users)} END${users.moreValues}
     FROM generate_series(1, ${size.users}) n`,
    `INSERT INTO accounts_unregistereduser (id, system_number, first_name, last_name, origin, deceased,
       internal_system_number, last_updated_by_id, created_at, updated_at, identifier)
     SELECT ${firstUnregistered} + n,
       CASE WHEN n % ${duplicateEvery} = 0 THEN 200000 + ${visitor('n')}
            WHEN n % ${contactEvery} = 0 THEN 1000000 + n ELSE 500000 + n END,
       'First' || n % 991, 'Last' || n % 4987, CASE WHEN n % 2 = 0 THEN 'MPC' ELSE 'CSV' END, false,
       n % ${contactEvery} = 0 AND n % ${duplicateEvery} <> 0, 3, ${now} - interval '300 days', ${now} - interval '30 days',
       substr(md5('identifier' || n), 1, 10)
     FROM generate_series(1, ${size.unregistered}) n`,
    `INSERT INTO notifications_unregisteredblockedemail (email, un_registered_user_id)
     SELECT 'blocked' || n || '@example.com', ${firstUnregistered} + 1 + (n * 12 - 1) % ${Math.max(1, size.unregistered)}
     FROM generate_series(1, ${size.blockedEmails}) n`,
    `INSERT INTO organisations_organisation (id, name, club_email, org_id)
     SELECT n, 'Club ' || n, 'club' || n || '@example.com', n::text FROM generate_series(1, 40) n`,
    `INSERT INTO organisations_membershiptype (id, organisation_id, name)
     SELECT n, n, 'Standard' FROM generate_series(1, 40) n`,
    `INSERT INTO organisations_membermembershiptype (system_number, membership_type_id, membership_state, start_date,
       end_date, auto_pay_date, fee, is_paid)
     SELECT 200000 + ${visitor('n')}, 1 + n % 40, 'CUR', ${today} - 365,
       CASE WHEN n > ${size.duePayments} THEN ${today} - 1 + n % 3 END,
       CASE WHEN n <= ${size.duePayments} THEN ${today} END, 35, n > ${size.duePayments}
     FROM generate_series(1, ${size.duePayments + 60}) n`,
    `INSERT INTO events_congress (id, name, end_date, contact_email)
     SELECT n, 'Congress ' || n, ${today} - 30 + n, 'convener' || n || '@example.com' FROM generate_series(1, 50) n`,
    `INSERT INTO events_event (id, congress_id, event_name, entry_fee)
     SELECT n, 1 + n % 50, 'Event ' || n, 40 FROM generate_series(1, 150) n`,
    `INSERT INTO events_evententry (event_id, entry_status, primary_entrant_id, first_created_date, entry_complete_date)
     SELECT 1 + n % 150, CASE WHEN n % 50 = 0 THEN 'Pending' ELSE 'Complete' END, ${visitor('n')},
       ${ago('n', size.entries)}, CASE WHEN n % 50 <> 0 THEN ${ago('n', size.entries)} END
     FROM generate_series(1, ${size.entries}) n`,
    `INSERT INTO events_evententryplayer (event_entry_id, player_id, paid_by_id, payment_type, payment_status, entry_fee,
       payment_received, first_created_date${players.moreNames})
     SELECT id, primary_entrant_id, primary_entrant_id, 'my-system-dollars',
       CASE entry_status WHEN 'Pending' THEN 'Unpaid' ELSE 'Paid' END, 40,
       CASE entry_status WHEN 'Pending' THEN 0 ELSE 40 END, first_created_date${players.moreValues} FROM events_evententry`,
    `INSERT INTO events_basketitem (player_id, event_entry_id)
     SELECT primary_entrant_id, id FROM events_evententry WHERE id % 500 = 1`,
    `INSERT INTO events_eventlog (event_id, actor_id, event_entry_id, action_date, action)
     SELECT event_id, primary_entrant_id, id, first_created_date, 'Entry created' FROM events_evententry WHERE id % 3 = 0`,
    `INSERT INTO payments_stripetransaction (member_id, description, amount, status, stripe_reference, created_date, last_change_date${stripe.moreNames})
     SELECT ${visitor('n * 4')}, 'Payment', 50, CASE WHEN n % 40 = 0 THEN 'Initiated' ELSE 'Succeeded' END, 'ch_' || n,
       ${ago('n * 4', size.payments)}, ${ago('n * 4', size.payments)}${stripe.moreValues}
     FROM generate_series(1, ${Math.floor(size.payments / 4)}) n`,
    `INSERT INTO payments_membertransaction (created_date, amount, balance, description, reference_no, type, member_id)
     SELECT ${ago('n', size.payments)}, -40, 100 - n % 100, 'Entry fee', 'S' || n, 'Entry to an event', ${visitor('n')}
     FROM generate_series(1, ${size.payments}) n`,
    `INSERT INTO payments_organisationtransaction (created_date, amount, balance, description, reference_no, type,
       organisation_id, member_id)
     SELECT created_date, 40, 1000, description, reference_no, type, 1 + id % 40, member_id
     FROM payments_membertransaction WHERE id % 5 = 0`,
    `INSERT INTO payments_userpendingpayment (system_number, organisation_id, amount, description, created_at)
     SELECT 200000 + ${visitor('n')}, 1 + n % 40, 12, 'Table money', ${now} - n * interval '1 day'
     FROM generate_series(1, 30) n`,
    `INSERT INTO post_office_email (from_email, "to", subject, message, status, priority, created, last_updated,
       scheduled_time, message_id${email.moreNames})
     SELECT 'donotreply@myabf.com.au', 'user' || (${visitor('n')}) || '@example.com', 'Notice ' || n, 'Text',
       CASE WHEN n > 1000 THEN 2 ELSE 0 END, 1, ${now} - interval '1 hour', ${now} - interval '1 hour',
       CASE WHEN n > 1000 + ${size.queuedEmails} THEN ${now} + interval '100 minutes' END, '<seed-' || n || '@myabf.com.au>'${email.moreValues}
     FROM generate_series(1, ${1000 + 2 * size.queuedEmails}) n`,
    `INSERT INTO notifications_snooper (post_office_email_id, ses_sent_at, ses_open_count${snooper.moreNames})
     SELECT id, created, 0${snooper.moreValues} FROM post_office_email WHERE status = 0`,
    `INSERT INTO django_session (session_key, session_data, expire_date)
     SELECT 'session' || lpad(n::text, 25, '0'), '{"_auth_user_id": "' || n || '"}', ${now} + interval '160 years'
     FROM generate_series(${firstVisitor}, ${firstVisitor + Math.min(size.sessions, size.users - firstVisitor + 1) - 1}) n`,
    `INSERT INTO xero_xeroinvoice (organisation_id, xero_invoice_id, amount, status, cobalt_reference, created_at, updated_at)
     SELECT n, '', 400, 'PENDING_UPLOAD', 'SETTLEMENT-' || n, ${now}, ${now} FROM generate_series(1, 8) n`,
    `INSERT INTO utils_lock (topic, lock_created_time, owner) VALUES ('email', ${now}, 'seed')`,
    ...[
      'accounts_user',
      'accounts_unregistereduser',
      'organisations_organisation',
      'organisations_membershiptype',
      'events_congress',
      'events_event',
    ].map(
      (table) => `SELECT setval(pg_get_serial_sequence('${table}', 'id'), (SELECT max(id) FROM ${table}))`,
    ),
  ];
}
