import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { Operator } from '../../lib/runbook/operator';
import type { Step } from '../../lib/runbook/step';
import { terminalOperator } from '../../scripts/terminal-operator';

const script = ['node_modules/ts-node/dist/bin.js', '--swc', 'test/support/asking.ts'];

/** A terminal of its own, whose keyboard is this process's pipe. */
const terminal = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';
const hasTerminals = spawnSync('python3', ['-c', 'import pty']).status === 0;

/** A run of the night's machinery in a process of its own. */
class Typed {
  said = '';
  private readonly ended: Promise<number | null>;

  constructor(private readonly child: ChildProcessWithoutNullStreams) {
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.said += text;
      });
    this.ended = once(child, 'close').then(([code]) => code);
  }

  /** Resolves when it has said this, or has ended. */
  async says(words: string): Promise<void> {
    let over = false;
    this.ended.then(() => {
      over = true;
    });
    while (!this.said.includes(words) && !over) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(this.said).toContain(words);
  }

  type(keys: string): void {
    this.child.stdin.write(keys);
  }

  async end(): Promise<{ code: number | null; said: string }> {
    const code = await this.ended;
    return { code, said: this.said };
  }
}

const [ctrlC, ctrlD] = ['\x03', '\x04'];
const question = 'Type yes to go on: ';
const long = '▸ long';

(hasTerminals ? describe : describe.skip)('at a terminal (left out where python3 has no pty)', () => {
  const start = () => new Typed(spawn('python3', ['-c', terminal, process.execPath, ...script]));

  test('a question is shown, and Ctrl-C at it stops the run as anywhere else', async () => {
    const typed = start();
    await typed.says(question);
    expect(typed.said).toContain('It goes on, in process');
    typed.type(ctrlC);
    const { code, said } = await typed.end();
    expect(code).toBe(4);
    expect(said).toContain('Stopping: no further step begins.');
    expect(said).toContain('STOPPED: The run was stopped.');
    expect(said).not.toContain(long);
  });

  test('SIGTERM at a question stops the run as well', async () => {
    const typed = start();
    await typed.says(question);
    process.kill(Number(/process (\d+)/.exec(typed.said)?.[1]), 'SIGTERM');
    const { code, said } = await typed.end();
    expect(code).toBe(4);
    expect(said).toContain('STOPPED: The run was stopped.');
  });

  test.each([
    ['Ctrl-D', ctrlD],
    ['another word', 'y\n'],
  ])('%s at a question is a no, which tells what was done before it', async (_, keys) => {
    const typed = start();
    await typed.says(question);
    typed.type(keys);
    const { code, said } = await typed.end();
    expect(code).toBe(6);
    expect(said).toContain('GATE_DECLINED: "Do asked" (asked) was not confirmed.');
    expect(said).toContain('This step changed nothing. This command has done: first.');
  });

  test('Ctrl-C lets a step end what it does, and the second one leaves at once, told what that means', async () => {
    const typed = start();
    await typed.says(question);
    typed.type('yes\n');
    await typed.says(long);
    typed.type(ctrlC);
    await typed.says('what a step does itself is awaited');
    // What comes at once is taken for npm's: a person tries again.
    const again = setInterval(() => typed.type(ctrlC), 100);
    const { code, said } = await typed.end().finally(() => clearInterval(again));
    expect(code).toBe(130);
    expect(said).toContain('LEFT: This process has ended in the middle of what it did.');
    expect(said).toContain('What was begun in AWS goes on; the run is unfinished.');
    expect(said).toContain('Run the same command again');
  });
});

describe('without a terminal', () => {
  const start = () => new Typed(spawn(process.execPath, script));

  test('nobody is asked: what was done before is told, and how to go on', async () => {
    const { code, said } = await start().end();
    expect(code).toBe(6);
    expect(said).toContain('This step changed nothing. This command has done: first.');
    expect(said).toContain('Run the same command again, at a terminal or with --yes');
  });
});

describe('in this process', () => {
  let said: string;
  let operator: Operator;
  let interrupt: NodeJS.SignalsListener;

  beforeEach(() => {
    said = '';
    const before = new Set(process.listeners('SIGINT'));
    const stream = {
      write: (text: string) => {
        said += text;
      },
    };
    const given = { yes: true, words: ['production-blue'], json: false };
    operator = terminalOperator({ stdout: stream, stderr: stream }, given);
    interrupt = process.listeners('SIGINT').find((each) => !before.has(each))!;
  });
  afterEach(() => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, interrupt);
    jest.restoreAllMocks();
  });

  test('the signal that npm hands on is no second Ctrl-C', () => {
    const now = jest.spyOn(Date, 'now');
    const exit = jest.spyOn(process, 'exit').mockReturnValue(undefined as never);
    const interruptAt = (ms: number) => {
      now.mockReturnValue(ms);
      interrupt('SIGINT');
    };
    interruptAt(1_000);
    expect(said).toMatch(/^Stopping: /);
    interruptAt(1_010);
    expect(exit).not.toHaveBeenCalled();
    interruptAt(3_000);
    expect(exit).toHaveBeenCalledWith(130);
    expect(said).toContain('LEFT: ');
  });

  test('a yes beforehand is none where a word is asked for; that word is', async () => {
    const asked = async (word?: string) => {
      const gate = { will: [], check: [], ...(word ? { word } : {}) };
      return operator.confirm({ title: 'Remove it' } as Step, gate);
    };
    expect(await asked()).toBe(true);
    expect(await asked('production-blue')).toBe(true);
    expect(await asked('production-green')).toBe(false);
    expect(said).toContain('give --confirm production-green, or run this at a terminal');
  });

  test('what two instances say in turns, but for the seconds, is told once of each', () => {
    const texts = ['', ', 0 s', ', 1 s'].flatMap((seconds) =>
      ['i-1', 'i-2'].map((instance) => `${instance}: counting${seconds}`),
    );
    for (const text of [...texts, 'i-1: done'])
      operator.tell({ code: 'PROGRESS', at: new Date('2026-11-25T11:00:00Z'), text });
    const told = said
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/ {2,}/).at(-1));
    expect(told).toEqual(['i-1: counting', 'i-2: counting', 'i-1: done']);
  });
});
