import { isRetired } from '../../posture';
import type { Ports } from '../ports';
import type { UpgradeRunbook } from '../run/upgrade-runbook';
import { databaseSteps } from '../steps/tidy-up/database';
import { destroySide, forget, giveUpSide } from '../steps/tidy-up/environments';
import { listLeftovers } from '../steps/tidy-up/leftovers';
import { staleNames } from '../steps/tidy-up/names';
import type { TidyUp } from '../steps/tidy-up/steps';

/** The page, Post Implementation Steps, for the side that the upgrade came from. */
export async function tidyUp(ports: Ports): Promise<UpgradeRunbook> {
  const side = ports.settings.upgrade.from;
  const given: TidyUp = { ports, side };
  const { databases } = await ports.record.recorded();
  const old = databases.filter((database) => database.side === side && database.endpoint);
  const steps = [
    staleNames(given), //                                            T1
    giveUpSide(given), //                                            T2
    destroySide(given), //                                           T2
    forget(given, 'door'), //                                        T2
    forget(given, 'fence'), //                                       T2
    ...old.flatMap((database) => databaseSteps(given, database)), // T3
  ];
  const ends = ['forget-door', 'forget-fence', ...old.map(({ id }) => `record-${id}`)];
  return {
    name: 'tidy-up',
    id: `tidy-up-${side}`,
    title: `Tidy up ${side}`,
    steps: [...steps, listLeftovers(given, ends)],
    warnings: [],
    stands: () => isTidy(ports),
    ended: `${side} is tidied away`,
  };
}

/** Whether nothing of the side is left to be taken away. */
export async function isTidy(ports: Ports): Promise<boolean> {
  const record = await ports.record.read();
  const side = ports.settings.upgrade.from;
  const kept = record.databases
    .filter((database) => database.side === side && database.endpoint)
    .every(({ gone }) => gone?.finalSnapshot !== undefined);
  return kept && isRetired(ports.settings, record, side);
}
