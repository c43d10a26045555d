import {
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { bucketName, stackNames } from '../names';
import { type Clock, wallClock } from '../runbook/clock';
import { PreconditionError } from '../runbook/errors';
import type { Found, Store } from '../runbook/store';
import type { Settings } from '../settings';
import type { Clients } from './clients';

/** Writers that meet are few, and each writes in a moment. */
const attempts = 5;

/**
 * The operations bucket, with conditional writes, see
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html. What is read is what was written last:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel
 *
 * Each call throws PreconditionError OPERATIONS_BUCKET_MISSING when the bucket does not exist.
 */
export class S3Objects implements Store {
  private readonly s3: S3Client;
  private readonly bucket: string;

  constructor(
    private readonly settings: Settings,
    clients: Clients,
    private readonly clock: Clock = wallClock,
  ) {
    // The lock is one of them: what guards calls asks for it here. Each write says itself what it expects.
    this.s3 = clients.make(S3Client, { isGuarded: false });
    this.bucket = bucketName(settings);
  }

  async read(key: string): Promise<Found | undefined> {
    const command = new GetObjectCommand({ Bucket: this.bucket, Key: key });
    const answered = notingWhen(command);
    try {
      const { Body, ETag, LastModified } = await this.s3.send(command);
      const text = await this.clock.working(async () => Body?.transformToString());
      const ageMs = LastModified && answered.atMs && Math.max(0, answered.atMs - LastModified.getTime());
      return { text: text ?? '', tag: ETag ?? '', ageMs };
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw this.explained(error);
    }
  }

  /** S3 lists keys in lexicographical order: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
  async list(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    try {
      const pages = paginateListObjectsV2({ client: this.s3 }, { Bucket: this.bucket, Prefix: prefix });
      for await (const { Contents } of pages) keys.push(...(Contents ?? []).map(({ Key }) => Key ?? ''));
    } catch (error) {
      throw this.explained(error);
    }
    return keys;
  }

  /** The library repeats a call whose answer was lost: its own success then looks like somebody else's write. */
  async write(key: string, text: string, expected: 'absent' | { tag: string }): Promise<string | undefined> {
    const condition = expected === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: expected.tag };
    for (let attempt = 1; ; attempt++)
      try {
        const { ETag } = await this.s3.send(
          new PutObjectCommand({
            Bucket: this.bucket,
            Key: key,
            Body: text,
            ContentType: 'application/json',
            ...condition,
          }),
        );
        return ETag ?? '';
      } catch (error) {
        const { name } = error as Error;
        if (name === 'PreconditionFailed') return await this.tagIfWritten(key, text);
        if (name === 'NoSuchKey') return undefined;
        if (name !== 'ConditionalRequestConflict' || attempt === attempts) throw this.explained(error);
        await this.clock.sleep(100 * 2 ** attempt);
      }
  }

  private async tagIfWritten(key: string, text: string): Promise<string | undefined> {
    const found = await this.read(key);
    return found?.text === text ? found.tag : undefined;
  }

  private explained(error: unknown): unknown {
    if ((error as Error).name !== 'NoSuchBucket') return error;
    return new PreconditionError('OPERATIONS_BUCKET_MISSING', {
      so: `The bucket ${this.bucket}, which keeps the lock and the journals, does not exist.`,
      next: `Deploy it (npx cdk deploy ${stackNames(this.settings).operations}; where that changes nothing, docs/what-if.md has how to make it by hand), then run the same command again.`,
    });
  }
}

/**
 * When S3 answers, by its own clock, which is that of `LastModified` too.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/RESTCommonResponseHeaders.html
 */
function notingWhen({ middlewareStack }: GetObjectCommand): { atMs: number | undefined } {
  const answered: { atMs: number | undefined } = { atMs: undefined };
  middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { headers } = result.response as { headers?: Record<string, string> };
      answered.atMs = Date.parse(headers?.date ?? '') || undefined;
      return result;
    },
    { step: 'deserialize', priority: 'high', name: 'notingWhen' },
  );
  return answered;
}
