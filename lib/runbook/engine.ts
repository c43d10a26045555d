import { carryOut, type How, type Run } from './carry-out';
import type { Entry } from './entry';
import { DeclinedError, nothing, PreconditionError, StepFailedError, stop, UpgradeError } from './errors';
import { isLost } from './lock';
import { tell } from './operator';
import { plan } from './plan';
import { attemptsOf, confirmed, doneSteps } from './standing';
import type { Runbook, Step } from './step';

/** How each step of a finished run came to be done. */
export type Outcome = Record<string, How>;

/**
 * Carries out a runbook: each step as soon as those it needs are done, side by side where none needs the other. After
 * a failure nothing more is begun, and what is under way is waited for.
 * @throws UpgradeError of the first step that failed; what was changed is told.
 */
export async function carryOutAll(runbook: Runbook, run: Run): Promise<Outcome> {
  const steps = plan(runbook).map(({ step }) => step);
  const waiting = [...steps];
  const done: Outcome = {};
  const underWay = new Map<string, Promise<void>>();
  const failures: Failure[] = [];
  let stopped = false;
  run.operator.stopped.then(() => {
    stopped = true;
  });
  const begin = (step: Step) => {
    const counts = () => countingFor(step, steps, run.journal.entries);
    const work = carryOut(overtaken(step, steps, run.journal.entries), run, counts)
      .then((how) => {
        done[step.id] = how;
        // What was only looked at is no event.
        if (how === 'done') run.happened();
      })
      .catch(async (error) => {
        failures.push({ step, error });
        await noteFailure(step, run, error);
        run.happened();
      })
      .finally(() => {
        underWay.delete(step.id);
      });
    underWay.set(step.id, work);
  };
  // What is so at the beginning is judged before the first act.
  run.happened();
  for (;;) {
    const ready = waiting.filter(({ after }) => after.every((needed) => done[needed]));
    if (failures.length === 0 && !stopped)
      for (const step of ready) {
        waiting.splice(waiting.indexOf(step), 1);
        begin(step);
      }
    if (underWay.size === 0) break;
    await Promise.race(underWay.values());
  }
  const [first, ...others] = failures;
  if (first) throw inTheRun([first, ...others], done, run.journal.entries);
  if (waiting.length > 0) throw stop();
  await run.judged();
  return done;
}

/** That somebody said no, or stop, is no failure of the step. */
async function noteFailure(step: Step, run: Run, error: unknown): Promise<void> {
  if (error instanceof DeclinedError || (error instanceof UpgradeError && error.code === 'STOPPED')) return;
  const text = error instanceof UpgradeError ? `${error.code}: ${error.text.so}` : String(error);
  tell(run, step, 'STEP_FAILED', text);
  // A line of somebody who lost the run would take the number of one of theirs who go on with it.
  if (isLost(error)) return;
  // The journal may be what failed: the first failure is told, whatever becomes of this line.
  await run.journal.append({ event: 'step-failed', step: step.id, text }).catch(() => {});
}

interface Failure {
  step: Step;
  error: unknown;
}

/**
 * An error or a no at one step says that it changed nothing; of the run it says what was changed before, and beside it by a
 * step that failed as well. What failed at one call of an act knows of that call alone: others came before it.
 */
function inTheRun(
  [{ step, error }, ...others]: [Failure, ...Failure[]],
  done: Outcome,
  entries: Entry[],
): unknown {
  if (!(error instanceof PreconditionError || error instanceof DeclinedError)) return error;
  const did = Object.keys(done).filter((id) => done[id] === 'done');
  const told = [
    ...(did.length > 0 ? [`This command has done: ${did.join(', ')}.`] : []),
    ...others.flatMap(({ error: other }) => (other instanceof StepFailedError ? [other.text.changed] : [])),
  ];
  const mayHaveActed = attemptsOf(entries, step.id) > 0 && error.text.changed !== nothing;
  if (told.length === 0 && !mayHaveActed) return error;
  const changed = [error.text.changed.replace(nothing, 'This step changed nothing.'), ...told];
  const text = { ...error.text, changed: changed.join(' ') };
  if (error instanceof DeclinedError) return new DeclinedError(error.code, text, { cause: error });
  return new StepFailedError(error.code, text, { cause: error });
}

/**
 * What is not asked for again: a proof on whose strength an act was begun or a person said yes, and a step that stands only
 * until a gate that was confirmed.
 */
function overtaken(step: Step, steps: Step[], entries: Entry[]): Step {
  if (!doneSteps(countingFor(step, steps, entries)).has(step.id)) return step;
  const since = followersOf(step, steps).find((follower) => {
    const counting = countingFor(follower, steps, entries);
    const wasConfirmed = follower.gate !== undefined && confirmed(counting, follower.id);
    if (step.act) return wasConfirmed && follower.id === step.standsUntil;
    return wasConfirmed || (follower.act !== undefined && attemptsOf(counting, follower.id) > 0);
  });
  if (!since) return step;
  const observed = `done before "${since.title}"`;
  return { ...step, past: async () => ({ what: step.title, observed, expected: observed, holds: true }) };
}

/** A yes and a proof count only while nothing that they rest on was begun anew or taken back. */
function countingFor(step: Step, steps: Step[], entries: Entry[]): Entry[] {
  const needed = new Set(neededBy(step, steps).map(({ id }) => id));
  const changed = entries.findLastIndex(
    (entry) =>
      (entry.event === 'step-started' || entry.event === 'undone') &&
      entry.step !== undefined &&
      needed.has(entry.step),
  );
  return entries.slice(changed + 1);
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
