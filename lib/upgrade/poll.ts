import { having, StepFailedError } from '../runbook/errors';
import { patient } from '../runbook/patience';
import type { Ports } from './ports';
import { isUnanswered } from './run/passing';

export interface Waiting {
  /** What is waited for, as in "The snapshot x is available". */
  until: string;
  everyMs: number;
  forMs: number;
}

const begun = 'What was begun in AWS goes on.';

/**
 * Asks again and again until there is an answer. While AWS cannot be asked what was begun goes on, so that is borne for
 * a while.
 * @throws StepFailedError STILL_WAITING when there is none in time, and whatever a look throws: what was begun goes on.
 */
export async function poll<T>(
  ports: Ports,
  { until, everyMs, forMs }: Waiting,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const { clock, progress } = ports;
  const patientLook = patient({ clock, passes: isUnanswered, tell: progress }, look);
  const giveUpAtMs = clock.now().getTime() + forMs;
  for (;;) {
    const answer = await having(begun, patientLook);
    if (answer !== undefined) return answer;
    if (clock.now().getTime() + everyMs > giveUpAtMs)
      throw new StepFailedError('STILL_WAITING', {
        so: `After ${forMs / 60_000} minutes it is not so yet: ${until}.`,
        changed: begun,
        next: 'Run the same command again: it goes on waiting.',
      });
    await clock.sleep(everyMs);
  }
}
