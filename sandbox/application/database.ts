import pg from 'pg';
import type { World } from '../world';
import { DatabaseError } from './failure';
import type { DatabaseSettings } from './settings';

export type Row = Record<string, never>;

/** What views and commands ask the database with. Each statement is a transaction of its own, as Django's are. */
export interface Database {
  query<T = Row>(text: string, values?: unknown[]): Promise<T[]>;
}

/** The connections of one web process: they stay open between requests, until the process is closed. */
export class Connections implements Database {
  private pool: pg.Pool | undefined;
  private place = '';

  constructor(
    private readonly world: World,
    private readonly settings: DatabaseSettings,
  ) {}

  async query<T = Row>(text: string, values: unknown[] = []): Promise<T[]> {
    return ask(async () => {
      const client = await this.connected().connect();
      try {
        const result = await client.query<T & pg.QueryResultRow>(text, values);
        // A session that stays open counts what it wrote up to 10 seconds later, by a clock that skips nothing.
        if (!/^\s*SELECT/i.test(text)) await client.query('SELECT pg_stat_force_next_flush()');
        return result;
      } finally {
        // The pool's own query would throw a connection away after every refusal.
        client.release();
      }
    });
  }

  async close(): Promise<void> {
    const pool = this.pool;
    this.pool = undefined;
    await pool?.end();
  }

  /** A name may come to stand for another machine: then the old connections are of no use. */
  private connected(): pg.Pool {
    const config = configuration(this.world, this.settings);
    const place = `${config.host}:${config.port}`;
    if (this.pool && this.place === place) return this.pool;
    this.pool?.end().catch(() => {});
    this.place = place;
    this.pool = new pg.Pool({ ...config, max: 3, idleTimeoutMillis: 0, allowExitOnIdle: true });
    this.pool.on('error', () => {});
    return this.pool;
  }
}

/** One connection for one command, which may also hold several statements together. */
export class Connection implements Database {
  private constructor(private readonly client: pg.Client) {}

  static async open(world: World, settings: DatabaseSettings): Promise<Connection> {
    const client = await ask(async () => {
      const opened = new pg.Client(configuration(world, settings));
      opened.on('error', () => {});
      await opened.connect();
      return { rows: [opened] };
    });
    return new Connection(client[0]!);
  }

  async query<T = Row>(text: string, values: unknown[] = []): Promise<T[]> {
    return ask(() => this.client.query<T & pg.QueryResultRow>(text, values));
  }

  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.query('BEGIN');
    try {
      const result = await work();
      await this.query('COMMIT');
      return result;
    } catch (error) {
      await this.client.query('ROLLBACK').catch(() => {});
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.client.end().catch(() => {});
  }
}

function configuration(world: World, settings: DatabaseSettings) {
  const place = world.databases.connectionTo(settings.databaseHost);
  if (!place || settings.databasePort !== '5432')
    throw new DatabaseError(
      undefined,
      `connection to server at "${settings.databaseHost}", port ${settings.databasePort} failed: Connection refused`,
    );
  return {
    ...place,
    database: settings.databaseName,
    user: settings.databaseUser,
    password: settings.databasePassword,
    application_name: 'cobalt',
    connectionTimeoutMillis: 5_000,
  };
}

/** Whatever PostgreSQL or the connection says becomes an error of the application, not of the sandbox. */
async function ask<T>(question: () => Promise<{ rows: T[] }>): Promise<T[]> {
  try {
    return (await question()).rows;
  } catch (error) {
    if (error instanceof DatabaseError) throw error;
    if (!(error instanceof Error)) throw error;
    const code = error instanceof pg.DatabaseError ? error.code : undefined;
    const detail = error instanceof pg.DatabaseError && error.detail ? `\nDETAIL:  ${error.detail}` : '';
    throw new DatabaseError(code, `${error.message}${detail}`);
  }
}
