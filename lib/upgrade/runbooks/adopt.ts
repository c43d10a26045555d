import { importedEvidence } from '../adopt/import-side';
import { isRecorded } from '../adopt/intended';
import type { Ports } from '../ports';
import type { UpgradeRunbook } from '../run/upgrade-runbook';
import { environmentNames } from '../side/choose-instance';
import * as importing from '../steps/adopt/import';
import * as sealing from '../steps/adopt/seal';

/** A production that people made becomes one that the upgrade knows, in two acts: docs/adoption.md. */

/** The first: its environments come into a stack as they are. Nothing of production changes. */
export function adoptImport(ports: Ports): UpgradeRunbook {
  const { from } = ports.settings.upgrade;
  return {
    name: 'adopt',
    id: `adopt-${from}`,
    title: `Import ${from}`,
    steps: [importing.importEnvironments(ports), importing.recordDatabase(ports)],
    warnings: [],
    stands: async () => (await importedEvidence(ports)).every(({ holds }) => holds),
    ended: `${from} is imported`,
    isOutage: async () => true,
  };
}

/** The second, in a quiet hour: secrets become parameters, the names aliases, and the posture is recorded. */
export function adoptSeal(ports: Ports): UpgradeRunbook {
  const { from } = ports.settings.upgrade;
  // What goes wrong is to go wrong where nobody pays.
  const names = environmentNames(ports.settings, from).reverse();
  const idOf = (name: string) => `seal-${name}`;
  return {
    name: 'adopt -- --seal',
    id: `seal-${from}`,
    title: `Seal ${from}`,
    steps: [
      sealing.makeRoles(ports),
      sealing.copySecrets(ports),
      sealing.announceRestart(ports),
      ...names.map((name, index) =>
        sealing.sealEnvironment(ports, name, index === 0 ? 'quiet-hour' : idOf(names[index - 1]!)),
      ),
      sealing.firstUpdate(ports, idOf(names.at(-1)!)),
      sealing.hangOpenDoors(ports),
      sealing.makeAliases(ports),
      sealing.adoptRecords(ports),
      sealing.lookAgain(ports),
    ],
    warnings: [],
    stands: () => isRecorded(ports),
    ended: `${from} is sealed, and its posture recorded`,
    isOutage: async () => true,
  };
}
