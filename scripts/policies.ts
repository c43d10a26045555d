import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { policies, policyText } from '../lib/policies/policies';
import type { Calls } from '../lib/policies/policy';
import { PreconditionError } from '../lib/runbook/errors';
import type { Settings } from '../lib/settings';
import { type Generated, staleOf, write } from './generated';
import { recordCalls } from './rehearsal/recorded-calls';
import { originalDatabase } from './rehearsal/world-before';
import { main, type Script } from './terminal/command';

interface Options {
  folder: string;
  database?: string;
  record?: boolean;
  check?: boolean;
}

export const callsFile = 'config/policies/calls.json';

/** Each file's name and text. */
export function policyFiles(settings: Settings, original: string): Generated[] {
  const calls: Calls = JSON.parse(readFileSync(callsFile, 'utf8'));
  return Object.entries(policies(calls, settings, original)).map(([name, policy]) => [
    `${name}.json`,
    policyText(policy),
  ]);
}

export const script: Script<Options, { files: string[]; stale: string[] }> = {
  name: 'policies',
  description:
    'Writes the policies that an operator needs, one file for each part: docs/security.md says which to attach when. They allow the calls that the runbooks were seen to make, on the resources that the settings name.',
  options: (command) =>
    command
      .option('--folder <dir>', 'where the files are', 'config/policies')
      .option('--database <id>', 'the database that people made and tidy-up takes away')
      .option('--record', 'first play everything in a sandbox, and note which calls are made')
      .option('--check', 'write nothing, and exit with 3 when a file is not as it would be written'),
  act: async ({ options, settings, say }) => {
    if (options.record)
      writeFileSync(callsFile, `${JSON.stringify(await recordCalls(settings, say), undefined, 2)}\n`);
    const files = policyFiles(settings, options.database ?? originalDatabase(settings));
    const placed = files.map(([name, text]) => [path.join(options.folder, name), text] as const);
    const outdated = staleOf(placed);
    const stale = outdated.map(([file]) => file);
    if (options.check && stale.length > 0)
      throw new PreconditionError('POLICIES_STALE', {
        so: `These are not as they would be written: ${stale.join(', ')}.`,
        next: 'Run npm run policies, and look at what changes.',
      });
    write(outdated);
    return { files: placed.map(([file]) => file), stale };
  },
  print: ({ files, stale }) =>
    stale.length === 0 ? `Already so: ${files.join(', ')}.` : `Written: ${stale.join(', ')}.`,
};

if (require.main === module) main(script);
