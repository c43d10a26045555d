import { type ChildProcessWithoutNullStreams, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Terminal } from '@xterm/headless';

/** A terminal of its own, whose keyboard is this process's pipe. It says its name and takes its size first. */
const pseudo = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';
const sized = (columns: number, rows: number) => `tty; stty cols ${columns} rows ${rows}; exec "$@"`;
export const hasTerminals = spawnSync('python3', ['-c', 'import pty']).status === 0;

export interface Given {
  columns?: number;
  rows?: number;
  env?: NodeJS.ProcessEnv;
}

/** A process at a terminal or at none, and what somebody who sits there sees. */
export class Typed {
  /** Every byte that it wrote. */
  said = '';
  private readonly ended: Promise<number | null>;
  private written = Promise.resolve();

  private constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    private readonly terminal: Terminal,
  ) {
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.said += text;
        this.written = new Promise((resolve) => terminal.write(text, resolve));
      });
    this.ended = once(child, 'close').then(([code]) => code);
  }

  static at(words: string[], { columns = 100, rows = 24, env = {} }: Given = {}): Typed {
    const all = ['-c', pseudo, 'sh', '-c', sized(columns, rows), 'sh', process.execPath, ...words];
    // Where CI is set Node takes no terminal to have colours.
    const terminal = { ...process.env, CI: undefined, NO_COLOR: undefined, TERM: 'xterm-256color' };
    const child = spawn('python3', all, { env: { ...terminal, ...env } });
    return new Typed(child, new Terminal({ cols: columns, rows, allowProposedApi: true }));
  }

  static atNone(words: string[]): Typed {
    return new Typed(spawn(process.execPath, words), new Terminal({ allowProposedApi: true }));
  }

  /** Resolves when it has said this, or has ended. */
  async says(words: string): Promise<void> {
    await this.until(() => this.said.includes(words));
    expect(this.said).toMatch(words);
  }

  /** Resolves when somebody who sits there sees this, or it has ended. */
  async shows(words: string | RegExp): Promise<void> {
    const isSeen = async () => {
      const screen = await this.screen();
      return typeof words === 'string' ? screen.includes(words) : words.test(screen);
    };
    await this.until(isSeen);
    expect(await this.screen()).toMatch(words);
  }

  /** What is on the terminal now. */
  async screen(): Promise<string> {
    const { baseY } = this.terminal.buffer.active;
    return this.lines(baseY);
  }

  /** What can be scrolled back to, and what is on the terminal now. */
  async scrollback(): Promise<string> {
    return this.lines(0);
  }

  type(keys: string): void {
    this.child.stdin.write(keys);
  }

  resize(columns: number, rows: number): void {
    const name = this.said.split('\r\n')[0]!;
    this.terminal.resize(columns, rows);
    execFileSync('sh', ['-c', `stty cols ${columns} rows ${rows} < ${name}`]);
  }

  async end(): Promise<{ code: number | null; said: string }> {
    const code = await this.ended;
    return { code, said: this.said };
  }

  private async lines(from: number): Promise<string> {
    await this.written;
    const { active } = this.terminal.buffer;
    const lines = Array.from({ length: active.length - from }, (_, index) =>
      active.getLine(from + index)!.translateToString(true),
    );
    return lines.join('\n').trimEnd();
  }

  private async until(holds: () => boolean | Promise<boolean>): Promise<void> {
    let over = false;
    this.ended.then(() => {
      over = true;
    });
    while (!(await holds()) && !over) await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
