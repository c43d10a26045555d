import { type TesterLinkResult, testerLink } from '../lib/upgrade/side/tester-link';
import { main, type Script } from './terminal/command';

export const script: Script<{ renew?: boolean }, TesterLinkResult> = {
  name: 'tester-link',
  description:
    'Prints the links with which a browser passes the door while a side is tested. Give them to testers only.',
  options: (command) => command.option('--renew', 'makes a new token; the links before end with the deploy'),
  act: async ({ ports, options }) => testerLink(await ports(), options),
  print: ({ links, command }) =>
    [...links, ...(command ? [`They work once the doors know them: ${command}`] : [])].join('\n'),
};

if (require.main === module) main(script);
