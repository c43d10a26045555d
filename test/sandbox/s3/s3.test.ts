import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketEncryptionCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { Clock } from '../../../sandbox/clock';
import type { Listening } from '../../../sandbox/listening';
import { createS3 } from '../../../sandbox/s3/s3';
import { startServer } from '../../../sandbox/server';
import { defaultDurations } from '../../../sandbox/world';

const region = 'ap-southeast-2';
const Bucket = 'cdk-hnb659fds-assets-111122223333-ap-southeast-2';
const clock = new Clock('skip', new Date('2026-11-23T11:00:00Z'));
const s3 = createS3({
  account: '111122223333',
  region,
  clock,
  durations: { ...defaultDurations, resourceMs: 1 },
});
let server: Listening;
let client: S3Client;

beforeAll(async () => {
  server = await startServer({ services: [s3.service], region, now: () => clock.date() });
  client = new S3Client({
    region,
    endpoint: server.origin,
    forcePathStyle: true,
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret' },
  });
});

afterAll(async () => {
  client.destroy();
  await server.close();
  clock.stop();
});

const put = (Key: string, Body: string, more: object = {}) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const read = async (Key: string, more: object = {}) => {
  const answer = await client.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return answer.Body?.transformToString();
};

test('gives back what was put, with its type and metadata', async () => {
  await put('a/b c+d é.json', '{"a":1}', { ContentType: 'application/json', Metadata: { run: '7' } });
  const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'a/b c+d é.json' }));
  expect(head).toMatchObject({ ContentType: 'application/json', ContentLength: 7, Metadata: { run: '7' } });
  expect(await read('a/b c+d é.json')).toBe('{"a":1}');
  expect(s3.buckets.get(Bucket, 'a/b c+d é.json')?.toString()).toBe('{"a":1}');
});

test('reads a part of an object', async () => {
  await put('part', '0123456789');
  expect(await read('part', { Range: 'bytes=2-4' })).toBe('234');
  expect(await read('part', { Range: 'bytes=-3' })).toBe('789');
});

test('refuses a second writer who asks that nothing be there', async () => {
  await put('lock', 'first', { IfNoneMatch: '*' });
  await expect(put('lock', 'second', { IfNoneMatch: '*' })).rejects.toMatchObject({
    name: 'PreconditionFailed',
    $metadata: { httpStatusCode: 412 },
  });
  expect(await read('lock')).toBe('first');
});

test('replaces an object only if it is still the one that was read', async () => {
  const { ETag } = await put('lease', '1');
  await put('lease', '2', { IfMatch: ETag });
  await expect(put('lease', '3', { IfMatch: ETag })).rejects.toMatchObject({ name: 'PreconditionFailed' });
  await expect(put('no-lease', '3', { IfMatch: ETag })).rejects.toMatchObject({ name: 'NoSuchKey' });
  expect(await read('lease')).toBe('2');
});

test('takes a body in chunks, with its checksum behind it', async () => {
  const pieces = (async function* () {
    yield Buffer.from('a'.repeat(70_000));
    yield Buffer.from('b');
  })();
  const { Readable } = await import('node:stream');
  await client.send(
    new PutObjectCommand({ Bucket, Key: 'stream', Body: Readable.from(pieces), ContentLength: 70_001 }),
  );
  const text = await read('stream');
  expect(text?.length).toBe(70_001);
  expect(text?.endsWith('ab')).toBe(true);
});

test('refuses a body that does not fit its checksum', async () => {
  await expect(put('broken', 'text', { ChecksumSHA256: 'AAAA' })).rejects.toMatchObject({
    name: 'BadDigest',
  });
});

test('agrees with the published check value of each checksum', async () => {
  await put('check', '123456789', { ChecksumCRC64NVME: 'rosUhgp5mIg=' });
  await put('check', '123456789', { ChecksumCRC32: 'y/Q5Jg==' });
});

test('lists in pages, and folds keys at a delimiter', async () => {
  for (const key of ['list/1', 'list/2', 'list/sub/1', 'list/sub/2', 'list/z']) await put(key, 'x');
  const keys: (string | undefined)[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page: { Contents?: { Key?: string }[]; NextContinuationToken?: string } = await client.send(
      new ListObjectsV2Command({ Bucket, Prefix: 'list/', MaxKeys: 2, ContinuationToken }),
    );
    keys.push(...(page.Contents ?? []).map(({ Key }) => Key));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken);
  expect(keys).toEqual(['list/1', 'list/2', 'list/sub/1', 'list/sub/2', 'list/z']);
  const folded = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'list/', Delimiter: '/' }));
  expect(folded.CommonPrefixes).toEqual([{ Prefix: 'list/sub/' }]);
  expect(folded.Contents?.length).toBe(3);
  const page = await client.send(
    new ListObjectsV2Command({ Bucket, Prefix: 'list/', Delimiter: '/', MaxKeys: 3 }),
  );
  const rest = await client.send(
    new ListObjectsV2Command({
      Bucket,
      Prefix: 'list/',
      Delimiter: '/',
      ContinuationToken: page.NextContinuationToken,
    }),
  );
  expect(rest.Contents?.map(({ Key }) => Key)).toEqual(['list/z']);
});

