import type { Client } from 'pg';
import type { Account } from '../actors/visitor';
import { seededPassword } from './production';
import { columnsByTable } from './schema';

/** Of another release of the application; no page and no command of the upgrade needs them. */
const dispensable = new Set(['xero_xeroinvoice', 'accounts_systemcard']);

/** What a database lacks of the tables and columns that the stand-in's pages and commands work on. */
export async function lackingIn(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ table: string; columns: string[] }>(
    `SELECT table_name AS table, array_agg(column_name::text) AS columns FROM information_schema.columns
     WHERE table_schema = current_schema() GROUP BY table_name`,
  );
  const present = new Map(rows.map(({ table, columns }) => [table, new Set(columns)]));
  return Object.entries(columnsByTable)
    .filter(([table]) => !dispensable.has(table))
    .flatMap(([table, columns]) => {
      const there = present.get(table);
      return there
        ? columns.filter((column) => !there.has(column)).map((column) => `${table}.${column}`)
        : [table];
    });
}

/**
 * Lets so many of a loaded database's people act as visitors: they get a session and a password of the stand-in's, in
 * the sandbox's copy.
 */
export async function seatVisitors(client: Client, count: number, at: Date): Promise<Account[]> {
  const { rows } = await client.query<{ username: string; key: string }>(
    `WITH chosen AS (
       UPDATE accounts_user SET password = 'sandbox$' || $1 WHERE id IN (
         SELECT id FROM accounts_user WHERE is_active AND NOT is_superuser ORDER BY id LIMIT $2)
       RETURNING id, username),
     seated AS (
       INSERT INTO django_session (session_key, session_data, expire_date)
       SELECT 'visitor' || lpad(id::text, 25, '0'), json_build_object('_auth_user_id', id::text), $3::timestamptz + interval '160 years'
       FROM chosen)
     SELECT username, 'visitor' || lpad(id::text, 25, '0') AS key FROM chosen ORDER BY id`,
    [seededPassword, count, at],
  );
  return rows.map(({ username, key }) => ({
    username,
    password: seededPassword,
    cookie: `sessionid=${key}`,
  }));
}
