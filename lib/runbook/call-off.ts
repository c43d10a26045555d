import { type Run, tell } from './carry-out';
import { StepFailedError, UpgradeError } from './errors';
import { plan } from './plan';
import type { Runbook } from './step';

/**
 * Takes back, the last first, every step of a run that was begun and knows how. Each undo is idempotent and proves
 * itself, so a second call goes on where the first one stopped.
 */
export async function callOff(runbook: Runbook, run: Run): Promise<string[]> {
  const begun = new Set(
    run.journal.entries.flatMap(({ event, step }) => (event === 'step-started' && step ? [step] : [])),
  );
  const undone = run.journal.entries.flatMap(({ event, step }) => (event === 'undone' && step ? [step] : []));
  const steps = plan(runbook)
    .map(({ step }) => step)
    .filter(({ id, undo }) => undo && begun.has(id) && !undone.includes(id))
    .reverse();
  for (const step of steps) {
    await run.lock.check();
    tell(run, step, 'UNDOING', step.title);
    try {
      await step.undo!();
    } catch (error) {
      if (!(error instanceof UpgradeError)) throw error;
      throw new StepFailedError(
        error.code,
        {
          ...error.text,
          changed: `${error.text.changed} Taken back so far: ${undone.join(', ') || 'nothing'}.`,
        },
        { cause: error },
      );
    }
    undone.push(step.id);
    await run.journal.append({ event: 'undone', step: step.id });
    run.happened();
    tell(run, step, 'UNDONE', step.title);
  }
  return undone;
}
