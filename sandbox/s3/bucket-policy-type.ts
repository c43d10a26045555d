import { z } from 'zod';
import type { ResourceType } from '../cloudformation/resource-type';
import { refuseUnknownPolicy } from './bucket-policy';
import type { S3World } from './request';
import { type Buckets, bucketNamed } from './store';

const properties = z.strictObject({ Bucket: z.string(), PolicyDocument: z.record(z.string(), z.unknown()) });

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucketpolicy.html */
export function bucketPolicyType(
  all: Buckets,
  { clock, durations }: S3World,
): ResourceType<z.infer<typeof properties>> {
  async function put({ Bucket, PolicyDocument }: z.infer<typeof properties>) {
    const document = JSON.stringify(PolicyDocument);
    refuseUnknownPolicy(document);
    bucketNamed(all, Bucket).policy = document;
    await clock.sleep(durations.resourceMs);
    return { physicalId: Bucket, attributes: {} };
  }
  return {
    typeName: 'AWS::S3::BucketPolicy',
    properties,
    create: async ({ properties: wanted }) => put(wanted),
    update: async ({ properties: wanted }) => put(wanted),
    delete: async ({ physicalId }) => {
      const bucket = all.get(physicalId);
      if (bucket) bucket.policy = undefined;
    },
    find: (physicalId) =>
      all.get(physicalId)?.policy === undefined ? undefined : { physicalId, attributes: {} },
    nameOf: ({ Bucket }) => Bucket,
  };
}
