import type { RestAnswer, RestRequest } from '../service';
import type { World } from '../world';

export type S3World = Pick<World, 'account' | 'region' | 'clock' | 'durations'>;

/** One request, with the bucket and key that its path names. */
export interface S3Request extends RestRequest {
  bucket: string;
  key: string;
}

export type S3Operation = (request: S3Request) => RestAnswer;
