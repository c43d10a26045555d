import { carryOut, type How, type Run } from './carry-out';
import { countingFor, overtaken } from './counting';
import type { Entry } from './entry';
import { DeclinedError, nothing, PreconditionError, StepFailedError, stop, UpgradeError } from './errors';
import { isLost } from './lock';
import { tell } from './operator';
import { plan } from './plan';
import { attemptsOf } from './standing';
import type { Runbook, Step } from './step';

/** How each step of a finished run came to be done. */
export type Outcome = Record<string, How>;

/**
 * Carries out a runbook: each step as soon as those it needs are done, side by side where none needs the other. After
 * a failure nothing more is begun, and what is under way is waited for. After somebody else's change was confirmed each step is
 * asked again before anything that needs it goes on, as by whoever ends the command and types it again.
 * @throws UpgradeError of the first step that failed; what was changed is told.
 */
export async function carryOutAll(runbook: Runbook, run: Run): Promise<Outcome> {
  const steps = plan(runbook).map(({ step }) => step);
  const { entries } = run.journal;
  let waiting = [...steps];
  /** The steps that were found done since the last change of somebody else. */
  let done = new Set<string>();
  let known = changesConfirmed(entries);
  const outcome: Outcome = {};
  const underWay = new Map<string, Promise<void>>();
  const failures: Failure[] = [];
  let stopped = false;
  run.operator.stopped.then(() => {
    stopped = true;
  });
  const begin = (step: Step) => {
    const counts = () => countingFor(step, steps, entries);
    const before = changesConfirmed(entries);
    const isOvertaken = () => changesConfirmed(entries) > before;
    const work = carryOut(overtaken(step, steps, entries), untilChanged(run, isOvertaken), counts)
      .then((how) => {
        if (outcome[step.id] !== 'done') outcome[step.id] = how;
        // What was only looked at is no event.
        if (how === 'done') run.happened();
        if (isOvertaken()) waiting.push(step);
        else done.add(step.id);
      })
      .catch(async (error) => {
        if (error instanceof ChangedMeanwhile) {
          waiting.push(step);
          return;
        }
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
    if (changesConfirmed(entries) > known) {
      known = changesConfirmed(entries);
      waiting = steps.filter(({ id }) => !underWay.has(id));
      done = new Set();
    }
    const ready = waiting.filter(({ after }) => after.every((needed) => done.has(needed)));
    if (failures.length === 0 && !stopped)
      for (const step of ready) {
        waiting.splice(waiting.indexOf(step), 1);
        begin(step);
      }
    if (underWay.size === 0) break;
    await Promise.race(underWay.values());
  }
  const [first, ...others] = failures;
  if (first) throw inTheRun([first, ...others], outcome, entries);
  if (waiting.length > 0) throw stop();
  await run.judged();
  return outcome;
}

const changesConfirmed = (entries: Entry[]) =>
  entries.filter(({ event }) => event === 'change-confirmed').length;

/** What a step was begun on is no more so: it is asked again, after those that it needs. */
class ChangedMeanwhile extends Error {}

/** The run of one step, which may not act any more once a change was confirmed after it had begun. */
function untilChanged(run: Run, isOvertaken: () => boolean): Run {
  const requireUnchanged = async (step: Step) => {
    await run.watch.requireUnchanged(step);
    if (isOvertaken()) throw new ChangedMeanwhile();
  };
  return { ...run, watch: { requireUnchanged, settled: (step) => run.watch.settled(step) } };
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
  outcome: Outcome,
  entries: Entry[],
): unknown {
  if (!(error instanceof PreconditionError || error instanceof DeclinedError)) return error;
  const did = Object.keys(outcome).filter((id) => outcome[id] === 'done');
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
