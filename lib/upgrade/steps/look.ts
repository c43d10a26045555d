import { stackNames } from '../../names';
import type { SidePosture } from '../../posture';
import { fact, type Step } from '../../runbook/step';
import { type Side, sides } from '../../settings';
import type { Ports } from '../ports';
import { environmentNames } from '../side/choose-instance';
import { emptiedEvidence } from '../side/fence-by-force';
import { stopJobs } from '../side/jobs';
import { status } from '../side/status';
import { tellRolledBack } from '../stacks/deploy';
import { deployUntil } from '../stacks/deploy-until';
import { isBeingUpdated, repairNames, repairSide } from '../stacks/repair';
import { changeSetCalls } from './deploy-step';
import { condition, declaredIn, type Night, restCalls, step, wordsOf } from './night';
import { untilOpened } from './open';

/** Nothing may differ but what an opening will bring. */
export const before = (night: Night): Step =>
  untilOpened(
    night,
    nothingDiffers(night, 'testing', {
      id: 'look',
      title: 'Both sides are as declared',
      seed: ['U14'],
      after: ['smoke-names', 'put-back-blocked-emails', 'own-tests'],
      // What comes after the yes changes what is declared here.
      standsUntil: 'test',
      byHand: 'npm run status',
    }),
  );

export const after = (night: Night): Step =>
  nothingDiffers(night, 'opened', {
    id: 'look-again',
    title: 'Nothing differs',
    seed: ['U15', 'U16'],
    after: ['full-size'],
    byHand: 'npm run status -- --exit-code',
  });

/** What somebody changed by hand meanwhile is mended; what cannot be mended is told at once. */
function nothingDiffers(
  night: Night,
  phase: 'testing' | 'opened',
  given: Pick<Step, 'id' | 'title' | 'seed' | 'after' | 'byHand' | 'standsUntil'>,
): Step {
  const { ports } = night;
  return step(night, phase, {
    ...given,
    minutes: 0.2,
    deadlineMinutes: 30,
    calls: [
      ...changeSetCalls,
      'elasticbeanstalk UpdateEnvironment',
      'elasticbeanstalk RestartAppServer',
      'route53 ChangeResourceRecordSets',
      ...restCalls,
    ],
    touches: ['door', 'traffic', ...sides],
    postconditions: [condition('nothing observed differs', () => differenceEvidence(night))],
    act: async () => {
      const { declared } = await declaredIn(night, phase);
      // What it mends is not asked about: whose doing it may be is told at least.
      const stacks = sides.map((side) => ports.stacks.find(stackNames(ports.settings).side(side)));
      for (const stack of await Promise.all(stacks)) tellRolledBack(ports, stack);
      // A load balancer that was replaced has no door.
      await deployUntil(ports, stackNames(ports.settings).door, wordsOf(night, phase));
      const did = await Promise.all(sides.map((side) => repairSide(ports, side, declared.sides[side])));
      for (const sentence of [...did.flat(), ...(await repairNames(ports, declared))])
        ports.progress(sentence);
      for (const side of sides) await restAgain(ports, side, declared.sides[side]);
      return [];
    },
    underway: async () =>
      (await Promise.all(sides.map((side) => isBeingUpdated(ports, side)))).includes(true),
    attempts: 3,
  });
}

/**
 * Stops the jobs of a side that should be at rest: a process that slept while another went on may start cron when it wakes,
 * and a run that was given up while it opened had let the new side launch.
 */
async function restAgain(ports: Ports, side: Side, { environments }: SidePosture): Promise<void> {
  if (Object.values(environments).some(({ jobs }) => jobs)) return;
  if ((await emptiedEvidence(ports, side)).every(({ holds }) => holds)) return;
  await stopJobs(ports, side, { evenUpdating: true });
}

/** Of an old side that was fenced by force nothing is as declared, but that nobody is there. */
async function differenceEvidence({ ports, from }: Night) {
  const { differences } = await status(ports);
  const emptied = await emptiedEvidence(ports, from);
  const isLeft = emptied.every(({ holds }) => holds);
  const left = new Set(isLeft ? environmentNames(ports.settings, from) : []);
  const counted = differences.filter(({ where }) => !left.has(where));
  const what = `what differs from what is declared${isLeft ? `, but for ${from}, which is fenced by force` : ''}`;
  if (counted.length === 0) return [fact(what, 'nothing', 'nothing')];
  return counted.map((each) => fact(`${each.what} of ${each.where}`, each.observed, each.declared));
}