test('keeps the versions of a versioned bucket, deletions too', async () => {
  await put('versioned', 'one');
  await put('versioned', 'two');
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'versioned' }));
  await expect(read('versioned')).rejects.toMatchObject({ name: 'NoSuchKey' });
  const listed = await client.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'versioned' }));
  expect(listed.DeleteMarkers?.length).toBe(1);
  expect(listed.Versions?.length).toBe(2);
  expect(await read('versioned', { VersionId: listed.Versions?.[1]?.VersionId })).toBe('one');
});

test('deletes many', async () => {
  await put('many/1', 'x');
  await put('many/2', 'x');
  await client.send(
    new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'many/1' }, { Key: 'many/2' }] } }),
  );
  expect((await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'many/' }))).KeyCount).toBe(0);
});

test('tells what the tools ask of the bootstrap bucket', async () => {
  expect((await client.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBe(region);
  const { ServerSideEncryptionConfiguration: encryption } = await client.send(
    new GetBucketEncryptionCommand({ Bucket }),
  );
  expect(encryption?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm).toBe('AES256');
  await expect(client.send(new HeadBucketCommand({ Bucket: 'nobody-has-this' }))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 404 },
  });
  await expect(
    client.send(new ListObjectsV2Command({ Bucket, ExpectedBucketOwner: '999999999999' })),
  ).rejects.toMatchObject({ name: 'AccessDenied' });
});

test('creates a bucket once, in its own region', async () => {
  const CreateBucketConfiguration = { LocationConstraint: region } as const;
  const create = () =>
    client.send(new CreateBucketCommand({ Bucket: 'made-here', CreateBucketConfiguration }));
  await create();
  await expect(create()).rejects.toMatchObject({ name: 'BucketAlreadyOwnedByYou' });
});

test('refuses what it does not model, by name', async () => {
  const { PutObjectTaggingCommand } = await import('@aws-sdk/client-s3');
  await expect(
    client.send(new PutObjectTaggingCommand({ Bucket, Key: 'a', Tagging: { TagSet: [] } })),
  ).rejects.toThrow(/does not model s3 PUT of a key with the query \(tagging\)/);
  await expect(put('acl', 'x', { ACL: 'public-read' })).rejects.toThrow(/x-amz-acl in s3 PutObject/);
  const Policy = JSON.stringify({
    Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:*', Resource: '*' }],
  });
  await expect(client.send(new PutBucketPolicyCommand({ Bucket, Policy }))).rejects.toThrow(
    /bucket policy's statement/,
  );
});

describe('as CloudFormation drives it', () => {
  const [bucketType, policyType] = s3.resourceTypes;
  const request = { stackName: 'CobaltOperations', logicalId: 'Bucket83908E77' };

  test('makes a bucket with the properties that the CDK writes, and its TLS policy', async () => {
    const properties = bucketType!.properties.parse({
      VersioningConfiguration: { Status: 'Enabled' },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      LifecycleConfiguration: {
        Rules: [{ Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: 90 } }],
      },
    });
    const { physicalId } = await bucketType!.create({ ...request, properties: properties as never });
    expect(physicalId).toMatch(/^cobaltoperations-bucket83908e77-/);
    const statement = {
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: 's3:*',
      Resource: '*',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    };
    await policyType!.create({
      ...request,
      properties: {
        Bucket: physicalId,
        PolicyDocument: { Version: '2012-10-17', Statement: [statement] },
      } as never,
    });
    s3.buckets.put(physicalId, 'kept', Buffer.from('x'));
    await expect(
      bucketType!.delete({ ...request, physicalId, properties: properties as never, snapshot: false }),
    ).rejects.toThrow('The bucket you tried to delete is not empty');
  });

  test('refuses a property that it does not model', () => {
    const parsed = bucketType!.properties.safeParse({ WebsiteConfiguration: {} });
    expect(parsed.error?.issues[0]).toMatchObject({ keys: ['WebsiteConfiguration'] });
  });
});
