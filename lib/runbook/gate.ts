import type { Run } from './carry-out';
import type { Entry } from './entry';
import { DeclinedError, stop } from './errors';
import { tell } from './operator';
import { confirmed } from './standing';
import type { Evidence, Gate, Step, Unanswered } from './step';

/** What a person is asked before a step acts. */

/**
 * @throws DeclinedError GATE_DECLINED, or GATE_EXPIRED and GATE_EXPIRED_BACK when nobody answered in time; StepFailedError
 * STOPPED
 */
export async function pass(step: Step, run: Run, entries: Entry[]): Promise<void> {
  if (!step.gate || confirmed(entries, step.id)) return;
  const gate = await step.gate();
  if (!gate) return;
  const expiry = expiryOf(step, run);
  await run.journal.append({ event: 'gate-asked', step: step.id, text: gate.will.join(' ') });
  tell(run, step, 'GATE_ASKED', [step.title, ...(expiry ? [expiry.announced] : [])].join('. '));
  const answer = await answerTo(step, gate, run, expiry?.minutes);
  if (answer === 'none') throw await expired(step, run, expiry!);
  if (answer === 'no') {
    await run.journal.append({ event: 'gate-declined', step: step.id });
    throw new DeclinedError('GATE_DECLINED', {
      so: `"${step.title}" (${step.id}) was not confirmed.`,
      changed: 'This step changed nothing.',
      next: `Run the same command again, at a terminal or with ${gate.word === undefined ? '--yes' : `--confirm ${gate.word}`}: it asks again from here.`,
    });
  }
  await run.journal.append({ event: 'gate-confirmed', step: step.id });
  tell(run, step, 'GATE_CONFIRMED', `Confirmed: ${step.title}`);
}

interface Expiry extends Unanswered {
  minutes: number;
  announced: string;
}

/** Only a gate that says what is safe expires. */
function expiryOf({ unanswered }: Step, { gateExpiryMinutes: minutes }: Run): Expiry | undefined {
  if (!unanswered || minutes === undefined) return undefined;
  const announced = `Without an answer in ${minutes} minutes: ${words[unanswered.does]} (${unanswered.why})`;
  return { ...unanswered, minutes, announced };
}

const words: Record<Unanswered['does'], string> = {
  stop: 'it stops here',
  'go back': 'it goes back, if nothing is lost by that',
};

async function expired(step: Step, run: Run, { does, why, minutes }: Expiry): Promise<DeclinedError> {
  const text = `Nobody answered in ${minutes} minutes: ${words[does]} (${why})`;
  await run.journal.append({ event: 'gate-expired', step: step.id, text });
  tell(run, step, 'GATE_EXPIRED', text);
  return new DeclinedError(does === 'stop' ? 'GATE_EXPIRED' : 'GATE_EXPIRED_BACK', {
    so: `Nobody answered "${step.title}" (${step.id}) in ${minutes} minutes.`,
    changed: 'This step changed nothing.',
    next: `Run the same command again: it asks again from here. It stopped because ${why}.`,
  });
}

/**
 * Whether a person says yes.
 * @throws StepFailedError STOPPED when they stop the run instead.
 */
export async function ask(step: Step, gate: Gate, run: Asking): Promise<boolean> {
  return (await answerTo(step, gate, run)) === 'yes';
}

type Asking = Pick<Run, 'clock' | 'operator'>;

/** @param minutes for so long; for ever without it */
function answerTo(
  step: Step,
  gate: Gate,
  { clock, operator }: Asking,
  minutes?: number,
): Promise<'yes' | 'no' | 'none'> {
  return clock.asking(async () => {
    let answered = () => {};
    const isAnswered = new Promise<void>((resolve) => {
      answered = resolve;
    });
    const late =
      minutes === undefined
        ? undefined
        : clock.sleep(minutes * 60_000, isAnswered).then(() => 'none' as const);
    const asked = operator
      .confirm(step, gate, late)
      .then((yes) => (yes ? ('yes' as const) : ('no' as const)));
    const stopped = operator.stopped.then(() => undefined);
    const answer = await Promise.race([asked, stopped, ...(late ? [late] : [])]);
    answered();
    if (answer === undefined) throw stop();
    return answer;
  });
}

/** Who said yes to a step, and when. */
export function consent({ id }: Step, entries: Entry[]): Evidence[] {
  const yes = entries.findLast(({ event, step }) => event === 'gate-confirmed' && step === id);
  if (!yes) return [];
  const { by, at } = yes;
  return [
    {
      what: 'who confirmed it',
      observed: `${by.who} on ${by.host}, ${at}`,
      expected: 'a person',
      holds: true,
    },
  ];
}
