import { type SnapshotResult, takeEarlySnapshot, takeSnapshot } from '../lib/upgrade/database/snapshot';
import { main, type Script } from './terminal/command';

export const script: Script<{ early?: boolean }, SnapshotResult> = {
  name: 'snapshot',
  description: "Takes the snapshot of the frozen side's database that the new side's is restored from.",
  options: (command) =>
    command.option('--early', 'takes a first one before the freeze, which makes that one short'),
  act: async ({ ports, options }) =>
    options.early ? takeEarlySnapshot(await ports()) : takeSnapshot(await ports()),
  print: ({ snapshot, source, already }) =>
    `The snapshot ${snapshot} of ${source} is available${already ? ', as before' : ''}.`,
};

if (require.main === module) main(script);
