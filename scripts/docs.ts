import { readFileSync, writeFileSync } from 'node:fs';
import type { Settings } from '../lib/settings';
import { main, type Script } from './command';
import { messagesPage } from './docs/messages-page';
import { runbookPage } from './docs/runbook-page';

/** Each generated file's name and text. */
export async function generatedDocs(settings: Settings): Promise<[file: string, text: string][]> {
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
    const files = await generatedDocs(settings);
    const stale = files.filter(([file, text]) => read(file) !== text);
    for (const [file, text] of stale) writeFileSync(file, text);
    return { written: stale.map(([file]) => file) };
  },
  print: ({ written }) => (written.length === 0 ? 'Already so.' : `Written: ${written.join(', ')}.`),
};

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

if (require.main === module) main(script);
