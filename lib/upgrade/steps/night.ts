import { posture, type Words } from '../../posture';
import type { Access, Recorded } from '../../record';
import type { Condition, Evidence, Step } from '../../runbook/step';
import type { Side } from '../../settings';
import type { Ports } from '../ports';
import { emptiedEvidence, fencedByForce } from '../side/fence-by-force';
import { type GivenStep, plainStep } from './plain-step';

/** The night's postures in their order; a step belongs to the one that it is done in. */
const phases = ['open', 'frozen', 'testing', 'opened'] as const;
export type Phase = (typeof phases)[number];

/** What the steps of a night share: the world, and which side is left for which. */
export interface Night {
  ports: Ports;
  from: Side;
  to: Side;
}

/** The words of each posture the night goes through. */
export function wordsOf({ from, to }: Night, phase: Phase): Words {
  const access: Record<Phase, Access> = {
    open: 'open',
    frozen: 'frozen',
    testing: 'testing',
    opened: 'open',
  };
  const live = phase === 'open' || phase === 'frozen' ? from : to;
  return { live, access: access[phase], reassert: false };
}

/** Where the recorded posture stands in the night; undefined when no step of it leads there. */
export function phaseOf(night: Night, { posture: { live, access } }: Recorded): Phase | undefined {
  return phases.find((phase) => {
    const words = wordsOf(night, phase);
    return words.live === live && words.access === access;
  });
}

/** What both sides must be in a phase, by the record as it is now. */
export async function declaredIn(night: Night, phase: Phase) {
  const record = await night.ports.record.read();
  return { record, declared: posture(night.ports.settings, record, wordsOf(night, phase)) };
}

/** A step of a phase: once the record is beyond the phase, the step is past. */
export function step(night: Night, phase: Phase, given: GivenStep): Step {
  return plainStep({ past: () => whetherPast(night, phase), ...given });
}

async function whetherPast(night: Night, phase: Phase): Promise<Evidence | undefined> {
  const record = await night.ports.record.recorded();
  const reached = phaseOf(night, record);
  if (!reached || phases.indexOf(reached) <= phases.indexOf(phase)) return undefined;
  const { live, access } = record.posture;
  const words = wordsOf(night, phase);
  return {
    what: 'the recorded posture',
    observed: `${live}/${access}`,
    expected: `beyond ${words.live}/${words.access}`,
    holds: true,
  };
}

/**
 * How many looks from outside must agree, 3 seconds apart: a change of a door takes "from a few seconds to
 * a number of minutes" to be everywhere, and answers are mixed meanwhile.
 * https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-editing.html
 */
export const readsUntilEverywhere = 12;

/** What it takes to stop the jobs of a side. */
export const restCalls = ['autoscaling SuspendProcesses', 'on instance: stop-jobs'];

/** A finding and no fault: people look after it later. */
export const told = (what: string, observed: string): Evidence => ({
  what,
  observed,
  expected: 'told',
  holds: true,
});

/** A condition that asks for evidence. */
export const condition = (sentence: string, look: () => Promise<Evidence[]>): Condition => ({
  sentence,
  look,
});

/** Something recorded of the database being made: the verbs write it when they have proved it. */
export function recorded(
  night: Night,
  what: string,
  expected: string,
  seen: (record: Recorded) => string | undefined,
): Condition {
  return condition(what, async () => {
    const observed = seen(await night.ports.record.recorded());
    if (observed !== undefined) return [{ what, observed, expected, holds: true }];
    return [{ what: `the record of ${what}`, observed: 'missing', expected: 'there', holds: false }];
  });
}

/** A step that something else makes past as well. */
export const pastToo = (given: Step, look: NonNullable<Step['past']>): Step => ({
  ...given,
  past: async () => (await given.past?.()) ?? look(),
});

/** Once a side was fenced by force, it is past all that would have fenced it gently. */
export const orFencedByForce = (night: Night, gentle: Step): Step =>
  pastToo(gentle, () => whetherFencedByForce(night));

async function whetherFencedByForce({ ports, from }: Night): Promise<Evidence | undefined> {
  const holds = (evidence: Evidence[]) => evidence.every((each) => each.holds);
  // Asked first, and seldom so: the rest costs calls.
  if (!holds(await emptiedEvidence(ports, from)) || !holds(await fencedByForce(ports, from)))
    return undefined;
  const expected = 'fenced by force: no instance, no session, no payment keys';
  return { what: `how ${from} is fenced`, observed: expected, expected, holds: true };
}
