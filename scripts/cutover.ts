import { beforeCutover } from '../lib/upgrade/preflight/before-cutover';
import { cutover } from '../lib/upgrade/runbooks/cutover';
import { main } from './command';
import { runbookScript } from './runbook-script';

interface Options {
  callOff?: boolean;
  oneByOne?: boolean;
}

export const script = runbookScript<Options>({
  name: 'cutover',
  description: 'Carries out the upgrade of the page, from wherever it stands, and proves every step.',
  options: (command) =>
    command
      .option('--call-off', 'take back what this run did, and open the old side again')
      .option('--one-by-one', 'carry the steps out one after another, none beside another'),
  before: async (ports, { callOff }) => {
    if (!callOff) await beforeCutover(ports);
  },
  runbook: cutover,
  callOff: ({ callOff = false }) => callOff,
});

if (require.main === module) main(script);
