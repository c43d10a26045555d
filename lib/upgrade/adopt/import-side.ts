import { stackNames } from '../../names';
import { StepFailedError } from '../../runbook/errors';
import { type Evidence, fact } from '../../runbook/step';
import type { Ports } from '../ports';
import { declaredTemplate } from '../stacks/deploy';
import { isComplete } from '../stacks/stack-status';
import { changeStack, isImported } from './change-stack';
import { adoptedWords } from './intended';
import { type Live, lookWhenSettled, type Made, requireSame } from './look';

const environmentType = 'AWS::ElasticBeanstalk::Environment';

interface EnvironmentResource {
  Type: string;
  DeletionPolicy?: string;
  Properties: { EnvironmentName: string; OptionSettings: { Namespace: string; OptionName: string }[] };
}
interface Template {
  Resources: Record<string, EnvironmentResource>;
}

/** The stack of the side that is live. */
export const liveStack = ({ settings }: Pick<Ports, 'settings'>) =>
  stackNames(settings).side(settings.upgrade.from);

/**
 * Adopts the environments of the live side into its stack, as they are: the template states of what postures own only
 * what is observed to be so. CloudFormation itself compares nothing, so the options are compared before and after.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources.html
 * @returns whether anything was changed
 * @throws PreconditionError WORLD_DIFFERS, CHANGE_REFUSED, STACK_BUSY, STACK_FAILED
 * @throws StepFailedError IMPORT_CHANGED, DEPLOY_FAILED
 */
export async function importSide(ports: Ports): Promise<boolean> {
  const stack = liveStack(ports);
  if ((await importedEvidence(ports)).every(({ holds }) => holds)) return false;
  const live = await lookWhenSettled(ports);
  requireSame(live);
  const template = importTemplate(ports, live);
  const imports = Object.entries(template.Resources).map(([resource, { Type, Properties }]) => ({
    resource,
    type: Type,
    identifier: { EnvironmentName: Properties.EnvironmentName },
  }));
  await changeStack(ports, { stack, template, imports, wanted: isImported });
  await requireUnchanged(ports, live.made);
  return true;
}

/** Whether the stack is there with every environment of the side. */
export async function importedEvidence(ports: Ports): Promise<Evidence[]> {
  const stack = liveStack(ports);
  const status = (await ports.stacks.find(stack))?.status ?? 'not there';
  const there = fact(`the stack ${stack}`, status, isComplete(status) ? status : 'complete');
  if (!there.holds) return [there];
  const { Resources = {} } = ((await ports.stacks.template(stack)) ?? {}) as Partial<Template>;
  const environments = Object.values(Resources).filter(({ Type }) => Type === environmentType);
  const adopted = environments.map(({ Properties }) => Properties.EnvironmentName).sort();
  const wanted = Object.values(ports.settings.sides[ports.settings.upgrade.from].environments);
  return [
    there,
    fact(
      `the environments of ${stack}`,
      adopted.join(', '),
      wanted
        .map(({ name }) => name)
        .sort()
        .join(', '),
    ),
  ];
}

/** The side's own template, without the options that are not so yet. */
function importTemplate({ settings }: Ports, { record, made }: Live): Template {
  const words = adoptedWords(settings);
  const whole: Template = JSON.parse(declaredTemplate({ settings, record, words }, liveStack({ settings })));
  for (const { Properties } of Object.values(whole.Resources)) {
    const { sealable } = made.find(({ declared }) => declared.name === Properties.EnvironmentName)!;
    const stated = new Set(sealable.stated.map(({ namespace, name }) => `${namespace}:${name}`));
    Properties.OptionSettings = Properties.OptionSettings.filter(({ Namespace, OptionName }) =>
      stated.has(`${Namespace}:${OptionName}`),
    );
  }
  return whole;
}

/** Drift detection says nothing of options: CloudFormation never reads them. */
async function requireUnchanged(ports: Ports, made: Made[]): Promise<void> {
  const changed: string[] = [];
  for (const { environment: before } of made) {
    const after = await ports.environments.find(before.name);
    const options = new Set([...Object.keys(before.options), ...Object.keys(after?.options ?? {})]);
    for (const option of options)
      if (before.options[option] !== after?.options[option]) changed.push(`${before.name}: ${option}`);
  }
  if (changed.length === 0) return;
  throw new StepFailedError('IMPORT_CHANGED', {
    so: `While ${liveStack(ports)} was imported, options changed: ${changed.join('; ')}.`,
    changed: 'The environments are imported; somebody, or the import, changed these options of them.',
    next: 'Look in the console who changed them, and put them right; then run the same command again.',
  });
}
