import { AwsError, notModelled } from '../errors';
import { toXml } from '../protocol/query';
import type { S3Operation, S3Request } from './request';
import {
  type Bucket,
  type Buckets,
  bucketNamed,
  currentVersion,
  type ObjectVersion,
  sortedKeys,
} from './store';

const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export function listOperations(all: Buckets): Record<string, S3Operation> {
  return {
    ListObjectsV2: (request) => {
      const bucket = bucketNamed(all, request.bucket);
      if (request.query.get('fetch-owner') === 'true') throw notModelled('fetch-owner in s3 ListObjectsV2');
      const token = request.query.get('continuation-token');
      const after = token === null ? request.query.get('start-after') : decodeToken(token);
      const keys = sortedKeys(bucket).filter((key) => currentVersion(bucket, key));
      const page = pageOf(keys, after ?? '', request);
      const encode = encoder(request);
      const result = {
        Name: bucket.name,
        Prefix: encode(request.query.get('prefix') ?? ''),
        Delimiter: encodedParameter(request, 'delimiter'),
        EncodingType: request.query.get('encoding-type') ?? undefined,
        StartAfter: encodedParameter(request, 'start-after'),
        ContinuationToken: token ?? undefined,
        MaxKeys: page.maxKeys,
        KeyCount: page.keys.length + page.prefixes.length,
        IsTruncated: page.last !== undefined,
        NextContinuationToken: page.last === undefined ? undefined : encodeToken(page.last),
        Contents: page.keys.map((key) => content(currentVersion(bucket, key) as ObjectVersion, encode)),
        CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: encode(prefix) })),
      };
      return { status: 200, body: toXml({ ListBucketResult: { '@xmlns': namespace, ...result } }) };
    },

    ListObjectVersions: (request) => {
      const bucket = bucketNamed(all, request.bucket);
      const page = pageOf(sortedKeys(bucket), request.query.get('key-marker') ?? '', request);
      const encode = encoder(request);
      const versions = page.keys.flatMap((key) => newestFirst(bucket, key));
      const result = {
        Name: bucket.name,
        Prefix: encode(request.query.get('prefix') ?? ''),
        KeyMarker: encode(request.query.get('key-marker') ?? ''),
        VersionIdMarker: '',
        MaxKeys: page.maxKeys,
        EncodingType: request.query.get('encoding-type') ?? undefined,
        IsTruncated: page.last !== undefined,
        NextKeyMarker: page.last === undefined ? undefined : encode(page.last),
        Version: versions
          .filter(({ body }) => body)
          .map((version) => ({ ...content(version, encode), ...place(bucket, version) })),
        DeleteMarker: versions
          .filter(({ body }) => !body)
          .map((version) => ({
            Key: encode(version.key),
            LastModified: new Date(version.lastModifiedMs),
            ...place(bucket, version),
          })),
        CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: encode(prefix) })),
      };
      return { status: 200, body: toXml({ ListVersionsResult: { '@xmlns': namespace, ...result } }) };
    },
  };
}

/** A page of keys, those that share a part up to the delimiter folded into it. */
function pageOf(sorted: string[], after: string, request: S3Request) {
  const prefix = request.query.get('prefix') ?? '';
  const delimiter = request.query.get('delimiter');
  const maxKeys = Math.min(Number(request.query.get('max-keys') ?? 1000), 1000);
  if (!Number.isInteger(maxKeys) || maxKeys < 0)
    throw new AwsError('InvalidArgument', 'Provided max-keys not an integer or within integer range');
  const keys: string[] = [];
  const prefixes = new Set<string>();
  let last = after;
  for (const key of sorted) {
    if (!key.startsWith(prefix) || Buffer.compare(Buffer.from(key), Buffer.from(after)) <= 0) continue;
    const end = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
    const common = delimiter && end !== -1 ? key.slice(0, end + delimiter.length) : undefined;
    if (common !== undefined && (prefixes.has(common) || after.startsWith(common))) {
      last = key;
      continue;
    }
    if (keys.length + prefixes.size === maxKeys) return { keys, prefixes: [...prefixes], maxKeys, last };
    if (common === undefined) keys.push(key);
    else prefixes.add(common);
    last = key;
  }
  return { keys, prefixes: [...prefixes], maxKeys, last: undefined };
}

function newestFirst(bucket: Bucket, key: string): ObjectVersion[] {
  return [...(bucket.objects.get(key) ?? [])].reverse();
}

function place(bucket: Bucket, version: ObjectVersion) {
  return { VersionId: version.versionId, IsLatest: bucket.objects.get(version.key)?.at(-1) === version };
}

function content(version: ObjectVersion, encode: (text: string) => string) {
  return {
    Key: encode(version.key),
    LastModified: new Date(version.lastModifiedMs),
    ETag: version.etag,
    Size: version.body?.length,
    StorageClass: 'STANDARD',
  };
}

function encoder(request: S3Request): (text: string) => string {
  const type = request.query.get('encoding-type');
  if (type === null) return (text) => text;
  if (type !== 'url') throw new AwsError('InvalidArgument', 'Invalid Encoding Method specified in Request');
  return (text) => encodeURIComponent(text).replaceAll('%2F', '/');
}

function encodedParameter(request: S3Request, name: string): string | undefined {
  const value = request.query.get(name);
  return value === null ? undefined : encoder(request)(value);
}

/** A token is the last key that was listed, marked as one that was given out here. */
const tokenMark = 'after:';
const encodeToken = (key: string) => Buffer.from(`${tokenMark}${key}`).toString('base64url');
function decodeToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString();
  if (text.startsWith(tokenMark)) return text.slice(tokenMark.length);
  throw new AwsError('InvalidArgument', 'The continuation token provided is incorrect');
}
