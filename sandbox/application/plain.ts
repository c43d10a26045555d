import { randomBytes } from 'node:crypto';
import type { Process, WebRequest, WebResponse, World } from '../world';
import type { Cobalt } from './cobalt';
import { Connections } from './database';
import { DatabaseError } from './failure';
import { instanceWith } from './place';
import { page, redirect } from './web/visit';

/** The names of the variables by which an application finds its database. */
export interface DatabaseVariables {
  name: string;
  host: string;
  port: string;
  user: string;
  password: string;
}

export interface PlainOptions {
  /** The names of the variables that it reads. */
  variables: {
    database: DatabaseVariables;
    maintenance?: { name: string; on: string } | undefined;
  };
  /** The table of sessions, in Django's form; without one nobody can log in. */
  sessions: string | undefined;
  /** Answered in maintenance mode too. */
  healthCheckPath: string;
}

/** Django's own. */
const loginPath = '/accounts/login/';

const sessionLifeMs = 14 * 24 * 60 * 60_000;

/**
 * Stands in for an application of which nothing is known but its settings. Every page reads the database; logging in,
 * and whatever somebody does who is logged in, writes a row of the sessions. It has no jobs and no commands.
 */
export function createPlainApplication(world: World, options: PlainOptions): Cobalt {
  const { variables, healthCheckPath } = options;
  const connections = new Map<Process, Connections>();

  function connectionsOf(web: Process): Connections {
    const { name, host, port, user, password } = variables.database;
    const { environ } = web;
    const known = connections.get(web);
    const opened =
      known ??
      new Connections(world, {
        databaseHost: environ[host] ?? '',
        databasePort: environ[port] ?? '5432',
        databaseName: environ[name] ?? '',
        databaseUser: environ[user] ?? '',
        databasePassword: environ[password] ?? '',
      });
    connections.set(web, opened);
    return opened;
  }

  return {
    crontab: [],
    hookCommands: [],
    migrations: [],

    async serve(web, request) {
      const visit = new PlainVisit(world, connectionsOf(web), options.sessions, request);
      const answer = await visit.answer().catch((error) => {
        if (error instanceof DatabaseError) return page(500, '<h1>Server Error (500)</h1>');
        throw error;
      });
      const { environ } = web;
      const facts = {
        environment: instanceWith(world, environ)?.environment ?? 'unknown',
        endpoint: environ[variables.database.host],
        path: request.path,
        status: answer.status,
      };
      for (const id of visit.written)
        world.happened('write.committed', { table: options.sessions, id, ...facts });
      const { maintenance } = variables;
      const closed = maintenance && environ[maintenance.name] === maintenance.on;
      return closed && visit.path !== healthCheckPath ? page(503, 'Down for maintenance.') : answer;
    },

    async manage([name = ''], _environ, print) {
      print(
        `Unknown command: '${name}'. The sandbox has no stand-in for it: give --application DIR.\n`,
        'stderr',
      );
      return 1;
    },

    async close(process) {
      await connections.get(process)?.close();
      connections.delete(process);
    },
  };
}

class PlainVisit {
  readonly path: string;
  /** The keys of the sessions that were written. */
  readonly written: string[] = [];

  constructor(
    private readonly world: World,
    private readonly database: Connections,
    private readonly sessions: string | undefined,
    private readonly request: WebRequest,
  ) {
    this.path = new URL(request.path, 'http://application').pathname;
  }

  async answer(): Promise<WebResponse> {
    const post = this.request.method === 'POST';
    if (post && this.path === loginPath) return this.logIn();
    const session = await this.session();
    if (!post) return page(200, session ? 'Dashboard.' : 'Welcome.');
    if (!session) return redirect(loginPath);
    await this.write(`UPDATE ${this.sessions} SET expire_date = $2 WHERE session_key = $1`, session);
    return page(200, 'Saved.');
  }

  /** Anybody may. */
  private async logIn(): Promise<WebResponse> {
    if (!this.sessions) return page(200, 'Nobody can log in here.');
    const key = randomBytes(16).toString('hex');
    await this.write(
      `INSERT INTO ${this.sessions} (session_key, expire_date, session_data) VALUES ($1, $2, '')`,
      key,
    );
    return redirect('/', { 'set-cookie': `sessionid=${key}; Path=/; HttpOnly` });
  }

  private async session(): Promise<string | undefined> {
    const key = /(?:^|;\s*)sessionid=([^;]+)/.exec(this.request.headers.cookie ?? '')?.[1];
    const rows = await this.database.query<{ key: string }>(
      this.sessions
        ? `SELECT session_key AS key FROM ${this.sessions} WHERE session_key = $1`
        : 'SELECT $1::text AS key WHERE false',
      [key ?? ''],
    );
    return rows[0]?.key;
  }

  private async write(statement: string, key: string): Promise<void> {
    await this.database.query(statement, [key, new Date(this.world.clock.nowMs() + sessionLifeMs)]);
    this.written.push(key);
  }
}
