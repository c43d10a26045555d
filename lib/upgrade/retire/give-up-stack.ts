import { resolveWords, type Words } from '../../posture';
import { PreconditionError, StepFailedError } from '../../runbook/errors';
import { type Evidence, fact } from '../../runbook/step';
import type { Side } from '../../settings';
import type { Ports } from '../ports';
import type { PlannedChange } from '../stack-ports';
import { isComplete, isInProgress, refusalOf } from '../stacks/stack-status';

/** How a stack comes to be rendered: its app, synthesised into a folder. */
export type Assemble = Parameters<Ports['deployments']['destroy']>[1];

type Template = {
  Resources?: Record<
    string,
    { Type: string; DeletionPolicy?: string; Properties?: { DeletionProtection?: boolean } }
  >;
};

/** What goes with its stack, and what leaves a snapshot when it does. */
const mustGo: Record<string, string[]> = {
  'AWS::ElasticBeanstalk::Environment': ['Delete'],
  'AWS::RDS::DBInstance': ['Snapshot'],
};

/** Beside these nothing of a resource changes when it is given up. */
const allowed: Record<string, string[]> = {
  'AWS::ElasticBeanstalk::Environment': ['DeletionPolicy', 'UpdateReplacePolicy', 'Metadata'],
  'AWS::RDS::DBInstance': ['DeletionPolicy', 'UpdateReplacePolicy', 'Metadata', 'DeletionProtection'],
};

/** Whether a stack, when it is destroyed, takes with it what it should. */
export async function givenUpEvidence(ports: Ports, stack: string): Promise<Evidence[]> {
  const found = await ports.stacks.find(stack);
  const what = `what becomes of ${stack} when it is destroyed`;
  const expected = 'it is gone, or all of it goes';
  const evidence = (observed: string, holds: boolean): Evidence[] => [{ what, observed, expected, holds }];
  if (!found || found.status.startsWith('DELETE_')) return evidence(found?.status ?? 'it is gone', true);
  // What failed may still be protected from being deleted.
  if (!isComplete(found.status)) return evidence(`it is ${found.status}`, false);
  const { Resources = {} } = ((await ports.stacks.template(stack)) ?? {}) as Template;
  const staying = Object.entries(Resources).filter(
    ([, { Type, DeletionPolicy = 'Delete', Properties }]) =>
      mustGo[Type] && (!mustGo[Type].includes(DeletionPolicy) || Properties?.DeletionProtection === true),
  );
  if (staying.length === 0) return evidence('all of it goes', true);
  return evidence(`${staying.map(([id]) => id).join(' and ')} would stay`, false);
}

/** Whether a stack is gone. */
export async function goneEvidence(ports: Ports, stack: string): Promise<Evidence[]> {
  const status = (await ports.stacks.find(stack))?.status ?? 'gone';
  return [fact(`the stack ${stack}`, status === 'DELETE_COMPLETE' ? 'gone' : status, 'gone')];
}

/** The words under which a side's stacks are given up. */
export async function retiringWords(ports: Ports, side: Side): Promise<Words> {
  return resolveWords((await ports.record.recorded()).posture, { retire: side });
}

/**
 * Begins the deploy after which the stack takes with it what it holds. Nothing of what it holds is touched by it but the
 * protection from deletion.
 * @throws PreconditionError STACK_MISSING, STACK_BUSY, STACK_FAILED, CHANGE_REFUSED, MOVE_REFUSED
 */
export async function beginGivingUp(ports: Ports, stack: string, assemble: Assemble): Promise<void> {
  const found = await ports.stacks.find(stack);
  if (!found)
    throw new PreconditionError('STACK_MISSING', {
      so: `There is no stack ${stack}: what it should hold cannot be taken away with it.`,
      next: 'Take it away yourself in the console, then run npm run tidy-up again: it finds it done.',
    });
  const refusal = refusalOf(stack, found.status);
  if (refusal) throw refusal;
  ports.progress(`${stack}: preparing that it goes`);
  const prepared = await ports.deployments.prepare(stack, assemble);
  if (!prepared) return;
  const refused = prepared.changes.flatMap(whyRefused);
  if (refused.length > 0) {
    await ports.deployments.discard(prepared).catch(() => {});
    throw new PreconditionError('CHANGE_REFUSED', {
      so: `The deploy that gives up ${stack} would do more than that: ${refused.join('; ')}.`,
      changed: 'It was prepared as a change set, which was not executed.',
      next: `Deploy first what is declared (npx cdk deploy ${stack} --exclusively), then run npm run tidy-up again.`,
    });
  }
  await ports.deployments.execute(prepared);
}

function whyRefused({ resource, type, action, replacement, properties }: PlannedChange): string[] {
  if (action !== 'Modify') return [`${resource} (${type}) would go through "${action}"`];
  if (replacement !== 'False') return [`${resource} (${type}) might be replaced`];
  const others = properties.filter((name) => !allowed[type]?.includes(name));
  return others.length > 0 ? [`${resource} (${type}) would have its ${others.join(', ')} changed`] : [];
}

/**
 * Begins to destroy the stack and no other. It is waited for by looking whether it is gone.
 * @throws StepFailedError STACK_STAYS when it would leave behind what it holds
 */
export async function beginDestroying(ports: Ports, stack: string, assemble: Assemble): Promise<void> {
  const found = await ports.stacks.find(stack);
  if (!found || found.status === 'DELETE_IN_PROGRESS') return;
  const [givenUp] = (await givenUpEvidence(ports, stack)).filter(({ holds }) => !holds);
  if (givenUp)
    throw new StepFailedError('STACK_STAYS', {
      so: `The stack ${stack} is not given up: ${givenUp.observed}.`,
      changed: 'It was not destroyed.',
      next: 'Run npm run tidy-up again.',
    });
  ports.progress(`destroying ${stack}`);
  await ports.deployments.destroy(stack, assemble);
}

/** Whether a stack is being deleted. */
export async function isGoing(ports: Ports, stack: string): Promise<boolean> {
  return isInProgress((await ports.stacks.find(stack))?.status ?? 'gone');
}
