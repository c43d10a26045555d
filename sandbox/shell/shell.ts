import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Instance, World } from '../world';
import { BriefAnswers } from './brief-answers';
import { Idleness } from './idleness';
import { furnish, type Installation, install, unmodelledIn } from './installation';
import { ledInto } from './paths';
import { UnmodelledCommand } from './stand-in';
import { briefStandIns, type RealPython, standIns } from './stand-ins';
import { Switchboard } from './switchboard';

export interface ShellOptions {
  world: World;
  /** A real checkout's interpreter, in place of the stand-in application. */
  python?: RealPython;
}

export interface ShellCommand {
  instance: Instance;
  script: string;
  /** A path on the instance. */
  workingDirectory?: string;
  onStdout: (data: Buffer) => void;
  onStderr: (data: Buffer) => void;
}

/** What carries scripts out on instances. */
export interface Scripts {
  run(command: ShellCommand): Promise<RunningCommand>;
  close(): void;
}

/** A command under way. */
export interface RunningCommand {
  /** The exit code; 137 for a command that was ended. */
  exitCode: Promise<number>;
  /** Ends the command and all that it started. */
  end(): void;
}

/** How long a command that was told to end may take to do so. */
const graceMs = 500;

/** The shell of an instance: the host's bash, a closed set of commands, and the instance's own folder. */
export class Shell implements Scripts {
  private readonly folder: string;
  /** The instances that have what AWS puts there. */
  private readonly furnished = new WeakSet<Instance>();
  private readonly switchboard: Switchboard;
  private readonly briefAnswers: BriefAnswers;
  private installation: Promise<Installation> | undefined;
  private readonly running = new Set<RunningCommand>();

  constructor({ world, python }: ShellOptions) {
    this.folder = path.join(world.folder, `shell-${randomBytes(3).toString('hex')}`);
    // Not in the folder: the path of a socket may be no longer than 104 characters on macOS.
    const socketPath = path.join('/tmp', `sandbox-${randomBytes(6).toString('hex')}.sock`);
    this.switchboard = new Switchboard(socketPath, world.clock, standIns(world, python));
    this.briefAnswers = new BriefAnswers(briefStandIns(world), (run) => this.switchboard.callerOf(run));
    this.clock = world.clock;
  }
  private readonly clock: World['clock'];

  /** To be called inside an activity: the command works in it, and waits in it while it sleeps. */
  async run(command: ShellCommand): Promise<RunningCommand> {
    const activity = this.clock.activity();
    this.installation ??= this.open();
    const installation = await this.installation;
    const id = randomBytes(8).toString('hex');
    const { instance } = command;
    if (!this.furnished.has(instance)) furnish(instance.folder, installation);
    this.furnished.add(instance);
    const unwatch = instance.watch();
    const unmodelledFile = path.join(this.folder, `${id}.unmodelled`);
    const scriptFile = path.join(this.folder, `${id}.sh`);
    try {
      fs.writeFileSync(scriptFile, ledInto(instance.folder, command.script));
    } catch (error) {
      if (!(error instanceof UnmodelledCommand)) throw error;
      unwatch();
      command.onStderr(Buffer.from(`${error.message}\n`));
      return { exitCode: Promise.resolve(127), end: () => {} };
    }
    const child = spawn(installation.bash, [scriptFile], {
      cwd: path.join(instance.folder, command.workingDirectory ?? '/'),
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: installation.bin,
        HOME: path.join(instance.folder, 'root'),
        LANG: 'C.UTF-8',
        TMPDIR: path.join(instance.folder, 'tmp'),
        BASH_ENV: installation.prologue,
        SANDBOX_RUN: id,
        SANDBOX_UNMODELLED: unmodelledFile,
      },
    });
    const shellPid = child.pid as number;
    const idleness = new Idleness(this.clock, activity, shellPid);
    const caller = { id, instance, idleness, shellPid, unmodelledFile };
    const leave = this.switchboard.register(caller);
    let stderr = '';
    child.stdout.on('data', command.onStdout);
    child.stderr.on('data', (data: Buffer) => {
      stderr = (stderr + data.toString('latin1')).slice(-100_000);
      command.onStderr(data);
    });
    const exitCode = new Promise<number>((resolve) => {
      child.on('error', (error) => {
        command.onStderr(Buffer.from(`${error.message}\n`));
        resolve(127);
      });
      child.on('close', (code) => resolve(code ?? 137));
    }).then((code) => {
      leave();
      unwatch();
      idleness.end();
      this.running.delete(running);
      return judged(code, stderr, unmodelledFile, command.onStderr);
    });
    const hangUp = () => this.switchboard.hangUp(caller);
    const running = { exitCode, end: () => endGroup(shellPid, exitCode, hangUp) };
    this.running.add(running);
    return running;
  }

  close(): void {
    for (const command of this.running) command.end();
    this.switchboard.close();
    this.briefAnswers.close();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  private async open(): Promise<Installation> {
    fs.mkdirSync(this.folder, { recursive: true });
    await this.switchboard.open();
    return install(this.folder, this.switchboard.socketPath, await this.briefAnswers.open());
  }
}

/** A command that called what we do not model has failed, even if it did not look at the exit code. */
function judged(
  code: number,
  stderr: string,
  unmodelledFile: string,
  onStderr: (data: Buffer) => void,
): number {
  // Bash before 4 has no handle for unknown commands, and only says so.
  const byOldBash = /: line \d+: (\S+): command not found/.exec(stderr)?.[1];
  const fault =
    unmodelledIn(unmodelledFile) ?? (byOldBash && new UnmodelledCommand(`the command ${byOldBash}`).message);
  fs.rmSync(unmodelledFile, { force: true });
  if (!fault) return code;
  if (!stderr.endsWith(`${fault}\n`)) onStderr(Buffer.from(`${fault}\n`));
  return 127;
}

function endGroup(shellPid: number, ended: Promise<unknown>, hangUp: () => void): void {
  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(-shellPid, name);
    } catch {
      // It has ended already.
    }
  };
  signal('SIGTERM');
  const timer = setTimeout(() => {
    signal('SIGKILL');
    hangUp();
  }, graceMs);
  void ended.then(() => clearTimeout(timer));
}
