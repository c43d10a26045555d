import { Argument } from 'commander';
import {
  type KeptResult,
  keepBlockedEmails,
  type PutBackResult,
  putBackBlockedEmails,
} from '../lib/upgrade/database/blocked-emails';
import { main, type Script } from './terminal/command';

type Verb = 'keep' | 'put-back';

export const script: Script<{ verb: Verb }, KeptResult | PutBackResult> = {
  name: 'blocked-emails',
  description:
    'Keeps the addresses that must never be mailed, by number, and clears them; or puts them back.',
  options: (command) =>
    command.addArgument(new Argument('<verb>', 'what to do').choices(['keep', 'put-back'])),
  act: async ({ options: { verb }, ports }) =>
    verb === 'keep' ? keepBlockedEmails(await ports()) : putBackBlockedEmails(await ports()),
  print: (result) => ('putBack' in result ? putBack(result) : kept(result)),
};

const kept = ({ database, kept, already }: KeptResult) =>
  `${kept} blocked addresses are kept by number in ${database}, and cleared${already ? ', as before' : ''}.`;

function putBack({ database, kept, putBack, left, leftNumbers, duplicateNumbers }: PutBackResult): string {
  const lines = [`Of ${kept} blocked addresses ${putBack} are back in ${database}.`];
  if (left > 0) lines.push(`${left} have nobody to go to, under the numbers ${leftNumbers.join(', ')}.`);
  if (duplicateNumbers.length > 0)
    lines.push(`Went to a user that had the number already: ${duplicateNumbers.join(', ')}.`);
  return lines.join('\n');
}

if (require.main === module) main(script);
