import { exact, type PlannedStep, plan } from '../runbook/plan';
import type { Runbook } from '../runbook/step';

/** The step after which visitors are refused, and the one that proves them welcome. */
export const outage = { begins: 'begin', ends: 'welcome' };

/** What makes the outage as long as it is. */
export interface CriticalPath {
  /** Ids from the beginning of the outage to its end: each begins when the one before it ends, and none may take longer. */
  criticalPath: string[];
  /**
   * By how much each step may take longer, all others as they are: a step that the welcome needs before visitors are
   * welcome later, any other before the whole ends later.
   */
  slackMinutes: Map<string, number>;
}

/**
 * Pure: of the minutes that the steps are expected to take, or of those they took. Of two chains that are equally long it
 * is the one whose last step that differs stands first in the plan.
 */
export function criticalPath(runbook: Pick<Runbook, 'name' | 'steps'>): CriticalPath {
  const planned = plan(runbook);
  return { criticalPath: chainOf(planned), slackMinutes: slackOf(planned) };
}

const idOf = ({ step }: PlannedStep) => step.id;

/** Back from the end, always to the one that was waited for. */
function chainOf(planned: PlannedStep[]): string[] {
  const chain: string[] = [];
  let at = planned.find((each) => idOf(each) === outage.ends);
  while (at) {
    const { step, startMinute } = at;
    chain.unshift(step.id);
    if (step.id === outage.begins) break;
    at = planned.find((each) => step.after.includes(idOf(each)) && each.endMinute === startMinute);
  }
  return chain;
}

function slackOf(planned: PlannedStep[]): Map<string, number> {
  const welcome = planned.find((each) => idOf(each) === outage.ends);
  const counting = neededBy(outage.ends, planned);
  const wholeMinutes = Math.max(0, ...planned.map(({ endMinute }) => endMinute));
  const latestEnds = new Map<string, number>();
  for (const { step } of [...planned].reverse()) {
    const counts = counting.has(step.id);
    const latest = planned
      .filter((each) => each.step.after.includes(step.id) && counting.has(idOf(each)) === counts)
      .map((each) => latestEnds.get(idOf(each))! - each.step.minutes);
    latestEnds.set(step.id, Math.min(counts ? welcome!.endMinute : wholeMinutes, ...latest));
  }
  const slackOfEach = (each: PlannedStep) => exact(latestEnds.get(idOf(each))! - each.endMinute);
  return new Map(planned.map((each) => [idOf(each), Math.max(0, slackOfEach(each))]));
}

/** A step and all that it needs. */
function neededBy(id: string, planned: PlannedStep[]): Set<string> {
  const needed = new Set([id]);
  for (const { step } of [...planned].reverse())
    if (needed.has(step.id)) for (const each of step.after) needed.add(each);
  return needed;
}
