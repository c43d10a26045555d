import type { Client } from 'pg';
import type { Judged } from '../plan';
import type { KnownDatabase, Lineage } from './lineage';
import type { RunningProcess } from './processes';
import { exists } from './tables';
import type { Report, Watch } from './verdict';

export interface Looks {
  judged: Judged;
  /** The migrations of the new release, as `app.name`. */
  migrations: string[];
  lineage: Lineage;
  report: Report;
  /** The open processes that run. */
  open: () => RunningProcess[];
  accepts: (host: string) => boolean;
  /** Asks a database past all its rules, one question after the other and before time goes on. */
  ask: (database: string, question: (client: Client) => Promise<void>) => void;
}

/** Looks at each database that was made since the beginning, when the first open process is on it. */
export class Readiness {
  readonly watch: Watch = {
    'database.restored': ({ atMs, id }) => this.answers(String(id), atMs),
    'database.created': ({ atMs, id }) => this.answers(String(id), atMs),
  };
  /** The keys of the sessions that each restored database had when it first accepted connections. */
  private readonly copiedSessions = new Map<KnownDatabase, string[]>();
  private readonly seen = new Set<KnownDatabase>();

  constructor(private readonly looks: Looks) {}

  /** A process that is open has started. */
  opened({ environment, databaseHost }: RunningProcess, atMs: number): void {
    const database = this.looks.lineage.at(databaseHost);
    if (!database?.made || this.seen.has(database) || !this.looks.accepts(databaseHost)) return;
    this.seen.add(database);
    this.looks.ask(database.id, async (client) => {
      for (const fault of await this.faults(client, this.copiedSessions.get(database) ?? []))
        this.looks.report(
          'never an open side on an unready database',
          atMs,
          `${environment} is open on ${database.id}, ${fault}`,
        );
    });
  }

  /** From here on it accepts connections, and whoever is open on it already is open now. */
  private answers(id: string, atMs: number): void {
    const { judged, lineage, open, ask } = this.looks;
    const database = lineage.named(id);
    const keys: string[] = [];
    this.copiedSessions.set(database, keys);
    const { sessions } = judged;
    ask(id, async (client) => {
      if (!sessions || !(await exists(client, sessions))) return;
      const { rows } = await client.query<{ key: string }>(`SELECT session_key AS key FROM ${sessions}`);
      for (const { key } of rows) keys.push(key);
    });
    for (const process of open())
      if (lineage.at(process.databaseHost) === database) this.opened(process, atMs);
  }

  private async faults(client: Client, copied: string[]): Promise<string[]> {
    const { judged, migrations } = this.looks;
    const { sessions, conversion } = judged;
    const missing = await unapplied(client, migrations);
    const people = conversion ? await toConvert(client, conversion) : 0;
    const left = sessions ? await stillThere(client, sessions, copied) : 0;
    return [
      ...(missing.length > 0 ? [`which lacks the migrations ${missing.join(', ')}`] : []),
      ...(people > 0 ? [`where ${people} people are still to be converted`] : []),
      ...(left > 0 ? [`which has ${left} sessions of its source`] : []),
    ];
  }
}

async function unapplied(client: Client, migrations: string[]): Promise<string[]> {
  if (!(await exists(client, 'django_migrations'))) return migrations;
  const { rows } = await client.query(`SELECT app || '.' || name AS name FROM django_migrations`);
  const applied = new Set(rows.map(({ name }) => name));
  return migrations.filter((name) => !applied.has(name));
}

/** A number that a user has, as a number or to log in with, and a missing name are no user's: such rows stay. */
async function toConvert(
  client: Client,
  { unregistered, users }: NonNullable<Judged['conversion']>,
): Promise<number> {
  if (!(await exists(client, unregistered))) return 0;
  const { rows } = await client.query(
    `SELECT count(*)::int AS people FROM ${unregistered} o
     WHERE o.first_name IS NOT NULL AND o.last_name IS NOT NULL
       AND NOT EXISTS (SELECT FROM ${users} u WHERE u.system_number = o.system_number)
       AND NOT EXISTS (SELECT FROM ${users} u WHERE u.username = o.system_number::text)`,
  );
  return rows[0].people;
}

async function stillThere(client: Client, sessions: string, keys: string[]): Promise<number> {
  if (!(await exists(client, sessions))) return 0;
  const { rows } = await client.query(
    `SELECT count(*)::int AS left FROM ${sessions} WHERE session_key = ANY ($1)`,
    [keys],
  );
  return rows[0].left;
}
