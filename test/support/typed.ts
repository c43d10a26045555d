import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { commandLine } from '../../scripts/rehearsal/rehearsal';
import type { Stage } from './stage';

/** A message that a command told with --json, and when. */
export interface Told {
  code: string;
  step?: string;
  text: string;
  /** Since the process was started, in milliseconds of this machine. */
  afterMs: number;
  /** For so long the process itself was at work by then; undefined where the machine does not tell. */
  busyMs: number | undefined;
}

/** A command in a process of its own, as a person types it, while it runs. */
export class Typed {
  /** All that it said so far. */
  said = '';
  readonly told: Told[] = [];
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcess;
  private readonly sinceMs = performance.now();
  private unread = '';
  private isOver = false;

  /** @param env variables that it alone is given */
  constructor(stage: Pick<Stage, 'settingsFile'>, command: string, env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, commandLine(command, stage.settingsFile), {
      env: { ...process.env, NODE_NO_WARNINGS: '1', FORCE_COLOR: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // In a process group of its own, so that a signal reaches all that it started.
      detached: true,
    });
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.said += text;
        if (stream === this.child.stderr) this.read(text);
      });
    this.ended = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code) => {
        this.isOver = true;
        resolve(code);
      });
    });
  }

  get elapsedMs(): number {
    return performance.now() - this.sinceMs;
  }

  /** Resolves when it has said this. Rejects when it ends without. */
  async says(words: RegExp): Promise<void> {
    if (!(await this.until(() => words.test(this.said))))
      throw new Error(`It never said ${words}:\n${this.said}`);
  }

  /** Resolves when this holds, or it has ended: to whether it holds. */
  async until(holds: () => boolean): Promise<boolean> {
    while (!holds() && !this.isOver) await new Promise((resolve) => setTimeout(resolve, 5));
    return holds();
  }

  /** Resolves to its exit code, which a process that was killed has not. */
  signal(signal: 'SIGKILL' | 'SIGINT'): Promise<number | null> {
    this.send(signal);
    return this.ended;
  }

  /** It does nothing until it is woken, as on a laptop that sleeps. */
  sleep(): void {
    this.send('SIGSTOP');
  }

  wake(): void {
    this.send('SIGCONT');
  }

  private send(signal: NodeJS.Signals): void {
    if (!this.isOver) process.kill(-this.child.pid!, signal);
  }

  private read(text: string): void {
    const lines = (this.unread + text).split('\n');
    this.unread = lines.pop() ?? '';
    for (const line of lines.filter((each) => each.startsWith('{')))
      this.told.push({ ...JSON.parse(line), afterMs: this.elapsedMs, busyMs: busyMs(this.child.pid!) });
  }
}

const ticksPerSecond = 100;

/** Its time on a processor, as Linux tells it: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function busyMs(pid: number): number | undefined {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    // The fourteenth and fifteenth field; the first of these is the third.
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
  } catch {
    return undefined;
  }
}
