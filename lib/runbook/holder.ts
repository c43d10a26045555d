import { z } from 'zod';

/** Whoever drives a run: one process of one person on one machine. */
export const holderShape = z.strictObject({
  who: z.string(),
  /** A name that no other machine has: a process of this host that has ended is not waited for. */
  host: z.string(),
  pid: z.number().int(),
  /** Made anew whenever the lock is taken: a process number comes again, a token does not. */
  token: z.string(),
});
export type Holder = z.output<typeof holderShape>;

/** A holder before it holds anything. */
export type Driver = Omit<Holder, 'token'>;

export const nameOf = ({ who, host, pid }: Driver) => `${who} on ${host} (process ${pid})`;
