import { AwsError } from '../errors';

/** What a client asked of a list, beside what the service allows. */
export interface Asked {
  size: number | undefined;
  /** The size when none is asked for. */
  usual: number;
  largest: number;
  token: string | undefined;
  /** The service's code for a token that it never gave out. */
  fault: string;
}

export interface Page<Item> {
  items: Item[];
  /** Where the next page begins; absent on the last one. */
  next: string | undefined;
}

export function pageOf<Item>(all: Item[], { size, usual, largest, token, fault }: Asked): Page<Item> {
  if (size !== undefined && !(size >= 1 && size <= largest))
    throw new AwsError('ValidationError', `A page has from 1 to ${largest} entries, not ${size}.`);
  const from = token === undefined ? 0 : offsetIn(token);
  if (from === undefined) throw new AwsError(fault, `The sandbox gave out no token '${token}'.`);
  const to = from + (size ?? usual);
  return { items: all.slice(from, to), next: to < all.length ? tokenAt(to) : undefined };
}

/** Opaque to clients; no other text is taken for one. */
export const tokenAt = (offset: number) => Buffer.from(`page from ${offset}`).toString('base64url');

export function offsetIn(token: string): number | undefined {
  const [, offset] = /^page from (\d+)$/.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  return offset === undefined || token !== tokenAt(Number(offset)) ? undefined : Number(offset);
}
