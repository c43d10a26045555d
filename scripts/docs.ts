import type { Settings } from '../lib/settings';
import { messagesPage } from './docs/messages-page';
import { runbookPage } from './docs/runbook-page';
import { type Generated, staleOf, write } from './generated';
import { main, type Script } from './terminal/command';

/** Each generated file's name and text. */
export async function generatedDocs(settings: Settings): Promise<Generated[]> {
  return [
    ['docs/runbook.md', await runbookPage(settings)],
    ['docs/messages.md', messagesPage()],
  ];
}

export const script: Script<object, { written: string[] }> = {
  name: 'docs',
  description:
    'Writes docs/runbook.md and docs/messages.md from the steps and the source. Asks AWS for nothing.',
  act: async ({ settings }) => {
    const stale = staleOf(await generatedDocs(settings));
    write(stale);
    return { written: stale.map(([file]) => file) };
  },
  print: ({ written }) => (written.length === 0 ? 'Already so.' : `Written: ${written.join(', ')}.`),
};

if (require.main === module) main(script);
