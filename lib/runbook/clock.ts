import { randomBytes } from 'node:crypto';

/** Time and chance, the only place in lib that asks the machine for either. */
export interface Clock {
  now(): Date;
  sleep(durationMs: number): Promise<void>;
  /** A new secret of letters and digits. */
  secret(): string;
}

export const wallClock: Clock = {
  now: () => new Date(),
  sleep: (durationMs) => new Promise((resolve) => setTimeout(resolve, durationMs)),
  // 24 bytes are 192 bits: more than a password's hash in PostgreSQL keeps.
  secret: () => randomBytes(24).toString('base64url').replace(/[-_]/g, 'x'),
};
