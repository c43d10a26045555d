import { type MigrateResult, migrate } from '../lib/upgrade/database/migrate';
import { main, type Script } from './terminal/command';

export const script: Script<object, MigrateResult> = {
  name: 'migrate',
  description:
    "Runs the application's migrations on the restored database, from an instance of the new side.",
  act: async ({ ports }) => migrate(await ports()),
  print: ({ database, output, already }) =>
    `${output}${database} is migrated${already ? ', as before' : ''}: the application finds no migration pending.`,
};

if (require.main === module) main(script);
