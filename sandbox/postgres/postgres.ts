import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { accountForServer } from './account';
import { findBinaries } from './binaries';
import { Cluster, type ServerSetup } from './cluster';
import { copyFolder, copyOf } from './copy';
import { claimFolder } from './folder';
import type { Server, Servers } from './servers';

const run = promisify(execFile);

/**
 * The PostgreSQL servers of one sandbox and the copies of their data. The superuser of each cluster is `rdsadmin`,
 * with one password made up for the sandbox.
 */
export class Postgres implements Servers {
  private readonly clusters = new Set<Cluster>();
  private readonly onExit = () => {
    for (const cluster of this.clusters) cluster.kill();
  };
  private readonly copies = new Set<Promise<unknown>>();
  private folders = 0;
  private stopped = false;

  private constructor(
    private readonly folder: string,
    private readonly template: string,
    private readonly setup: ServerSetup,
  ) {
    process.once('exit', this.onExit);
  }

  /** Makes a fresh cluster once; every new one is a copy of it. */
  static async open(): Promise<Postgres> {
    const account = accountForServer();
    const folder = await claimFolder();
    try {
      const { initdb, postgres } = await findBinaries(account, folder);
      const setup = {
        postgres,
        account,
        superuser: { name: 'rdsadmin', password: randomBytes(18).toString('base64url') },
      };
      return new Postgres(folder, await makeTemplate(initdb, folder, setup), setup);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** An empty cluster, started. */
  async create(): Promise<Cluster> {
    const cluster = await this.clusterFrom(this.template);
    await cluster.start();
    return cluster;
  }

  /** A cluster on a copy of a stopped cluster's folder or of a snapshot's, not started yet. */
  async clusterFrom(dataFolder: string): Promise<Cluster> {
    const copy = await this.copy((to) => copyFolder(dataFolder, to, this.setup.account));
    const cluster = new Cluster(copy, this.setup);
    this.clusters.add(cluster);
    return cluster;
  }

  /** Copies a running cluster as it is now, while writers go on. Resolves to the copy's folder. */
  async copyOf(cluster: Server): Promise<string> {
    return this.copy((to) => copyOf(cluster, to, this.setup.account));
  }

  /** Stops a cluster for good. Resolves to its data folder, which the caller now owns. */
  async retire(cluster: Server): Promise<string> {
    await cluster.stop('fast');
    this.clusters.delete(cluster as Cluster);
    return cluster.folder;
  }

  async discard(dataFolder: string): Promise<void> {
    await rm(dataFolder, { recursive: true, force: true });
  }

  /** Stops every server at once and removes all their data. */
  async stop(): Promise<void> {
    this.stopped = true;
    process.off('exit', this.onExit);
    await Promise.allSettled(this.copies);
    await Promise.all([...this.clusters].map((cluster) => cluster.stop('immediate')));
    this.clusters.clear();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async copy(fill: (folder: string) => Promise<void>): Promise<string> {
    if (this.stopped) throw new Error('The servers of this sandbox were stopped.');
    const folder = path.join(this.folder, String(++this.folders));
    const copying = fill(folder);
    this.copies.add(copying);
    await copying.finally(() => this.copies.delete(copying));
    return folder;
  }
}

async function makeTemplate(initdb: string, folder: string, setup: ServerSetup): Promise<string> {
  const { account, superuser } = setup;
  const template = path.join(folder, 'template');
  const passwordFile = path.join(folder, 'password');
  await writeFile(passwordFile, superuser.password, { mode: 0o600 });
  if (account.uid !== undefined && account.gid !== undefined) {
    await chown(passwordFile, account.uid, account.gid);
    await chown(folder, account.uid, account.gid);
  }
  const options = [
    ...['-D', template, '-U', superuser.name, '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
    ...['--encoding', 'UTF8', '--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
    ...['--wal-segsize', '1', '--no-sync', '--no-instructions'],
  ];
  await run(initdb, options, { ...account, cwd: folder, env: { LC_ALL: 'C', PATH: process.env.PATH } });
  await rm(passwordFile);
  return template;
}
