import type { Runbook, Step } from './step';

/** A step with when it can begin and end, if every step takes the minutes that are expected of it. */
export interface PlannedStep {
  step: Step;
  startMinute: number;
  endMinute: number;
}

/**
 * The steps in an order in which each comes after those it needs, with their expected times.
 * @throws Error for a list that cannot be carried out: a step twice, one that is not there, a circle.
 */
export function plan({ name, steps }: Pick<Runbook, 'name' | 'steps'>): PlannedStep[] {
  const ids = new Set(steps.map(({ id }) => id));
  if (ids.size !== steps.length) throw new Error(`The runbook ${name} has a step twice.`);
  const starts = new Map<string, number>();
  const ordered: Step[] = [];
  const endOf = (step: Step) => exact(starts.get(step.id)! + step.minutes);
  while (ordered.length < steps.length) {
    const next = steps.find(
      ({ id, after }) => !starts.has(id) && after.every((needed) => starts.has(needed)),
    );
    if (!next) throw new Error(`In the runbook ${name} no step can come after ${ordered.at(-1)?.id}.`);
    const needed = ordered.filter(({ id }) => next.after.includes(id));
    starts.set(next.id, Math.max(0, ...needed.map(endOf)));
    ordered.push(next);
  }
  return ordered.map((step) => ({ step, startMinute: starts.get(step.id)!, endMinute: endOf(step) }));
}

/**
 * The same steps one after another, in the order of their plan. Each needs but the one before it, which needs all that came
 * before: whatever is asked of those it needs is asked of every one.
 */
export function oneByOne(runbook: Pick<Runbook, 'name' | 'steps'>): Step[] {
  const ordered = plan(runbook).map(({ step }) => step);
  return ordered.map((step, index) => ({
    ...step,
    after: ordered.slice(Math.max(0, index - 1), index).map(({ id }) => id),
  }));
}

/** Sums of decimal fractions are not quite decimal: a thousandth of a minute is less than any step takes. */
export const exact = (minutes: number) => Math.round(minutes * 1000) / 1000;

/** What stands between a plan's beginning and its end, in minutes. */
export function expectedMinutes(planned: PlannedStep[]): number {
  return Math.max(0, ...planned.map(({ endMinute }) => endMinute));
}
