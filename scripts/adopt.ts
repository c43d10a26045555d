import { InvalidArgumentError } from 'commander';
import type { Report } from '../lib/report/report';
import { UsageError } from '../lib/runbook/errors';
import { adoptImport, adoptSeal } from '../lib/upgrade/runbooks/adopt';
import { makeOperations } from '../lib/upgrade/steps/adopt/import';
import { type Written, writeSettings } from './rehearsal/write-settings';
import { type Given, main, type Script } from './terminal/command';
import { type RunbookOptions, runbookScript } from './terminal/runbook-script';
import { clockFromVariables } from './terminal/told-clock';

interface Options extends RunbookOptions {
  write?: string;
  environments?: Record<string, string>;
  seal?: boolean;
}

const environmentsWord = (word: string): Record<string, string> => {
  const pairs = word.split(',').map((pair) => pair.split('='));
  if (pairs.some((pair) => pair.length !== 2 || pair.includes('')))
    throw new InvalidArgumentError('It should be ROLE=NAME for each role, with commas between.');
  return Object.fromEntries(pairs);
};

const carryOut = runbookScript<Options>({
  name: 'adopt',
  description:
    'Takes a production that was made by hand into the care of the tool: writes its settings (--write), imports it as it is; then, with --seal, lets its secrets become parameters and its names aliases.',
  options: (command) =>
    command
      .option('--write <file>', 'only write settings with what AWS knows; the rest is as --settings has it')
      .option(
        '--environments <role=name,...>',
        'with --write: the live environments by their roles',
        environmentsWord,
      )
      .option('--seal', 'the second act, in a quiet hour: it restarts production'),
  // Runs are written down in a stack of the tool's own, which nothing has made yet.
  before: makeOperations,
  runbook: (ports, { seal }) => (seal ? adoptSeal(ports) : adoptImport(ports)),
});

export const script: Script<Options, Report | Written> = {
  ...carryOut,
  act: (given) => (given.options.write ? write(given, given.options.write) : carryOut.act(given)),
  print: (result) => ('file' in result ? told(result) : carryOut.print(result)),
};

async function write(
  { options, settings, settingsFile: base, say }: Given<Options>,
  file: string,
): Promise<Written> {
  const { environments } = options;
  if (!environments)
    throw new UsageError('ENVIRONMENTS_MISSING', {
      so: 'Which environments are live is not in AWS.',
      changed: 'Nothing was changed.',
      next: `Name them: --environments ${Object.keys(settings.roles)
        .map((role) => `${role}=NAME`)
        .join(',')}`,
    });
  const { accountOf } = await import('../lib/aws/clients');
  const { awsPorts } = await import('../lib/aws/ports');
  const account = await accountOf(settings);
  const ports = await awsPorts({ ...settings, account }, say, await clockFromVariables());
  return writeSettings(ports, { base, file, environments });
}

function told({ file, already, read, remarks }: Written): string {
  return [
    `${file} ${already ? 'is written already' : 'is written'}. Read from AWS: ${read.join(', ')}. Everything else is as it was: look through it.`,
    ...remarks,
    `Then: npm run adopt -- --settings ${file}`,
  ].join('\n');
}

if (require.main === module) main(script);
