import { PreconditionError, StepFailedError } from '../../runbook/errors';
import type { Evidence } from '../../runbook/step';
import { poll } from '../poll';
import type { Ports } from '../ports';
import type { ImportedResource, PlannedChange } from '../stack-ports';
import { templateEvidence } from '../stacks/deploy';
import { isInProgress, refusalOf } from '../stacks/stack-status';

export interface StackChange {
  stack: string;
  template: object;
  imports?: ImportedResource[];
  /** Whether a planned change is one of those that are wanted; anything else is refused before it is made. */
  wanted: (change: PlannedChange) => boolean;
  /** It is taken away again soon, so nothing keeps it from being deleted. */
  temporary?: true;
}

export const isAdded = ({ action }: PlannedChange) => action === 'Add';
export const isImported = ({ action }: PlannedChange) => action === 'Import';
/** Nothing of it is made anew or taken away. */
export const isChangedInPlace = ({ action, replacement }: PlannedChange) =>
  action === 'Modify' && replacement === 'False';

/** Whether a stack is as this change leaves it. */
export const stackAs = (ports: Ports, { stack, template }: Pick<StackChange, 'stack' | 'template'>) =>
  templateEvidence(ports, stack, async () => template);

const holds = (evidence: Evidence[]) => evidence.every((each) => each.holds);

/**
 * Brings a stack to a template by a change set, which is looked at before it is made, and waits for it. One that is there
 * already is left alone.
 * @returns whether anything was changed
 * @throws PreconditionError STACK_BUSY, STACK_FAILED, CHANGE_REFUSED
 * @throws StepFailedError DEPLOY_NOT_PREPARED, DEPLOY_FAILED
 */
export async function changeStack(ports: Ports, change: StackChange): Promise<boolean> {
  const { stack, template, imports } = change;
  if (holds(await stackAs(ports, change))) return false;
  const found = await ports.stacks.find(stack);
  const refusal = found && refusalOf(stack, found.status);
  if (refusal) throw refusal;
  ports.progress(`${stack}: preparing its change`);
  const prepared = await ports.changeSets.prepare(stack, template, imports);
  if (!prepared) return false;
  const others = prepared.changes.filter((each) => !change.wanted(each));
  if (others.length > 0) {
    await ports.changeSets.discard(prepared).catch(() => {});
    throw new PreconditionError('CHANGE_REFUSED', {
      so: `The change of ${stack} would do more than is wanted: ${others.map(({ action, resource, type }) => `${action} ${resource} (${type})`).join('; ')}.`,
      changed: 'It was prepared as a change set, which was not executed.',
      next: `Look at the stack: aws cloudformation describe-stack-resources --stack-name ${stack}; then run the same command again.`,
    });
  }
  ports.progress(
    `${stack}: ${prepared.changes.map(({ action, resource }) => `${action} ${resource}`).join(', ')}`,
  );
  await ports.changeSets.execute(prepared);
  await settled(ports, change);
  if (!change.temporary) await ports.changeSets.protect(stack);
  return true;
}

async function settled(ports: Ports, change: StackChange): Promise<void> {
  const { stack } = change;
  await poll(ports, { until: `${stack} is changed`, everyMs: 5_000, forMs: 60 * 60_000 }, async () => {
    const status = (await ports.stacks.find(stack))?.status ?? 'gone';
    if (isInProgress(status) || status === 'REVIEW_IN_PROGRESS') return undefined;
    if (holds(await stackAs(ports, change))) return true;
    if (!/FAILED|ROLLBACK|gone/.test(status)) return undefined;
    const reasons = await ports.stacks.failures(stack).catch(() => []);
    throw new StepFailedError('DEPLOY_FAILED', {
      so: `The stack ${stack} is ${status}: ${reasons.join('; ') || 'no resource says why'}.`,
      changed: 'What was changed of it stays so, and what it was to adopt is as it was.',
      next: 'Mend what it says, and run the same command again.',
    });
  });
}

/** Takes a stack away that was made for a while, and waits until it is gone. */
export async function removeStack(ports: Ports, stack: string): Promise<void> {
  if (!(await ports.stacks.find(stack))) return;
  ports.progress(`${stack}: taking it away`);
  await ports.changeSets.removeStack(stack);
  await poll(ports, { until: `${stack} is gone`, everyMs: 5_000, forMs: 15 * 60_000 }, async () => {
    const found = await ports.stacks.find(stack);
    if (!found || found.status === 'DELETE_COMPLETE') return true;
    if (found.status !== 'DELETE_FAILED') return undefined;
    throw new StepFailedError('STACK_NOT_REMOVED', {
      so: `The stack ${stack} is ${found.status}: ${(await ports.stacks.failures(stack)).join('; ')}.`,
      changed: 'What it made stays.',
      next: `Take it away by hand: aws cloudformation delete-stack --stack-name ${stack}; then run the same command again.`,
    });
  });
}
