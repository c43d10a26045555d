import type pg from 'pg';
import { type Cobalt, type CobaltOptions, createApplication } from '../../../sandbox/application/cobalt';
import { type DataSize, loadProduction } from '../../../sandbox/application/production';
import { Clock } from '../../../sandbox/clock';
import type { Cluster } from '../../../sandbox/postgres/cluster';
import { Postgres } from '../../../sandbox/postgres/postgres';
import {
  defaultDurations,
  type Happening,
  type Instance,
  type Process,
  type WebRequest,
  type World,
} from '../../../sandbox/world';

/** Ten in the evening in Sydney. */
export const startAt = new Date('2026-11-18T11:00:00Z');
export const endpoint = 'production-blue.abc.ap-southeast-2.rds.amazonaws.com';

const smallSize: DataSize = {
  users: 400,
  unregistered: 260,
  blockedEmails: 20,
  entries: 200,
  payments: 200,
  queuedEmails: 6,
  sessions: 10,
  duePayments: 3,
};

/** A PostgreSQL with one filled database, of which every test gets a copy. */
export class Rig {
  private copies = 0;

  private constructor(
    private readonly postgres: Postgres,
    private readonly cluster: Cluster,
  ) {}

  static async open(
    load: (client: pg.Client) => Promise<void> = (client) => loadProduction(client, smallSize, startAt),
  ) {
    const postgres = await Postgres.open();
    const cluster = await postgres.create();
    const rig = new Rig(postgres, cluster);
    await rig.asSuperuser(`CREATE ROLE postgres LOGIN PASSWORD 'writes'`);
    await rig.asSuperuser(`CREATE ROLE reader LOGIN PASSWORD 'reads' IN ROLE pg_read_all_data`);
    await rig.asSuperuser('CREATE DATABASE seed OWNER postgres');
    const client = await rig.connect('seed');
    await load(client);
    await client.end();
    return rig;
  }

  connect(database: string): Promise<pg.Client> {
    return this.cluster.connectAs('postgres', 'writes', database);
  }

  async close() {
    await this.postgres.stop();
  }

  /** An application on a copy of the data, with two instances: one of the old release, one of the new. */
  async start(options: { releasesBefore?: string[] } & CobaltOptions = { releasesBefore: ['old'] }) {
    const name = `copy${++this.copies}`;
    await this.asSuperuser(`CREATE DATABASE ${name} OWNER postgres TEMPLATE seed`);
    return new Trial(await this.connect(name), name, this.cluster.port, options);
  }

  private async asSuperuser(statement: string) {
    const client = await this.cluster.connect();
    await client.query(statement);
    await client.end();
  }
}

/** The small world one test plays in. */
export class Trial {
  readonly clock = new Clock('skip', startAt);
  readonly happenings: Happening[] = [];
  readonly application: Cobalt;
  readonly world: World;
  private readonly instances: Instance[] = [];
  private pid = 100;

  constructor(
    readonly database: pg.Client,
    private readonly name: string,
    private readonly port: number,
    options: CobaltOptions,
  ) {
    const world: Pick<
      World,
      'clock' | 'durations' | 'happenings' | 'happened' | 'databases' | 'beanstalk' | 'application'
    > = {
      clock: this.clock,
      durations: defaultDurations,
      happenings: this.happenings,
      happened: (kind, facts = {}) => this.happenings.push({ atMs: this.clock.nowMs(), kind, ...facts }),
      databases: {
        connectionTo: (host) => (host === endpoint ? { host: '127.0.0.1', port: this.port } : undefined),
      },
      beanstalk: { instances: () => this.instances, addressesOf: () => [], serve: async () => undefined },
      application: undefined as never,
    };
    this.world = world as World;
    this.application = createApplication(this.world, options);
    this.world.application = this.application;
  }

  environ(changes: Record<string, string> = {}): Record<string, string> {
    return {
      RDS_HOSTNAME: endpoint,
      RDS_DB_NAME: this.name,
      RDS_USERNAME: 'postgres',
      RDS_PASSWORD: 'writes',
      COBALT_HOSTNAME: 'myabf.com.au',
      MAINTENANCE_MODE: 'OFF',
      DISABLE_PLAYPEN: 'ON',
      STRIPE_SECRET_KEY: 'sk_live_1',
      ...changes,
    };
  }

  reader(changes: Record<string, string> = {}) {
    return this.environ({ RDS_USERNAME: 'reader', RDS_PASSWORD: 'reads', ...changes });
  }

  /** A web process of an environment, with a version of the code. */
  web(
    environ: Record<string, string>,
    versionLabel = 'old',
    environment = 'cobalt-production-blue',
  ): Process {
    const web: Process = { pid: ++this.pid, argv: ['gunicorn'], environ, startedAtMs: this.clock.nowMs() };
    this.instances.push({ environment, versionLabel, web, processes: new Map([[web.pid, web]]) } as Instance);
    return web;
  }

  ask(web: Process, method: string, path: string, request: Partial<WebRequest> = {}) {
    return this.application.serve(web, {
      method,
      path,
      host: 'myabf.com.au',
      headers: {},
      body: '',
      ...request,
    });
  }

  /** Runs a command to its end, letting the sandbox's time pass. */
  async manage(args: string[], environ = this.environ(), killed?: AbortSignal) {
    let output = '';
    let exitCode: number | undefined;
    const running = this.application
      .manage(args, environ, (text) => (output += text), killed)
      .then((code) => {
        exitCode = code;
      });
    await this.clock.skipUntil(() => exitCode !== undefined);
    await running;
    return { exitCode, output };
  }

  async rows<T>(sql: string, values: unknown[] = []): Promise<T[]> {
    return (await this.database.query(sql, values)).rows;
  }

  async count(table: string, where = 'true'): Promise<number> {
    const rows = await this.rows<{ count: string }>(`SELECT count(*) FROM ${table} WHERE ${where}`);
    return Number(rows[0]!.count);
  }

  kinds(kind: string): Happening[] {
    return this.happenings.filter((happening) => happening.kind === kind);
  }

  async close() {
    for (const { web } of this.instances) if (web) await this.application.close(web);
    await this.database.end();
    this.clock.stop();
  }
}
