import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { commandLine } from '../../scripts/rehearsal/rehearsal';
import type { Stage } from './stage';

/** A message that a command told with --json, and when. */
export interface Told {
  code: string;
  step?: string;
  text: string;
  /** Since the process was started, in milliseconds of this machine. */
  afterMs: number;
  /** For so long the process itself was at work by then. */
  busyMs: number;
}

const toldWhen = path.join(__dirname, 'told-when.cjs');

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
    this.child = spawn(
      process.execPath,
      ['--require', toldWhen, ...commandLine(command, stage.settingsFile)],
      {
        env: { ...process.env, NODE_NO_WARNINGS: '1', FORCE_COLOR: '0', ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
        // In a process group of its own, so that a signal reaches all that it started.
        detached: true,
      },
    );
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

  private parsed(line: string): Told {
    const { toldAtMs, ...told } = JSON.parse(line);
    if (toldAtMs === undefined) throw new Error(`When this was told is not known: ${line}`);
    return { ...told, afterMs: toldAtMs - performance.timeOrigin - this.sinceMs };
  }

  private read(text: string): void {
    const lines = (this.unread + text).split('\n');
    this.unread = lines.pop() ?? '';
    for (const line of lines.filter((each) => each.startsWith('{'))) this.told.push(this.parsed(line));
  }
}
