import type { Runbook, Step } from './step';

/** A step with when it can begin and end, if every step takes the minutes that are expected of it. */
export interface PlannedStep {
  step: Step;
  startMinute: number;
  endMinute: number;
  /** By how much it may take longer before the whole does. */
  slackMinutes: number;
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
  const endOf = (step: Step) => tenths(starts.get(step.id)! + step.minutes);
  while (ordered.length < steps.length) {
    const next = steps.find(
      ({ id, after }) => !starts.has(id) && after.every((needed) => starts.has(needed)),
    );
    if (!next) throw new Error(`In the runbook ${name} no step can come after ${ordered.at(-1)?.id}.`);
    const needed = ordered.filter(({ id }) => next.after.includes(id));
    starts.set(next.id, Math.max(0, ...needed.map(endOf)));
    ordered.push(next);
  }
  const wholeMinutes = Math.max(0, ...ordered.map(endOf));
  const latestEnds = new Map<string, number>();
  for (const step of [...ordered].reverse()) {
    const followers = ordered.filter(({ after }) => after.includes(step.id));
    const latest = followers.map(({ id, minutes }) => latestEnds.get(id)! - minutes);
    latestEnds.set(step.id, Math.min(wholeMinutes, ...latest));
  }
  return ordered.map((step) => ({
    step,
    startMinute: starts.get(step.id)!,
    endMinute: endOf(step),
    slackMinutes: tenths(latestEnds.get(step.id)! - endOf(step)),
  }));
}

/** Sums of tenths are not quite tenths. */
const tenths = (minutes: number) => Math.round(minutes * 10) / 10;

/** What stands between a plan's beginning and its end, in minutes. */
export function expectedMinutes(planned: PlannedStep[]): number {
  return Math.max(0, ...planned.map(({ endMinute }) => endMinute));
}
