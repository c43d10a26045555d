import type { Operator } from '../../../lib/runbook/operator';
import type { Step } from '../../../lib/runbook/step';
import { terminalOperator } from '../../../scripts/terminal/terminal-operator';
import { type Given, hasTerminals, Typed } from '../../support/at-terminal';

const script = ['node_modules/ts-node/dist/bin.js', '--swc', 'test/support/asking.ts'];
const [ctrlC, ctrlD] = ['\x03', '\x04'];
const question = 'Type yes to go on: ';
const long = '▸ long';
const green = '\x1b[32m';

(hasTerminals ? describe : describe.skip)('at a terminal (left out where python3 has no pty)', () => {
  const start = (given: Given = {}) => Typed.at(script, given);

  test('what runs is drawn below what was said, and a question below that, with what was typed', async () => {
    const typed = start();
    await typed.shows(question);
    const asked = await typed.screen();
    expect(asked).toMatch(
      /✓ first .*\n.* \? asked .*\n── Do asked ──\n {2}What will happen:\n {4}It goes on/,
    );
    expect(asked).toMatch(/Nothing\.\nend in 18 min \(\d\d:\d\d\)\n {2}Type yes to go on: _$/);
    typed.type('yex\x7f');
    await typed.shows('Type yes to go on: ye_');
    typed.type('s\n');
    await typed.shows(`${long} `);
    expect(await typed.screen()).toMatch(
      /Confirmed: Do asked\n.* ✓ asked .*\nA night, .*\nend in 17 min .*\n✓ 2 of 4 steps are done\n▸ long +0 of 15 min +Do long\n· last +2 min, in 15 min$/,
    );
    expect(typed.said).toContain(green);
    typed.type(ctrlC);
    await typed.shows(/To go on then: npm run cutover\..*A night, /s);
    expect(await typed.screen()).toContain('Begun and not done: long (0 of 15 min).');
    expect(await typed.screen()).toMatch(/ada on laptop \(process 1\) holds the lock of the run a-run/);
    // What comes at once is taken for npm's: a person tries again.
    const again = setInterval(() => typed.type(ctrlC), 100);
    const { code } = await typed.end().finally(() => clearInterval(again));
    expect(code).toBe(130);
    const left = await typed.scrollback();
    expect(left).toContain('LEFT: This process has ended in the middle of what it did.');
    expect(left).toContain('What was begun in AWS goes on; the run is unfinished.');
    expect(left).toContain('Run the same command again (npm run cutover)');
    // Nothing of what was drawn is left, and the cursor is there again.
    expect(left).not.toContain('A night, ');
    expect(typed.said.lastIndexOf('\x1b[?25h')).toBeGreaterThan(typed.said.lastIndexOf('\x1b[?25l'));
  });

  test('a terminal that becomes narrow, and short, shows each thing once, without colour where that is asked', async () => {
    const typed = start({ columns: 120, rows: 30, env: { NO_COLOR: '1' } });
    await typed.shows(question);
    typed.type('yes\n');
    await typed.shows(`${long} `);
    const seen = [['A night, '], ['steps are done'], ['▸ long'], ['· last'], ['✓ asked']];
    for (const [columns, rows] of [
      [40, 18],
      [130, 24],
      [41, 12],
    ] as const) {
      typed.resize(columns, rows);
      await typed.shows(columns < 72 ? '▸ long 0 of' : '▸ long   ');
      const shown = await typed.screen();
      expect(seen.map(([words]) => shown.split(words!).length - 1)).toEqual(seen.map(() => 1));
    }
    expect(typed.said).not.toContain(green);
    typed.type(ctrlC);
    await typed.shows('To go on then');
    const again = setInterval(() => typed.type(ctrlC), 100);
    await typed.end().finally(() => clearInterval(again));
  });

  test('Ctrl-C at a question stops the run as anywhere else', async () => {
    const typed = start();
    await typed.shows(question);
    typed.type(ctrlC);
    const { code } = await typed.end();
    expect(code).toBe(4);
    const said = await typed.scrollback();
    expect(said).toContain('Stopping: no further step begins.');
    expect(said).toContain('Not answered yet: "Do asked" (asked).');
    expect(said).toContain('STOPPED: The run was stopped.');
    expect(said).not.toContain(long);
  });

  test('SIGTERM at a question stops the run as well', async () => {
    const typed = start();
    await typed.shows(question);
    process.kill(Number(/process (\d+)/.exec(typed.said)?.[1]), 'SIGTERM');
    const { code, said } = await typed.end();
    expect(code).toBe(4);
    expect(said).toContain('STOPPED: The run was stopped.');
  });

  test.each([
    ['Ctrl-D', ctrlD],
    ['another word', 'y\n'],
  ])('%s at a question is a no, which tells what was done before it', async (_, keys) => {
    // A terminal that moves no cursor shows one line a message.
    const typed = start({ env: { TERM: 'dumb' } });
    await typed.says(question);
    typed.type(keys);
    const { code, said } = await typed.end();
    expect(code).toBe(6);
    expect(said).toContain('GATE_DECLINED: "Do asked" (asked) was not confirmed.');
    expect(said).toContain('This step changed nothing. This command has done: first.');
  });
});

describe('without a terminal', () => {
  const start = () => Typed.atNone(script);

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
    const given = { yes: true, words: ['production-blue'], json: false, command: 'npm run cutover' };
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
