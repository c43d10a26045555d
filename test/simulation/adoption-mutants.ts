import { parameterNames } from '../../lib/names';
import { adoptImport } from '../../lib/upgrade/runbooks/adopt';
import {
  type Change,
  changed,
  credulous,
  fault,
  type Mutant,
  nothing,
  of,
  together,
  without,
} from './mistakes';
import { rollingBack } from './rollbacks';
import type { Command } from './transport';

const adopt = of('adopt');
const web = 'seal-cobalt-production-blue';
const ses = 'seal-cobalt-ses-production-green';
/** Nothing of what the sealing leaves is proved. */
const unlooked = together(credulous(web, ses, 'first-update'), without('look-again'));

/** Commands that go on are taken for ended. */
const impatient: Change = (steps, ports) => {
  const { instances } = ports;
  ports.instances = Object.assign(Object.create(instances), {
    run: async (...given: Parameters<typeof instances.run>) => {
      if (given[1] === 'wait-for-commands') return { commandId: 'none', exitCode: 0, stdout: '', stderr: '' };
      const result = await instances.run(...given);
      return { ...result, stdout: result.stdout.replace(/^commands \d+$/m, 'commands 0') };
    },
  });
  return steps;
};

/** The parameters are made by the tool, which does not know what they hold. */
const madeUp: Change = (steps, { settings, secrets }) =>
  steps.map((step) =>
    step.id === 'secrets'
      ? {
          ...step,
          act: async () => {
            const { payments, secrets: others } = settings.variables;
            const { notSet, secret } = parameterNames(settings);
            const names = [...payments, ...others, settings.database.writer.secret];
            for (const name of [notSet, ...names.map(secret)])
              if (!(await secrets.exists(name))) await secrets.create(name, 'not-set');
            return [];
          },
        }
      : step,
  );

/** An update sets the references and takes no plain value away. */
function leavingPlain({ schema, input }: Command): void {
  if ((schema as string[])[2] === 'UpdateEnvironment') delete input.OptionsToRemove;
}

/** Of the environments the import takes but the first. */
function importingOne({ input }: Command): void {
  const { ResourcesToImport: all, TemplateBody } = input as {
    ResourcesToImport?: { LogicalResourceId: string }[];
    TemplateBody?: string;
  };
  if (!all) return;
  input.ResourcesToImport = all.slice(0, 1);
  const template = JSON.parse(TemplateBody!);
  for (const { LogicalResourceId } of all.slice(1)) delete template.Resources[LogicalResourceId];
  input.TemplateBody = JSON.stringify(template);
}

/** A record of the live names cannot be taken at first. */
const failing = { faults: [fault('resource-fails', 'CreateChangeSet CobaltTraffic', 2)], alter: rollingBack };

export const adoptionMutants: Mutant[] = [
  adopt('the import is believed', nothing, {
    alter: importingOne,
    first: changed(adoptImport, credulous('import')),
  }),
  adopt('the secrets are not copied', without('secrets')),
  adopt('the secrets are made up, and that is believed', together(madeUp, unlooked)),
  adopt('nobody is asked before production restarts', without('quiet-hour')),
  adopt('the sealing does not wait for jobs to end', impatient),
  adopt('the plain secrets stay', unlooked, { alter: leavingPlain }),
  adopt('an environment is not sealed', together(without(web), unlooked)),
  adopt('there is no first update', without('first-update', 'look-again')),
  adopt('the doors are not hung', without('doors', 'look-again')),
  adopt('a stack of names that fails is rolled back', nothing, failing),
];
