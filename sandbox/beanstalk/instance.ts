import { join } from 'node:path';
import type { Instance, Process, World } from '../world';

export const virtualenv = '/var/app/venv/staging-LQM1lest';

export interface InstanceIdentity {
  id: string;
  environment: string;
  role: string;
  profile: string;
  type: string;
  zone: string;
  privateAddress: string;
  publicAddress: string;
}

/** What each process has besides the environment's variables. */
const systemVariables = { LANG: 'C.UTF-8', PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin' };

/** A machine of an environment: a folder in the shape of its file system, and its processes. */
export class BeanstalkInstance implements Instance {
  readonly id: string;
  readonly environment: string;
  readonly role: string;
  readonly profile: string;
  readonly type: string;
  readonly zone: string;
  readonly privateAddress: string;
  readonly publicAddress: string;
  readonly folder: string;
  readonly launchedAtMs: number;
  state: Instance['state'] = 'pending';
  managed = true;
  deployed: Record<string, string> = {};
  deployedSecrets = new Set<string>();
  versionLabel = '';
  web: Process | undefined;
  readonly processes = new Map<number, Process>();
  readonly cron = { installed: false, enabled: false, running: false };
  /** How the last deployment on this machine went. */
  deployment: 'pending' | 'succeeded' | 'failed' = 'pending';
  private workers: Process[] = [];
  private nextPid = 2101;
  private watchers = 0;
  /** The processes that have files, some of which may have ended since somebody looked. */
  private readonly written = new Set<number>();
  private readonly parents = new WeakMap<Process, number>();
  private readonly kills = new WeakMap<Process, AbortController>();

  constructor(
    private readonly world: World,
    identity: InstanceIdentity,
  ) {
    this.id = identity.id;
    this.environment = identity.environment;
    this.role = identity.role;
    this.profile = identity.profile;
    this.type = identity.type;
    this.zone = identity.zone;
    this.privateAddress = identity.privateAddress;
    this.publicAddress = identity.publicAddress;
    this.launchedAtMs = world.clock.nowMs();
    this.folder = join(world.folder, 'instances', identity.id);
    for (const path of ['var/app/current', `${virtualenv}/bin`, 'opt/elasticbeanstalk/bin', 'proc'])
      world.files.makeFolder(join(this.folder, path));
    world.files.makeFolder(join(this.folder, 'opt/elasticbeanstalk/deployment'));
    world.files.write(join(this.folder, 'var/app/current/manage.py'), '#!/usr/bin/env python\n');
  }

  get environmentFile(): string {
    return join(this.folder, 'opt/elasticbeanstalk/deployment/env');
  }

  /** Takes over the variables of a deployment. Processes that run keep what they were started with. */
  writeEnvironment(values: Record<string, string>, secretNames: Set<string>): void {
    this.deployed = values;
    this.deployedSecrets = secretNames;
    const lines = Object.entries(values).map(([name, value]) => `${name}=${value}\n`);
    this.world.files.write(this.environmentFile, lines.join(''), 0o600);
  }

  startWeb(wsgiPath: string): void {
    const environ = { ...this.deployed, ...systemVariables };
    const python = `${virtualenv}/bin/python`;
    const application = wsgiPath.replace(/\.py$/, '').replaceAll('/', '.');
    const argv = [python, `${virtualenv}/bin/gunicorn`, '--bind', '127.0.0.1:8000', '--workers=2'];
    argv.push('--threads=15', application.includes(':') ? application : `${application}:application`);
    const web = this.start(argv, environ);
    this.web = web;
    this.workers = [1, 2].map(() => this.start(argv, environ, web.pid));
  }

  stopWeb(): void {
    const web = this.web;
    if (!web) return;
    this.web = undefined;
    const ending = [...this.workers, web];
    this.workers = [];
    for (const process of ending) this.end(process);
    this.world.clock
      .run(`close of ${this.id}`, () => this.world.application.close(web))
      .catch((error) => this.world.happened('process.close.failed', { pid: web.pid, error: String(error) }));
  }

  start(argv: string[], environ: Record<string, string>, parentPid = 1): Process {
    const process: Process = {
      pid: this.nextPid++,
      argv,
      environ,
      startedAtMs: this.world.clock.nowMs(),
    };
    this.processes.set(process.pid, process);
    this.parents.set(process, parentPid);
    if (this.watchers > 0) this.writeProc(process);
    this.tell('process.started', process);
    return process;
  }

  /** A process that nobody looks for needs no files: cron starts thousands in a day. */
  watch(): () => void {
    if (this.watchers++ === 0) {
      for (const pid of [...this.written].filter((each) => !this.processes.has(each))) this.removeProc(pid);
      for (const process of this.processes.values())
        if (!this.written.has(process.pid)) this.writeProc(process);
    }
    let isOver = false;
    return () => {
      if (!isOver) this.watchers--;
      isOver = true;
    };
  }

  /**
   * Ends a process as a kill does. The web server's parent replaces a worker that is gone, and systemd starts
   * the server again, with the variables of the last deployment.
   */
  end(process: Process): void {
    if (process === this.web) {
      this.restartAfterKill();
      return;
    }
    if (!this.processes.delete(process.pid)) return;
    if (this.watchers > 0) this.removeProc(process.pid);
    this.kills.get(process)?.abort('killed');
    this.tell('process.ended', process);
    const place = this.workers.indexOf(process);
    if (place !== -1 && this.web)
      this.workers[place] = this.start(process.argv, process.environ, this.web.pid);
  }

  /** Aborted when the process is killed. Few are asked about. */
  killed(process: Process): AbortSignal {
    if (!this.processes.has(process.pid)) return AbortSignal.abort('killed');
    const kill = this.kills.get(process) ?? new AbortController();
    this.kills.set(process, kill);
    return kill.signal;
  }

  terminate(): void {
    this.state = 'terminated';
    this.managed = false;
    this.cron.running = false;
    this.stopWeb();
    for (const process of [...this.processes.values()]) this.end(process);
    this.world.files.remove(this.folder);
  }

  private restartAfterKill(): void {
    const argument = this.web?.argv.at(-1) ?? 'application';
    this.stopWeb();
    if (this.state !== 'running') return;
    this.world.clock.at(this.world.clock.nowMs() + 1_000, `restart of the web server on ${this.id}`, () => {
      if (this.state === 'running' && !this.web) this.startWeb(argument);
    });
  }

  private removeProc(pid: number): void {
    this.written.delete(pid);
    this.world.files.remove(join(this.folder, 'proc', String(pid)));
  }

  private writeProc(process: Process): void {
    this.written.add(process.pid);
    const parentPid = this.parents.get(process) ?? 1;
    const folder = join(this.folder, 'proc', String(process.pid));
    const command = (process.argv[0] ?? '').split('/').at(-1) ?? '';
    const name = process.argv[1]?.endsWith('/gunicorn') ? 'gunicorn' : command;
    const status = [
      `Name:\t${name}`,
      'State:\tS (sleeping)',
      `Tgid:\t${process.pid}`,
      `Pid:\t${process.pid}`,
    ];
    status.push(`PPid:\t${parentPid}`, 'Uid:\t900\t900\t900\t900', '');
    const environ = Object.entries(process.environ).map(([key, value]) => `${key}=${value}`);
    const { files } = this.world;
    files.makeFolder(folder);
    files.write(join(folder, 'cmdline'), terminated(process.argv));
    files.write(join(folder, 'environ'), terminated(environ), 0o400);
    files.write(join(folder, 'comm'), `${name.slice(0, 15)}\n`);
    files.write(join(folder, 'status'), status.join('\n'));
  }

  private tell(kind: string, process: Process): void {
    this.world.happened(kind, {
      environment: this.environment,
      instance: this.id,
      pid: process.pid,
      argv: process.argv,
      environ: process.environ,
    });
  }
}

const terminated = (words: string[]) => words.map((word) => `${word}\0`).join('');
