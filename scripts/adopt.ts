import { adoptImport, adoptSeal } from '../lib/upgrade/runbooks/adopt';
import { makeOperations } from '../lib/upgrade/steps/adopt/import';
import { main } from './command';
import { runbookScript } from './runbook-script';

interface Options {
  seal?: boolean;
}

export const script = runbookScript<Options>({
  name: 'adopt',
  description:
    'Takes a production that was made by hand into the care of the tool: imports it as it is; then, with --seal, lets its secrets become parameters and its names aliases.',
  options: (command) =>
    command.option('--seal', 'the second act, in a quiet hour: it restarts production once'),
  // Runs are written down in a stack of the tool's own, which nothing has made yet.
  before: makeOperations,
  runbook: (ports, { seal }) => (seal ? adoptSeal(ports) : adoptImport(ports)),
});

if (require.main === module) main(script);
