import { type ConvertUsersResult, convertUsers } from '../lib/upgrade/database/convert-users';
import { main, type Script } from './terminal/command';

export const script: Script<object, ConvertUsersResult> = {
  name: 'convert-users',
  description:
    "Converts unregistered users by the application's own command, counts, and lists every duplicate.",
  act: async ({ ports }) => convertUsers(await ports()),
  print: ({ database, converted, duplicates, nameless, already }) =>
    [
      `${converted} users of ${database} are converted${already ? ', as before' : ''}.`,
      ...(duplicates.length > 0
        ? [`${duplicates.length} are left, whose number a user has already: ${duplicates.join(', ')}.`]
        : []),
      ...(nameless.length > 0
        ? [`${nameless.length} are left for want of a first or last name: ${nameless.join(', ')}.`]
        : []),
    ].join('\n'),
};

if (require.main === module) main(script);
