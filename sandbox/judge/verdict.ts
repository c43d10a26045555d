import type { Happening } from '../world';

/** What must never be so, or must always be, whatever is done to the world. */
export type Invariant =
  | 'never two environments able to charge'
  | 'never two open sides'
  | 'never an open side on an unready database'
  | 'no acknowledged write missing from the live side'
  | 'no e-mail sent twice'
  | 'no automatic payment charged twice'
  | 'nothing holding data deleted';

export interface Broken {
  invariant: Invariant;
  /** When it was seen first; of missing writes, when the first of them was acknowledged. */
  atMs: number;
  evidence: string;
}

/** Rows of one table that people were told were written, acknowledged on one database. */
export interface MissingWrites {
  table: string;
  /** The database that they were acknowledged on. */
  database: string;
  ids: string[];
  /** When the first of them was acknowledged. */
  atMs: number;
}

/** A stretch of time in which every ordinary visitor was refused. */
export interface Outage {
  /** The first refusal. */
  fromMs: number;
  /** The first welcome after it; undefined while it lasts. */
  untilMs: number | undefined;
}

export interface Verdict {
  /** How many happenings were judged. */
  checked: number;
  /** Each once for distinct evidence, in the order in which they were seen; missing writes come last. */
  broken: Broken[];
  /** What people were told was done and is not on the live side, as of the last `settle`. A failback may report it. */
  missing: MissingWrites[];
  /** The one that lasts, otherwise the longest. */
  outage: Outage | undefined;
  /** How many web hooks were given up for good, by their sender. */
  dropped: Record<string, number>;
}

/** Says that an invariant was seen broken. */
export type Report = (invariant: Invariant, atMs: number, evidence: string) => void;

/** What is to be told of happenings, by their kind. */
export type Watch = Record<string, (happening: Happening) => void>;
