import { StepFailedError } from '../runbook/errors';
import type { Ports } from './ports';

export interface Waiting {
  /** What is waited for, as in "The snapshot x is available". */
  until: string;
  everyMs: number;
  forMs: number;
}

/**
 * Asks again and again until there is an answer.
 * @throws StepFailedError STILL_WAITING when there is none in time; what goes on in AWS goes on.
 */
export async function poll<T>(
  ports: Ports,
  { until, everyMs, forMs }: Waiting,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const giveUpAtMs = ports.clock.now().getTime() + forMs;
  for (;;) {
    const answer = await look();
    if (answer !== undefined) return answer;
    if (ports.clock.now().getTime() + everyMs > giveUpAtMs)
      throw new StepFailedError('STILL_WAITING', {
        so: `After ${forMs / 60_000} minutes it is not so yet: ${until}.`,
        changed: 'What was begun in AWS goes on.',
        next: 'Run the same command again: it goes on waiting.',
      });
    await ports.clock.sleep(everyMs);
  }
}
