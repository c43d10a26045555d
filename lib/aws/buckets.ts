import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { Buckets } from '../upgrade/preflight/ports';
import type { Clients } from './clients';

export class S3Buckets implements Buckets {
  private readonly s3: S3Client;

  constructor(clients: Clients) {
    this.s3 = clients.make(S3Client);
  }

  /** https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html */
  async exists(Bucket: string): Promise<boolean> {
    try {
      await this.s3.send(new HeadBucketCommand({ Bucket }));
      return true;
    } catch (error) {
      if (['NotFound', 'NoSuchBucket'].includes((error as Error).name)) return false;
      throw error;
    }
  }
}
