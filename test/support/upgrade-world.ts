import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { commandText, scriptsIn } from '../../lib/aws/command-text';
import { parameterNames } from '../../lib/names';
import { posture, resolveWords, type Words } from '../../lib/posture';
import { parseUpgradeRecord, type UpgradeRecord } from '../../lib/record';
import { PreconditionError } from '../../lib/runbook/errors';
import { type Settings, type Side, sides } from '../../lib/settings';
import type { Begun, CommandResult, Environment, Ports, Snapshot } from '../../lib/upgrade/ports';
import type { Stack } from '../../lib/upgrade/stack-ports';
import { createApplication } from '../../sandbox/application/cobalt';
import { loadProduction } from '../../sandbox/application/production';
import { BeanstalkInstance } from '../../sandbox/beanstalk/instance';
import { Clock } from '../../sandbox/clock';
import { realFiles } from '../../sandbox/files';
import type { Cluster } from '../../sandbox/postgres/cluster';
import { Postgres } from '../../sandbox/postgres/postgres';
import { Shell } from '../../sandbox/shell/shell';
import { defaultDurations, defaultSwitches, type Process, type World } from '../../sandbox/world';
import { playedClock } from './clock';
import { nothingAdopted, nothingAhead } from './ports';
import { before, cobalt, original, source } from './upgrade';

const startAt = new Date('2026-11-18T11:00:00Z');
const writerPassword = "wr'it es\\";

/**
 * What the verbs see, with a real PostgreSQL behind each endpoint and a real shell on each instance. Only what AWS
 * itself would answer is played in memory, and tests change it at will.
 */
export class UpgradeWorld {
  readonly settings: Settings = cobalt;
  readonly clock = new Clock('skip', startAt);
  readonly clusters = new Map<string, Cluster>();
  readonly secrets = new Map<string, string>();
  /** Names of parameters that no role may read or write, or an action and the ARN of one. */
  readonly denied = new Set<string>();
  readonly instances: BeanstalkInstance[] = [];
  readonly suspended = new Map<string, string[]>();
  readonly environmentStatus = new Map<string, string>();
  readonly snapshots = new Map<string, Snapshot>();
  readonly stacks = new Map<string, Stack & { template: string; policy: string }>();
  readonly visitors = new Map<string, number>();
  readonly said: string[] = [];
  readonly ran: string[] = [];
  record: UpgradeRecord = before(cobalt);
  readonly ports: Ports;
  readonly masterpointsCentre = { answers: true };
  private readonly begun = new Map<string, CommandResult | undefined>();
  private readonly copies = new Map<string, string>();
  private readonly world: World;
  private readonly shell: Shell;

  private constructor(
    private readonly postgres: Postgres,
    readonly folder: string,
  ) {
    this.world = this.makeWorld();
    this.shell = new Shell({ world: this.world });
    this.ports = this.makePorts();
    const names = parameterNames(cobalt);
    this.secrets.set(names.secret(cobalt.database.writer.secret), writerPassword);
    this.secrets.set(names.notSet, 'not-set');
    for (const name of cobalt.variables.payments) this.secrets.set(names.secret(name), `live-${name}`);
  }

  /** The old side's database filled, and one instance of each of its environments. */
  static async open(size: Parameters<typeof loadProduction>[1] = small): Promise<UpgradeWorld> {
    const folder = await mkdtemp(path.join(tmpdir(), 'upgrade-'));
    const world = new UpgradeWorld(await Postgres.open(), folder);
    const cluster = await world.postgres.create();
    const admin = await cluster.connect();
    await admin.query(`CREATE ROLE postgres LOGIN CREATEROLE CREATEDB PASSWORD ${literal(writerPassword)}`);
    await admin.query('CREATE DATABASE ebdb OWNER postgres');
    await admin.end();
    world.clusters.set(original('blue').endpoint!, cluster);
    await world.query(original('blue').endpoint!, async (client) => loadProduction(client, size, startAt));
    return world;
  }

