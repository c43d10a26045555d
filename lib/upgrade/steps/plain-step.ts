import type { Step } from '../../runbook/step';

export type GivenStep = Partial<Step> & Pick<Step, 'id' | 'title' | 'seed' | 'after' | 'minutes' | 'byHand'>;

/** A step with what most steps have: one attempt, one look, and four times the minutes that are expected. */
export function plainStep(given: GivenStep): Step {
  return {
    deadlineMinutes: Math.max(10, 4 * given.minutes),
    calls: [],
    preconditions: [],
    postconditions: [],
    attempts: 1,
    reads: 1,
    ...given,
  };
}
