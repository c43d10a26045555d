import { GetObjectCommand, NoSuchKey, S3Client } from '@aws-sdk/client-s3';
import { bucketName, stackNames } from '../names';
import type { Clock } from '../runbook/clock';
import { StepFailedError } from '../runbook/errors';
import type { Settings } from '../settings';
import type { Clients } from './clients';

/** The agent uploads the output as the command ends: it may be there a little later than the news of the end. */
const patienceMs = 30_000;

/** What commands printed, as Run Command keeps it in a bucket. */
export class CommandOutputs {
  private readonly s3: S3Client;
  private readonly bucket: string;

  constructor(
    private readonly settings: Settings,
    clients: Clients,
  ) {
    this.s3 = clients.make(S3Client);
    this.bucket = bucketName(settings);
  }

  /**
   * The whole of an output of which an invocation shows the beginning.
   * @param limit the length at which Run Command cuts, see
   *   https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetCommandInvocation.html
   */
  async whole(shown: string, limit: number, url: string | undefined, clock: Clock): Promise<string> {
    // The cut is made in bytes or in characters, and a notice of it may be part of the length.
    if (Math.max(shown.length, Buffer.byteLength(shown)) < limit - 100) return shown;
    const key = this.keyOf(url);
    if (key === undefined) throw this.incomplete(`Run Command names no object in ${this.bucket} (${url})`);
    const deadlineMs = clock.now().getTime() + patienceMs;
    for (;;) {
      const text = await this.read(key);
      if (text !== undefined) return text;
      if (clock.now().getTime() >= deadlineMs)
        throw this.incomplete(`s3://${this.bucket}/${key} does not exist`);
      await clock.sleep(1_000);
    }
  }

  private async read(key: string): Promise<string | undefined> {
    try {
      const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: this.bucket, Key: key }));
      return await Body?.transformToString();
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  }

  /** Whatever the address looks like, the key is what follows the bucket. */
  private keyOf(url: string | undefined): string | undefined {
    const [, key] = url?.split(new RegExp(`/${this.bucket}/|//${this.bucket}\\.[^/]+/`)) ?? [];
    return key === undefined ? undefined : decodeURIComponent(key);
  }

  private incomplete(reason: string): StepFailedError {
    return new StepFailedError('OUTPUT_INCOMPLETE', {
      so: `A command ended, but its output was cut and the whole cannot be read: ${reason}.`,
      changed: 'The command itself did what it does.',
      next: `Let the roles of instances keep it there (npx cdk deploy ${stackNames(this.settings).fence} --exclusively), then run the same command again.`,
    });
  }
}
