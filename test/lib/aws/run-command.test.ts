import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { SendCommandCommandInput } from '@aws-sdk/client-ssm';
import { Clients } from '../../../lib/aws/clients';
import { RunCommand } from '../../../lib/aws/run-command';
import { bucketName } from '../../../lib/names';
import type { RestService } from '../../../sandbox/service';
import { answering, refuse, startAws, type TestAws } from '../../support/aws';
import { playedClock } from '../../support/clock';
import { cobalt } from '../../support/upgrade';

const bucket = bucketName(cobalt);
const url = (name: string) =>
  `https://s3.${cobalt.region}.amazonaws.com/${bucket}/commands/c-1/i-1/awsrunShellScript/0.awsrunShellScript/${name}`;

let aws: TestAws | undefined;
let folder: string;
let sent: SendCommandCommandInput[];
let said: string[];
let objects: Map<string, string>;
let sleptMs: number;
/** Whether nobody may read what commands printed. */
let denied: boolean;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'on-instance-'));
  writeFileSync(path.join(folder, 'prelude.sh'), 'set -euo pipefail\nsay() { printf "%s\\n" "$1"; }\n');
  writeFileSync(path.join(folder, 'echo.sh'), 'for word in "$@"; do say "<$word>"; done\nexit 7\n');
  [sent, said, objects, sleptMs, denied] = [[], [], new Map(), 0, false];
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await aws?.close();
  aws = undefined;
});

const clock = playedClock(
  () => new Date(sleptMs),
  async (durationMs) => {
    sleptMs += durationMs;
  },
);

const s3: RestService = {
  name: 's3',
  protocol: 'rest-xml',
  operations: {},
  handle: async ({ path: asked }) => {
    if (denied) return refuse('AccessDenied', 'Access Denied', 403);
    const body = objects.get(asked);
    return body === undefined
      ? refuse('NoSuchKey', 'The specified key does not exist.', 404)
      : { status: 200, body };
  },
};

type Invocation = Record<string, unknown> | string;

/** Run Command whose invocation goes through these answers; a text is the code of a refusal. The last one stays. */
async function runCommand(
  invocations: Invocation[],
  send: () => unknown = () => ({ Command: { CommandId: 'c-1' } }),
) {
  const ssm = answering('ssm', 'json', {
    SendCommand: (input: SendCommandCommandInput) => {
      sent.push(input);
      return send();
    },
    GetCommandInvocation: () => {
      const next = invocations.length > 1 ? invocations.shift()! : invocations[0]!;
      if (typeof next === 'string') return refuse(next);
      return { StandardOutputUrl: url('stdout'), StandardErrorUrl: url('stderr'), ...next };
    },
  });
  aws = await startAws([ssm, s3]);
  return new RunCommand(cobalt, clock, (text) => said.push(text), new Clients(cobalt), folder);
}

const success = { StatusDetails: 'Success', ResponseCode: 0, StandardOutputContent: 'done\n' };
const options = { timeoutSeconds: 600 };

test('what is sent runs in bash with the arguments as they are, after the prelude', async () => {
  const words = ['plain', "it's", '$HOME `id`', '', 'two\nlines'];
  const instances = await runCommand([success]);
  await instances.run('i-1', 'echo', words, options);
  const text = sent[0]!.Parameters!.commands!.join('\n');
  const ran = spawnSync('bash', ['-c', text], { encoding: 'utf8' });
  expect(ran.stdout).toBe(words.map((word) => `<${word}>\n`).join(''));
  expect(ran.status).toBe(7);
});

test('asks for one instance, a time limit, and the whole output in the operations bucket', async () => {
  const instances = await runCommand([success]);
  expect(await instances.run('i-1', 'echo', [], options)).toEqual({
    commandId: 'c-1',
    exitCode: 0,
    stdout: 'done\n',
    stderr: '',
  });
  expect(sent).toEqual([
    expect.objectContaining({
      DocumentName: 'AWS-RunShellScript',
      InstanceIds: ['i-1'],
      OutputS3BucketName: bucket,
      OutputS3KeyPrefix: 'commands',
      Parameters: expect.objectContaining({ executionTimeout: ['600'] }),
    }),
  ]);
  expect(said).toEqual(['echo on i-1: command c-1']);
});

test('what an instance prints cannot drive the terminal of whoever reads it', async () => {
  const shown = { StandardOutputContent: 'a\x1b[2J\tb\n\x9bc\x07\n', StandardErrorContent: 'd\r\x1b]0;e\n' };
  const instances = await runCommand([{ ...success, ...shown }]);
  expect(await instances.run('i-1', 'echo', [], options)).toMatchObject({
    stdout: 'a\ufffd[2J\tb\n\ufffdc\ufffd\n',
    stderr: 'd\ufffd\ufffd]0;e\n',
  });
});

test('waits through the first moments and the run, and tells how long', async () => {
  const waited: number[] = [];
  const instances = await runCommand([
    'InvocationDoesNotExist',
    { StatusDetails: 'Pending' },
    { StatusDetails: 'In Progress' },
    { StatusDetails: 'Failed', ResponseCode: 65, StandardErrorContent: 'no process\n' },
  ]);
  const onWait = (seconds: number) => waited.push(seconds);
  const result = await instances.run('i-1', 'echo', [], { ...options, onWait });
  expect(result).toMatchObject({ exitCode: 65, stderr: 'no process\n' });
  expect(waited).toHaveLength(3);
  expect(sent).toHaveLength(1);
});

