import {
  AddTagsToResourceCommand,
  DeleteParameterCommand,
  DeleteParametersCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  ListTagsForResourceCommand,
  PutParameterCommand,
  type PutParameterCommandInput,
  SSMClient,
} from '@aws-sdk/client-ssm';
import type { Listening } from '../../../sandbox/listening';
import { startServer } from '../../../sandbox/server';
import { createSsm } from '../../../sandbox/ssm/ssm';
import { fakeWorld } from '../shell/fake-world';

const world = fakeWorld();
const ssm = createSsm(world);
const { region } = world;
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

afterAll(async () => {
  client.destroy();
  ssm.close();
  await server.close();
  world.remove();
});

const put = (Name: string, Value: string, more: Partial<PutParameterCommandInput> = {}) =>
  client.send(new PutParameterCommand({ Name, Value, Type: 'String', ...more }));
const get = async (Name: string, WithDecryption = false) =>
  (await client.send(new GetParameterCommand({ Name, WithDecryption }))).Parameter;

test('has what cdk bootstrap leaves', async () => {
  expect(Number((await get('/cdk-bootstrap/hnb659fds/version'))?.Value)).toBeGreaterThanOrEqual(6);
});

test('gives back a parameter by name, ARN and version', async () => {
  await put('/a/one', 'x');
  await put('/a/one', 'y', { Overwrite: true });
  const read = await get('/a/one');
  const arn = `arn:aws:ssm:${region}:${world.account}:parameter/a/one`;
  expect(read).toMatchObject({
    Name: '/a/one',
    Value: 'y',
    Version: 2,
    Type: 'String',
    ARN: arn,
    DataType: 'text',
  });
  expect(Math.abs((read?.LastModifiedDate?.getTime() ?? 0) - world.clock.nowMs())).toBeLessThan(60_000);
  expect((await get(arn))?.Value).toBe('y');
  expect((await get('/a/one:1'))?.Value).toBe('x');
  await expect(get('/a/one:7')).rejects.toMatchObject({ name: 'ParameterVersionNotFound' });
  await put('plain', 'p');
  expect((await get(`arn:aws:ssm:${region}:${world.account}:parameter/plain`))?.Value).toBe('p');
});

test('hides a secure value from whoever does not ask for decryption', async () => {
  await put('/a/secret', 'open sesame', { Type: 'SecureString' });
  expect((await get('/a/secret'))?.Value).not.toMatch(/open sesame/);
  expect((await get('/a/secret', true))?.Value).toBe('open sesame');
  await put('/a/secret', 'changed', { Type: undefined, Overwrite: true });
  expect(await get('/a/secret', true)).toMatchObject({ Type: 'SecureString', Value: 'changed' });
});

test('pages through a path', async () => {
  for (const name of ['/p/1', '/p/2', '/p/3', '/p/deep/1', '/pq']) await put(name, name);
  const names: (string | undefined)[] = [];
  let NextToken: string | undefined;
  do {
    const page: { Parameters?: { Name?: string }[]; NextToken?: string } = await client.send(
      new GetParametersByPathCommand({ Path: '/p', Recursive: true, MaxResults: 2, NextToken }),
    );
    names.push(...(page.Parameters ?? []).map(({ Name }) => Name));
    NextToken = page.NextToken;
  } while (NextToken);
  expect(names).toEqual(['/p/1', '/p/2', '/p/3', '/p/deep/1']);
  const flat = await client.send(new GetParametersByPathCommand({ Path: '/p/' }));
  expect(flat.Parameters?.length).toBe(3);
});

test('answers for several, and says which are missing', async () => {
  await put('/m/1', 'x');
  const { Parameters, InvalidParameters } = await client.send(
    new GetParametersCommand({ Names: ['/m/1', '/m/2'] }),
  );
  expect(Parameters?.map(({ Name }) => Name)).toEqual(['/m/1']);
  expect(InvalidParameters).toEqual(['/m/2']);
  expect(await client.send(new DeleteParametersCommand({ Names: ['/m/1', '/m/2'] }))).toMatchObject({
    DeletedParameters: ['/m/1'],
    InvalidParameters: ['/m/2'],
  });
});

