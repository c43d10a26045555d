import type { Entry } from './entry';
import { attemptsOf, confirmed, doneSteps } from './standing';
import type { Step } from './step';

/** What of a journal still counts for a step, and what need not be asked again. */

/**
 * What is not asked for again: a proof on whose strength an act was begun or a person said yes, and a step that stands only
 * until a gate behind which something was begun: what that undid of it was to be undone.
 */
export function overtaken(step: Step, steps: Step[], entries: Entry[]): Step {
  const since =
    (step.standsUntil && begunBehind(step.standsUntil, steps, entries)) || restingOn(step, steps, entries);
  if (!since) return step;
  const observed = `done before "${since.title}"`;
  return { ...step, past: async () => ({ what: step.title, observed, expected: observed, holds: true }) };
}

function begunBehind(gate: string, steps: Step[], entries: Entry[]): Step | undefined {
  const behind = steps.filter(({ id }) => id === gate).flatMap((step) => followersOf(step, steps));
  return behind.find((step) => attemptsOf(sinceDoneAnew(step, steps, entries), step.id) > 0);
}

/** What was begun on the strength of a proof, or confirmed. */
function restingOn(step: Step, steps: Step[], entries: Entry[]): Step | undefined {
  if (step.act || !doneSteps(countingFor(step, steps, entries)).has(step.id)) return undefined;
  return followersOf(step, steps).find((follower) => {
    const counting = countingFor(follower, steps, entries);
    const wasConfirmed = follower.gate !== undefined && confirmed(counting, follower.id);
    return wasConfirmed || (follower.act !== undefined && attemptsOf(counting, follower.id) > 0);
  });
}

/**
 * A yes and a proof count only while nothing that they rest on was begun anew or taken back, and no change of somebody else
 * was confirmed since: they were of the world as it was.
 */
export function countingFor(step: Step, steps: Step[], entries: Entry[]): Entry[] {
  const counting = sinceDoneAnew(step, steps, entries);
  return counting.slice(counting.findLastIndex(({ event }) => event === 'change-confirmed') + 1);
}

function sinceDoneAnew(step: Step, steps: Step[], entries: Entry[]): Entry[] {
  const needed = new Set(neededBy(step, steps).map(({ id }) => id));
  const last = entries.findLastIndex(
    (entry) =>
      (entry.event === 'step-started' || entry.event === 'undone') &&
      entry.step !== undefined &&
      needed.has(entry.step),
  );
  return entries.slice(last + 1);
}

/** The steps that it needs, those that these need included. */
function neededBy(step: Step, steps: Step[]): Step[] {
  return reached(step, ({ after }) => steps.filter(({ id }) => after.includes(id)));
}

/** The steps that need it, or one that needs it. */
function followersOf(step: Step, steps: Step[]): Step[] {
  return reached(step, ({ id }) => steps.filter(({ after }) => after.includes(id)));
}

/** Each once: many ways may lead to one step. */
function reached(from: Step, next: (step: Step) => Step[]): Step[] {
  const found = new Set<Step>();
  const add = (step: Step) => {
    for (const each of next(step).filter((other) => !found.has(other))) {
      found.add(each);
      add(each);
    }
  };
  add(from);
  return [...found];
}
