import type { Run } from './carry-out';
import type { Entry } from './entry';
import { DeclinedError, stop } from './errors';
import { tell } from './operator';
import { confirmed } from './standing';
import type { Evidence, Gate, Step } from './step';

/** What a person is asked before a step acts. */

/** @throws DeclinedError GATE_DECLINED, StepFailedError STOPPED */
export async function pass(step: Step, run: Run, entries: Entry[]): Promise<void> {
  if (!step.gate || confirmed(entries, step.id)) return;
  const gate = await step.gate();
  if (!gate) return;
  await run.journal.append({ event: 'gate-asked', step: step.id, text: gate.will.join(' ') });
  tell(run, step, 'GATE_ASKED', step.title);
  if (!(await ask(step, gate, run))) {
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

/**
 * Whether a person says yes.
 * @throws StepFailedError STOPPED when they stop the run instead.
 */
export async function ask(step: Step, gate: Gate, run: Pick<Run, 'clock' | 'operator'>): Promise<boolean> {
  const stopped = run.operator.stopped.then(() => undefined);
  const yes = await run.clock.asking(() => Promise.race([run.operator.confirm(step, gate), stopped]));
  if (yes === undefined) throw stop();
  return yes;
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
