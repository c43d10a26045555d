import { pageFailbackMinutes } from '../../report/page-timings';
import type { Step } from '../../runbook/step';
import type { Ports } from '../ports';
import { openEvidence } from '../run/take-back';
import type { UpgradeRunbook } from '../run/upgrade-runbook';
import * as giving from '../steps/failback/give-up';
import * as opening from '../steps/failback/open-old';
import type { Night } from '../steps/night';

/**
 * The page, Production, Fail Back: from any point of a cutover, finished or half done, whatever the new side does. The
 * order that is not the page's: the door of the new side first, and its fence last, when people are served again.
 */
export function failback(ports: Ports): UpgradeRunbook {
  const { from, to } = ports.settings.upgrade;
  const night: Night = { ports, from, to };
  const steps: Step[] = [
    giving.begin(night),
    giving.closeDoor(night), //      F1
    giving.restNewSide(night), //    F1
    giving.refused(night), //        F1
    giving.count(night), //          F6
    giving.losses(night), //         F6
    opening.swapKeys(night), //      F2, F3
    opening.readyOldSide(night), //  F3, F5
    opening.namesBack(night), //     F4
    opening.openDoor(night), //      F5
    opening.welcome(night), //       F5
    opening.fenceNewSide(night), //  F1, F2
    opening.takeOver(night), //      F6
    opening.release(night), //       F5
    opening.startOldJobs(night), //  F5
    opening.grow(night), //          F5
    opening.look(night),
  ];
  return {
    name: 'failback',
    id: `failback-${to}-${from}`,
    title: `Fail back from ${to} to ${from}`,
    steps,
    pageOutageMinutes: pageFailbackMinutes,
    warnings: [],
    supersedes: ['cutover', 'sync', 'tidy-up'],
    stands: async () => (await openEvidence(ports)).every(({ holds }) => holds),
    ended: `${from} is open again`,
    // Whoever goes back counts from the first visitor who is refused, whenever that was.
    isOutage: async () => true,
  };
}
