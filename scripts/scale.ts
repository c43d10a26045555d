import type { Side } from '../lib/settings';
import { type ScaleResult, scale } from '../lib/upgrade/side/scale';
import { countWord, main, type Script, sideWord } from './terminal/command';

export const script: Script<{ side?: Side; size: number }, ScaleResult> = {
  name: 'scale',
  description:
    'Gives every environment of a side a number of instances, none more than its open size (step U1 of the page).',
  options: (command) =>
    command
      .option('--side <side>', 'blue or green; the side that the upgrade leaves unless given', sideWord)
      .requiredOption('--size <number>', 'how many instances', countWord),
  act: async ({ ports, options, settings }) =>
    scale(await ports(), { side: options.side ?? settings.upgrade.from, size: options.size }),
  print: ({ already, environments }) =>
    environments
      .map(
        ({ name, size, instances }) =>
          `${name} ${already ? 'had' : 'has'} ${size} instance(s) ${already ? 'already' : 'now'}: ${instances.join(', ')}`,
      )
      .join('\n'),
};

if (require.main === module) main(script);
