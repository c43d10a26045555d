import { z } from 'zod';
import { AwsError, notModelled } from '../errors';
import { toXml } from '../protocol/query';
import type { RestAnswer } from '../service';
import { uploadedBody } from './body';
import type { S3Operation, S3Request, S3World } from './request';
import {
  type Bucket,
  type Buckets,
  bucketNamed,
  currentVersion,
  deleteObject,
  type ObjectVersion,
  putObject,
} from './store';
import { malformed, parseXml } from './xml';

const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/';
const keptHeaders =
  /^(content-type|content-encoding|cache-control|content-disposition|content-language|expires|x-amz-meta-.+)$/;

const deletion = z.strictObject({
  Object: z
    .array(z.strictObject({ Key: z.string().min(1), VersionId: z.string().optional() }))
    .min(1)
    .max(1000),
  Quiet: z.enum(['true', 'false']).optional(),
});

/** Conditions on what is deleted (`ETag`, `Size`) are named; anything else wrong is as S3 puts it. */
function refusalOf(error: z.ZodError): AwsError {
  for (const issue of error.issues)
    if (issue.code === 'unrecognized_keys')
      return notModelled(`${issue.keys.join(', ')} in s3 DeleteObjects`);
  return malformed();
}

/** Conditional writes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
export function objectOperations(all: Buckets, { clock }: S3World): Record<string, S3Operation> {
  return {
    GetObject: (request) => read(bucketNamed(all, request.bucket), request),
    HeadObject: (request) => ({ ...read(bucketNamed(all, request.bucket), request), body: undefined }),

    PutObject: (request) => {
      const bucket = bucketNamed(all, request.bucket);
      const body = uploadedBody(request);
      checkConditions(bucket, request);
      const version = putObject(bucket, request.key, body, clock.nowMs(), headersToKeep(request));
      return {
        status: 200,
        headers: { etag: version.etag, ...encryption(bucket), ...versionHeader(bucket, version) },
      };
    },

    DeleteObject: (request) => {
      const bucket = bucketNamed(all, request.bucket);
      const versionId = request.query.get('versionId') ?? undefined;
      const deleted = deleteObject(bucket, request.key, versionId, clock.nowMs());
      const marker: Record<string, string> =
        deleted && !deleted.body ? { 'x-amz-delete-marker': 'true' } : {};
      return { status: 204, headers: deleted ? { ...versionHeader(bucket, deleted), ...marker } : {} };
    },

    DeleteObjects: (request) => {
      const bucket = bucketNamed(all, request.bucket);
      const parsed = deletion.safeParse(parseXml(uploadedBody(request)).Delete);
      if (!parsed.success) throw refusalOf(parsed.error);
      const { Object: objects, Quiet } = parsed.data;
      for (const { Key, VersionId } of objects) deleteObject(bucket, Key, VersionId, clock.nowMs());
      const Deleted = Quiet === 'true' ? undefined : objects;
      return { status: 200, body: toXml({ DeleteResult: { '@xmlns': namespace, Deleted } }) };
    },
  };
}

function read(bucket: Bucket, request: S3Request): RestAnswer {
  const version = wanted(bucket, request.key, request.query.get('versionId'));
  const body = version.body as Buffer;
  const headers: Record<string, string> = {
    'content-type': 'binary/octet-stream',
    ...version.headers,
    etag: version.etag,
    'last-modified': new Date(version.lastModifiedMs).toUTCString(),
    'accept-ranges': 'bytes',
    'content-length': String(body.length),
    ...encryption(bucket),
    ...versionHeader(bucket, version),
  };
  const range = request.headers.range;
  if (range === undefined) return { status: 200, headers, body };
  const { from, to } = parseRange(range, body.length);
  headers['content-range'] = `bytes ${from}-${to}/${body.length}`;
  headers['content-length'] = String(to - from + 1);
  return { status: 206, headers, body: body.subarray(from, to + 1) };
}

function wanted(bucket: Bucket, key: string, versionId: string | null): ObjectVersion {
  if (versionId === null) {
    const current = currentVersion(bucket, key);
    if (!current) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
    return current;
  }
  const version = bucket.objects.get(key)?.find((other) => other.versionId === versionId);
  if (!version) throw new AwsError('NoSuchVersion', 'The specified version does not exist.', 404);
  if (!version.body)
    throw new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405);
  return version;
}

function parseRange(range: string, length: number): { from: number; to: number } {
  const match = /^bytes=(\d*)-(\d*)$/.exec(range);
  if (!match || (match[1] === '' && match[2] === '')) throw notModelled(`the range ${range}`);
  const suffix = match[1] === '';
  const from = suffix ? Math.max(0, length - Number(match[2])) : Number(match[1]);
  const to = suffix || match[2] === '' ? length - 1 : Math.min(Number(match[2]), length - 1);
  if (from > to) throw new AwsError('InvalidRange', 'The requested range is not satisfiable', 416);
  return { from, to };
}

function checkConditions(bucket: Bucket, request: S3Request): void {
  const current = currentVersion(bucket, request.key);
  const absent = request.headers['if-none-match'];
  const match = request.headers['if-match'];
  if (absent !== undefined && absent !== '*') throw notModelled(`If-None-Match: ${absent} (only *)`);
  if (match !== undefined && !current)
    throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
  const unquoted = (etag: string) => etag.replaceAll('"', '');
  const holds =
    (absent === undefined || !current) &&
    (match === undefined || unquoted(match) === unquoted(current?.etag ?? ''));
  if (!holds)
    throw new AwsError(
      'PreconditionFailed',
      'At least one of the pre-conditions you specified did not hold',
      412,
    );
}

function headersToKeep(request: S3Request): Record<string, string> {
  const kept = Object.entries(request.headers).filter(([name]) => keptHeaders.test(name));
  const headers = Object.fromEntries(kept) as Record<string, string>;
  const encodings = (headers['content-encoding'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'aws-chunked');
  if (encodings.length > 0) headers['content-encoding'] = encodings.join(',');
  else delete headers['content-encoding'];
  return headers;
}

function encryption(bucket: Bucket): Record<string, string> {
  return { 'x-amz-server-side-encryption': bucket.encryption.algorithm };
}

function versionHeader(bucket: Bucket, version: ObjectVersion): Record<string, string> {
  return bucket.versioning ? { 'x-amz-version-id': version.versionId } : {};
}
