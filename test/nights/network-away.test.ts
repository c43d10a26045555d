import { connect, createServer, type Server, type Socket } from 'node:net';
import { UpgradeError } from '../../lib/runbook/errors';
import type { Message } from '../../lib/runbook/messages';
import { drive } from '../../lib/upgrade/run/run';
import { cutover } from '../../lib/upgrade/runbooks/cutover';
import { withVariables } from '../support/aws';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';
import { cobalt } from '../support/upgrade';

jest.setTimeout(300_000);

/** The network between this machine and AWS, which breaks off and is back at the same place. */
class Network {
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  private port = 0;

  constructor(private readonly aws: URL) {}

  /** @returns where AWS is reached through it. */
  async mend(): Promise<string> {
    const server = createServer((near) => {
      const far = connect(Number(this.aws.port), this.aws.hostname);
      for (const socket of [near, far]) {
        this.sockets.add(socket);
        socket.on('error', () => {}).on('close', () => this.sockets.delete(socket));
      }
      near.pipe(far).pipe(near);
    });
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.server = server;
    this.port = (server.address() as { port: number }).port;
    return `http://127.0.0.1:${this.port}`;
  }

  breakOff(): void {
    this.server?.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

let stage: Stage;
let network: Network;
let restore: () => void;
beforeAll(async () => {
  stage = await Stage.open(cobalt, { durations: quick });
  await stage.deploy();
  network = new Network(new URL(stage.sandbox.origin));
  restore = withVariables({ AWS_ENDPOINT_URL: await network.mend() });
});
afterAll(async () => {
  restore();
  network.breakOff();
  await stage.close();
});

/** A night up to its snapshot. */
async function run({ asked = () => {}, begun = () => {}, told = (_: Message) => {} }): Promise<unknown> {
  const ports = await stage.ports();
  const { databases } = ports;
  const startSnapshot: typeof databases.startSnapshot = async (...given) => {
    await databases.startSnapshot(...given);
    begun();
  };
  const find: typeof databases.find = (id) => databases.find(id);
  const findSnapshot: typeof databases.findSnapshot = (id) => databases.findSnapshot(id);
  const snapshotsOf: typeof databases.snapshotsOf = (id) => databases.snapshotsOf(id);
  const describe: typeof databases.describe = (id) => databases.describe(id);
  const startRestore: typeof databases.startRestore = (...given) => databases.startRestore(...given);
  const looked = { find, findSnapshot, snapshotsOf, describe, startSnapshot, startRestore };
  const runbook = cutover({ ...ports, databases: looked });
  const last = runbook.steps.findIndex(({ id }) => id === 'snapshot');
  const confirm = async () => {
    asked();
    return true;
  };
  const { error } = await drive({
    ports,
    runbook: { ...runbook, steps: runbook.steps.slice(0, last + 1) },
    operator: { tell: told, confirm, stopped: new Promise(() => {}) },
    driver: { who: 'ada', host: 'laptop', pid: process.pid },
    alive: () => false,
    modelled: true,
    callOff: false,
  });
  return error;
}

test('a network that breaks off before a step is begun is told at once', async () => {
  const waited: Message[] = [];
  const error = await run({
    asked: () => {
      waited.length = 0;
      return network.breakOff();
    },
    told: (message) => {
      if (message.code === 'STEP_WAITING') waited.push(message);
    },
  });
  await network.mend();
  expect(error).toBeInstanceOf(UpgradeError);
  expect(error).toMatchObject({ code: 'ENDPOINT_UNREACHABLE', exitCode: 4 });
  const { text } = error as UpgradeError;
  expect(text.so).toMatch(/^S3 \w+ got no answer: connect ECONNREFUSED/);
  expect(text.changed).toMatch(/^This call changed nothing; .*This command has done: .*scale-down/);
  expect(text.next).toMatch(/Check the network .* run the same command again/);
  expect(waited).toEqual([]);
});

test('one that breaks off while the snapshot is taken ends nothing, and is told', async () => {
  const blind: string[] = [];
  const error = await run({
    begun: () => network.breakOff(),
    told: ({ code, text }) => {
      if (code !== 'STEP_WAITING' || !text.includes('got no answer')) return;
      blind.push(text);
      void network.mend();
    },
  });
  expect(error).toBeUndefined();
  expect(blind).toEqual([
    expect.stringMatching(/^"the snapshot is available" cannot be looked at now: .* ECONNREFUSED [\d.:]+$/),
  ]);
});
