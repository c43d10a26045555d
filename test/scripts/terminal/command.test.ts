import { PreconditionError } from '../../../lib/runbook/errors';
import { countWord, runScript, type Script, sideWord } from '../../../scripts/terminal/command';
import { table } from '../../../scripts/terminal/table';

interface Options {
  side?: string;
  size?: number;
  what?: string;
}

function script(act: Script<Options, object>['act'] = async ({ options }) => ({ ...options })) {
  return {
    name: 'example',
    description: 'An example.',
    options: (command) =>
      void command
        .argument('[what]', 'what to do')
        .option('--side <side>', 'a side', sideWord)
        .option('--size <number>', 'a size', countWord),
    act,
    print: (result: object) => `result ${Object.keys(result).length}`,
  } satisfies Script<Options, object>;
}

async function run(words: string[], given = script()) {
  let [stdout, stderr] = ['', ''];
  const terminal = {
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
  };
  const exitCode = await runScript(given, words, terminal);
  return { exitCode, stdout, stderr };
}

test('prints a result for people, or the result itself as one JSON object', async () => {
  expect(await run(['--side', 'blue'])).toEqual({ exitCode: 0, stdout: 'result 2\n', stderr: '' });
  const { stdout } = await run(['stop', '--side', 'blue', '--size', '2', '--json']);
  expect(JSON.parse(stdout)).toEqual({ what: 'stop', side: 'blue', size: 2 });
});

test('what it says on the way goes to stderr, a line a message', async () => {
  const talking = script(async ({ say }) => {
    say('first');
    say('second');
    return {};
  });
  expect(await run(['--json'], talking)).toEqual({ exitCode: 0, stdout: '{}\n', stderr: 'first\nsecond\n' });
});

test('by what number AWS knows a command is a line only for programs', async () => {
  const talking = script(async ({ say }) => {
    say('observe on i-0abc: command 0f8fad5b-d9cb-469f-a165-70867728950e');
    return {};
  });
  expect((await run([], talking)).stderr).toBe('');
  expect((await run(['--json'], talking)).stderr).toMatch(/^observe on i-0abc: command/);
});

test('gives help and does nothing', async () => {
  const act = jest.fn();
  const { exitCode, stdout } = await run(['--help'], script(act));
  expect(exitCode).toBe(0);
  expect(stdout).toContain('An example.');
  expect(stdout).toContain('--settings <file>');
  expect(act).not.toHaveBeenCalled();
});

test.each([
  [['--sied', 'blue'], '--sied'],
  [['--side', 'red'], 'blue or green'],
  [['--size', '0'], 'above zero'],
  [['stop', 'twice'], 'too many arguments'],
])('refuses %j with exit code 2 and three lines', async (words, told) => {
  const act = jest.fn();
  const { exitCode, stderr } = await run(words, script(act));
  expect(exitCode).toBe(2);
  expect(stderr.trim().split('\n')).toEqual([
    expect.stringMatching(/^COMMAND_LINE: /),
    'Nothing was changed.',
    'Run npm run example -- --help.',
  ]);
  expect(stderr).toContain(told);
  expect(act).not.toHaveBeenCalled();
});

test('settings that cannot be read are told with their file', async () => {
  const { exitCode, stderr } = await run(['--settings', 'no/such.yaml']);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/^SETTINGS_INVALID: .*no\/such\.yaml/);
});

const refusing = script(async () => {
  throw new PreconditionError('DOOR_SHUT', { so: 'The door is shut.', next: 'Open it.' });
});

test('an error says what is so, what was changed and what to type next', async () => {
  expect(await run([], refusing)).toEqual({
    exitCode: 3,
    stdout: '',
    stderr: 'DOOR_SHUT: The door is shut.\nNothing was changed.\nOpen it.\n',
  });
});

test('with --json the error is the one JSON object', async () => {
  const { stdout } = await run(['--json'], refusing);
  expect(JSON.parse(stdout)).toEqual({
    error: {
      code: 'DOOR_SHUT',
      exitCode: 3,
      so: 'The door is shut.',
      changed: 'Nothing was changed.',
      next: 'Open it.',
    },
  });
});

test('an error that nobody foresaw is a fault of the tool, with its stack', async () => {
  const broken = script(async () => {
    throw new TypeError('x is not a function');
  });
  const { exitCode, stderr } = await run([], broken);
  expect(exitCode).toBe(1);
  expect(stderr).toContain('fault of the tool: x is not a function');
  expect(stderr).toContain('command.test.ts');
});

test("a refusal of AWS's that nobody foresaw is a failed step with AWS's words", async () => {
  const refused = script(async () => {
    throw Object.assign(new Error('No such thing.'), {
      name: 'NoSuchThing',
      $fault: 'client',
      $metadata: { requestId: 'r-1' },
    });
  });
  const { exitCode, stderr } = await run([], refused);
  expect(exitCode).toBe(4);
  expect(stderr).toMatch(/^AWS_REFUSED: AWS refused: NoSuchThing: No such thing\. \(request r-1\)\.\n/);
});

test('success may have an exit code of its own', async () => {
  const differing = { ...script(), exitCode: () => 3 };
  expect((await run([], differing)).exitCode).toBe(3);
});

test('columns are as wide as their widest cell', () => {
  expect(
    table(
      ['A', 'LONG'],
      [
        ['wide', 'x'],
        ['y', ''],
      ],
    ),
  ).toBe('A     LONG\nwide  x\ny');
});
