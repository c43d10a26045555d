import { cname, stackNames } from '../../names';
import { StepFailedError } from '../../runbook/errors';
import { fact, type Step } from '../../runbook/step';
import { deployUntil } from '../deploy-until';
import { releaseJobs, restEvidence, startJobs, stopJobs } from '../jobs';
import { proveFrozen, visitorsRefused } from '../prove-frozen';
import { isBeingUpdated, repairSide } from '../repair';
import { noKeysEvidence } from '../side-evidence';
import { deployStep } from './deploy-step';
import {
  condition,
  declaredIn,
  type Night,
  orFencedByForce,
  readsUntilEverywhere,
  step,
  wordsOf,
} from './night';

/** U3, before anything else: what nobody can reach is written by nobody, whatever its processes hold. */
export const closeDoor = (night: Night): Step => ({
  ...deployStep(night, {
    id: 'close-door',
    title: `Close the door of ${night.from}`,
    seed: ['U3'],
    after: ['begin', 'tester-link'],
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
  const gentle = step(night, 'open', {
    id: 'stop-jobs',
    title: `Stop the jobs of ${from} and let them end`,
    seed: ['U2'],
    after: ['begin', 'close-door'],
    minutes: 1,
    deadlineMinutes: 40,
    calls: ['autoscaling SuspendProcesses', 'on instance: stop-jobs'],
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

/** U2, the second lock: no role of the old side may read the payment keys any more. */
export const denyOldKeys = (night: Night): Step => ({
  ...orFencedByForce(
    night,
    deployStep(night, {
      id: 'deny-keys',
      title: `Deny ${night.from} the payment keys`,
      seed: ['U2'],
      after: ['stop-jobs'],
      minutes: 0.2,
      phase: 'open',
      towards: 'frozen',
      part: 'fence',
    }),
  ),
  undo: () => openAgain(night),
});

/** U2: both environments at once. */
export const freeze = (night: Night): Step => ({
  ...orFencedByForce(
    night,
    deployStep(night, {
      id: 'freeze',
      title: `Freeze ${night.from}: maintenance, no payments, only reading`,
      seed: ['U2'],
      after: ['deny-keys', 'reader'],
      minutes: 5,
      phase: 'open',
      towards: 'frozen',
      part: night.from,
    }),
  ),
  byHand: 'npx cdk deploy --all -c access=frozen',
  undo: () => openAgain(night),
});

export const recordFrozen = (night: Night): Step => ({
  ...deployStep(night, {
    id: 'record-frozen',
    title: `Record that ${night.from} is frozen`,
    seed: ['U2'],
    after: ['freeze'],
    minutes: 0.2,
    phase: 'open',
    towards: 'frozen',
    part: 'traffic',
  }),
  byHand: 'npx cdk deploy --all -c access=frozen',
  undo: () => openAgain(night),
});

/** Fence, losing side, winning side, names: nobody gets the keys before the other has given them up. */
async function openAgain(night: Night): Promise<void> {
  const { ports, from, to } = night;
  const names = stackNames(ports.settings);
  const words = wordsOf(night, 'open');
  await stopJobs(ports, to);
  await releaseJobs(ports, from);
  for (const stack of [names.fence, names.side(to)]) await deployUntil(ports, stack, words);
  const { declared } = await declaredIn(night, 'open');
  const held = (await noKeysEvidence(ports, declared, to)).filter(({ holds }) => !holds);
  if (held.length > 0)
    throw new StepFailedError('KEYS_STILL_HELD', {
      so: `${to} has not given up the payment keys: ${held.map(({ what, observed }) => `${what}: ${observed}`).join('; ')}.`,
      changed: `${from} was not opened.`,
      next: 'Run the same command again. If it stays so: npm run fence -- --help.',
    });
  const doors = ports.settings.door ? [names.door] : [];
  for (const stack of [names.side(from), ...doors, names.traffic]) await deployUntil(ports, stack, words);
}

/** U3, asked from outside by DNS and HTTP. */
export function refused(night: Night): Step {
  const { ports } = night;
  return step(night, 'frozen', {
    id: 'refused',
    title: 'An ordinary visitor is refused at every name',
    seed: ['U3'],
    after: ['record-frozen'],
    minutes: 0.2,
    reads: readsUntilEverywhere(ports.settings),
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

/** U2, proved: processes, sessions, row counters, the reader, the Deny. */
export function proveItFrozen(night: Night): Step {
  const { ports, from } = night;
  return step(night, 'frozen', {
    id: 'prove-frozen',
    title: 'Prove that nobody can write',
    seed: ['U2'],
    after: ['record-frozen'],
    minutes: 0.2,
    deadlineMinutes: 40,
    calls: [
      'autoscaling SuspendProcesses',
      'on instance: stop-jobs',
      'elasticbeanstalk UpdateEnvironment',
      'elasticbeanstalk RestartAppServer',
    ],
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
