import {
  CancelCommandCommand,
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  SendCommandCommand,
  type SendCommandCommandInput,
  SSMClient,
} from '@aws-sdk/client-ssm';
import type { Listening } from '../../../sandbox/listening';
import { createS3 } from '../../../sandbox/s3/s3';
import { startServer } from '../../../sandbox/server';
import { createSsm } from '../../../sandbox/ssm/ssm';
import type { Instance } from '../../../sandbox/world';
import { fakeInstance, fakeWorld } from '../shell/fake-world';

const world = fakeWorld();
const { region, account } = world;
world.buckets = createS3(world).buckets;
const bucket = `cdk-hnb659fds-assets-${account}-${region}`;
const ssm = createSsm(world);
world.parameters = ssm.parameters;
let denied: string[] = [];
world.iam = {
  decide: (_, action) => (denied.includes(action) ? 'implicitDeny' : 'allowed'),
  roleOfProfile: () => undefined,
};
let instance: Instance;
let server: Listening;
let client: SSMClient;

beforeAll(async () => {
  server = await startServer({ services: [ssm.service], region, now: () => world.clock.date() });
  client = new SSMClient({
    region,
    endpoint: server.origin,
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret' },
  });
});

beforeEach(() => {
  denied = [];
  instance = fakeInstance(world);
  world.instances.splice(0, world.instances.length, instance);
});

afterAll(async () => {
  client.destroy();
  ssm.close();
  await server.close();
  world.remove();
});

async function send(script: string, more: Partial<SendCommandCommandInput> = {}): Promise<string> {
  const { Command } = await client.send(
    new SendCommandCommand({
      DocumentName: 'AWS-RunShellScript',
      InstanceIds: [instance.id],
      Parameters: { commands: script.split('\n'), executionTimeout: ['3600'] },
      ...more,
    }),
  );
  return Command?.CommandId as string;
}

const look = (CommandId: string) =>
  client.send(new GetCommandInvocationCommand({ CommandId, InstanceId: instance.id }));

/** As a waiting client does, but without its pauses. */
async function ended(id: string) {
  for (let attempt = 0; attempt < 20; attempt++) {
    const invocation = await look(id);
    if (!['Pending', 'InProgress', 'Cancelling'].includes(invocation.Status ?? '')) return invocation;
  }
  throw new Error('It does not end.');
}

test('runs a script and reports what it wrote', async () => {
  const id = await send('set -eu\nfor i in 1 2; do echo "line $i"; done\necho warning >&2');
  expect(await ended(id)).toMatchObject({
    Status: 'Success',
    StatusDetails: 'Success',
    ResponseCode: 0,
    StandardOutputContent: 'line 1\nline 2\n',
    StandardErrorContent: 'warning\n',
  });
});

test('reports the exit code of a script that fails', async () => {
  expect(await ended(await send('echo a; exit 3'))).toMatchObject({
    Status: 'Failed',
    ResponseCode: 3,
    StandardErrorContent: 'failed to run commands: exit status 3',
  });
});

test('lets the first look find half an hour’s work done', async () => {
  const before = world.clock.nowMs();
  const id = await send('sleep 30m; echo done');
  const first = await look(id);
  expect(first).toMatchObject({ Status: 'Success', StandardOutputContent: 'done\n' });
  expect(world.clock.nowMs() - before).toBeGreaterThanOrEqual(30 * 60_000);
});

test('ends a script whose time is over', async () => {
  const Parameters = { commands: ['echo started; sleep 2h; echo late'], executionTimeout: ['600'] };
  expect(await ended(await send('', { Parameters }))).toMatchObject({
    Status: 'TimedOut',
    StatusDetails: 'ExecutionTimedOut',
    ResponseCode: 137,
    StandardOutputContent: 'started\n',
  });
});

test('ends a script that is cancelled', async () => {
  const id = await send('sleep 2h; echo late');
  await client.send(new CancelCommandCommand({ CommandId: id }));
  expect(await ended(id)).toMatchObject({
    Status: 'Cancelled',
    ResponseCode: 137,
    StandardOutputContent: '',
  });
});

