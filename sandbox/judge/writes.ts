import type { Client } from 'pg';
import type { Judged } from '../plan';
import type { Happening } from '../world';
import { type KnownDatabase, type Lineage, reaches } from './lineage';
import { exists } from './tables';
import type { MissingWrites, Watch } from './verdict';

interface Write {
  atMs: number;
  /** Undefined for a host that is no database's. */
  database: KnownDatabase | undefined;
  host: string;
  table: string;
  id: string;
}

/** Where the application notes that a membership was paid. */
const memberships = 'organisations_membermembershiptype';

/** Every row that somebody was told was written, sessions apart; a job tells by the money it takes. */
export class AcknowledgedWrites {
  readonly watch: Watch = {
    'write.acknowledged': (happening) => {
      if (happening.table !== this.judged.sessions) this.note(happening, happening.table, happening.id);
    },
    charged: (happening) => {
      const { automatic, mode, membership } = happening;
      if (automatic && mode !== 'test') this.note(happening, memberships, membership);
    },
  };
  private readonly writes: Write[] = [];

  constructor(
    private readonly judged: Judged,
    private readonly lineage: Lineage,
  ) {}

  /**
   * What the live database has not. A row with the id may be another's, or may lack the update: what was written to
   * another database after the copy was begun is missing, whatever is found.
   */
  async missingFrom(live: KnownDatabase, client: Client): Promise<MissingWrites[]> {
    const missing: Write[] = [];
    for (const [table, writes] of grouped(this.writes, ({ table }) => table)) {
      const there = await present(client, table, [...new Set(writes.map(({ id }) => id))]);
      missing.push(
        ...writes.filter(
          ({ database, atMs, id }) => !database || !reaches(database, atMs, live) || !there.has(id),
        ),
      );
    }
    return summed(missing);
  }

  /** What is missing when the live names lead to no database that answers. */
  all(): MissingWrites[] {
    return summed(this.writes);
  }

  private note({ atMs, endpoint }: Happening, table: unknown, id: unknown): void {
    const host = String(endpoint);
    const database = this.lineage.at(host);
    this.writes.push({ atMs, database, host, table: String(table), id: String(id) });
  }
}

/** Django's own key but for one table's, which the application keys by the e-mail. */
const keyOf = (table: string) => (table === 'notifications_snooper' ? 'post_office_email_id' : 'id');

async function present(client: Client, table: string, ids: string[]): Promise<Set<string>> {
  if (!(await exists(client, table))) return new Set();
  const key = keyOf(table);
  const { rows } = await client.query<{ id: string }>(
    `SELECT ${key}::text AS id FROM ${table} WHERE ${key} = ANY ($1)`,
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}

function summed(missing: Write[]): MissingWrites[] {
  return [...grouped(missing, ({ host, table }) => `${host} ${table}`).values()].map((writes) => ({
    table: writes[0]!.table,
    database: writes[0]!.database?.id ?? writes[0]!.host,
    ids: [...new Set(writes.map(({ id }) => id))],
    atMs: writes[0]!.atMs,
  }));
}

function grouped<T>(all: T[], by: (each: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const each of all) {
    const group = groups.get(by(each));
    if (group) group.push(each);
    else groups.set(by(each), [each]);
  }
  return groups;
}
