import type { Report } from '../lib/report/report';
import { syncRunbook } from '../lib/upgrade/runbooks/sync';
import { type EndResult, endSync } from '../lib/upgrade/test-system/sync';
import { main, type Script } from './terminal/command';
import { type RunbookOptions, runbookScript } from './terminal/runbook-script';

interface Options {
  end?: boolean;
}

const runbook = runbookScript<Options>({
  name: 'sync',
  description:
    'Fills the tables of the sync on the live side, for hours, then lets the application use them.',
  options: (command) => command.option('--end', 'end the command where it goes on; it can be begun again'),
  runbook: syncRunbook,
});

export const script: Script<Options & RunbookOptions, Report | EndResult> = {
  ...runbook,
  act: async (given) => (given.options.end ? endSync(await given.ports()) : runbook.act(given)),
  print: (result) => ('run' in result ? runbook.print(result) : told(result)),
};

const told = ({ already, instances }: EndResult) =>
  already ? 'No sync goes on.' : `The sync was ended on ${instances.join(' and ')}; what it wrote stays.`;

if (require.main === module) main(script);
