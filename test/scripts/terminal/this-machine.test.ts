import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { alive, byProc, byPs, thisMachine, thisProcess } from '../../../scripts/terminal/this-machine';

const here = thisMachine();
const { pid, started } = thisProcess();

test('this process lives, and is of this machine', () => {
  expect(thisProcess()).toMatchObject({ host: here, pid: process.pid, started: expect.any(String) });
  expect(alive(here, pid, started)).toBe(true);
  expect(alive(here, pid)).toBe(true);
});

test('a process that started at another time is another one', () => {
  expect(alive(here, pid, 'another time')).toBe(false);
});

test('what runs on another machine cannot be told', () => {
  expect(alive('desk/0ddba115', pid, started)).toBeUndefined();
});

test('a process that has ended does not live, whether its parent has asked or not', async () => {
  // What the shell becomes never asks how the shell's child ended. It tells the child itself: a shell that is still one does ask.
  const becomes = 'console.log(process.argv[1]); setTimeout(() => {}, 60_000)';
  const parent = spawn('sh', ['-c', 'sleep 60 & exec "$0" -e "$1" "$!"', process.execPath, becomes], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const [line] = await once(createInterface(parent.stdout!), 'line');
    const child = Number(line);
    expect(alive(here, child)).toBe(true);
    process.kill(child, 'SIGKILL');
    while (alive(here, child)) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(() => process.kill(child, 0)).not.toThrow();
    for (const look of [byPs, ...(process.platform === 'linux' ? [byProc] : [])])
      expect(look(child)?.state).toMatch(/^Z/);
    const ended = once(parent, 'exit');
    parent.kill('SIGKILL');
    await ended;
    expect(alive(here, parent.pid!)).toBe(false);
  } finally {
    parent.kill('SIGKILL');
  }
});

test('ps tells the same start whenever it is asked', () => {
  expect(byPs(pid)?.started).toMatch(/^\w{3} \w{3} +\d+ [\d:]+ \d{4}$/);
  expect(byPs(pid)?.started).toBe(byPs(pid)?.started);
});
