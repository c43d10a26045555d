import { commandText, scriptsIn } from '../../../lib/aws/command-text';
import { parameterNames } from '../../../lib/names';
import type { BeanstalkInstance } from '../../../sandbox/beanstalk/instance';
import { defaultDurations, type World } from '../../../sandbox/world';
import { cobalt } from '../../support/upgrade';
import { UpgradeWorld } from '../../support/upgrade-world';
import { modelApplication } from './application';
import type { Data } from './data';
import { ModelScripts } from './scripts';
import { type ModelServer, ModelServers } from './servers';
import { VirtualClock } from './virtual-clock';

/** What a script said, line by line, and how it ended. */
export interface Said {
  exitCode: number;
  lines: string[];
}

/** What a table or a column of the application's is called in the model, where that is another word. */
const keys: Record<string, string> = { django_session: 'session_key' };
const columns: Record<string, string> = { un_registered_user_id: 'person' };
const blocked = 'notifications_unregisteredblockedemail';

const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');

/**
 * The scripts of lib/on-instance in a shell against PostgreSQL, and their models on the same rows: the same instance runs
 * first the one, then the other.
 */
export class SideBySide {
  private servers = new ModelServers();
  private readonly modelled = new Map<string, ModelServer>();

  private constructor(readonly real: UpgradeWorld) {}

  static async open(size: Parameters<typeof UpgradeWorld.open>[0]): Promise<SideBySide> {
    return new SideBySide(await UpgradeWorld.open(size));
  }

  /** Gives the model the rows and the logins that the real databases have now. */
  async mirror(): Promise<void> {
    this.servers = new ModelServers();
    this.modelled.clear();
    for (const [endpoint, { running }] of this.real.clusters) if (running) await this.mirrorOne(endpoint);
  }

  dataAt(endpoint: string): Data {
    return this.serverAt(endpoint).data;
  }

  serverAt(endpoint: string): ModelServer {
    return this.modelled.get(endpoint)!;
  }

  /** Runs the real script, then its model. */
  async both(
    instance: BeanstalkInstance,
    script: string,
    args: string[],
  ): Promise<{ real: Said; model: Said }> {
    const real = await this.run(instance, script, args);
    return { real, model: await this.model(instance, script, args) };
  }

  async run(instance: BeanstalkInstance, script: string, args: string[]): Promise<Said> {
    const { exitCode, stdout } = await this.real.run(instance.id, script, args);
    return { exitCode, lines: linesOf(stdout) };
  }

  async model(instance: BeanstalkInstance, script: string, args: string[]): Promise<Said> {
    const faults: unknown[] = [];
    const clock = new VirtualClock(this.real.clock.date(), (error) => faults.push(error));
    const scripts = new ModelScripts(this.worldOf(clock), this.servers);
    let stdout = '';
    const { exitCode } = await scripts.run({
      instance,
      script: commandText(scriptsIn('lib/on-instance'), script, args),
      onStdout: (data) => {
        stdout += data;
      },
      onStderr: () => {},
    });
    let over = false;
    const done = exitCode.finally(() => {
      over = true;
    });
    await clock.pass(() => over, 24 * 60 * 60_000);
    clock.stop();
    if (faults.length > 0) throw faults[0];
    return { exitCode: await done, lines: linesOf(stdout) };
  }

  close(): Promise<void> {
    return this.real.close();
  }

  private worldOf(clock: VirtualClock): World {
    const { secrets, denied, instances } = this.real;
    const arnOf = (name: string) => `arn:aws:ssm:${cobalt.region}:${cobalt.account}:parameter${name}`;
    const isDenied = (action: string, arn: string) =>
      [...denied].some((what) => arn === arnOf(what) || `${action} ${arn}` === what);
    const world = {
      ...{ clock, durations: defaultDurations, happened: () => {} },
      databases: {
        connectionTo: (endpoint: string) => {
          const server = this.modelled.get(endpoint);
          return server?.running ? { host: '127.0.0.1', port: server.port } : undefined;
        },
      },
      parameters: {
        arnOf,
        read: (name: string) => (secrets.has(name) ? { name, value: secrets.get(name)! } : undefined),
        put: (name: string, value: string) => void secrets.set(name, value),
      },
      iam: {
        decide: (_: string, action: string, arn: string) =>
          isDenied(action, arn) ? 'explicitDeny' : 'allowed',
      },
      beanstalk: { instances: () => instances },
    } as unknown as World;
    const centre = this.real.masterpointsCentre;
    world.application = modelApplication(world, this.servers, { releasesBefore: ['old'], centre });
    return world;
  }

  private async mirrorOne(endpoint: string): Promise<void> {
    const server = await this.servers.create();
    this.modelled.set(endpoint, server);
    await this.real.query(endpoint, async (client) => {
      const { rows: roles } = await client.query<{ name: string }>(allRoles);
      this.addLogins(server.data, new Set(roles.map(({ name }) => name)));
      const { rows: tables } = await client.query<{ name: string }>(allTables);
      for (const { name } of tables) {
        const { rows } = await client.query<{ row: Row }>(`SELECT to_jsonb(t) AS row FROM "${name}" t`);
        server.data.make(name);
        for (const { row } of rows) server.data.insert(name, asModelled(name, row));
      }
      const { rows: refers } = await client.query<{ table: string }>(referred, [blocked]);
      server.data.make('references');
      for (const { table } of refers) server.data.insert('references', { id: blocked, table });
    });
  }

  private addLogins(data: Data, known: Set<string>): void {
    const { name, writer, reader } = cobalt.database;
    data.name = name;
    for (const { user, secret } of [writer, reader])
      if (known.has(user))
        data.logins.set(user, {
          password: this.real.secrets.get(parameterNames(cobalt).secret(secret))!,
          reads: user === reader.user,
        });
  }
}

type Row = Record<string, unknown>;

const allRoles = 'SELECT rolname AS name FROM pg_roles';
const allTables = `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`;
const referred = `SELECT confrelid::regclass AS "table" FROM pg_constraint WHERE contype = 'f' AND conrelid = $1::regclass`;

function asModelled(table: string, row: Row): Row {
  const renamed = Object.fromEntries(
    Object.entries(row).map(([name, value]) => [columns[name] ?? name, value]),
  );
  const key = keys[table];
  return key ? { ...renamed, id: row[key] } : renamed;
}
