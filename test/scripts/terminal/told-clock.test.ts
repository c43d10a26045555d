import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { CreateDBSnapshotCommand, DescribeDBSnapshotsCommand, RDSClient } from '@aws-sdk/client-rds';
import { type Clock, wallClock } from '../../../lib/runbook/clock';
import { Clock as SandboxClock } from '../../../sandbox/clock';
import { startClockServer } from '../../../sandbox/network/clock-server';
import { clockFromVariables } from '../../../scripts/terminal/told-clock';
import { withVariables } from '../../support/aws';
import { Stage } from '../../support/stage';

const minuteMs = 60_000;

/** What a test began, to be ended after it. */
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const setVariables = (variables: Record<string, string | undefined>) => ends.push(withVariables(variables));

/** In this time whatever is going to be skipped wrongly has been. */
const longEnough = () => new Promise((resolve) => setTimeout(resolve, 50));

/** Something that goes on until it is ended. */
function open() {
  let end = () => {};
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { over, end };
}

/** A process of its own, with a clock of its own. */
function child(code: string) {
  const whole = `require('./scripts/terminal/told-clock').clockFromVariables().then(async (clock) => { ${code} });`;
  const words = ['node_modules/ts-node/dist/bin.js', '--swc', '-e', whole];
  const started = spawn(process.execPath, words, { env: process.env });
  ends.push(() => started.kill('SIGKILL'));
  started.stderr.pipe(process.stderr);
  const exited = once(started, 'exit');
  const lines = createInterface({ input: started.stdout })[Symbol.asyncIterator]();
  const line = async () => (await lines.next()).value;
  return { line, exited, kill: () => started.kill('SIGKILL') };
}

describe('over the clock of a sandbox', () => {
  let world: SandboxClock;
  let clock: Clock;
  let startedMs: number;

  beforeEach(async () => {
    world = new SandboxClock('skip', new Date('2026-11-23T11:00:00Z'));
    const server = await startClockServer(world);
    ends.push(
      () => world.stop(),
      () => server.close(),
    );
    setVariables({ UPGRADE_CLOCK: `127.0.0.1:${server.port}`, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' });
    clock = await clockFromVariables();
    startedMs = clock.now().getTime();
  });

  const minutes = (now: number | Date) => Math.floor((Number(now) - startedMs) / minuteMs);
  const sleep = (length: number) => clock.sleep(length * minuteMs).then(() => minutes(clock.now()));

  test('now is the time of the sandbox', async () => {
    expect(minutes(clock.now())).toBe(0);
    await clock.sleep(10 * minuteMs);
    expect([minutes(clock.now()), minutes(world.nowMs())]).toEqual([10, 10]);
  });

  test('sleeps side by side end at their own times, and so does what follows them', async () => {
    const twice = sleep(10).then(async (first) => [first, await sleep(10)]);
    expect(await Promise.all([twice, sleep(25), sleep(12.5)])).toEqual([[10, 20], 25, 12]);
  });

  test('no time is skipped while something is worked on, neither for a sleep nor for a question of others', async () => {
    const call = open();
    const work = clock.working(() => call.over);
    const slept = sleep(10);
    await longEnough();
    await world.skipUntil(() => false);
    expect(minutes(world.nowMs())).toBe(0);
    call.end();
    await work;
    expect(await slept).toBe(10);
  });

  test('while a person is asked time is for others to skip, and sleepers wake by it', async () => {
    world.at(world.nowMs() + 30 * minuteMs, 'deploy of somebody else', () => {});
    const answer = open();
    const asked = clock.asking(() => answer.over);
    const slept = sleep(10);
    while (world.clients.claimTime()) await new Promise((resolve) => setImmediate(resolve));
    await world.skipUntil(() => minutes(world.nowMs()) >= 30);
    expect(await slept).toBe(30);
    answer.end();
    await asked;
    expect(await sleep(10)).toBe(40);
  });

  test('processes that sleep wait for each other, and wake at their own times', async () => {
    const other = child('await clock.sleep(60 * 60_000); console.log(clock.now().getTime());');
    const printed = clock.asking(() => other.line());
    while (!world.clients.claimTime()) await longEnough();
    expect(await sleep(90)).toBe(90);
    expect(minutes(Number(await printed))).toBe(60);
  });

  test('one that is killed in the middle of its work holds up nobody', async () => {
    const other = child(
      'clock.working(() => new Promise(() => setInterval(() => {}, 1000))); console.log("works");',
    );
    expect(await other.line()).toBe('works');
    const slept = sleep(10);
    await longEnough();
    expect(minutes(world.nowMs())).toBe(0);
    other.kill();
    expect(await slept).toBe(10);
  });

  test('a process stays for as long as it sleeps, and not for its clock', async () => {
    const sleeper = child('await clock.sleep(60 * 60_000); console.log("slept");');
    expect(await sleeper.line()).toBe('slept');
    expect(await sleeper.exited).toEqual([0, null]);
    const idle = child('console.log("nothing to do");');
    expect(await idle.exited).toEqual([0, null]);
  });
});

describe('of a sandbox with its world', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open();
  });
  afterAll(() => stage.close());
  beforeEach(() => setVariables({ UPGRADE_CLOCK: stage.sandbox.clock }));

  const clients = () => stage.sandbox.world.clock.clients;

  /** Starts a snapshot by a client of AWS's that is not registered; resolves to what its polls are answered. */
  async function snapshot(DBSnapshotIdentifier: string): Promise<() => Promise<string | undefined>> {
    const rds = new RDSClient({});
    ends.push(() => rds.destroy());
    const DBInstanceIdentifier = 'production-blue';
    await rds.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier, DBSnapshotIdentifier }));
    const command = new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier });
    return async () => (await rds.send(command)).DBSnapshots?.[0]?.Status;
  }

  test('a poll skips nothing while somebody is registered, and skips again once nobody is', async () => {
    const [host, port] = stage.sandbox.clock.split(':');
    const socket = net.connect(Number(port), host);
    await once(socket, 'data');
    const poll = await snapshot('while-registered');
    expect(await poll()).toBe('creating');
    socket.destroy();
    while (clients().claimTime()) await new Promise((resolve) => setImmediate(resolve));
    expect(await poll()).toBe('available');
  });

  test("a long sleep plays cron and a snapshot's end in their order, and ends at its time", async () => {
    const clock = await clockFromVariables();
    const startedMs = clock.now().getTime();
    await clock.working(() => snapshot('beside-a-sleep'));
    await clock.sleep(15 * minuteMs);
    const happened = stage.sandbox.world.happenings
      .filter(({ atMs, kind }) => atMs >= startedMs && /^process|^snapshot/.test(kind))
      .map(({ atMs, kind }) => ({ kind, minute: Math.floor((atMs - startedMs) / minuteMs) }));
    const inOrder = happened.toSorted((one, other) => one.minute - other.minute);
    expect(happened).toEqual(inOrder);
    expect(happened.filter(({ kind }) => kind.startsWith('snapshot'))).toEqual([
      { kind: 'snapshot.started', minute: 0 },
      { kind: 'snapshot.available', minute: 8 },
    ]);
    const started = happened.filter(({ kind }) => kind === 'process.started').map(({ minute }) => minute);
    expect([...new Set(started)]).toEqual(Array.from({ length: 15 }, (_, minute) => minute));
    expect(Math.floor((clock.now().getTime() - startedMs) / minuteMs)).toBe(15);
  });
});

