import { parameterNames, stackNames } from '../../../names';
import { fact, type Step } from '../../../runbook/step';
import { changeStack, isAdded } from '../../adopt/change-stack';
import { importedEvidence, importSide, liveStack } from '../../adopt/import-side';
import { adoptedWords } from '../../adopt/intended';
import { lookAtLive, lookWhenSettled, requireSame } from '../../adopt/look';
import type { Ports } from '../../ports';
import { declaredTemplate } from '../../stacks/deploy';
import { isComplete } from '../../stacks/stack-status';
import { condition } from '../night';
import { plainStep } from '../plain-step';

/** The settings and the world agree: asked before anything is changed. */
export const sameAsSettings = (ports: Ports) =>
  condition('the world is as the settings say', async () => {
    const live = await lookWhenSettled(ports);
    requireSame(live);
    return live.made.map(({ environment: { name, status } }) => fact(name, status, 'Ready'));
  });

/** Where runs are written down, and what commands print: before there is any run. */
export async function makeOperations(ports: Ports): Promise<void> {
  const { settings } = ports;
  const stack = stackNames(settings).operations;
  const found = await ports.stacks.find(stack);
  if (found && isComplete(found.status)) return;
  const live = await lookAtLive(ports);
  requireSame(live);
  const given = { settings, record: live.record, words: adoptedWords(settings) };
  await changeStack(ports, { stack, template: JSON.parse(declaredTemplate(given, stack)), wanted: isAdded });
}

export function importEnvironments(ports: Ports): Step {
  const stack = liveStack(ports);
  return plainStep({
    id: 'import',
    title: `Import the environments of ${ports.settings.upgrade.from} as they are`,
    seed: [],
    after: [],
    minutes: 1,
    calls: ['cloudformation CreateChangeSet', 'cloudformation ExecuteChangeSet'],
    touches: [ports.settings.upgrade.from],
    byHand: `npx cdk import ${stack}`,
    preconditions: [sameAsSettings(ports)],
    postconditions: [condition(`${stack} has them`, () => importedEvidence(ports))],
    act: async () => {
      await importSide(ports);
      return [];
    },
  });
}

export function recordDatabase(ports: Ports): Step {
  const names = parameterNames(ports.settings);
  return plainStep({
    id: 'record-database',
    title: 'Record the database that production uses',
    seed: [],
    after: ['import'],
    minutes: 0.1,
    calls: ['ssm PutParameter'],
    byHand: `aws ssm put-parameter --name ${names.databases}/ID --type String --value RECORD (docs/record-format.md)`,
    postconditions: [
      condition('the database is recorded', async () => {
        const { record } = await lookAtLive(ports);
        const name = names.database(record.databases[0]!.id);
        return [fact(name, (await ports.secrets.exists(name)) ? 'there' : 'missing', 'there')];
      }),
    ],
    act: async () => {
      const { record } = await lookAtLive(ports);
      await ports.record.writeDatabase(record.databases[0]!);
      return [];
    },
  });
}