test('an output that was cut is read whole from the bucket, once it is there', async () => {
  const whole = `${'é'.repeat(40_000)}the end`;
  const cut = { ...success, StandardOutputContent: `${whole.slice(0, 23_980)}--output truncated--` };
  const instances = await runCommand([cut]);
  const sleep = jest.spyOn(clock, 'sleep').mockImplementationOnce(async () => {
    objects.set(`/${bucket}/commands/c-1/i-1/awsrunShellScript/0.awsrunShellScript/stdout`, whole);
  });
  const { stdout } = await instances.run('i-1', 'echo', [], options);
  sleep.mockRestore();
  expect(stdout).toBe(whole);
});

test('an output that was cut and is not in the bucket is an error, never the part', async () => {
  const instances = await runCommand([{ ...success, StandardErrorContent: 'x'.repeat(8_000) }]);
  await expect(instances.run('i-1', 'echo', [], options)).rejects.toMatchObject({
    code: 'OUTPUT_INCOMPLETE',
    exitCode: 4,
  });
});

test('an instance that Systems Manager does not know cannot be reached', async () => {
  const instances = await runCommand([success], () => refuse('InvalidInstanceId'));
  await expect(instances.run('i-1', 'echo', [], options)).rejects.toMatchObject({
    code: 'INSTANCE_UNREACHABLE',
    exitCode: 3,
  });
});

test('a bucket that is not there yet has an error of its own, which names what makes it', async () => {
  const instances = await runCommand([success], () => refuse('InvalidOutputFolder'));
  const run = instances.run('i-1', 'echo', [], options);
  await expect(run).rejects.toMatchObject({ code: 'OUTPUT_BUCKET_MISSING', exitCode: 3 });
  await expect(run).rejects.toThrow('npx cdk deploy CobaltOperations');
});

test.each(['Undeliverable', 'Delivery Timed Out', 'DeliveryTimedOut'])(
  'an instance where a command ends as %s cannot be reached',
  async (StatusDetails) => {
    const instances = await runCommand([{ StatusDetails, ResponseCode: -1 }]);
    await expect(instances.run('i-1', 'echo', [], options)).rejects.toMatchObject({
      code: 'INSTANCE_UNREACHABLE',
    });
  },
);

test.each([
  ['ExecutionTimedOut', 'COMMAND_TIMED_OUT'],
  ['InProgress', 'COMMAND_TIMED_OUT'],
  ['Cancelled', 'COMMAND_BROKEN_OFF'],
  ['Terminated', 'COMMAND_BROKEN_OFF'],
])('a command that stays %s is %s, with its id', async (StatusDetails, code) => {
  const instances = await runCommand([{ StatusDetails, ResponseCode: -1 }]);
  const run = instances.run('i-1', 'echo', [], options);
  await expect(run).rejects.toMatchObject({ code, exitCode: 4 });
  await expect(run).rejects.toThrow('c-1');
});

test('a throttled command is sent again, and runs once', async () => {
  let asked = 0;
  const instances = await runCommand([success], () =>
    ++asked < 3 ? refuse('ThrottlingException', 'Rate exceeded') : { Command: { CommandId: 'c-1' } },
  );
  expect(await instances.run('i-1', 'echo', [], options)).toMatchObject({ commandId: 'c-1' });
  expect(sent).toHaveLength(3);
});

test('a command whose answer is lost is not sent a second time', async () => {
  const instances = await runCommand([success], () => refuse('InternalServerError', 'lost', 500));
  await expect(instances.run('i-1', 'echo', [], options)).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    exitCode: 4,
  });
  expect(sent).toHaveLength(1);
});

/** The library asks so many times before it gives up. */
const tries = 6;

test('a command goes on while AWS does not answer for it, and its end is seen', async () => {
  const silence = Array(tries).fill('RequestTimeout');
  const instances = await runCommand([{ StatusDetails: 'InProgress' }, ...silence, success]);
  expect(await instances.run('i-1', 'echo', [], options)).toMatchObject({ exitCode: 0 });
  expect(said).toContainEqual(expect.stringContaining('before SSM GetCommandInvocation was answered'));
  expect(sent).toHaveLength(1);
});

test('that one may not ask for it is told at once', async () => {
  const instances = await runCommand([{ StatusDetails: 'InProgress' }, 'AccessDeniedException', success]);
  await expect(instances.run('i-1', 'echo', [], options)).rejects.toMatchObject({
    code: 'ACCESS_DENIED',
    exitCode: 3,
  });
});

describe('a command that changes something', () => {
  const changing = { ...options, begun: 'Rows may be gone.' };

  test('may have done so when its end cannot be seen', async () => {
    const instances = await runCommand([{ StatusDetails: 'InProgress' }, 'ExpiredTokenException', success]);
    await expect(instances.run('i-1', 'echo', [], changing)).rejects.toMatchObject({
      code: 'CREDENTIALS_EXPIRED',
      exitCode: 4,
      text: { changed: expect.stringMatching(/^This call changed nothing; .* Rows may be gone\.$/) },
    });
  });

  test('may have done so when what it printed cannot be read', async () => {
    const instances = await runCommand([{ ...success, StandardOutputContent: 'x'.repeat(24_000) }]);
    denied = true;
    await expect(instances.run('i-1', 'echo', [], changing)).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      exitCode: 4,
      text: { changed: expect.stringMatching(/ Rows may be gone\.$/) },
    });
  });

  test.each([
    ['it could not be sent', () => refuse('ExpiredTokenException'), success],
    ['it was not delivered', undefined, { StatusDetails: 'Undeliverable', ResponseCode: -1 }],
  ])('has not when %s', async (_, send, invocation) => {
    const instances = await runCommand([invocation], send);
    await expect(instances.run('i-1', 'echo', [], changing)).rejects.toMatchObject({ exitCode: 3 });
  });
});
