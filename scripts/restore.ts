import { type RestoreResult, restore } from '../lib/upgrade/database/restore';
import { main, type Script } from './terminal/command';

export const script: Script<object, RestoreResult> = {
  name: 'restore',
  description: "Restores the new side's database from the snapshot, until it accepts connections.",
  act: async ({ ports }) => restore(await ports()),
  print: ({ database, stack, endpoint, already }) =>
    `${database} (${stack}) accepts connections at ${endpoint}${already ? ', as before' : ''}.`,
};

if (require.main === module) main(script);
