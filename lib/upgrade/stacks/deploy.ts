import { isDeepStrictEqual } from 'node:util';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { type Circumstances, judgeMove } from '../../moves';
import { stackNames } from '../../names';
import type { Words } from '../../posture';
import type { UpgradeRecord } from '../../record';
import { PreconditionError } from '../../runbook/errors';
import { type Evidence, fact } from '../../runbook/step';
import type { Settings } from '../../settings';
import type { Ports } from '../ports';
import type { Declared, PlannedChange, Stack } from '../stack-ports';
import { type Leave, refusedChanges } from './planned-changes';
import { tellEvents } from './stack-events';
import { isComplete, isInProgress, isRolledBack, refusalOf, takesChange } from './stack-status';
import { wayOut } from './way-out';

/** Loaded when it is needed: the construct library takes seconds. */
const app = () => require('../../app') as typeof import('../../app');

/** A synthesis takes a fifth of a second, and the steps of a night look again and again at what the same record declares. */
const known = new Map<string, string>();
const mostKnown = 200;
/** What was counted of a database stands in no template. */
const counted = new Set<string>(['sourceWrites', 'verified', 'unregistered', 'converted', 'blockedEmails']);

/** Settings never change while a command runs. */
const texts = new WeakMap<Settings, string>();

function textOf(settings: Settings): string {
  const text = texts.get(settings) ?? JSON.stringify(settings);
  texts.set(settings, text);
  return text;
}

/** The template of a stack as text, as a deploy would send it. It follows from what is declared and from nothing else. */
export function declaredTemplate(declared: Declared, stack: string): string {
  const { settings, ...rest } = declared;
  const uncounted = JSON.stringify([stack, rest], (name, value) => (counted.has(name) ? 'counted' : value));
  const key = `${uncounted} ${textOf(settings)}`;
  const template = known.get(key) ?? app().templateOf(declared, stack);
  known.delete(key);
  known.set(key, template);
  // The first key is the one that was asked for longest ago.
  if (known.size > mostKnown) known.delete(known.keys().next().value!);
  return template;
}

/**
 * Deploys one stack as these words declare it, if the change that CloudFormation plans is one that a posture needs.
 * The change goes on when this returns. A stack that has no change is left alone.
 * @param options.mayMake and mayLose, see `refusedChanges`
 * @param options.behindClosedDoor and servesAgain, see `judgeMove`
 * @returns what is being changed
 * @throws PreconditionError STACK_BUSY, STACK_FAILED, CHANGE_REFUSED, MOVE_REFUSED
 * @throws StepFailedError DEPLOY_NOT_PREPARED
 */
export async function prepareStack(
  ports: Ports,
  stack: string,
  words: Words,
  { mayMake, mayLose, ...circumstances }: Circumstances & Leave = {},
): Promise<PlannedChange[]> {
  const { settings } = ports;
  const found = await ports.stacks.find(stack);
  const record = await recordFor(ports, stack);
  if (found && !takesChange(found.status)) {
    const way = await wayOut(ports, { settings, record, words }, found);
    throw refusalOf(stack, found.status, { wayOut: way });
  }
  const [illegal] = judgeMove(settings, record, words, circumstances);
  if (illegal) throw new PreconditionError('MOVE_REFUSED', illegal);
  tellRolledBack(ports, found);
  ports.progress(`${stack}: preparing its change to ${words.live}/${words.access}`);
  const prepared = await ports.deployments.prepare(
    stack,
    (outdir) =>
      app().buildApp({ settings, record, words, circumstances }, { outdir, autoSynth: false }).synth(),
    { settings, record, words },
  );
  if (!prepared) return [];
  const { changes } = prepared;
  const refused = refusedChanges(settings, stack, changes, { mayMake, mayLose });
  if (refused.length > 0) {
    // One that stays is not executed either, and the next one takes its place: the refusal is what must be told.
    await ports.deployments.discard(prepared).catch(() => {});
    throw new PreconditionError('CHANGE_REFUSED', {
      so: `The change of ${stack} to ${words.live}/${words.access} would do what no posture needs: ${refused.join('; ')}.`,
      changed: 'It was prepared as a change set, which was not executed.',
      next: `Look at it (npx cdk diff ${stack}), and deploy yourself what is wanted; then run the same command again.`,
    });
  }
  ports.progress(`${stack}: changing ${changes.map(({ resource }) => resource).join(', ') || 'its outputs'}`);
  await ports.deployments.execute(prepared);
  return changes;
}