describe('what it says', () => {
  /** Listens for one client, in place of a sandbox. */
  async function listen(greet: (socket: net.Socket) => void): Promise<void> {
    const server = net.createServer((socket) => {
      ends.push(() => socket.destroy());
      greet(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    setVariables({ UPGRADE_CLOCK: `127.0.0.1:${port}`, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' });
  }

  test('is what has changed, and no more', async () => {
    let heard = '';
    await listen((socket) => {
      socket.write('{"nowMs":1000000}\n');
      socket.on('data', (chunk) => {
        heard += chunk;
      });
    });
    const clock = await clockFromVariables();
    for (let calls = 0; calls < 3; calls++) await clock.working(async () => {});
    await clock.sleep(1);
    for (let calls = 0; calls < 3; calls++) await clock.working(async () => {});
    await clock.asking(() => new Promise((resolve) => setTimeout(resolve, 20)));
    await clock.sleep(1);
    while (!/"person".*"rest".*\n$/s.test(heard)) await longEnough();
    expect(heard.trim().split('\n')).toEqual([
      '{"work":true}',
      expect.stringMatching(/^{"rest":10000\d\d}$/),
      '{"work":true}',
      '{"person":true}',
      expect.stringMatching(/^{"rest":10000\d\d}$/),
    ]);
  });

  test.each([
    [
      'speaks of something else',
      (socket: net.Socket) => void socket.write('220 mail.example.com\r\n'),
      /JSON/,
    ],
    ['refuses', (socket: net.Socket) => void socket.write('{"refused":"no"}\n'), 'it says {"refused":"no"}'],
    ['hangs up', (socket: net.Socket) => void socket.end(), 'it hung up'],
  ])('a clock that %s is not reached', async (_, greet, reason) => {
    await listen(greet);
    await expect(clockFromVariables()).rejects.toMatchObject({
      code: 'CLOCK_UNREACHABLE',
      exitCode: 3,
      message: expect.stringMatching(reason),
    });
  });

  test.each(['127.0.0.1:1', '127.0.0.1:70000', '127.0.0.1', 'nonsense'])(
    'a clock at %s is not reached, and the error names it',
    async (address) => {
      setVariables({ UPGRADE_CLOCK: address, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' });
      const failed = clockFromVariables();
      await expect(failed).rejects.toMatchObject({ code: 'CLOCK_UNREACHABLE' });
      await expect(failed).rejects.toThrow(`The sandbox's clock ${address} cannot be reached: `);
    },
  );

  test('nothing of a sandbox is asked for the time of AWS itself', async () => {
    setVariables({ UPGRADE_CLOCK: '127.0.0.1:1', AWS_ENDPOINT_URL: undefined });
    await expect(clockFromVariables()).rejects.toMatchObject({ code: 'CLOCK_WITHOUT_SANDBOX', exitCode: 3 });
    setVariables({ UPGRADE_CLOCK: undefined });
    expect(await clockFromVariables()).toBe(wallClock);
  });
});
