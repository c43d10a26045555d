import { rmSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { DatabaseDescription } from '../../record';
import { PreconditionError, StepFailedError } from '../../runbook/errors';
import { changeStack, isImported, type StackChange } from '../adopt/change-stack';
import type { LiveDatabase, Ports } from '../ports';
import type { PlannedChange } from '../stack-ports';
import type { Assemble } from './give-up-stack';

/** Loaded when it is needed: the construct library takes seconds. */
const app = () => require('../../app') as typeof import('../../app');

/** The name of a database that no stack made, and of the stack that it goes with. */
export interface Original {
  id: string;
  stack: string;
}

/**
 * Takes a database that no stack made into a stack of its own, with which it goes. The stack states what is so and nothing
 * else; what cannot be stated is a reason to refuse. Its protection from deletion is lifted by a second change.
 * @throws PreconditionError DATABASE_MISSING, DATABASE_NOT_AVAILABLE, DATABASE_NOT_STATED, DATABASE_CHANGED
 * @throws StepFailedError DATABASE_CHANGED when the import changed something of it
 */
export async function takeIntoStack(ports: Ports, original: Original): Promise<void> {
  const { stack } = original;
  const live = await statable(ports, original);
  if (!(await ports.stacks.find(stack))) {
    await importIt(ports, original, live);
    const after = await ports.databases.describe(original.id);
    if (!isDeepStrictEqual(after?.description, live))
      throw new StepFailedError('DATABASE_CHANGED', {
        so: `Since it is in the stack ${stack}, ${original.id} is another: ${differences(live, after?.description).join('; ')}.`,
        changed: `It was imported into ${stack}.`,
        next: `Compare it in the console, and take it out of the stack again: it was not given up.`,
      });
  }
  const template = templateOf(ports, stack, { ...live, deletionProtection: false });
  await changeStack(ports, { stack, template, wanted: isLifting, temporary: true });
}

/** The stack as it is destroyed: what it holds is known to CloudFormation by now. */
export function assembleOriginal(ports: Ports, stack: string): Assemble {
  return (outdir) =>
    app().originalDatabaseApp(ports.settings, stack, undefined, { outdir, autoSynth: false }).synth();
}

async function importIt(ports: Ports, { id, stack }: Original, live: DatabaseDescription): Promise<void> {
  const template = templateOf(ports, stack, live);
  const imported = { type: 'AWS::RDS::DBInstance', identifier: { DBInstanceIdentifier: id } };
  const imports = [{ resource: Object.keys(template.Resources)[0]!, ...imported }];
  const now = await ports.databases.describe(id);
  if (!isDeepStrictEqual(now?.description, live))
    throw new PreconditionError('DATABASE_CHANGED', {
      so: `${id} has changed while it was looked at: ${differences(live, now?.description).join('; ')}.`,
      next: 'Run the same command again when nobody changes it.',
    });
  const change: StackChange = { stack, template, imports, wanted: isImported, temporary: true };
  await changeStack(ports, change);
}

async function statable(ports: Ports, { id }: Original): Promise<DatabaseDescription> {
  const live = await ports.databases.describe(id);
  if (!live)
    throw new PreconditionError('DATABASE_MISSING', {
      so: `There is no database ${id}, and no final snapshot of it either.`,
      next: 'Look where its data is before anything else is taken away: aws rds describe-db-snapshots.',
    });
  const against = whatCannotBeStated(live);
  if (against.length === 0) return live.description;
  const code = live.status === 'available' ? 'DATABASE_NOT_STATED' : 'DATABASE_NOT_AVAILABLE';
  throw new PreconditionError(code, {
    so: `${id} cannot be taken into a stack as it is: ${against.join('; ')}.`,
    next: 'Mend that, or delete it yourself with a final snapshot; then run npm run tidy-up again.',
  });
}

function whatCannotBeStated({ status, pending, unstated }: LiveDatabase): string[] {
  return [
    ...(status === 'available' ? [] : [`it is ${status}, not available`]),
    ...pending.map((name) => `a change of its ${name} waits for its maintenance window`),
    ...unstated,
  ];
}

const isLifting = ({ action, replacement, properties }: PlannedChange) =>
  action === 'Modify' && replacement === 'False' && properties.every((name) => name === 'DeletionProtection');

function templateOf(
  ports: Ports,
  stack: string,
  database: DatabaseDescription,
): { Resources: Record<string, unknown> } {
  const assembly = app().originalDatabaseApp(ports.settings, stack, database, { autoSynth: false }).synth();
  try {
    return assembly.getStackByName(stack).template;
  } finally {
    rmSync(assembly.directory, { recursive: true, force: true });
  }
}

function differences(before: DatabaseDescription, after: DatabaseDescription | undefined): string[] {
  if (!after) return ['it is not there'];
  const names = Object.keys({ ...before, ...after }) as (keyof DatabaseDescription)[];
  return names
    .filter((name) => !isDeepStrictEqual(before[name], after[name]))
    .map((name) => `${name} was ${before[name]} and is ${after[name]}`);
}
