import { Argument } from 'commander';
import { emptySessions, type SessionsResult } from '../lib/upgrade/database/sessions';
import { main, type Script } from './terminal/command';

export const script: Script<{ verb: 'empty' }, SessionsResult> = {
  name: 'sessions',
  description: 'Empties the sessions of the restored database: nobody is logged in on the new side.',
  options: (command) => command.addArgument(new Argument('<verb>', 'what to do').choices(['empty'])),
  act: async ({ ports }) => emptySessions(await ports()),
  print: ({ database, removed }) => `${database} has no sessions; ${removed} were removed now.`,
};

if (require.main === module) main(script);
