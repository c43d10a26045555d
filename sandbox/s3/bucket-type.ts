import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { ResourceState, ResourceType } from '../cloudformation/resource-type';
import { createBucket, deleteBucket } from './bucket-operations';
import type { S3World } from './request';
import { type Bucket, type Buckets, bucketNamed } from './store';

const flag = z.boolean();
const encryptionRule = z.strictObject({
  ServerSideEncryptionByDefault: z.strictObject({
    SSEAlgorithm: z.enum(['AES256', 'aws:kms']),
    KMSMasterKeyID: z.string().optional(),
  }),
  BucketKeyEnabled: flag.optional(),
});
/** Kept as they are and never acted on: the sandbox is gone long before anything would expire. */
const lifecycleRule = z.strictObject({
  Id: z.string().optional(),
  Status: z.enum(['Enabled', 'Disabled']),
  Prefix: z.string().optional(),
  ExpirationInDays: z.number().optional(),
  ExpiredObjectDeleteMarker: flag.optional(),
  NoncurrentVersionExpiration: z
    .strictObject({ NoncurrentDays: z.number(), NewerNoncurrentVersions: z.number().optional() })
    .optional(),
  AbortIncompleteMultipartUpload: z.strictObject({ DaysAfterInitiation: z.number() }).optional(),
});

const properties = z.strictObject({
  BucketName: z.string().optional(),
  VersioningConfiguration: z.strictObject({ Status: z.enum(['Enabled', 'Suspended']) }).optional(),
  BucketEncryption: z
    .strictObject({ ServerSideEncryptionConfiguration: z.array(encryptionRule).length(1) })
    .optional(),
  PublicAccessBlockConfiguration: z
    .strictObject({
      BlockPublicAcls: flag.optional(),
      BlockPublicPolicy: flag.optional(),
      IgnorePublicAcls: flag.optional(),
      RestrictPublicBuckets: flag.optional(),
    })
    .optional(),
  OwnershipControls: z
    .strictObject({
      Rules: z.array(
        z.strictObject({
          ObjectOwnership: z.enum(['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter']),
        }),
      ),
    })
    .optional(),
  LifecycleConfiguration: z.strictObject({ Rules: z.array(lifecycleRule) }).optional(),
  Tags: z.array(z.strictObject({ Key: z.string(), Value: z.string() })).optional(),
});
type Properties = z.infer<typeof properties>;

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html */
export function bucketType(all: Buckets, world: S3World): ResourceType<Properties> {
  function state(name: string): ResourceState {
    const domain = `${name}.s3.amazonaws.com`;
    const regional = `${name}.s3.${world.region}.amazonaws.com`;
    return {
      physicalId: name,
      attributes: { Arn: `arn:aws:s3:::${name}`, DomainName: domain, RegionalDomainName: regional },
    };
  }
  return {
    typeName: 'AWS::S3::Bucket',
    properties,
    create: async ({ stackName, logicalId, properties: wanted }) => {
      const name = wanted.BucketName ?? generatedName(stackName, logicalId);
      configure(createBucket(all, name, world.clock.nowMs()), wanted);
      await world.clock.sleep(world.durations.resourceMs);
      return state(name);
    },
    update: async ({ physicalId, properties: wanted }) => {
      configure(bucketNamed(all, physicalId), wanted);
      await world.clock.sleep(world.durations.resourceMs);
      return state(physicalId);
    },
    delete: async ({ physicalId }) => {
      if (all.has(physicalId)) deleteBucket(all, physicalId);
    },
    find: (physicalId) => (all.has(physicalId) ? state(physicalId) : undefined),
    nameOf: ({ BucketName }) => BucketName,
  };
}

/** Versioning once enabled can only be suspended: https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html */
function configure(bucket: Bucket, wanted: Properties): void {
  bucket.versioning = wanted.VersioningConfiguration?.Status ?? (bucket.versioning && 'Suspended');
  const rule = wanted.BucketEncryption?.ServerSideEncryptionConfiguration[0]?.ServerSideEncryptionByDefault;
  bucket.encryption = { algorithm: rule?.SSEAlgorithm ?? 'AES256', keyId: rule?.KMSMasterKeyID };
}

function generatedName(stackName: string, logicalId: string): string {
  const name = `${stackName}-${logicalId}`.toLowerCase().slice(0, 50).replace(/-$/, '');
  return `${name}-${randomBytes(6).toString('hex')}`;
}
