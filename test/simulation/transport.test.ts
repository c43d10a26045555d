import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  ResumeProcessesCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CloudFormationClient,
  CreateChangeSetCommand,
  DescribeChangeSetCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  ListStacksCommand,
} from '@aws-sdk/client-cloudformation';
import {
  DescribeConfigurationSettingsCommand,
  DescribeEnvironmentResourcesCommand,
  DescribeEnvironmentsCommand,
  ElasticBeanstalkClient,
} from '@aws-sdk/client-elastic-beanstalk';
import { DescribeDBInstancesCommand, DescribeDBSnapshotsCommand, RDSClient } from '@aws-sdk/client-rds';
import {
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  GetCommandInvocationCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { GetWebACLForResourceCommand, ListWebACLsCommand, WAFV2Client } from '@aws-sdk/client-wafv2';
import { bucketName, parameterNames, stackNames } from '../../lib/names';
import { startAws, type TestAws } from '../support/aws';
import { cobalt } from '../support/upgrade';
import { Simulation } from './simulation';
import { type Command, Transport } from './transport';
import { accessKeyId } from './world/world';

let simulation: Simulation;
let aws: TestAws;
let transport: Transport;
const clients = new Map<unknown, { send(command: never): Promise<unknown>; destroy(): void }>();

beforeAll(async () => {
  simulation = await Simulation.open(cobalt);
  aws = await startAws(simulation.world.services);
  transport = new Transport(simulation.world.services, cobalt.region, accessKeyId);
});
afterAll(async () => {
  for (const client of clients.values()) client.destroy();
  await aws.close();
  simulation.close();
});

type Client = new (options: never) => { send(command: never): Promise<unknown>; destroy(): void };

function clientOf(Made: Client) {
  const credentials = { accessKeyId, secretAccessKey: 'simulated' };
  const options = { region: cobalt.region, credentials, maxAttempts: 1, forcePathStyle: true };
  const client = clients.get(Made) ?? new Made(options as never);
  clients.set(Made, client);
  return client;
}

/** What a caller of the library is given, without what tells of the wire alone. */
async function told(answer: Promise<unknown>): Promise<unknown> {
  try {
    const { $metadata: _, Body: body, ...rest } = (await answer) as Record<string, never>;
    const text = body
      ? { body: await (body as { transformToString(): Promise<string> }).transformToString() }
      : {};
    return { ...rest, ...text };
  } catch (error) {
    const { name, message, constructor: made } = error as Error;
    const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
    return { name, message, made: made.name, status: $metadata?.httpStatusCode };
  }
}

const overTheWire = (Made: Client, command: object) => told(clientOf(Made).send(command as never));
const without = (command: object) => told(transport.carry(command as Command));

async function expectSame(Made: Client, command: object, isRefused = false): Promise<never> {
  const [wire, short] = [await overTheWire(Made, command), await without(command)];
  expect(short).toEqual(wire);
  expect(Object.hasOwn(wire as object, 'made')).toBe(isRefused);
  return wire as never;
}

const { from, to } = cobalt.upgrade;
const web = cobalt.sides[from].environments.web!.name;
const stack = stackNames(cobalt).door;
const secret = parameterNames(cobalt).secret(cobalt.database.writer.secret);

test('environments, their settings and what they consist of', async () => {
  await expectSame(ElasticBeanstalkClient, new DescribeEnvironmentsCommand({ IncludeDeleted: false }));
  await expectSame(ElasticBeanstalkClient, new DescribeEnvironmentsCommand({ EnvironmentNames: [web] }));
  await expectSame(
    ElasticBeanstalkClient,
    new DescribeEnvironmentsCommand({ EnvironmentNames: ['nothing'] }),
  );
  const ApplicationName = cobalt.application;
  await expectSame(
    ElasticBeanstalkClient,
    new DescribeConfigurationSettingsCommand({ ApplicationName, EnvironmentName: web }),
  );
  await expectSame(ElasticBeanstalkClient, new DescribeEnvironmentResourcesCommand({ EnvironmentName: web }));
});

test('databases and snapshots', async () => {
  await expectSame(RDSClient, new DescribeDBInstancesCommand({}));
  await expectSame(RDSClient, new DescribeDBInstancesCommand({ DBInstanceIdentifier: `production-${from}` }));
  await expectSame(RDSClient, new DescribeDBSnapshotsCommand({ DBInstanceIdentifier: `production-${from}` }));
});

test('stacks, their templates and change sets', async () => {
  await expectSame(CloudFormationClient, new ListStacksCommand({}));
  await expectSame(CloudFormationClient, new DescribeStacksCommand({ StackName: stack }));
  const { TemplateBody } = (await expectSame(
    CloudFormationClient,
    new GetTemplateCommand({ StackName: stack }),
  )) as { TemplateBody: string };
  const ChangeSetName = 'same';
  await overTheWire(
    CloudFormationClient,
    new CreateChangeSetCommand({ StackName: stack, ChangeSetName, TemplateBody }),
  );
  await simulation.pass(5);
  await expectSame(CloudFormationClient, new DescribeChangeSetCommand({ StackName: stack, ChangeSetName }));
});

test('parameters', async () => {
  const Name = secret;
  await expectSame(SSMClient, new GetParameterCommand({ Name, WithDecryption: true }));
  await expectSame(
    SSMClient,
    new GetParametersByPathCommand({ Path: Name.slice(0, Name.lastIndexOf('/')), Recursive: true }),
  );
});

test('the groups of instances', () =>
  expectSame(AutoScalingClient, new DescribeAutoScalingGroupsCommand({})));

test('the lists of who may come in', async () => {
  await expectSame(WAFV2Client, new ListWebACLsCommand({ Scope: 'REGIONAL' }));
  const resources = (await overTheWire(
    ElasticBeanstalkClient,
    new DescribeEnvironmentResourcesCommand({ EnvironmentName: cobalt.sides[to].environments.web!.name }),
  )) as {
    EnvironmentResources: { LoadBalancers: { Name: string }[] };
  };
  const ResourceArn = resources.EnvironmentResources.LoadBalancers[0]!.Name;
  await expectSame(WAFV2Client, new GetWebACLForResourceCommand({ ResourceArn }));
});

test('names', async () => {
  const { HostedZones } = (await expectSame(Route53Client, new ListHostedZonesCommand({}))) as {
    HostedZones: { Id: string }[];
  };
  for (const { Id } of HostedZones)
    await expectSame(Route53Client, new ListResourceRecordSetsCommand({ HostedZoneId: Id }));
});

/** Of an object only its tag and its text are handed on, which are all that the adapters read. */
async function expectSameObject(command: object): Promise<{ ETag?: string }> {
  const pick = (answer: unknown) => {
    const { ETag, body = '', name, message, made, status } = answer as Record<string, unknown>;
    return { ETag, body, name, message, made, status };
  };
  const wire = pick(await overTheWire(S3Client, command));
  expect(pick(await without(command))).toEqual(wire);
  return wire as { ETag?: string };
}

test('objects, and conditions on them', async () => {
  const Bucket = bucketName(cobalt);
  const put = (Key: string, more: object = {}) =>
    new PutObjectCommand({ Bucket, Key, Body: 'a "text" <é>', ContentType: 'text/plain', ...more });
  await expectSameObject(put('one', {}));
  await expectSameObject(put('one', { IfNoneMatch: '*' }));
  await expectSameObject(put('one', { IfMatch: '"0"' }));
  const { ETag } = (await expectSameObject(new GetObjectCommand({ Bucket, Key: 'one' }))) as {
    ETag: string;
  };
  await expectSameObject(put('one', { IfMatch: ETag }));
  await expectSameObject(put('a folder/two+ü.json'));
  await expectSame(S3Client, new ListObjectsV2Command({ Bucket }));
  await expectSame(S3Client, new ListObjectsV2Command({ Bucket, Prefix: 'a folder/', MaxKeys: 1 }));
  await expectSameObject(new GetObjectCommand({ Bucket, Key: 'nothing' }));
});

const refusals: [string, Client, object, string][] = [
  [
    'Query',
    RDSClient,
    new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'nothing' }),
    'DBInstanceNotFoundFault',
  ],
  [
    'Query',
    RDSClient,
    new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: 'nothing' }),
    'DBSnapshotNotFoundFault',
  ],
  ['Query', CloudFormationClient, new DescribeStacksCommand({ StackName: 'nothing' }), 'ValidationError'],
  [
    'Query',
    CloudFormationClient,
    new DescribeChangeSetCommand({ StackName: stack, ChangeSetName: 'nothing' }),
    'ChangeSetNotFoundException',
  ],
  [
    'Query',
    AutoScalingClient,
    new ResumeProcessesCommand({ AutoScalingGroupName: 'nothing' }),
    'ValidationError',
  ],
  ['JSON', SSMClient, new GetParameterCommand({ Name: '/nothing' }), 'ParameterNotFound'],
  [
    'JSON',
    SSMClient,
    new PutParameterCommand({ Name: secret, Value: 'x', Type: 'SecureString' }),
    'ParameterAlreadyExists',
  ],
  [
    'JSON',
    SSMClient,
    new GetCommandInvocationCommand({
      CommandId: '11111111-1111-1111-1111-111111111111',
      InstanceId: 'i-00000000000000001',
    }),
    'InvocationDoesNotExist',
  ],
  [
    'REST',
    Route53Client,
    new ListResourceRecordSetsCommand({ HostedZoneId: 'Z00000000000' }),
    'NoSuchHostedZone',
  ],
  ['REST', S3Client, new ListObjectsV2Command({ Bucket: 'no-such-bucket' }), 'NoSuchBucket'],
];
test.each(refusals)('a refusal of the protocol %s has its class', async (_, Made, command, name) => {
  expect(await expectSame(Made, command, true)).toMatchObject({ name });
});
