import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { createInterface } from 'node:readline';
import { Clock } from '../../../sandbox/clock';
import { type RunningClockServer, startClockServer } from '../../../sandbox/network/clock-server';

const start = new Date('2026-11-23T11:00:00Z');
const minuteMs = 60_000;
let clock: Clock;
let server: RunningClockServer;
let sockets: net.Socket[];
beforeEach(async () => {
  clock = new Clock('skip', start);
  server = await startClockServer(clock);
  sockets = [];
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await server.close();
  clock.stop();
});

const passed = () => Math.floor((clock.nowMs() - start.getTime()) / minuteMs);
const inMinutes = (minutes: number) => Math.ceil(clock.nowMs() + minutes * minuteMs);

/** A connection, and the next line that it hears. */
async function connect(options: { allowHalfOpen?: boolean } = {}) {
  const socket = net.connect({ port: server.port, host: '127.0.0.1', ...options });
  sockets.push(socket);
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const hear = async () => JSON.parse((await lines.next()).value);
  const say = (message: unknown) => socket.write(`${JSON.stringify(message)}\n`);
  const { nowMs } = await hear();
  /** Rests for so long from now; resolves to the time that it is told once it is over. */
  const rest = async (minutes: number): Promise<number> => {
    const restMs = inMinutes(minutes);
    say({ rest: restMs });
    for (;;) {
      const heard = await hear();
      if (heard.nowMs >= restMs) return Math.floor((heard.nowMs - start.getTime()) / minuteMs);
    }
  };
  return { socket, hear, say, rest, nowMs };
}

/** Says this, and hears until it hangs up; the last line that it hears. */
async function lastWord(text: string): Promise<unknown> {
  const socket = net.connect(server.port, '127.0.0.1');
  sockets.push(socket);
  socket.write(text);
  let heard = '';
  for await (const chunk of socket) heard += chunk;
  return JSON.parse(heard.trim().split('\n').at(-1)!);
}

test('tells the time at once', async () => {
  const { nowMs } = await connect();
  expect(nowMs).toBeGreaterThanOrEqual(start.getTime());
  expect(nowMs).toBeLessThanOrEqual(clock.nowMs());
});

test('skips to the end of a rest, and tells when it is over', async () => {
  const { rest } = await connect();
  expect(await rest(10)).toBe(10);
  expect(await rest(0.5)).toBe(10);
  expect(passed()).toBe(10);
});

test('whoever is connected is working until it says otherwise', async () => {
  const [silent, idle] = [await connect(), await connect()];
  const over = idle.rest(5);
  await clock.skipUntil(() => false);
  expect(passed()).toBe(0);
  silent.say({ person: true });
  expect(await over).toBe(5);
});

test('one that works again holds time again', async () => {
  const [first, second] = [await connect(), await connect()];
  first.say({ rest: inMinutes(60) });
  first.say({ work: true });
  const over = second.rest(5);
  await clock.skipUntil(() => false);
  first.say({ rest: inMinutes(60) });
  expect(await over).toBe(5);
});

test('one that hangs up is registered no more', async () => {
  const [gone, idle] = [await connect(), await connect()];
  const over = idle.rest(5);
  gone.socket.destroy();
  expect(await over).toBe(5);
});

test('one that is killed holds up nobody', async () => {
  const idle = await connect();
  const child = spawn(process.execPath, [
    '-e',
    `require('node:net').connect(${server.port}, '127.0.0.1').pipe(process.stdout)`,
  ]);
  await once(child.stdout, 'data');
  const over = idle.rest(5);
  await clock.skipUntil(() => false);
  expect(passed()).toBe(0);
  child.kill('SIGKILL');
  expect(await over).toBe(5);
});

test('messages may come in pieces, and several at once', async () => {
  const { socket, hear } = await connect();
  const restMs = inMinutes(5);
  const text = `{"person":true}\n{"work":true}\n{"rest":${restMs}}\n`;
  socket.write(text.slice(0, 20));
  await new Promise((resolve) => setImmediate(resolve));
  socket.write(text.slice(20));
  expect((await hear()).nowMs).toBe(restMs);
});

test.each([
  '{"rest":"soon"}',
  '{"rest":1.5}',
  '{"rest":-1}',
  '{"rest":1,"work":true}',
  '{"work":false}',
  '{"skip":60000}',
  '[]',
  'GET / HTTP/1.1',
])('refuses %s by name, and hangs up', async (line) => {
  const refused = expect.stringContaining(`does not understand ${line}, only {"rest":MS}`);
  expect(await lastWord(`${line}\n{"work":true}\n`)).toEqual({ refused });
});

test.each([`{"work":true${' '.repeat(100)}}\n`, 'x'.repeat(101)])(
  'refuses the long line %j',
  async (text) => {
    const refused = expect.stringContaining('lines of up to 100 characters');
    expect(await lastWord(text)).toEqual({ refused });
  },
);

test('one that was refused is registered no more, even if it does not hang up', async () => {
  const [odd, idle] = [await connect({ allowHalfOpen: true }), await connect()];
  const over = idle.rest(5);
  odd.say({ skip: 5 });
  expect(await over).toBe(5);
  expect(await odd.hear()).toHaveProperty('refused');
});

test('closes with clients connected', async () => {
  const { socket } = await connect();
  await Promise.all([once(socket, 'close'), server.close()]);
});