test('cuts long output, and keeps the whole in S3', async () => {
  const script = 'seq 1 20000; seq 1 5000 >&2';
  const id = await send(script, { OutputS3BucketName: bucket, OutputS3KeyPrefix: 'runs/7' });
  const { StandardOutputContent: out = '', StandardErrorContent: err = '' } = await ended(id);
  expect([out.length, err.length]).toEqual([24_000, 8_000]);
  expect(out.endsWith('--output truncated--')).toBe(true);
  const whole = world.buckets.get(
    bucket,
    `runs/7/${id}/${instance.id}/awsrunShellScript/0.awsrunShellScript/stdout`,
  );
  expect(whole?.toString().trimEnd().split('\n').length).toBe(20_000);
});

test('stores no output that the instance’s role may not write', async () => {
  denied = ['s3:PutObject'];
  const id = await send('echo a', { OutputS3BucketName: bucket });
  expect((await ended(id)).Status).toBe('Success');
  expect(
    world.buckets.get(bucket, `${id}/${instance.id}/awsrunShellScript/0.awsrunShellScript/stdout`),
  ).toBeUndefined();
});

describe('refuses', () => {
  const invalid = {
    name: 'InvalidInstanceId',
    message: `Instances [[i-0123456789abcdef0]] not in a valid state for account ${account}`,
  };
  test.each([
    [
      'does not run',
      () => {
        instance.state = 'pending';
      },
    ],
    [
      'lost its agent',
      () => {
        instance.managed = false;
      },
    ],
    [
      'has a role that may not report',
      () => {
        denied = ['ssm:UpdateInstanceInformation'];
      },
    ],
    [
      'is unknown',
      () => {
        world.instances.length = 0;
      },
    ],
  ])('an instance that %s', async (_, change) => {
    change();
    await expect(send('true')).rejects.toMatchObject(invalid);
    const { InstanceInformationList } = await client.send(new DescribeInstanceInformationCommand({}));
    expect(InstanceInformationList).toEqual([]);
  });

  test('a bucket that does not exist', async () => {
    await expect(send('true', { OutputS3BucketName: 'nowhere' })).rejects.toMatchObject({
      name: 'InvalidOutputFolder',
    });
  });

  test('what it does not model, by name', async () => {
    const Targets = [{ Key: 'tag:x', Values: ['y'] }];
    await expect(send('true', { Targets })).rejects.toThrow(/does not model Targets/);
    await expect(send('true', { DocumentName: 'AWS-RunPowerShellScript' })).rejects.toThrow(/DocumentName/);
    const Parameters = { commands: ['true'], other: ['x'] };
    await expect(send('true', { Parameters })).rejects.toThrow(/does not model Parameters.other/);
  });

  test('to tell of a command that was not sent', async () => {
    await expect(look('11111111-1111-1111-1111-111111111111')).rejects.toMatchObject({
      name: 'InvocationDoesNotExist',
    });
  });
});

test('lists what was sent', async () => {
  const id = await send('echo listed', { Comment: 'cobalt upgrade 7' });
  const { Commands } = await client.send(new ListCommandsCommand({ CommandId: id }));
  expect(Commands).toMatchObject([
    { CommandId: id, Comment: 'cobalt upgrade 7', Status: 'Success', TargetCount: 1 },
  ]);
  const { CommandInvocations } = await client.send(
    new ListCommandInvocationsCommand({ CommandId: id, Details: true }),
  );
  expect(CommandInvocations).toMatchObject([
    { InstanceId: instance.id, Status: 'Success', CommandPlugins: [{ Output: 'listed\n', ResponseCode: 0 }] },
  ]);
  const all = await client.send(new DescribeInstanceInformationCommand({}));
  expect(all.InstanceInformationList).toMatchObject([{ InstanceId: instance.id, PingStatus: 'Online' }]);
});

test('a machine that disappears is not heard of until the time is over', async () => {
  const before = world.clock.nowMs();
  const id = await send('sleep 60; echo late', {
    Parameters: { commands: ['sleep 60; echo late'], executionTimeout: ['900'] },
  });
  instance.managed = false;
  const last = await ended(id);
  expect(last).toMatchObject({ Status: 'TimedOut', StandardOutputContent: '' });
  expect(world.clock.nowMs() - before).toBeGreaterThanOrEqual(900_000);
});
