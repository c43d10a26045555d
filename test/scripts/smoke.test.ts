import { script } from '../../scripts/smoke';
import { runScript } from '../../scripts/terminal/command';
import { Stage } from '../support/stage';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

async function smoke(...words: string[]) {
  let [stdout, stderr] = ['', ''];
  const terminal = {
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
  };
  const exitCode = await runScript(script, [...words, '--settings', stage.settingsFile], terminal);
  return { exitCode, stdout, stderr };
}

test('the checks of the example hold at the live names of the open side', async () => {
  const { exitCode, stdout } = await smoke('--by', 'names');
  expect(stdout).toContain('https://www.myabf.com.au/');
  expect(stdout).toContain('All 6 answers are as they should be (blue, maintenance off).');
  expect(exitCode).toBe(0);
});

test('before there is a new side, its preview names have no address, and it exits with 3', async () => {
  const { exitCode, stdout } = await smoke('--by', 'preview');
  expect(stdout).toContain('The name cobalt-production-green.myabf.com.au has no address.');
  expect(stdout).toContain('4 of 4 answers are NOT as they should be (green, maintenance on).');
  expect(exitCode).toBe(3);
});

test('they hold at the preview names of the new side, in maintenance', async () => {
  await stage.deploy();
  const { exitCode, stdout } = await smoke('--by', 'preview', '--side', 'green');
  expect(stdout).toMatch(/https:\/\/cobalt-production-green.myabf.com.au\/ +503 +503/);
  expect(stdout).toContain('All 4 answers are as they should be (green, maintenance on).');
  expect(exitCode).toBe(0);
});

test('what it asks is said on the command line, and must be so', async () => {
  expect(await smoke()).toMatchObject({ exitCode: 2 });
  const { exitCode, stderr } = await smoke('--by', 'names', '--side', 'green');
  expect(exitCode).toBe(2);
  expect(stderr).toContain('The names lead to blue, not to green.');
});
