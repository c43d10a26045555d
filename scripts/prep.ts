import { UsageError } from '../lib/runbook/errors';
import { prep } from '../lib/upgrade/runbooks/prep';
import type { Superuser } from '../lib/upgrade/side/log-in';
import { buildOperations } from '../lib/upgrade/steps/prep/build';
import { main } from './terminal/command';
import { runbookScript } from './terminal/runbook-script';

export const script = runbookScript<object>({
  name: 'prep',
  description:
    'Builds the new side days before the night, fenced, and proves that nothing stands in the way. Logs in with UPGRADE_SUPERUSER and UPGRADE_SUPERUSER_PASSWORD, or asks you to.',
  before: (ports) => {
    superuser();
    return buildOperations(ports);
  },
  runbook: (ports) => prep(ports, { superuser: superuser() }),
});

/** Taken from variables: an argument would stand in the list of processes, and in the shell's history. */
function superuser(): Superuser | undefined {
  const { UPGRADE_SUPERUSER: name, UPGRADE_SUPERUSER_PASSWORD: password } = process.env;
  if (name && password) return { name, password };
  if (!name && !password) return undefined;
  throw new UsageError('SUPERUSER_INCOMPLETE', {
    so: `Only ${name ? 'UPGRADE_SUPERUSER' : 'UPGRADE_SUPERUSER_PASSWORD'} is set.`,
    changed: 'Nothing was changed.',
    next: 'Set both UPGRADE_SUPERUSER and UPGRADE_SUPERUSER_PASSWORD, or neither: then you are asked to log in yourself.',
  });
}

if (require.main === module) main(script);
