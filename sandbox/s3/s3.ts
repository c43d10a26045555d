import { AwsError } from '../errors';
import type { Call, RestAnswer, RestRequest, RestService } from '../service';
import type { Buckets as BucketsPort } from '../world';
import { bucketOperations } from './bucket-operations';
import { bucketPolicyType } from './bucket-policy-type';
import { bucketType } from './bucket-type';
import { listOperations } from './list-operations';
import { objectOperations } from './object-operations';
import type { S3Operation, S3World } from './request';
import { closedHeaders, knownOperations, operationName } from './routing';
import { type Buckets, bucketNamed, currentVersion, newBucket, putObject } from './store';

/**
 * The Simple Storage Service, addressed by path, with one bucket in it: the one that `cdk bootstrap` makes.
 *
 * The operations are those of https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
 * that the tables below name; every other is refused.
 */
export function createS3(world: S3World) {
  const all: Buckets = new Map();
  const bootstrap = newBucket(`cdk-hnb659fds-assets-${world.account}-${world.region}`, world.clock.nowMs());
  bootstrap.versioning = 'Enabled';
  all.set(bootstrap.name, bootstrap);

  const operations: Record<string, S3Operation> = {
    ...bucketOperations(all, world),
    ...listOperations(all),
    ...objectOperations(all, world),
  };

  const service: RestService = {
    name: 's3',
    protocol: 'rest-xml',
    operations: knownOperations(),
    handle: async (request, call) => handle(operations, request, call, world),
    asked: (request) => {
      const place = placeOf(request);
      return { operation: operationName(request, place.bucket, place.key), input: place };
    },
  };
  const buckets: BucketsPort = {
    put: (bucket, key, body) => {
      putObject(bucketNamed(all, bucket), key, body, world.clock.nowMs());
    },
    get: (bucket, key) => currentVersion(bucketNamed(all, bucket), key)?.body,
  };
  return { service, resourceTypes: [bucketType(all, world), bucketPolicyType(all, world)], buckets };
}

function placeOf({ path }: RestRequest) {
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  return { bucket, key };
}

function handle(
  operations: Record<string, S3Operation>,
  request: RestRequest,
  call: Call,
  world: S3World,
): RestAnswer {
  const { bucket, key } = placeOf(request);
  call.action = operationName(request, bucket, key);
  closedHeaders(request, call.action);
  const owner = request.headers['x-amz-expected-bucket-owner'];
  if (owner !== undefined && owner !== world.account)
    throw new AwsError('AccessDenied', 'Access Denied', 403);
  const answer = (operations[call.action] as S3Operation)({ ...request, bucket, key });
  const headers = { 'x-amz-request-id': call.requestId, ...answer.headers };
  return { ...answer, headers: answer.body ? { 'content-type': 'application/xml', ...headers } : headers };
}