test('keeps tags, history and descriptions', async () => {
  const resource = { ResourceType: 'Parameter', ResourceId: '/t/1' } as const;
  await put('/t/1', 'x', { Tags: [{ Key: 'a', Value: '1' }], Description: 'first' });
  await client.send(new AddTagsToResourceCommand({ ...resource, Tags: [{ Key: 'b', Value: '2' }] }));
  expect((await client.send(new ListTagsForResourceCommand(resource))).TagList).toEqual([
    { Key: 'a', Value: '1' },
    { Key: 'b', Value: '2' },
  ]);
  await put('/t/1', 'y', { Overwrite: true });
  const { Parameters } = await client.send(new GetParameterHistoryCommand({ Name: '/t/1' }));
  expect(Parameters?.map(({ Value, Version }) => [Value, Version])).toEqual([
    ['x', 1],
    ['y', 2],
  ]);
  const filter = { Key: 'Name', Option: 'BeginsWith', Values: ['/t/'] };
  const described = await client.send(new DescribeParametersCommand({ ParameterFilters: [filter] }));
  expect(described.Parameters).toMatchObject([{ Name: '/t/1', Description: 'first', Version: 2 }]);
});

describe('refuses', () => {
  test.each([
    ['a second parameter of one name', '/r/1', 'y', {}, 'ParameterAlreadyExists'],
    [
      'tags with an overwrite',
      '/r/1',
      'y',
      { Overwrite: true, Tags: [{ Key: 'a', Value: 'b' }] },
      'ValidationException',
    ],
    ['a value over 4 KB', '/r/2', 'x'.repeat(4097), {}, 'ValidationException'],
    ['an empty value', '/r/2', '', {}, 'ValidationException'],
    ['no type at creation', '/r/2', 'x', { Type: undefined }, 'ValidationException'],
    ['a path without its first slash', 'r/2', 'x', {}, 'ValidationException'],
    ['a name of AWS’s own', '/aws/x', 'x', {}, 'ValidationException'],
    [
      'a value that does not fit its pattern',
      '/r/2',
      'x',
      { AllowedPattern: '\\d+' },
      'ParameterPatternMismatchException',
    ],
    ['too many levels', '/r'.repeat(16), 'x', {}, 'HierarchyLevelLimitExceededException'],
    ['the advanced tier', '/r/2', 'x', { Tier: 'Advanced' }, 'ValidationException'],
  ] as const)('%s', async (_, name, value, more, code) => {
    await put('/r/1', 'x').catch(() => {});
    await expect(put(name, value, more as object)).rejects.toMatchObject({ name: code });
  });

  test('to read or delete what is not there', async () => {
    await expect(get('/none')).rejects.toMatchObject({ name: 'ParameterNotFound' });
    await expect(client.send(new DeleteParameterCommand({ Name: '/none' }))).rejects.toMatchObject({
      name: 'ParameterNotFound',
    });
  });
});

describe('as CloudFormation drives it', () => {
  const type = ssm.resourceTypes[0]!;
  const request = { stackName: 'CobaltTraffic', logicalId: 'Posture' };

  test('a plain parameter comes, changes and goes', async () => {
    const first = { Name: '/cfn/1', Type: 'String', Value: 'x', Tags: { a: 'b' } };
    expect(await type.create({ ...request, properties: first })).toMatchObject({
      physicalId: '/cfn/1',
      attributes: { Type: 'String', Value: 'x' },
    });
    await expect(type.create({ ...request, properties: first })).rejects.toThrow('/cfn/1 already exists');
    const second = { ...first, Value: 'y' };
    await type.update({ ...request, physicalId: '/cfn/1', properties: second, previous: first });
    expect((await get('/cfn/1'))?.Value).toBe('y');
    await type.delete({ ...request, physicalId: '/cfn/1', properties: second, snapshot: false });
    expect(type.find('/cfn/1')).toBeUndefined();
  });

  test('a secure parameter cannot be made', () => {
    const parsed = type.properties.safeParse({ Type: 'SecureString', Value: 'x' });
    expect(parsed.error?.issues[0]?.message).toBe('#/Type: SecureString is not a valid enum value');
  });
});
