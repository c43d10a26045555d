import { AwsError } from '../errors';

export interface Page<Item> {
  items: Item[];
  /** Where the next page begins; absent on the last one. */
  next: string | undefined;
}

/** One page of a list. A token that was never given out is refused with the service's own code. */
export function pageOf<Item>(
  all: Item[],
  { size, token, fault }: { size: number | undefined; token: string | undefined; fault: string },
): Page<Item> {
  if (token !== undefined && !/^\d+$/.test(token))
    throw new AwsError(fault, `The sandbox gave out no token '${token}'.`);
  const from = Number(token ?? 0);
  const to = from + (size ?? all.length);
  return { items: all.slice(from, to), next: to < all.length ? String(to) : undefined };
}