  async close(): Promise<void> {
    this.shell.close();
    this.clock.stop();
    await this.postgres.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Asks a database as the login that writes, as the application would. */
  async query<T>(
    endpoint: string,
    ask: (client: Awaited<ReturnType<Cluster['connect']>>) => Promise<T>,
  ): Promise<T> {
    const client = await this.clusters.get(endpoint)!.connectAs('postgres', writerPassword, 'ebdb');
    try {
      return await ask(client);
    } finally {
      await client.end();
    }
  }

  async count(endpoint: string, table: string): Promise<number> {
    return this.query(endpoint, async (client) =>
      Number((await client.query(`SELECT count(*) FROM ${table}`)).rows[0].count),
    );
  }

  /** A copy of a database's data behind another endpoint. */
  async restoreTo(endpoint: string, folder: string): Promise<void> {
    const cluster = await this.postgres.clusterFrom(folder);
    await cluster.start();
    this.clusters.set(endpoint, cluster);
  }

  copyOf(endpoint: string): Promise<string> {
    return this.postgres.copyOf(this.clusters.get(endpoint)!);
  }

  /** Starts an instance whose processes obey what the record and these words declare. */
  launch(side: Side, role: string, words: Partial<Words> = {}): BeanstalkInstance {
    const declared = posture(cobalt, this.record, { ...resolveWords(this.record.posture, {}), ...words });
    const environment = declared.sides[side].environments[role]!;
    const id = `i-${String(this.instances.length + 1).padStart(17, '0')}`;
    const instance = new BeanstalkInstance(this.world, {
      id,
      environment: environment.name,
      role: cobalt.sides[side].environments[role]!.instanceRole,
      profile: cobalt.sides[side].environments[role]!.instanceRole,
      type: 't3.large',
      zone: 'ap-southeast-2a',
      privateAddress: '10.0.0.1',
      publicAddress: '192.0.2.1',
    });
    instance.state = 'running';
    instance.cron.running = environment.jobs;
    instance.cron.enabled = environment.jobs;
    instance.versionLabel = side === 'blue' ? 'old' : 'new';
    const secrets = Object.entries(environment.secrets).map(([name, parameter]) => [
      name,
      this.secrets.get(parameter) ?? '',
    ]);
    instance.writeEnvironment({ ...environment.variables, ...Object.fromEntries(secrets) }, new Set());
    instance.startWeb('cobalt.wsgi');
    this.instances.push(instance);
    return instance;
  }

  /** Replaces every instance by one that obeys what is recorded now. */
  relaunch(): void {
    for (const instance of this.instances.splice(0)) instance.terminate();
    for (const side of sides) for (const role of Object.keys(cobalt.roles)) this.launch(side, role);
  }

  /** A command that cron started, until the test ends it. */
  cronCommand(instance: BeanstalkInstance, name: string): Process {
    return instance.start(['/var/app/venv/x/bin/python', 'manage.py', name], instance.deployed);
  }

  /** Sends a script to an instance: it goes on beside whatever is run later. */
  start(instance: string, script: string, args: string[]): Begun {
    const commandId = `begun-${this.ran.length}`;
    this.begun.set(commandId, undefined);
    void this.run(instance, script, args).then((result) => this.begun.set(commandId, result));
    return { instance, script, commandId };
  }

  /** Runs a script of lib/on-instance as the adapter sends it. */
  async run(instanceId: string, script: string, args: string[]): Promise<CommandResult> {
    const instance = this.instances.find(({ id }) => id === instanceId);
    this.ran.push(script);
    if (!instance?.managed)
      throw new PreconditionError('INSTANCE_UNREACHABLE', {
        so: `Run Command cannot reach ${instanceId}.`,
        next: '',
      });
    const text = commandText(scriptsIn('lib/on-instance'), script, args);
    const output = { stdout: '', stderr: '' };
    let exitCode: number | undefined;
    const running = this.clock.run(script, async () => {
      const command = await this.shell.run({
        instance,
        script: text,
        onStdout: (data) => {
          output.stdout += data;
        },
        onStderr: (data) => {
          output.stderr += data;
        },
      });
      exitCode = await command.exitCode;
    });
    while (exitCode === undefined) {
      await this.clock.skipUntil(() => exitCode !== undefined);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await running;
    return { commandId: `command-${this.ran.length}`, exitCode, ...output };
  }

  private makeWorld(): World {
    const arnOf = (name: string) => `arn:aws:ssm:${cobalt.region}:${cobalt.account}:parameter${name}`;
    const world = {
      account: cobalt.account,
      region: cobalt.region,
      clock: this.clock,
      folder: this.folder,
      files: realFiles,
      durations: defaultDurations,
      switches: defaultSwitches,
      happenings: [],
      happened: () => {},
      databases: {
        connectionTo: (endpoint: string) => {
          const cluster = this.clusters.get(endpoint);
          return cluster?.running ? { host: '127.0.0.1', port: cluster.port } : undefined;
        },
      },
      parameters: {
        arnOf,
        read: (name: string) => {
          const value = this.secrets.get(name);
          return value === undefined
            ? undefined
            : { name, value, type: 'SecureString', version: 1, lastModifiedMs: 0 };
        },
        put: (name: string, value: string) => {
          this.secrets.set(name, value);
          return { name, value, type: 'SecureString', version: 1, lastModifiedMs: 0 };
        },
      },
      iam: {
        decide: (_role: string, action: string, arn: string) =>
          [...this.denied].some((what) => arn === arnOf(what) || `${action} ${arn}` === what)
            ? 'explicitDeny'
            : 'allowed',
      },
      beanstalk: { instances: () => this.instances },
    } as unknown as World;
    world.application = createApplication(world, {
      releasesBefore: ['old'],
      masterpointsCentre: this.masterpointsCentre,
    });
    return world;
  }

  private makePorts(): Ports {
    return {
      settings: this.settings,
      clock: playedClock(
        () => this.clock.date(),
        (durationMs) => this.clock.skip(durationMs),
      ),
      progress: (text) => this.said.push(text),
      guardCalls: () => {},
      databases: {
        find: async (id) => this.findDatabase(id),
        findSnapshot: async (id) => this.findSnapshot(id),
        snapshotsOf: notPlayed,
        describe: notPlayed,
        startRestore: notPlayed,
        startSnapshot: async (databaseId, id) => {
          const endpoint = this.record.databases.find((each) => each.id === databaseId)!.endpoint!;
          this.copies.set(id, await this.copyOf(endpoint));
          this.snapshots.set(id, {
            id,
            status: 'creating',
            percent: 0,
            source: source.instance,
            createdAt: startAt,
          });
        },
      },
      environments: {
        find: async (name) => this.findEnvironment(name),
        state: async (name) => this.findEnvironment(name),
        health: notPlayed,
        settingsOf: notPlayed,
        update: async () => {},
        deployVersion: notPlayed,
        restart: async () => {},
      },
      scalingGroups: {
        suspended: async (group) => this.suspended.get(group) ?? [],
        sizes: async () => ({ min: 1, max: 2 }),
        resize: async () => {},
        suspend: async (group, processes) => {
          this.suspended.set(group, [...new Set([...(this.suspended.get(group) ?? []), ...processes])]);
        },
        resume: async (group, processes) => {
          this.suspended.set(
            group,
            (this.suspended.get(group) ?? []).filter((each) => !processes.includes(each)),
          );
        },
        instances: async (group) => this.instancesOf(group).map(({ id }) => id),
        empty: async (group) => {
          for (const instance of this.instancesOf(group)) instance.terminate();
        },
      },
      instances: {
        run: (instance, script, args) => this.run(instance, script, args),
        start: async (instance, script, args) => this.start(instance, script, args),
        ended: async ({ commandId }) => this.begun.get(commandId),
        terminate: async (id) => this.instances.find((each) => each.id === id)?.terminate(),
      },
      stacks: {
        find: async (name) => this.stacks.get(name),
        all: notPlayed,
        create: async (name, template, policy) => {
          this.stacks.set(name, {
            name,
            status: 'CREATE_IN_PROGRESS',
            statusReason: undefined,
            template,
            policy,
          });
          const { id, snapshot } = this.record.databases.find((each) => each.snapshot && !each.endpoint)!;
          await this.restoreTo(endpointOf(id), this.copies.get(snapshot!)!);
        },
        setPolicy: async (name, policy) => {
          this.stacks.get(name)!.policy = policy;
        },
        policy: async (name) => this.stacks.get(name)?.policy,
        failures: async (name) =>
          this.stacks.get(name)?.status.endsWith('_FAILED') ? ['Database: the storage is full'] : [],
        events: async () => [],
        template: async (name) => JSON.parse(this.stacks.get(name)?.template ?? 'null') ?? undefined,
      },
      deployments: { prepare: notPlayed, execute: notPlayed, discard: notPlayed, destroy: notPlayed },
      objects: { read: notPlayed, list: notPlayed, write: notPlayed },
      people: { channels: () => [], subscribers: notPlayed },
      localCommands: { run: notPlayed },
      record: {
        read: async () => structuredClone(parseUpgradeRecord(this.record, 'the test')),
        recorded: async () => structuredClone(parseUpgradeRecord(this.record, 'the test')),
        readDatabase: async (id) => structuredClone(this.record.databases.find((each) => each.id === id)!),
        writeDatabase: async (database) => {
          const others = this.record.databases.filter(({ id }) => id !== database.id);
          this.record = { ...this.record, databases: [...others, structuredClone(database)] };
        },
        readTestSystem: notPlayed,
        writeTestSystem: notPlayed,
        readDoor: notPlayed,
        readTesterToken: notPlayed,
        unchangedSince: notPlayed,
        writeTesterToken: notPlayed,
        readAnswers: notPlayed,
        writeAnswers: notPlayed,
      },
      secrets: {
        exists: async (name) => this.secrets.has(name),
        create: async (name, value) => {
          this.secrets.set(name, value);
        },
      },
      names: {
        zones: notPlayed,
        records: async () => [],
        removeExactly: notPlayed,
        point: notPlayed,
        shorten: notPlayed,
        address: notPlayed,
      },
      doors: { before: notPlayed, refused: notPlayed },
      ...nothingAhead,
      ...nothingAdopted,
      outside: {
        resolve: async () => ['192.0.2.1'],
        ask: async (host) => {
          const status = this.visitors.get(host) ?? 503;
          return status === 0 ? undefined : { status, body: '', cookies: [], address: '192.0.2.1' };
        },
      },
    };
  }

  private instancesOf(group: string): BeanstalkInstance[] {
    return this.instances.filter(
      ({ environment, state }) => `group-of-${environment}` === group && state === 'running',
    );
  }

  private findDatabase(id: string) {
    const endpoint = id === source.instance ? original('blue').endpoint! : endpointOf(id);
    if (!this.clusters.has(endpoint)) return undefined;
    return { id, status: id === source.instance ? 'available' : 'backing-up', endpoint, attributes: source };
  }

  /** Half-way at the first look, available at the second. */
  private findSnapshot(id: string): Snapshot | undefined {
    const snapshot = this.snapshots.get(id);
    if (snapshot?.status === 'creating') {
      const percent = snapshot.percent + 50;
      this.snapshots.set(id, { ...snapshot, percent, status: percent > 50 ? 'available' : 'creating' });
    }
    return this.snapshots.get(id);
  }

  private findEnvironment(name: string): Environment | undefined {
    const instances = this.instances.filter((each) => each.environment === name && each.state === 'running');
    if (instances.length === 0) return undefined;
    return {
      name,
      id: `e-${name}`,
      status: this.environmentStatus.get(name) ?? 'Ready',
      health: 'Green',
      cname: `${name}.example.com`,
      versionLabel: 'x',
      platformArn: cobalt.environment.platformArn,
      autoScalingGroup: `group-of-${name}`,
      loadBalancers: [],
      instances: instances.map(({ id }) => id),
      options: {},
    };
  }
}

const notPlayed = () => Promise.reject(new Error('This world does not play that.'));

export const endpointOf = (id: string) => `${id}.c0ba17.ap-southeast-2.rds.amazonaws.com`;

export const small = {
  users: 400,
  unregistered: 260,
  blockedEmails: 20,
  entries: 20,
  payments: 20,
  queuedEmails: 6,
  sessions: 10,
  duePayments: 3,
};

const literal = (text: string) => `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

/** The error a promise is rejected with. */
export async function rejection(promise: Promise<unknown>) {
  return promise.then(
    () => {
      throw new Error('It was expected to be refused.');
    },
    (error) => error,
  );
}
