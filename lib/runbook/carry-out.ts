import type { ChangeWatch } from './change-watch';
import type { Clock } from './clock';
import type { Entry } from './entry';
import { clause, PreconditionError, StepFailedError, stop, UpgradeError } from './errors';
import { consent, pass } from './gate';
import type { Journal } from './journal';
import type { Lock } from './lock';
import { type Operator, tell } from './operator';
import { silentMs } from './patience';
import { attemptsOf, doneSteps, failureOf } from './standing';
import type { Condition, Evidence, Step } from './step';

/** What a run has at hand. */
export interface Run {
  clock: Clock;
  journal: Journal;
  lock: Pick<Lock, 'check'>;
  operator: Operator;
  /** How long a question waits where it is safe that nobody answers it; for ever, if it is not said. */
  gateExpiryMinutes?: number | undefined;
  /** Throws when something that must never be so was seen; asked before each act. */
  judged(): Promise<void>;
  /** Whether somebody else changed something; asked right before each act. */
  watch: Pick<ChangeWatch, 'requireUnchanged' | 'settled'>;
  /** Told after each step that acted or failed, so that what is so then can be judged. */
  happened(): void;
  /** The commands that mend what is known to keep a step from being proved; none when nothing is known. */
  mends(): Promise<string[]>;
  /** Whether an error only says that something cannot be looked at now. */
  isPassing(error: UpgradeError): boolean;
  /** Whether an error says that somebody else's work must end first. */
  isBusy(error: UpgradeError): boolean;
}

export type How = 'already' | 'proved' | 'done';

const minuteMs = 60_000;
/** What takes seconds is seen soon; what takes minutes is not asked for too often, for AWS limits calls. */
const firstLookMs = 2_000;
const lookEveryMs = 10_000;
/** Reads that must agree in a row need not be that far apart. */
const agreeEveryMs = 3_000;

/**
 * Carries out one step, from its first question to its last proof.
 * @param counts the lines of the journal that count for it: not those from before something that it needs was done anew
 */
export async function carryOut(
  step: Step,
  run: Run,
  counts: () => Entry[] = () => run.journal.entries,
): Promise<How> {
  const since = run.clock.now();
  const done = async (how: How, seen: Evidence[]) => {
    const evidence = [...consent(step, counts()), ...seen];
    await afterTheAct(step, () => run.watch.settled(step));
    await run.journal.append({
      event: 'step-done',
      step: step.id,
      how,
      since: since.toISOString(),
      evidence,
    });
    tell(run, step, how === 'done' || how === 'proved' ? 'STEP_DONE' : 'STEP_ALREADY', said(step, evidence));
    return how;
  };
  const past = await step.past?.();
  if (past) return done('already', [past]);
  if (step.postconditions.length > 0) {
    const before = await untilWhatWasBegunEnds(step, run);
    if (before.holds) return done(step.act ? 'already' : 'proved', before.evidence);
  } else if (doneSteps(counts()).has(step.id)) return done('already', []);
  // What somebody changed is named before it is met as something that does not hold, and before a person decides.
  if (step.gate || step.preconditions.length > 0) await run.watch.requireUnchanged(step);
  if (step.act) await require(step, run);
  await pass(step, run, counts());
  const evidence = await actAndProve(step, run);
  return done(step.act ? 'done' : 'proved', evidence);
}

/** An environment takes that long to be updated; after it, whoever was cut off left something that does not end. */
const begunMs = 15 * minuteMs;

/**
 * What an earlier process of this run began may go on still: it is waited for, not begun beside it. What that process
 * could not look at either, when it gave up, is not waited for again.
 */
