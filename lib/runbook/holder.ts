import { z } from 'zod';

/** Whoever drives a run: one process of one person on one machine. */
export const holderShape = z.strictObject({
  who: z.string(),
  /** A name that no other machine has: a process of this host that has ended is not waited for. */
  host: z.string(),
  pid: z.number().int(),
  /** When the process started, in the words of its machine: a process number comes again. */
  started: z.string().optional(),
  /** Made anew whenever the lock is taken. */
  token: z.string(),
});
export type Holder = z.output<typeof holderShape>;

/** A holder before it holds anything. */
export type Driver = Omit<Holder, 'token'>;

export const nameOf = ({ who, host, pid }: Driver) => `${who} on ${host} (process ${pid})`;

/** Whether a process runs on a machine; undefined when this machine cannot tell. */
export type Alive = (host: string, pid: number, started?: string) => boolean | undefined;

export const hasEnded = ({ host, pid, started }: Driver, alive: Alive) => alive(host, pid, started) === false;
