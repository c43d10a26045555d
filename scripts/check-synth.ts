import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { exitCodes } from '../lib/runbook/errors';
import { type Judgement, judge } from '../lib/synth/check';
import { acceptedChangesIn, recordsIn, snapshotsIn, writeSnapshot } from '../lib/synth/files';
import { situations } from '../lib/synth/situations';
import { readSnapshots, snapshotTexts } from '../lib/synth/snapshot';
import { synthesise } from '../lib/synth/synthesis';
import { acceptedText, commentText, faultLines, placesText } from '../lib/synth/told';
import { main, type Script } from './terminal/command';

interface Options {
  folder: string;
  against?: string;
  comment?: string;
  update?: boolean;
}

interface Outcome extends Judgement {
  folder: string;
  /** How many times the stacks were synthesised. */
  syntheses: number;
  /** The files that are not as they would be written. */
  stale: string[];
  /** Whether they were written. */
  recorded: boolean;
}

export const script: Script<Options, Outcome> = {
  name: 'check:synth',
  description:
    'Synthesises the stacks at every posture, in both directions, from recorded records. Holds them to the resource schemas, to cdk-nag and to what was recorded of them, and refuses what costs an existing stack its data or a protection. Asks nothing of AWS.',
  options: (command) =>
    command
      .option('--folder <dir>', 'where the records are, and what was recorded of the stacks', 'config/synth')
      .option('--against <dir>', 'that folder as it is where people deploy from, such as of the main branch')
      .option('--comment <file>', 'write there, for a pull request, what changes')
      .option('--update', 'record the stacks anew, unless something is refused'),
  act: async ({ options, settings, say }) => {
    const { folder, against = folder, comment, update = false } = options;
    // This holds the templates to their schemas itself.
    process.env.CDK_VALIDATION = 'false';
    const all = situations(settings, recordsIn(folder));
    const accepted = acceptedChangesIn(folder);
    const { stacks, findings } = synthesise(all, say);
    const judgement = judge(readSnapshots(snapshotsIn(against)), stacks, findings, accepted);
    if (comment) writeFileSync(comment, commentText(judgement, folder));
    const [texts, known] = [snapshotTexts(stacks), snapshotsIn(folder)];
    const files = new Set([...Object.keys(texts), ...Object.keys(known)]);
    const stale = [...files].filter((file) => texts[file] !== known[file]);
    const recorded = update && faultLines(judgement, folder).length === 0;
    if (recorded) for (const file of stale) writeSnapshot(path.join(folder, file), texts[file]);
    return { ...judgement, folder, syntheses: all.length, stale, recorded };
  },
  print: (outcome) =>
    [
      ...outcome.changes.map(({ stack, where, text }) => `${stack}, ${placesText(where)}\n${text}\n`),
      ...outcome.accepted.map((change) => `Accepted: ${acceptedText(change)}`),
      ...outcome.unmet.map((change) => `Accepted, and not met any more: ${acceptedText(change)}`),
      ...faultLines(outcome, outcome.folder),
      verdict(outcome),
    ].join('\n'),
  exitCode: ({ stale, recorded, findings, dangers }) =>
    findings.length + dangers.length > 0 || (stale.length > 0 && !recorded)
      ? exitCodes.precondition
      : exitCodes.done,
};

function verdict({ folder, syntheses, findings, dangers, stale, recorded }: Outcome): string {
  const faults = findings.length + dangers.length;
  if (faults > 0) return `${faults} fault(s). Nothing was recorded.`;
  if (stale.length === 0)
    return `${syntheses} syntheses: the stacks are as recorded, and nothing is wrong with them.`;
  return recorded
    ? `Recorded: ${stale.join(', ')}. Look at git diff ${folder}.`
    : `Not as recorded: ${stale.join(', ')}. If it is meant, run npm run check:synth -- --update.`;
}

if (require.main === module) main(script);
