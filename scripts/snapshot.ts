import { type SnapshotResult, takeSnapshot } from '../lib/upgrade/snapshot';
import { main, type Script } from './command';

export const script: Script<object, SnapshotResult> = {
  name: 'snapshot',
  description: "Takes the snapshot of the frozen side's database that the new side's is restored from.",
  act: async ({ ports }) => takeSnapshot(await ports()),
  print: ({ snapshot, source, already }) =>
    `The snapshot ${snapshot} of ${source} is available${already ? ', as before' : ''}.`,
};

if (require.main === module) main(script);
