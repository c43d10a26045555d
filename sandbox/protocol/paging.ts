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
  if (token !== undefined && !/^\d+$/.test(token))
    throw new AwsError(fault, `The sandbox gave out no token '${token}'.`);
  const from = Number(token ?? 0);
  const to = from + (size ?? usual);
  return { items: all.slice(from, to), next: to < all.length ? String(to) : undefined };
}
