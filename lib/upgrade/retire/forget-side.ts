import { stackNames } from '../../names';
import { resolveWords } from '../../posture';
import { type Evidence, fact } from '../../runbook/step';
import type { Side } from '../../settings';
import type { Ports } from '../ports';
import { prepareStack, stackEvidence } from '../stacks/deploy';

/** What stood for a side in stacks that stay: its doors, and the roles of its environments with what they may and may not. */
export type Remnant = 'door' | 'fence';

const stackOf = (ports: Ports, remnant: Remnant) => stackNames(ports.settings)[remnant];

/** Whether nothing of a side that was tidied away is in the stack. */
export async function forgottenEvidence(ports: Ports, remnant: Remnant): Promise<Evidence[]> {
  const stack = stackOf(ports, remnant);
  // An account that was never upgraded with doors has none to take away.
  if (!(await ports.stacks.find(stack))) return [fact(`the stack ${stack}`, 'not there', 'not there')];
  return stackEvidence(ports, stack, resolveWords((await ports.record.recorded()).posture, {}));
}

/** Begins the deploy that takes it away; it is the plain one, which finds no environments of the side any more. */
export async function beginForgetting(ports: Ports, remnant: Remnant, side: Side): Promise<void> {
  const words = resolveWords((await ports.record.recorded()).posture, {});
  const isOfSide = new RegExp(`^(Door|Fence|Role|Output)${side}[a-z]`);
  await prepareStack(ports, stackOf(ports, remnant), words, {
    mayLose: (resource) => isOfSide.test(resource),
  });
}
