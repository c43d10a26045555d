import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { Client } from 'pg';
import type { Account } from './account';
import type { Server } from './servers';

/** What every cluster of a sandbox shares. */
export interface ServerSetup {
  /** The path of the `postgres` program. */
  postgres: string;
  account: Account;
  superuser: { name: string; password: string };
}

const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  password_encryption: 'scram-sha-256',
  // Thousands of rounds would cost every login ten milliseconds, and guard passwords that guard nothing.
  scram_iterations: '64',
  timezone: 'UTC',
  shared_buffers: '16MB',
  jit: 'off',
  // The machine may crash and lose everything: a sandbox is thrown away.
  fsync: 'off',
  full_page_writes: 'off',
  // A copy of a running cluster needs the log from its start.
  wal_keep_size: '64MB',
  max_wal_size: '128MB',
  min_wal_size: '2MB',
};

const attempts = 5;
const patienceMs = 30_000;

/** One PostgreSQL server: a data folder and, while it runs, a process that listens on a port of 127.0.0.1. */
export class Cluster implements Server {
  private process: ChildProcess | undefined;
  /** Undefined until it accepts connections. */
  private listeningOn: number | undefined;
  private wanted = false;

  constructor(
    readonly folder: string,
    private readonly setup: ServerSetup,
  ) {}

  get running(): boolean {
    return this.process !== undefined && this.listeningOn !== undefined;
  }

  /** The port it listens on; another one after each start. */
  get port(): number {
    if (this.process === undefined || this.listeningOn === undefined)
      throw new Error(`The cluster in ${this.folder} does not run.`);
    return this.listeningOn;
  }

  /** Resolves when it accepts connections. */
  async start(): Promise<void> {
    this.wanted = true;
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const port = await freePort();
      if (!this.wanted) break;
      const server = this.spawn(port);
      this.process = server;
      server.once('exit', () => this.forget(server));
      if (await this.becomesReady(server)) {
        this.listeningOn = port;
        return;
      }
      this.forget(server);
    }
    const reason = this.wanted ? await this.lastWords() : 'it was stopped meanwhile';
    throw new Error(`PostgreSQL does not start in ${this.folder}: ${reason}`);
  }

  /** `fast` leaves a folder that can be copied and started again; `immediate` is for one that is thrown away. */
  async stop(how: 'fast' | 'immediate' = 'fast'): Promise<void> {
    this.wanted = false;
    const server = this.process;
    if (server) this.forget(server);
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.ref();
    server.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await ended;
  }

  /** Ends the server without waiting, for the exit of this process. */
  kill(): void {
    this.process?.kill('SIGQUIT');
  }

  /** A connection as the superuser, for the caller to end. */
  async connect(database = 'postgres'): Promise<Client> {
    const { name, password } = this.setup.superuser;
    return this.connectAs(name, password, database);
  }

  async connectAs(user: string, password: string, database: string): Promise<Client> {
    const client = new Client({ host: '127.0.0.1', port: this.port, user, password, database });
    // A server that stops ends its connections; whoever uses one learns it from the next query.
    client.on('error', () => {});
    await client.connect();
    return client;
  }

  private forget(server: ChildProcess): void {
    if (this.process !== server) return;
    this.process = undefined;
    this.listeningOn = undefined;
  }

  private get log(): string {
    return `${this.folder}.log`;
  }

  private spawn(port: number): ChildProcess {
    const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const output = openSync(this.log, 'w');
    try {
      const server = spawn(this.setup.postgres, ['-D', this.folder, '-p', String(port), ...options], {
        ...this.setup.account,
        cwd: this.folder,
        // In a process group of its own: an interrupt from the terminal is the sandbox's to handle.
        detached: true,
        stdio: ['ignore', output, output],
        env: { LC_ALL: 'C', PATH: process.env.PATH },
      });
      // A forgotten server must not keep the sandbox's process from ending.
      server.unref();
      return server;
    } finally {
      closeSync(output);
    }
  }

  private async becomesReady(server: ChildProcess): Promise<boolean> {
    let failed = false;
    server.once('error', () => {
      failed = true;
    });
    const giveUpAt = Date.now() + patienceMs;
    while (!failed && server.exitCode === null && server.signalCode === null) {
      const lines = (await readFile(this.pidFile, 'utf8').catch(() => '')).split('\n');
      if (Number(lines[0]) === server.pid && lines[7]?.startsWith('ready')) return true;
      if (Date.now() > giveUpAt) server.kill('SIGQUIT');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return false;
  }

  private get pidFile(): string {
    return path.join(this.folder, 'postmaster.pid');
  }

  private async lastWords(): Promise<string> {
    const text = await readFile(this.log, 'utf8').catch(() => '');
    return text.trim().split('\n').slice(-5).join(' | ') || 'it said nothing';
  }
}

async function freePort(): Promise<number> {
  const probe = net.createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', resolve);
  });
  const { port } = probe.address() as net.AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
