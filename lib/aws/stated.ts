import { StepFailedError } from '../runbook/errors';

/** A field that AWS's answer must have: what is missing is an error, never a default. */
export function stated<T>(value: T | undefined, what: string): T {
  if (value !== undefined) return value;
  throw new StepFailedError('ANSWER_INCOMPLETE', {
    so: `AWS's answer lacks ${what}.`,
    changed: 'This call changed nothing.',
    next: 'Run the same command again; if it stays so, the tool does not fit this resource.',
  });
}
