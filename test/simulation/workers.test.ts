import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

jest.setTimeout(120_000);

/** Linux lists the processes that a process began. */
const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);

const words = ['-r', 'ts-node/register/transpile-only', 'test/simulation/main.ts'];

test('a part in which no night falls is an error, not nothing broken', () => {
  const none = ['--seeds', '1', '--slice', '1/2'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...words, ...none], { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toContain('No night was played');
  expect(stdout).not.toContain(' 0 broken');
});

test('a process that ends in the middle of its nights is an error, not fewer nights', async () => {
  const simulate = spawn(process.execPath, [...words, '--seeds', '500', '--workers', '2']);
  let said = '';
  simulate.stdout.on('data', (text) => (said += text));
  simulate.stderr.on('data', (text) => (said += text));
  const ended = once(simulate, 'close');
  let workers: number[] = [];
  for (; workers.length < 2; await new Promise((resolve) => setTimeout(resolve, 50)))
    workers = childrenOf(simulate.pid!);
  process.kill(workers[0]!, 'SIGKILL');
  const [code] = await ended;
  for (const pid of workers.slice(1)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It found nobody to tell its nights to.
    }
  }
  expect(code).toBe(1);
  expect(said).toContain('in the middle');
  expect(said).not.toContain(' 0 broken');
});
