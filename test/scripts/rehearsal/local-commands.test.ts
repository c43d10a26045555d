import { execFileSync } from 'node:child_process';
import { setImmediate } from 'node:timers/promises';
import { localCommands } from '../../../scripts/rehearsal/local-commands';

const node = (script: string, ...args: string[]) => [process.execPath, '-e', script, ...args];
const patienceSeconds = 60;

test('gives the exit code, and what was said on both streams', async () => {
  const script = "console.log('out'); console.error('wrong'); process.exitCode = 7";
  const { exitCode, output } = await localCommands.run(node(script), patienceSeconds);
  expect(exitCode).toBe(7);
  expect(output.split('\n').sort()).toEqual(['', 'out', 'wrong']);
});

test('leaves words as they are, since no shell reads them', async () => {
  const words = ['$HOME; echo x', '*', 'a  b', '`id`'];
  const script = 'console.log(JSON.stringify(process.argv.slice(1)))';
  const { output } = await localCommands.run(node(script, ...words), patienceSeconds);
  expect(JSON.parse(output)).toEqual(words);
});

test('a program that is not there is told by its exit code', async () => {
  const { exitCode, output } = await localCommands.run(['no-such-program'], patienceSeconds);
  expect(exitCode).toBe(127);
  expect(output).toContain('no-such-program');
});

test('keeps the end of a long output', async () => {
  const script = "for (let n = 0; n < 30_000; n++) console.log(n + ' '.repeat(20)); console.log('the end')";
  const { output } = await localCommands.run(node(script), patienceSeconds);
  expect(output).toHaveLength(100_000);
  expect(output).toMatch(/the end\n$/);
});

test('one killed from outside did not succeed', async () => {
  const { exitCode } = await localCommands.run(node("process.kill(process.pid, 'SIGTERM')"), patienceSeconds);
  expect(exitCode).not.toBe(0);
});

test('when its time is over it is ended with all that it started', async () => {
  const command = ['sh', '-c', 'sleep 1000 & echo $!; wait'];
  const { exitCode, output } = await localCommands.run(command, 2);
  expect(exitCode).toBe(124);
  expect(output).toMatch(/^\d+\n\nIt was ended after 2 seconds\.$/);
  const pid = Number.parseInt(output, 10);
  // Killed already, it may take the machine a moment to end it.
  for (let looks = 0; runs(pid) && looks < 500; looks++) await setImmediate();
  expect(runs(pid)).toBe(false);
});

/** Whether a process runs; a zombie has ended. */
function runs(pid: number): boolean {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z');
  } catch {
    return false;
  }
}
