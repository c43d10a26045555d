import { hasPreviews } from '../../names';
import { outage } from '../../report/critical-path';
import { pageOutageMinutes } from '../../report/page-timings';
import type { Entry } from '../../runbook/entry';
import { oneByOne, plan } from '../../runbook/plan';
import { confirmed, doneSteps } from '../../runbook/standing';
import type { Step } from '../../runbook/step';
import { mailEventsWarning } from '../database/mail-events';
import type { Ports } from '../ports';
import type { UpgradeRunbook } from '../run/upgrade-runbook';
import * as before from '../steps/before';
import * as copy from '../steps/copy';
import * as freezing from '../steps/freeze';
import * as looking from '../steps/look';
import * as moving from '../steps/move';
import type { Night } from '../steps/night';
import * as opening from '../steps/open';

/**
 * The page, Production, Upgrade, from its first step to its last. The order that is not the page's is explained in
 * docs/decisions/0006-order-of-the-night.md.
 * @param options.oneByOne one step after another, none beside another
 */
export function cutover(ports: Ports, options: { oneByOne?: boolean } = {}): UpgradeRunbook {
  const { from, to } = ports.settings.upgrade;
  const night: Night = { ports, from, to };
  const { conversion, sessionTable, smoke } = ports.settings;
  const all: Step[] = [
    before.scaleDown(night), //                     U1, before the window
    before.early(night), //                         P6, U4
    before.restNewSide(night), //                   P3
    before.linkForTesters(night), //                U14
    before.reader(night), //                        U2
    before.hangDoors(night), //                     U3
    before.beginWindow(night, () => outageMinutes(steps)),
    freezing.closeDoor(night), //                   U3
    freezing.stopOldJobs(night), //                 U2
    freezing.recordFrozen(night), //                U2
    freezing.refused(night), //                     U3
    freezing.atRest(night), //                      U2
    copy.snapshot(night), //                        U4
    freezing.denyOldKeys(night), //                 U2
    freezing.freeze(night), //                      U2
    freezing.proveItFrozen(night), //               U2
    copy.restore(night), //                         U5
    copy.warmCopy(night), //                        U5
    copy.verify(night), //                          U5
    ...(conversion ? [copy.keepBlocked(night)] : []), // P6
    copy.runMigrations(night), //                   U6
    ...(sessionTable ? [copy.empty(night)] : []), // U6
    moving.allowNewKeys(night), //                  U10
    moving.repoint(night), //                       U7, U8, U9, U10
    moving.letTestersIn(night), //                  U14
    ...(hasPreviews(ports.settings, to) ? [moving.smokeBefore(night)] : []), // U14
    moving.moveNames(night), //                     U11, U12
    ...(conversion ? [moving.convert(night), moving.putBack(night)] : []), // U13, U17
    opening.smokeAfter(night), //                   U14
    ...(smoke?.command ? [opening.ownTests(night)] : []), // U14
    looking.before(night), //                       U14
    opening.peopleTest(night), //                   U14
    opening.openDoor(night), //                     U15
    opening.release(night), //                      U16
    opening.recordOpen(night), //                   U15
    opening.welcome(night), //                      U15
    opening.startNewJobs(night), //                 U15
    opening.grow(night), //                         U16
    looking.after(night),
    ...(ports.settings.bakeMinutes > 0 ? [opening.bake(night)] : []),
  ];
  const title = `Cut over from ${from} to ${to}`;
  // An application without some part does without the steps that need it.
  const ids = new Set(all.map(({ id }) => id));
  const needed = all.map((step) => ({ ...step, after: step.after.filter((id) => ids.has(id)) }));
  const steps = options.oneByOne ? oneByOne({ name: 'cutover', steps: needed }) : needed;
  return {
    name: 'cutover',
    id: `cutover-${from}-${to}`,
    title,
    steps,
    pageOutageMinutes,
    warnings: mailEventsWarning(ports.settings, outageMinutes(steps)),
    stands: () => isAt(ports, to),
    ended: `${to} is open`,
    wentBack: (entries) => wentBack(night, entries),
    // Before the window is opened a refusal is a blip, not the outage.
    isOutage: async (entries) => confirmed(entries, outage.begins) || !(await isAt(ports, from)),
  };
}

/** Whether this side is live and open, by the record. */
async function isAt({ record }: Ports, side: Night['from']): Promise<boolean> {
  const { live, access } = (await record.recorded()).posture;
  return live === side && access === 'open';
}

/** The steps that record a posture, in their order. */
const recording = ['record-frozen', 'names', 'record-open'];

/** Whether somebody deployed an earlier posture than the run had reached. */
async function wentBack({ ports, from, to }: Night, entries: Entry[]): Promise<boolean> {
  const done = doneSteps(entries);
  const reached = recording.findLastIndex((id) => done.has(id));
  const { live, access } = (await ports.record.recorded()).posture;
  const now = [`${from}/frozen`, `${to}/testing`, `${to}/open`].indexOf(`${live}/${access}`);
  return now < reached;
}

/** Expected, from the end of what is done before the window to the welcome, without the time of people's testing. */
export function outageMinutes(steps: Step[]): number {
  const planned = plan({ name: 'cutover', steps });
  const endOf = (id: string) => planned.find(({ step }) => step.id === id)?.endMinute ?? 0;
  return Math.round(endOf(outage.ends) - endOf(outage.begins));
}
