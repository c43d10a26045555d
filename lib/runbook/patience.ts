import type { Clock } from './clock';
import { UpgradeError } from './errors';

/**
 * An instance that restarts cannot be asked for a minute or two, and a network that broke off is back as soon; what is
 * silent for longer needs somebody to look at it.
 */
export const silentMs = 5 * 60_000;

interface Given {
  clock: Pick<Clock, 'now'>;
  /** Whether an error only says that there is no answer now. */
  passes(error: UpgradeError): boolean;
  tell(text: string): void;
}

/**
 * A look that is repeated while what it looks at goes on: no answer for a while is undefined.
 * @returns the look; it throws what does not pass, and what has gone on for too long.
 */
export function patient<T>(
  { clock, passes, tell }: Given,
  look: () => Promise<T>,
): () => Promise<T | undefined> {
  let silentSinceMs: number | undefined;
  return async () => {
    try {
      const answer = await look();
      silentSinceMs = undefined;
      return answer;
    } catch (error) {
      const nowMs = clock.now().getTime();
      silentSinceMs ??= nowMs;
      if (!(error instanceof UpgradeError) || !passes(error) || nowMs - silentSinceMs > silentMs) throw error;
      tell(error.text.so);
      return undefined;
    }
  };
}
