import { spawn } from 'node:child_process';
import type { Client } from 'pg';
import type { Login } from '../seed-databases';
import type { RealPython } from '../shell/stand-ins';
import { migrationsBefore } from './migrations';
import { columnsByTable } from './schema';

/** Thrown when the tables before the upgrade cannot be had from a checkout. */
export class CheckoutUnfit extends Error {}

/**
 * Makes the tables as they stood before the upgrade by a checkout's own migrations: those apps that the upgrade
 * changes as far as they had come, the others to their end.
 */
export async function migrateToBefore(
  { manageDir, python, searchPath, variables }: Omit<RealPython, 'releasesBefore'>,
  login: Login,
): Promise<void> {
  const last = Object.fromEntries(migrationsBefore.map(({ app, name }) => [app, name]));
  const env = {
    PATH: searchPath,
    HOME: process.env.HOME,
    LANG: 'C.UTF-8',
    [variables.host]: login.host,
    [variables.port]: String(login.port),
    [variables.name]: login.name,
    [variables.user]: login.user,
    [variables.password]: login.password,
  };
  const text = `
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

last = ${JSON.stringify(last)}
for app, name in last.items():
    call_command("migrate", app, name, verbosity=0, interactive=False)
for app in sorted(MigrationLoader(connection).migrated_apps - set(last)):
    call_command("migrate", app, verbosity=0, interactive=False)
`;
  await new Promise<void>((resolve, reject) => {
    const child = spawn(python, ['manage.py', 'shell', '-v0', '-c', text], {
      cwd: manageDir,
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (data: string) => {
      said = `${said}${data}`.slice(-2_000);
    });
    child.on('error', (error) => reject(new CheckoutUnfit(error.message)));
    child.on('close', (code) => {
      const words = said.trim().split('\n').at(-1) || `it ended with exit code ${code}`;
      if (code === 0) resolve();
      else reject(new CheckoutUnfit(words));
    });
  });
}

/** What a column gets of which nothing is known here. */
const least: Record<string, string> = {
  boolean: 'false',
  'character varying': "''",
  date: "'2020-01-01'",
  integer: '0',
  numeric: '0',
  text: "''",
  'timestamp with time zone': "'2020-01-01'",
};

/** While `work` runs, columns that it does not know of have a default, so that it can insert rows without them. */
export async function withDefaults(client: Client, work: () => Promise<void>): Promise<void> {
  const { rows } = await client.query<{ table: string; column: string; type: string }>(
    `SELECT table_name AS table, column_name AS column, data_type AS type FROM information_schema.columns
     WHERE table_schema = current_schema() AND table_name = ANY ($1) AND is_nullable = 'NO'
       AND column_default IS NULL AND is_identity = 'NO'`,
    [Object.keys(columnsByTable)],
  );
  const unknown = rows.filter(({ table, column }) => !columnsByTable[table]!.includes(column));
  for (const { table, column, type } of unknown) {
    // The first row of each table is the system's own.
    const value = column.endsWith('_id') && type === 'integer' ? '1' : (least[type] ?? 'NULL');
    await client.query(`ALTER TABLE ${table} ALTER COLUMN ${column} SET DEFAULT ${value}`);
  }
  await work();
  for (const { table, column } of unknown)
    await client.query(`ALTER TABLE ${table} ALTER COLUMN ${column} DROP DEFAULT`);
}