/** Says so where somebody had the last change of a stack rolled back. */
export function tellRolledBack(ports: Ports, stack: Stack | undefined): void {
  if (stack && isRolledBack(stack.status))
    ports.progress(`${stack.name} is ${stack.status}: somebody had its last change rolled back.`);
}

/** How every stack is synthesised as these words declare it. */
export async function assembledAs(ports: Ports, words: Words): Promise<(outdir: string) => CloudAssembly> {
  const { settings } = ports;
  const record = await ports.record.read();
  return (outdir) => app().buildApp({ settings, record, words }, { outdir, autoSynth: false }).synth();
}

/** Whether a stack is complete, and its last template is the one that these words declare. */
export async function stackEvidence(ports: Ports, stack: string, words: Words): Promise<Evidence[]> {
  const { settings } = ports;
  return templateEvidence(ports, stack, async () => {
    const record = await recordFor(ports, stack);
    return JSON.parse(declaredTemplate({ settings, record, words }, stack));
  });
}

/** Whether a stack is complete, and its last template is this one, which is asked for only then. */
export async function templateEvidence(
  ports: Ports,
  stack: string,
  declare: () => Promise<object>,
): Promise<Evidence[]> {
  const status = (await ports.stacks.find(stack))?.status ?? 'not there';
  const settled = fact(`the stack ${stack}`, status, isComplete(status) ? status : 'complete');
  if (!settled.holds) return [settled];
  const [declared, deployed] = await Promise.all([declare(), ports.stacks.template(stack)]);
  const same = 'as declared';
  const differ = differing(asAwsTells(deployed), asAwsTells(declared));
  const why = isRolledBack(status) ? `, for somebody had its last change rolled back: ${status}` : '';
  const observed = differ.length === 0 ? same : `another (${differ.join(', ')})${why}`;
  return [settled, fact(`the template of ${stack} that was deployed last`, observed, same)];
}

/** The doors alone are made of more than the record that every step reads. */
export async function recordFor(ports: Ports, stack: string): Promise<UpgradeRecord> {
  const record = await ports.record.read();
  return stack === stackNames(ports.settings).door
    ? { ...record, door: await ports.record.readDoor() }
    : record;
}

/** Whether a change of a stack is under way; what it is at is told. */
export async function stackBusy(ports: Ports, stack: string): Promise<boolean> {
  const isBusy = isInProgress((await ports.stacks.find(stack))?.status ?? 'not there');
  if (isBusy) await tellEvents(ports, stack);
  return isBusy;
}

/** CloudFormation tells a template back with "?" for each character beyond ASCII. */
const asAwsTells = (template: unknown): Template =>
  JSON.parse(JSON.stringify(template ?? {}).replace(/[\u{80}-\u{10ffff}]/gu, '?'));

type Template = Record<string, unknown> & { Resources?: Record<string, unknown> };

/** The resources, and the parts of the template beside them, that are not the same in both. */
function differing({ Resources: a = {}, ...restOfA }: Template, { Resources: b = {}, ...restOfB }: Template) {
  const unequal = (one: Record<string, unknown>, other: Record<string, unknown>) =>
    [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(
      (key) => !isDeepStrictEqual(one[key], other[key]),
    );
  return [...unequal(a, b), ...unequal(restOfA, restOfB)];
}
