import { createHash, randomBytes } from 'node:crypto';
import { AwsError } from '../errors';

/** What was once put under a key; `body` is absent in the marker that a deletion leaves in a versioned bucket. */
export interface ObjectVersion {
  key: string;
  versionId: string;
  body: Buffer | undefined;
  /** Quoted, as it travels. */
  etag: string;
  lastModifiedMs: number;
  headers: Record<string, string>;
}

export interface Bucket {
  name: string;
  createdAtMs: number;
  versioning: 'Enabled' | 'Suspended' | undefined;
  encryption: { algorithm: 'AES256' | 'aws:kms'; keyId?: string };
  policy: string | undefined;
  /** Oldest first, of all keys. */
  objects: Map<string, ObjectVersion[]>;
}

export type Buckets = Map<string, Bucket>;

export function newBucket(name: string, createdAtMs: number): Bucket {
  return {
    name,
    createdAtMs,
    versioning: undefined,
    encryption: { algorithm: 'AES256' },
    policy: undefined,
    objects: new Map(),
  };
}

export function bucketNamed(buckets: Buckets, name: string): Bucket {
  const bucket = buckets.get(name);
  if (!bucket) throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404);
  return bucket;
}

/** The newest version, unless that is a deletion. */
export function currentVersion(bucket: Bucket, key: string): ObjectVersion | undefined {
  const newest = bucket.objects.get(key)?.at(-1);
  return newest?.body ? newest : undefined;
}

export function putObject(
  bucket: Bucket,
  key: string,
  body: Buffer | undefined,
  nowMs: number,
  headers: Record<string, string> = {},
): ObjectVersion {
  const version: ObjectVersion = {
    key,
    versionId: bucket.versioning === 'Enabled' ? randomBytes(16).toString('base64url') : 'null',
    body,
    etag: `"${createHash('md5')
      .update(body ?? '')
      .digest('hex')}"`,
    lastModifiedMs: nowMs,
    headers,
  };
  const earlier = bucket.objects.get(key) ?? [];
  const kept = earlier.filter((other) => other.versionId !== version.versionId);
  bucket.objects.set(key, [...kept, version]);
  return version;
}

/** Deletes as S3 does: one version, or the object, which in a versioned bucket only adds a marker. */
export function deleteObject(
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
  nowMs: number,
): ObjectVersion | undefined {
  if (versionId === undefined && bucket.versioning) return putObject(bucket, key, undefined, nowMs);
  const versions = bucket.objects.get(key) ?? [];
  const kept = versions.filter((version) => version.versionId !== (versionId ?? 'null'));
  if (kept.length > 0) bucket.objects.set(key, kept);
  else bucket.objects.delete(key);
  return versions.find((version) => version.versionId === versionId);
}

/** Keys in S3's order, which is that of their UTF-8 bytes. */
export function sortedKeys(bucket: Bucket): string[] {
  return [...bucket.objects.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
