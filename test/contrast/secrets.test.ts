import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
} from '@aws-sdk/client-cloudformation';
import {
  DescribeConfigurationSettingsCommand,
  DescribeEnvironmentsCommand,
  DescribeEventsCommand,
  ElasticBeanstalkClient,
} from '@aws-sdk/client-elastic-beanstalk';
import { GetObjectCommand, ListBucketsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import {
  GetCommandInvocationCommand,
  paginateGetParametersByPath,
  paginateListCommands,
  SendCommandCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { night } from '../support/night';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';

jest.setTimeout(180_000);
let stage: Stage;
let ssm: SSMClient;
let said: string;

beforeAll(async () => {
  stage = await Stage.open(undefined, { durations: quick });
  ssm = new SSMClient({});
  said = (await night(stage, { until: 'npm run snapshot' })).map((outcome) => outcome.said).join('\n');
});
afterAll(() => stage.close());

/** The secrets of the world, and those that were made on the way. */
async function secrets(): Promise<string[]> {
  const input = { Path: stage.settings.parameterPath, Recursive: true, WithDecryption: true };
  const found: string[] = [];
  for await (const { Parameters } of paginateGetParametersByPath({ client: ssm }, input))
    for (const { Type, Value } of Parameters!)
      if (Type === 'SecureString' && Value !== 'not-set') found.push(Value!);
  return found;
}

/** Which texts hold a secret, by their names. */
async function leaks(texts: Record<string, string | undefined>): Promise<string[]> {
  const values = await secrets();
  return Object.entries(texts)
    .filter(
      ([, text]) =>
        values.some((value) => text?.includes(value)) || /sk_live_canary|canary-/.test(text ?? ''),
    )
    .map(([name]) => name);
}

/** Everything that Run Command keeps: what was sent, and what came back. */
async function commands(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { Commands } of paginateListCommands({ client: ssm }, {}))
    for (const command of Commands!) {
      const { CommandId, InstanceIds } = command;
      const invocations = InstanceIds!.map((InstanceId) =>
        ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId })),
      );
      found[`command ${CommandId}`] = JSON.stringify([command, await Promise.all(invocations)]);
    }
  return found;
}

async function objects(): Promise<Record<string, string>> {
  const s3 = new S3Client({ forcePathStyle: true });
  const { Buckets } = await s3.send(new ListBucketsCommand({}));
  const found: Record<string, string> = {};
  for (const { Name: Bucket } of Buckets!)
    for (const { Key } of (await s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      found[`object ${Bucket}/${Key}`] = await Body!.transformToString();
    }
  return found;
}

async function stacks(): Promise<Record<string, string>> {
  const cloudFormation = new CloudFormationClient({});
  const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({}));
  const texts = Stacks!.map(async (stack) => {
    const { StackName } = stack;
    const parts = await Promise.all([
      cloudFormation.send(new GetTemplateCommand({ StackName })),
      cloudFormation.send(new DescribeStackEventsCommand({ StackName })),
    ]);
    return [`stack ${StackName}`, JSON.stringify([stack, ...parts])];
  });
  return Object.fromEntries(await Promise.all(texts));
}

async function environments(): Promise<Record<string, string>> {
  const beanstalk = new ElasticBeanstalkClient({});
  const { Environments } = await beanstalk.send(new DescribeEnvironmentsCommand({}));
  const texts = Environments!.map(async (environment) => {
    const { ApplicationName, EnvironmentName } = environment;
    const parts = await Promise.all([
      beanstalk.send(new DescribeConfigurationSettingsCommand({ ApplicationName, EnvironmentName })),
      beanstalk.send(new DescribeEventsCommand({ EnvironmentName })),
    ]);
    return [`environment ${EnvironmentName}`, JSON.stringify([environment, ...parts])];
  });
  return Object.fromEntries(await Promise.all(texts));
}

/** What the toolkit wrote: every assembly, with its templates and assets. */
function assemblies(): Record<string, string> {
  const folder = path.dirname(stage.settingsFile);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [name, readFileSync(path.join(parentPath, name), 'latin1')]),
  );
}

describe('once the old side is frozen and its snapshot taken, no secret is', () => {
  test.each([
    ['in what Run Command keeps', commands],
    ['in an object', objects],
    ['in a template, an output or an event of a stack', stacks],
    ['in the options and events of an environment', environments],
    ['in what was synthesised', async () => assemblies()],
    ['in what the commands said', async () => ({ said, progress: stage.said.join('\n') })],
  ])('%s', async (_, texts) => {
    const all = await texts();
    expect(Object.values(all).join('').length).toBeGreaterThan(100);
    expect(await leaks(all)).toEqual([]);
  });

  test('although every process of the open side held them, and the frozen one holds its own', () => {
    const [process] = stage.processes('cobalt-production-blue');
    expect(process).toMatchObject({ SECRET_KEY: 'canary-SECRET_KEY', STRIPE_SECRET_KEY: 'not-set' });
  });
});

test('naively, a password in the text of a command is kept with it', async () => {
  const instance = stage.sandbox.world.beanstalk.instances().find(({ state }) => state === 'running');
  const sent = await ssm.send(
    new SendCommandCommand({
      DocumentName: 'AWS-RunShellScript',
      InstanceIds: [instance!.id],
      Parameters: { commands: [`PGPASSWORD='${(await secrets())[0]}'; echo "$PGPASSWORD" | wc -c`] },
    }),
  );
  expect(await leaks(await commands())).toEqual([`command ${sent.Command!.CommandId}`]);
});