async function untilWhatWasBegunEnds(step: Step, run: Run): Promise<Proof> {
  const begun = attemptsOf(run.journal.entries, step.id) > 0;
  const failure = failureOf(run.journal.entries, step.id);
  const giveUpAtMs = run.clock.now().getTime() + begunMs;
  for (;;) {
    const proof = await agreed(step, run);
    if (proof.holds || !begun) return proof;
    const isBlind = proof.blind !== undefined && !failure?.startsWith(`${proof.blind}:`);
    const waits = isBlind || (await goesOn(step, run));
    if (!waits || run.clock.now().getTime() > giveUpAtMs) return proof;
    tell(run, step, 'STEP_WAITING', violated(proof).map(describe).join('; '));
    await rest(run, lookEveryMs);
  }
}

/** Whether what was begun goes on; what cannot be looked at now is taken to. */
async function goesOn(step: Step, run: Run): Promise<boolean> {
  try {
    return (await step.underway?.()) ?? false;
  } catch (error) {
    if (!(error instanceof UpgradeError) || !run.isPassing(error)) throw error;
    return true;
  }
}

/** @throws PreconditionError PRECONDITION_VIOLATED with the evidence */
async function require(step: Step, run: Run): Promise<void> {
  for (const { sentence, look } of step.preconditions) {
    const violated = (await look()).filter(({ holds }) => !holds);
    if (violated.length === 0) continue;
    tell(run, step, 'STEP_FAILED', sentence);
    throw new PreconditionError('PRECONDITION_VIOLATED', {
      so: `"${step.title}" (${step.id}) needs this to be so and it is not: ${sentence}: ${violated.map(describe).join('; ')}.`,
      next: 'Mend it, and run the same command again: it goes on from here.',
    });
  }
}

async function actAndProve(step: Step, run: Run): Promise<Evidence[]> {
  const deadlineMs = run.clock.now().getTime() + step.deadlineMinutes * minuteMs;
  let last: Evidence[] = [];
  for (let attempt = 1; attempt <= step.attempts; attempt++) {
    const acting = () => act(step, run, { attempt, deadlineMs });
    const told = attempt === 1 ? await acting() : await afterTheAct(step, acting);
    if (step.postconditions.length === 0) return told;
    const proof = await afterTheAct(step, () => prove(step, run, deadlineMs));
    if (proof.holds) return [...told, ...proof.evidence];
    last = violated(proof);
    if (attempt < step.attempts) tell(run, step, 'STEP_RETRIED', last.map(describe).join('; '));
  }
  throw new StepFailedError('NOT_PROVED', {
    so: `"${step.title}" (${step.id}) is not proved: ${last.map(describe).join('; ')}.`,
    changed: step.act ? 'What it did stays done.' : 'This step changed nothing.',
    next: nextAfter(await run.mends().catch(() => [])),
  });
}

function nextAfter(commands: string[]): string {
  const mend = commands.length > 0 ? `Run ${commands.join(' and ')}` : 'Look with npm run status, mend it';
  return `${mend}, and run the same command again: it goes on from here.`;
}

/** What cannot be proved, or tried again, takes nothing back: its error must not say that nothing was changed. */
async function afterTheAct<T>(step: Step, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!step.act || !(error instanceof PreconditionError)) throw error;
    const changed = 'What this step did stays done.';
    throw new StepFailedError(error.code, { ...error.text, changed }, { cause: error });
  }
}

async function act(
  step: Step,
  run: Run,
  { attempt, deadlineMs }: { attempt: number; deadlineMs: number },
): Promise<Evidence[]> {
  await run.judged();
  await run.watch.requireUnchanged(step);
  await run.lock.check();
  await run.journal.append({ event: 'step-started', step: step.id, attempt });
  // Of a step that only asks a person the question was enough to read.
  if (step.act || step.postconditions.length > 0) tell(run, step, 'STEP_STARTED', step.title);
  if (!step.act) return [];
  for (;;)
    try {
      return await step.act();
    } catch (error) {
      const waits = error instanceof UpgradeError && run.isBusy(error);
      if (!waits || run.clock.now().getTime() + lookEveryMs > deadlineMs) throw error;
      tell(run, step, 'STEP_WAITING', error.text.so);
      await rest(run, lookEveryMs);
      await run.lock.check();
    }
}

