import type { Step } from '../../runbook/step';
import type { Ports } from '../ports';
import { nightWindow } from '../preflight/night-window';
import { faultsOf, preflight } from '../preflight/preflight';
import type { UpgradeRunbook } from '../run/upgrade-runbook';
import type { Superuser } from '../side/log-in';
import * as before from '../steps/before';
import type { Night } from '../steps/night';
import * as building from '../steps/prep/build';
import * as proving from '../steps/prep/prove';

/**
 * The page, Production, Prep: days before the night, while people use the old side. Of that nothing changes but what it may
 * be denied, its door, which stays open, and a login more of its database.
 *
 * The copy of the blocked e-mails (P6) is not taken now: addresses that are added until the night would be lost. The night
 * takes it from the frozen data.
 */
export function prep(
  ports: Ports,
  { superuser }: { superuser?: Superuser | undefined } = {},
): UpgradeRunbook {
  const { from, to } = ports.settings.upgrade;
  const night: Night = { ports, from, to };
  return {
    name: 'prep',
    id: `prep-${to}`,
    title: `Prepare ${to}`,
    steps: [
      building.buildFence(night), //                            P3
      building.buildSide(night), //                             P1, P2, P3
      follows(before.restNewSide(night), ['build']), //         P3
      proving.provePrepared(night), //                          P3
      proving.observeVersion(night), //                         P4
      follows(before.linkForTesters(night), ['build']), //      P5, U14
      building.buildDoors(night), //                            P5, U3
      proving.logIn(night, superuser), //                       P5
      follows(before.early(night), ['build']), //               P6
      follows(before.reader(night), ['build']), //              U2
      proving.lowerRecords(night), //                           U11, U12
      proving.nothingInTheWay(night),
    ],
    warnings: [],
    stands: async () => faultsOf(await preflight(ports, nightWindow(ports))).length === 0,
    ended: `${to} is prepared`,
  };
}

/** The night's step, in prep's order: nothing of prep takes it back. */
function follows({ standsUntil: _, ...step }: Step, after: string[]): Step {
  return { ...step, after };
}
