import { testSystem } from '../lib/upgrade/runbooks/test-system';
import { main } from './terminal/command';
import { runbookScript } from './terminal/runbook-script';

interface Options {
  fresh?: boolean;
}

export const script = runbookScript<Options>({
  name: 'test-system',
  description:
    "Gives the test system the latest code and a sanitised copy of production's data, migrated, converted and synced.",
  options: (command) =>
    command.option('--fresh', 'make another copy, where the test system uses one already'),
  runbook: testSystem,
});

if (require.main === module) main(script);
