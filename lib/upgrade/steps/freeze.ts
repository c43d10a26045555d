import { cname } from '../../names';
import { fact, type Step } from '../../runbook/step';
import { restingEvidence } from '../database/at-rest';
import { proveFrozen } from '../database/prove-frozen';
import { denialEvidence } from '../side/fence-by-force';
import { releaseJobs, restEvidence, startJobs, stopJobs } from '../side/jobs';
import { visitorsRefused } from '../side/visitors';
import { isBeingUpdated, repairSide } from '../stacks/repair';
import { deployStep } from './deploy-step';
import {
  condition,
  declaredIn,
  type Night,
  orFencedByForce,
  readsUntilEverywhere,
  restCalls,
  step,
} from './night';
import { openAgain } from './open-again';

/** U3, before anything else: what nobody can reach is written by nobody, whatever its processes hold. */
export const closeDoor = (night: Night): Step => ({
  ...deployStep(night, {
    id: 'close-door',
    title: `Close the door of ${night.from}`,
    seed: ['U3'],
    after: ['begin'],
    minutes: 0.5,
    phase: 'open',
    towards: 'frozen',
    part: 'door',
  }),
  undo: () => openAgain(night),
});

/** U2: nothing of the old side's starts any more, and what runs ends by itself: a killed sender sends again. */
export function stopOldJobs(night: Night): Step {
  const { ports, from } = night;
  const gentle = step(night, 'frozen', {
    id: 'stop-jobs',
    title: `Stop the jobs of ${from} and let them end`,
    seed: ['U2'],
    after: ['begin'],
    minutes: 0.5,
    deadlineMinutes: 40,
    calls: restCalls,
    byHand: `npm run jobs -- stop --side ${from}`,
    postconditions: [condition(`the jobs of ${from} are at rest`, () => restEvidence(ports, from))],
    act: async () => {
      await stopJobs(ports, from);
      return [];
    },
    undo: async () => {
      await releaseJobs(ports, from);
      await startJobs(ports, from);
    },
  });
  return orFencedByForce(night, gentle);
}

/** What is meant is recorded before it is all so: a call-off then knows that the copy being made is of no use. */
export const recordFrozen = (night: Night): Step => ({
  ...deployStep(night, {
    id: 'record-frozen',
    title: `Record that ${night.from} is frozen`,
    seed: ['U2'],
    after: ['close-door', 'stop-jobs'],
    minutes: 0.3,
    phase: 'open',
    towards: 'frozen',
    part: 'traffic',
  }),
  byHand: 'npx cdk deploy --all -c access=frozen',
  undo: () => openAgain(night),
});

/** U2, the second lock: no role of the old side may read the payment keys any more. */
export function denyOldKeys(night: Night): Step {
  const { ports, from } = night;
  const gentle = deployStep(night, {
    id: 'deny-keys',
    title: `Deny ${from} the payment keys`,
    seed: ['U2'],
    after: ['close-door', 'stop-jobs'],
    minutes: 0.3,
    phase: 'frozen',
    towards: 'frozen',
    part: 'fence',
  });
  return {
    ...orFencedByForce(night, gentle),
    // Not the whole template: the new side is allowed them in the same phase.
    postconditions: [
      condition(`no role of ${from} may read the payment keys`, () => denialEvidence(ports, from)),
    ],
    undo: () => openAgain(night),
  };
}

/** U2: both environments at once, while the snapshot is taken. */
export const freeze = (night: Night): Step => ({
  ...orFencedByForce(
    night,
    deployStep(night, {
      id: 'freeze',
      title: `Freeze ${night.from}: maintenance, no payments, only reading`,
      seed: ['U2'],
      after: ['deny-keys', 'reader', 'at-rest'],
      minutes: 5,
      phase: 'frozen',
      towards: 'frozen',
      part: night.from,
    }),
  ),
  byHand: 'npx cdk deploy --all -c access=frozen',
  undo: () => openAgain(night),
});

/** U3, asked from outside by DNS and HTTP. */
export function refused(night: Night): Step {
  const { ports } = night;
  return step(night, 'frozen', {
    id: 'refused',
    title: 'An ordinary visitor is refused at every name',
    seed: ['U3'],
    after: ['close-door'],
    minutes: 0.7,
    reads: readsUntilEverywhere,
    byHand: 'Ask each name from another computer.',
    postconditions: [
      condition('the names still lead to the old side', async () => oldSideAnswers(night)),
      condition('every name refuses an ordinary visitor', () => visitorsRefused(ports)),
    ],
  });
}

async function oldSideAnswers({ ports, from }: Night) {
  const hosts = Object.entries(ports.settings.roles).flatMap(([role, { hosts }]) =>
    hosts.map((host) => [host, cname(ports.settings, from, role)] as const),
  );
  return Promise.all(
    hosts.map(async ([host, target]) => {
      const [seen, wanted] = await Promise.all([ports.outside.resolve(host), ports.outside.resolve(target)]);
      return fact(`where ${host} leads`, seen.sort().join(', '), wanted.sort().join(', '));
    }),
  );
}

/** U2: what was let in before the door closed has ended, and nothing is written any more. */
export function atRest(night: Night): Step {
  const { ports } = night;
  return step(night, 'frozen', {
    id: 'at-rest',
    title: 'No row is written any more',
    seed: ['U2'],
    after: ['refused', 'stop-jobs'],
    minutes: 0.3,
    deadlineMinutes: 40,
    byHand: 'Ask pg_stat_activity and pg_stat_user_tables of the database, some seconds apart.',
    postconditions: [condition('rows are at rest', () => restingEvidence(ports))],
  });
}

/** U2, proved: processes, sessions, row counters, the reader, the Deny. */
export function proveItFrozen(night: Night): Step {
  const { ports, from } = night;
  return step(night, 'frozen', {
    id: 'prove-frozen',
    title: 'Prove that nobody can write',
    seed: ['U2'],
    after: ['freeze', 'record-frozen'],
    minutes: 0.5,
    deadlineMinutes: 40,
    calls: [
      'autoscaling SuspendProcesses',
      'on instance: stop-jobs',
      'elasticbeanstalk UpdateEnvironment',
      'elasticbeanstalk RestartAppServer',
    ],
    touches: [from],
    byHand: 'npm run prove-frozen',
    postconditions: [
      condition('nobody can write, and nobody can charge', async () => (await proveFrozen(ports)).evidence),
    ],
    // What somebody changed since, or an instance that was replaced and installed its cron.
    act: async () => {
      await stopJobs(ports, from);
      const { declared } = await declaredIn(night, 'frozen');
      for (const sentence of await repairSide(ports, from, declared.sides[from])) ports.progress(sentence);
      return [];
    },
    underway: () => isBeingUpdated(ports, from),
    attempts: 3,
  });
}
