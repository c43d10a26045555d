import { notModelled } from '../errors';
import type { RestRequest } from '../service';

interface Route {
  name: string;
  method: string;
  on: 'service' | 'bucket' | 'key';
  /** The query parameter that makes it this operation. */
  marker?: string;
  /** The other query parameters it takes. */
  query?: string[];
}

const listing = ['prefix', 'delimiter', 'max-keys', 'encoding-type'];

const routes: Route[] = [
  { name: 'ListBuckets', method: 'GET', on: 'service' },
  { name: 'CreateBucket', method: 'PUT', on: 'bucket' },
  { name: 'DeleteBucket', method: 'DELETE', on: 'bucket' },
  { name: 'HeadBucket', method: 'HEAD', on: 'bucket' },
  { name: 'GetBucketLocation', method: 'GET', on: 'bucket', marker: 'location' },
  { name: 'GetBucketEncryption', method: 'GET', on: 'bucket', marker: 'encryption' },
  { name: 'GetBucketVersioning', method: 'GET', on: 'bucket', marker: 'versioning' },
  { name: 'PutBucketVersioning', method: 'PUT', on: 'bucket', marker: 'versioning' },
  { name: 'GetBucketPolicy', method: 'GET', on: 'bucket', marker: 'policy' },
  { name: 'PutBucketPolicy', method: 'PUT', on: 'bucket', marker: 'policy' },
  { name: 'DeleteBucketPolicy', method: 'DELETE', on: 'bucket', marker: 'policy' },
  {
    name: 'ListObjectsV2',
    method: 'GET',
    on: 'bucket',
    marker: 'list-type',
    query: [...listing, 'continuation-token', 'start-after', 'fetch-owner'],
  },
  {
    name: 'ListObjectVersions',
    method: 'GET',
    on: 'bucket',
    marker: 'versions',
    query: [...listing, 'key-marker'],
  },
  { name: 'DeleteObjects', method: 'POST', on: 'bucket', marker: 'delete' },
  { name: 'GetObject', method: 'GET', on: 'key', query: ['versionId'] },
  { name: 'HeadObject', method: 'HEAD', on: 'key', query: ['versionId'] },
  { name: 'PutObject', method: 'PUT', on: 'key' },
  { name: 'DeleteObject', method: 'DELETE', on: 'key', query: ['versionId'] },
];

/** Each operation with what it takes of the query and of the conditional headers. */
export const knownOperations = () =>
  Object.fromEntries(routes.map(({ name, query = [] }) => [name, [...query, ...(conditionsOf[name] ?? [])]]));

/** Which operation a request means; SDKs add their own `x-id` to the query. */
export function operationName(request: RestRequest, bucket: string, key: string): string {
  const on = key ? 'key' : bucket ? 'bucket' : 'service';
  const given = [...request.query.keys()].filter((name) => name !== 'x-id' && !name.startsWith('X-Amz-'));
  const fitting = routes.filter((route) => route.method === request.method && route.on === on);
  const route =
    fitting.find(({ marker }) => marker !== undefined && given.includes(marker)) ??
    fitting.find(({ marker }) => marker === undefined);
  const known = [...(route?.query ?? []), route?.marker];
  const unknown = given.find((name) => !known.includes(name));
  if (!route || unknown !== undefined)
    throw notModelled(`s3 ${request.method} of a ${on} with the query (${given.join(', ')})`);
  return route.name;
}

/** Headers of every request, which say who and how; the rest must be listed by operation. */
const always = new Set([
  'x-amz-date',
  'x-amz-content-sha256',
  'x-amz-security-token',
  'x-amz-user-agent',
  'x-amz-expected-bucket-owner',
  'x-amz-checksum-mode',
  'x-amz-te',
]);
const ofUploads = /^x-amz-(meta-.+|checksum-.+|sdk-checksum-algorithm|decoded-content-length|trailer)$/;
const ofEncryption = /^x-amz-server-side-encryption(-aws-kms-key-id|-bucket-key-enabled)?$/;
const conditions = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'range'];
const conditionsOf: Record<string, string[]> = {
  PutObject: ['if-match', 'if-none-match'],
  GetObject: ['range'],
};

/** Refuses each header that would change what happens and is not modelled. */
export function closedHeaders(request: RestRequest, operation: string): void {
  const uploads =
    operation === 'PutObject' || operation === 'DeleteObjects' || operation.startsWith('PutBucket');
  for (const name of Object.keys(request.headers)) {
    if (conditions.includes(name) && !conditionsOf[operation]?.includes(name))
      throw notModelled(`the header ${name} in s3 ${operation}`);
    if (!name.startsWith('x-amz-') || always.has(name)) continue;
    if (uploads && ofUploads.test(name)) continue;
    if (operation === 'PutObject' && ofEncryption.test(name)) continue;
    throw notModelled(`the header ${name} in s3 ${operation}`);
  }
}
