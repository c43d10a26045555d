import { AwsError, notModelled } from '../errors';
import { toXml } from '../protocol/query';
import type { RestAnswer } from '../service';
import { uploadedBody } from './body';
import { refuseUnknownPolicy } from './bucket-policy';
import type { S3Operation, S3World } from './request';
import { type Buckets, bucketNamed, newBucket } from './store';
import { parseXml } from './xml';

const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/';
const answer = (name: string, content: object | string): RestAnswer => ({
  status: 200,
  body: toXml({
    [name]:
      typeof content === 'string'
        ? { '@xmlns': namespace, '#text': content }
        : { '@xmlns': namespace, ...content },
  }),
});

/** Names and what a bucket is. A bucket's creation in the sandbox takes no time. */
export function bucketOperations(all: Buckets, world: S3World): Record<string, S3Operation> {
  return {
    ListBuckets: () =>
      answer('ListAllMyBucketsResult', {
        Owner: { ID: world.account },
        Buckets: {
          Bucket: [...all.values()].map(({ name, createdAtMs }) => ({
            Name: name,
            CreationDate: new Date(createdAtMs),
          })),
        },
      }),

    CreateBucket: (request) => {
      const place = parseXml(request.body).CreateBucketConfiguration ?? {};
      const { LocationConstraint, ...rest } = place;
      if (Object.keys(rest).length > 0)
        throw notModelled(`${Object.keys(rest).join(', ')} in s3 CreateBucket`);
      if (
        LocationConstraint !== world.region &&
        !(LocationConstraint === undefined && world.region === 'us-east-1')
      )
        throw new AwsError(
          'IllegalLocationConstraintException',
          `The ${LocationConstraint ?? 'unspecified'} location constraint is incompatible for the region specific endpoint this request was sent to.`,
        );
      createBucket(all, request.bucket, world.clock.nowMs());
      return { status: 200, headers: { location: `/${request.bucket}` } };
    },

    DeleteBucket: (request) => {
      deleteBucket(all, request.bucket);
      return { status: 204 };
    },

    HeadBucket: (request) => {
      bucketNamed(all, request.bucket);
      return { status: 200, headers: { 'x-amz-bucket-region': world.region } };
    },

    GetBucketLocation: (request) => {
      bucketNamed(all, request.bucket);
      return answer('LocationConstraint', world.region === 'us-east-1' ? '' : world.region);
    },

    GetBucketEncryption: (request) => {
      const { algorithm, keyId } = bucketNamed(all, request.bucket).encryption;
      const byDefault = { SSEAlgorithm: algorithm, KMSMasterKeyID: keyId };
      return answer('ServerSideEncryptionConfiguration', {
        Rule: { ApplyServerSideEncryptionByDefault: byDefault, BucketKeyEnabled: false },
      });
    },

    GetBucketVersioning: (request) =>
      answer('VersioningConfiguration', { Status: bucketNamed(all, request.bucket).versioning }),

    PutBucketVersioning: (request) => {
      const bucket = bucketNamed(all, request.bucket);
      const { Status, ...rest } = parseXml(uploadedBody(request)).VersioningConfiguration ?? {};
      if (Object.keys(rest).length > 0)
        throw notModelled(`${Object.keys(rest).join(', ')} in s3 PutBucketVersioning`);
      if (Status !== 'Enabled' && Status !== 'Suspended')
        throw new AwsError(
          'IllegalVersioningConfigurationException',
          'The Versioning element must be specified',
        );
      bucket.versioning = Status;
      return { status: 200 };
    },

    GetBucketPolicy: (request) => {
      const { policy } = bucketNamed(all, request.bucket);
      if (policy === undefined)
        throw new AwsError('NoSuchBucketPolicy', 'The bucket policy does not exist', 404);
      return { status: 200, headers: { 'content-type': 'application/json' }, body: policy };
    },

    PutBucketPolicy: (request) => {
      const bucket = bucketNamed(all, request.bucket);
      const policy = uploadedBody(request).toString();
      refuseUnknownPolicy(policy);
      bucket.policy = policy;
      return { status: 204 };
    },

    DeleteBucketPolicy: (request) => {
      bucketNamed(all, request.bucket).policy = undefined;
      return { status: 204 };
    },
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export function createBucket(all: Buckets, name: string, nowMs: number) {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name))
    throw new AwsError('InvalidBucketName', 'The specified bucket is not valid.');
  if (all.has(name))
    throw new AwsError(
      'BucketAlreadyOwnedByYou',
      'Your previous request to create the named bucket succeeded and you already own it.',
      409,
    );
  const bucket = newBucket(name, nowMs);
  all.set(name, bucket);
  return bucket;
}

export function deleteBucket(all: Buckets, name: string): void {
  if (bucketNamed(all, name).objects.size > 0)
    throw new AwsError('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409);
  all.delete(name);
}