interface Proof {
  holds: boolean;
  evidence: Evidence[];
  /** The code of the error that says why something could not be looked at. */
  blind?: string;
}

/** Looks until the postconditions hold, the deadline is over, or what was started has ended without them. */
async function prove(step: Step, run: Run, deadlineMs: number): Promise<Proof> {
  let blindSinceMs: number | undefined;
  for (let pauseMs = firstLookMs; ; pauseMs = Math.min(pauseMs * 1.5, step.lookEveryMs ?? lookEveryMs)) {
    const proof = await agreed(step, run, (error) => {
      blindSinceMs ??= run.clock.now().getTime();
      if (run.clock.now().getTime() - blindSinceMs > silentMs) throw error;
    });
    if (proof.holds) return proof;
    if (!proof.blind) blindSinceMs = undefined;
    const over = run.clock.now().getTime() + lookEveryMs > deadlineMs;
    if (over || (step.underway && step.attempts > 1 && !(await goesOn(step, run)))) return proof;
    tell(
      run,
      step,
      'STEP_WAITING',
      proof.evidence
        .filter(({ holds }) => !holds)
        .map(describe)
        .join('; '),
    );
    await rest(run, pauseMs);
  }
}

/** Whether the postconditions hold, so many times in a row. */
async function agreed(
  step: Step,
  run: Run,
  onBlind: (error: UpgradeError) => void = () => {},
): Promise<Proof> {
  let proof = await lookAt(step.postconditions, run, onBlind);
  for (let read = 1; proof.holds && read < step.reads; read++) {
    await rest(run, agreeEveryMs);
    proof = await lookAt(step.postconditions, run, onBlind);
  }
  return proof;
}

const violated = ({ evidence }: Proof) => evidence.filter(({ holds }) => !holds);

/** The cheap ones stand first: after one that does not hold the rest is not asked. */
async function lookAt(
  conditions: Condition[],
  run: Run,
  onBlind: (error: UpgradeError) => void,
): Promise<Proof> {
  const evidence: Evidence[] = [];
  for (const { sentence, look } of conditions) {
    try {
      evidence.push(...(await look()));
    } catch (error) {
      if (!(error instanceof UpgradeError) || !run.isPassing(error)) throw error;
      onBlind(error);
      evidence.push({
        what: sentence,
        observed: clause(error.text.so),
        expected: anAnswer,
        holds: false,
      });
      return { holds: false, evidence, blind: error.code };
    }
    if (evidence.some(({ holds }) => !holds)) return { holds: false, evidence };
  }
  return { holds: true, evidence };
}

/** @throws StepFailedError STOPPED */
export async function rest(run: Pick<Run, 'clock' | 'operator'>, durationMs: number): Promise<void> {
  const stopped = await Promise.race([
    run.clock.sleep(durationMs, run.operator.stopped).then(() => false),
    run.operator.stopped.then(() => true),
  ]);
  if (stopped) throw stop();
}

/** What is expected of a condition that could not be looked at. */
const anAnswer = 'an answer';

export const describe = ({ what, observed, expected }: Evidence) =>
  expected === anAnswer
    ? `"${what}" cannot be looked at now: ${observed}`
    : `${what} is ${observed}, not ${expected}`;

/** Of a long list the beginning: the report has all of it. */
function brief(text: string): string {
  const items = text.split(', ');
  return items.length > 5 ? `${items.slice(0, 3).join(', ')} and ${items.length - 3} more` : text;
}

/** A few facts are told; of many only how many there are. */
function said(step: Step, evidence: Evidence[]): string {
  const facts = [...new Set(evidence.map(({ what, observed }) => `${what}: ${brief(observed)}`))];
  const more = facts.length > 4 ? [`and ${facts.length - 4} more`] : [];
  return [...facts.slice(0, 4), ...more].join('; ') || step.title;
}
