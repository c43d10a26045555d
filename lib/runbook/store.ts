import type { z } from 'zod';
import { PreconditionError } from './errors';

export interface Found {
  text: string;
  tag: string;
  /** How long it has been there by the clock of the store, which all machines share; undefined where it does not tell. */
  ageMs?: number | undefined;
}

/**
 * Objects that several people's machines write: each write says what it expects to be there. No two writers write the
 * same text, so whoever finds its own text has written it.
 */
export interface Store {
  read(key: string): Promise<Found | undefined>;
  /** Keys that begin so, in order. */
  list(prefix: string): Promise<string[]>;
  /**
   * Writes if the object is as `expected` says: absent, or still of that tag.
   * @returns its new tag; undefined when it was otherwise, and nothing was written.
   */
  write(key: string, text: string, expected: 'absent' | { tag: string }): Promise<string | undefined>;
}

/** One line of JSON: the objects of a run, one after the other, are a file that any tool reads. */
export const textOf = (value: object) => `${JSON.stringify(value)}\n`;

/**
 * What an object says.
 * @throws PreconditionError of that code when it cannot be understood: a newer version of the tool may have written it.
 */
export function understood<T>(shape: z.ZodType<T>, text: string, key: string, code: Unreadable): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unreadable(code, key, 'it is not JSON');
  }
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('/') || 'all'}: ${message}`);
  throw unreadable(code, key, faults.join('; '));
}

type Unreadable = 'JOURNAL_UNREADABLE' | 'LOCK_UNREADABLE';

const ifDamaged: Record<Unreadable, string> = {
  JOURNAL_UNREADABLE: 'npm run unlock gives the run up, and the same command begins another',
  LOCK_UNREADABLE: 'docs/what-if.md says how to do without it',
};

export function unreadable(code: Unreadable, key: string, why: string): PreconditionError {
  return new PreconditionError(code, {
    so: `The object ${key} cannot be understood: ${why}.`,
    next: `Use the version of the tool that wrote it. If it is damaged: ${ifDamaged[code]}.`,
  });
}
