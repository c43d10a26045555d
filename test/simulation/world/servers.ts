import type { Client } from 'pg';
import type { Server, Servers } from '../../../sandbox/postgres/servers';
import { Data, Refused } from './data';
import { answerTo } from './superuser';

/** Who is connected; `owner` is a process or a run of the tool. */
interface Session {
  user: string;
  application: string;
  pid: number;
}

/** A database server without a process: its data, and who is connected. */
export class ModelServer implements Server {
  running = false;
  readonly sessions = new Map<unknown, Session>();
  private lastPid = 100;

  constructor(
    readonly folder: string,
    readonly data: Data,
    readonly port: number,
  ) {}

  async start(): Promise<void> {
    this.running = true;
  }

  async stop(): Promise<void> {
    this.running = false;
    this.sessions.clear();
  }

  async connect(): Promise<Client> {
    if (!this.running) throw new Error(`The server of ${this.folder} does not run.`);
    const client: Pick<Client, 'query' | 'end' | 'escapeIdentifier' | 'escapeLiteral'> = {
      query: (async (text: string, values: unknown[] = []) => ({
        rows: answerTo(this.data, text, values),
      })) as unknown as Client['query'],
      end: (async () => {}) as Client['end'],
      escapeIdentifier: (name) => `"${name}"`,
      escapeLiteral: (value) => `'${value}'`,
    };
    return client as Client;
  }

  connectAs(): Promise<Client> {
    throw new Error('Nobody connects to a modelled server by itself.');
  }

  /** Lets a login in, as long as its owner stays. @throws Refused */
  admit(owner: unknown, user: string, password: string, database: string, application: string): void {
    if (!this.running) throw new Refused('08006', 'connection refused');
    const login = this.data.logins.get(user);
    if (!login || login.password !== password)
      throw new Refused('28P01', `password authentication failed for user "${user}"`);
    if (database !== this.data.name) throw new Refused('3D000', `database "${database}" does not exist`);
    if (this.sessions.get(owner)?.user === user) return;
    this.sessions.set(owner, { user, application, pid: ++this.lastPid });
  }
}

/** Servers whose data are a structure in memory: copying one shares every row. */
export class ModelServers implements Servers {
  private readonly kept = new Map<string, Data>();
  private readonly servers = new Set<ModelServer>();
  private made = 0;
  private spoils = false;

  /** The next copy that is restored lacks a row. */
  spoilNext(): void {
    this.spoils = true;
  }

  async create(): Promise<ModelServer> {
    const server = this.serverWith(new Data());
    await server.start();
    return server;
  }

  async clusterFrom(folder: string): Promise<ModelServer> {
    const data = this.dataIn(folder).copy();
    if (this.spoils) data.remove('events_evententry', data.rows('events_evententry').at(-1)!.id);
    this.spoils = false;
    return this.serverWith(data);
  }

  async copyOf(server: Server): Promise<string> {
    return this.keep((server as ModelServer).data.copy());
  }

  async retire(server: Server): Promise<string> {
    await server.stop();
    this.servers.delete(server as ModelServer);
    return this.keep((server as ModelServer).data);
  }

  async discard(folder: string): Promise<void> {
    this.kept.delete(folder);
  }

  async stop(): Promise<void> {}

  at(port: number): ModelServer | undefined {
    for (const server of this.servers) if (server.port === port && server.running) return server;
    return undefined;
  }

  private serverWith(data: Data): ModelServer {
    const server = new ModelServer(`data-${++this.made}`, data, 20_000 + this.made);
    this.servers.add(server);
    return server;
  }

  private keep(data: Data): string {
    const folder = `kept-${++this.made}`;
    this.kept.set(folder, data);
    return folder;
  }

  private dataIn(folder: string): Data {
    const data = this.kept.get(folder);
    if (!data) throw new Error(`There are no data in ${folder}.`);
    return data;
  }
}
