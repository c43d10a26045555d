import type { Condition, Step } from '../../lib/runbook/step';
import type { Settings } from '../../lib/settings';
import type { Ports } from '../../lib/upgrade/ports';
import { courses, type Make, type RunbookName, settingsFor } from './courses';
import type { Fault } from './faults';
import type { Plan } from './night';

/** A mistake made on purpose, and a night in which it must show. */
export interface Mutant {
  name: string;
  plan(settings: Settings): Plan;
}

export type Change = (steps: Step[], ports: Ports) => Step[];

/** Without these steps; whatever needed one needs what it needed. */
export const without =
  (...ids: string[]): Change =>
  (steps) => {
    const needed = (id: string): string[] =>
      ids.includes(id) ? (steps.find((each) => each.id === id)?.after ?? []).flatMap(needed) : [id];
    return steps
      .filter(({ id }) => !ids.includes(id))
      .map((step) => ({ ...step, after: [...new Set(step.after.flatMap(needed))] }));
  };

/** A step that does what it does and proves nothing. */
export const unproved =
  (...ids: string[]): Change =>
  (steps) =>
    steps.map((step) => (ids.includes(step.id) ? { ...step, preconditions: [], postconditions: [] } : step));

/** A step whose conditions hold whatever is so. */
export const credulous =
  (...ids: string[]): Change =>
  (steps) =>
    steps.map((step) =>
      ids.includes(step.id) ? { ...step, postconditions: step.postconditions.map(blind) } : step,
    );

const blind = ({ sentence }: Condition): Condition => ({
  sentence,
  look: async () => [{ what: sentence, observed: 'so', expected: 'so', holds: true }],
});

/** A step that is never past: what came after it does not count. */
export const neverPast =
  (...ids: string[]): Change =>
  (steps) =>
    steps.map(({ past, ...step }) => (past && !ids.includes(step.id) ? { ...step, past } : step));

/** A step that only looks. */
export const idle =
  (...ids: string[]): Change =>
  (steps) =>
    steps.map(({ act, ...step }) => (act && !ids.includes(step.id) ? { ...step, act } : step));

/** A step that is begun as soon as another one is done. */
export const early =
  (id: string, after: string): Change =>
  (steps) =>
    steps.map((step) => (step.id === id ? { ...step, after: [after], preconditions: [] } : step));

/** A step that waits for another one too. */
export const late =
  (id: string, after: string): Change =>
  (steps) =>
    steps.map((step) => (step.id === id ? { ...step, after: [...step.after, after] } : step));

export const together =
  (...changes: Change[]): Change =>
  (steps, ports) =>
    changes.reduce((changed, change) => change(changed, ports), steps);

export const changed =
  (make: Make, change: Change): Make =>
  async (ports) => {
    const made = await make(ports);
    return { ...made, steps: change(made.steps, ports) };
  };

type Rest = Partial<Pick<Plan, 'faults' | 'alter' | 'make' | 'first'>>;

export const of =
  (runbook: RunbookName) =>
  (name: string, change: Change, rest: Rest = {}): Mutant => ({
    name: `${runbook}: ${name}`,
    plan: (given) => {
      const settings = settingsFor(runbook, given);
      return {
        settings,
        runbook,
        seed: 1,
        faults: [],
        make: changed(courses[runbook].make, change),
        ...rest,
      };
    },
  });

export const nothing: Change = (steps) => steps;
export const fault = (kind: Fault['kind'], question: string, nth = 1): Fault => ({
  kind,
  at: { question, nth },
});
/** The first time that something is asked in this place of the run. */
export const faultIn = (place: string, kind: Fault['kind'], question: string): Fault => ({
  kind,
  at: { key: `${question} @ ${place}`, nth: 1 },
});
