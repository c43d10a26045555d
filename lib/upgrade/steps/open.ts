import { liveHosts, stackNames } from '../../names';
import { fact, type Step } from '../../runbook/step';
import { Bake } from '../run/bake';
import { launchEvidence, releaseJobs, runningEvidence, startJobs } from '../side/jobs';
import { smokeByNames, smokeCommand } from '../side/smoke';
import { visitorsRefused, visitorsWelcome } from '../side/visitors';
import { stackEvidence } from '../stacks/deploy';
import { deployStep } from './deploy-step';
import { condition, type Night, pastToo, phaseOf, readsUntilEverywhere, step, wordsOf } from './night';
import type { GivenStep } from './plain-step';

/** U14: as everybody will meet it, through the testers' door still. */
export function smokeAfter(night: Night): Step {
  const { ports } = night;
  return untilOpened(night, {
    id: 'smoke-names',
    title: 'Every name answers as it should',
    seed: ['U14'],
    after: ['names'],
    minutes: 0.2,
    // The door opens before the record says so, and everybody is let in.
    standsUntil: 'test',
    byHand: 'npm run smoke -- --by names',
    postconditions: [
      condition('every smoke check holds for a tester', () => smokeByNames(ports, false)),
      condition('nobody else is let in', () => visitorsRefused(ports)),
    ],
  });
}

/** U14: settings may name a command of the operator's own. */
export function ownTests(night: Night): Step {
  const { ports } = night;
  return step(night, 'testing', {
    id: 'own-tests',
    title: "The operator's own tests pass",
    seed: ['U14'],
    after: ['smoke-names', 'put-back-blocked-emails'],
    minutes: 1,
    byHand: ports.settings.smoke?.command?.join(' ') ?? '',
    postconditions: [condition('the command ends with exit code 0', () => smokeCommand(ports))],
  });
}

/** U14: people test, for as long as they need. */
export function peopleTest(night: Night): Step {
  const { ports, to } = night;
  return untilOpened(night, {
    id: 'test',
    title: `People test ${to}`,
    seed: ['U14'],
    after: ['look'],
    minutes: 0,
    byHand: 'Follow a link of npm run tester-link, and log in.',
    unanswered: {
      does: 'go back',
      why: 'nobody tested it, so it must not open; and to stop here would keep everybody out until somebody comes',
    },
    gate: async () => ({
      will: [
        `The door of ${to} opens to everybody, its jobs start, and what people do from then on is only there.`,
      ],
      check: [
        'Testers open the links that npm run tester-link prints; what they see is what everybody will get.',
        'A superuser can log in, enter an event and see the statements.',
        `The names ${liveHosts(ports.settings).join(', ')} show the maintenance page to everybody else.`,
        'The report of the conversion: numbers that were left.',
      ],
    }),
  });
}

/**
 * A step of the testing that is past once the door is open, which is before the record says so: a run that knows nothing of
 * the one that opened it keeps nobody out again, and asks for no yes that was given.
 */
export function untilOpened(night: Night, given: GivenStep): Step {
  const { record, settings } = night.ports;
  return pastToo(step(night, 'testing', given), async () => {
    if (phaseOf(night, await record.recorded()) !== 'testing') return undefined;
    const evidence = await stackEvidence(night.ports, stackNames(settings).door, wordsOf(night, 'opened'));
    if (!evidence.every(({ holds }) => holds)) return undefined;
    return fact(`the door of ${night.to}`, 'open to everybody', 'open to everybody');
  });
}

/** U15: its processes are as everybody will get them already. */
export const openDoor = (night: Night): Step =>
  deployStep(night, {
    id: 'open-door',
    title: `Open the door of ${night.to}`,
    seed: ['U15'],
    after: ['test'],
    minutes: 0.3,
    phase: 'testing',
    towards: 'opened',
    part: 'door',
  });

/** U15, seen from outside. */
export function welcome(night: Night): Step {
  const { ports } = night;
  return step(night, 'opened', {
    id: 'welcome',
    title: 'An ordinary visitor is welcome at every name',
    seed: ['U15'],
    after: ['open-door'],
    minutes: 0.7,
    reads: readsUntilEverywhere,
    byHand: 'npm run smoke -- --by names',
    postconditions: [
      condition('no name refuses an ordinary visitor', () => visitorsWelcome(ports)),
      condition('every smoke check holds', () => smokeByNames(ports, false)),
    ],
  });
}

/** U16: a side that is open must be allowed to launch. */
export function release(night: Night): Step {
  const { ports, to } = night;
  return step(night, 'testing', {
    id: 'release',
    title: `Let ${to} launch instances again`,
    seed: ['U16'],
    after: ['test'],
    minutes: 0.2,
    calls: ['autoscaling ResumeProcesses'],
    byHand: `npm run jobs -- release --side ${to}`,
    postconditions: [condition(`the groups of ${to} may launch`, () => launchEvidence(ports, to))],
    act: async () => {
      await releaseJobs(ports, to);
      return [];
    },
  });
}

export const recordOpen = (night: Night): Step => ({
  ...deployStep(night, {
    id: 'record-open',
    title: `Record that ${night.to} is open`,
    seed: ['U15'],
    after: ['open-door', 'release'],
    minutes: 0.3,
    phase: 'testing',
    towards: 'opened',
    part: 'traffic',
  }),
  byHand: `npx cdk deploy --all -c live=${night.to} -c access=open`,
});

export function startNewJobs(night: Night): Step {
  const { ports, to } = night;
  return step(night, 'opened', {
    id: 'start-jobs',
    title: `Start the jobs of ${to}`,
    seed: ['U15'],
    after: ['record-open'],
    minutes: 0.2,
    calls: ['on instance: start-jobs'],
    byHand: `npm run jobs -- start --side ${to}`,
    postconditions: [condition(`cron runs on every instance of ${to}`, () => runningEvidence(ports, to))],
    act: async () => {
      await startJobs(ports, to);
      return [];
    },
  });
}

/** U16, when people are served already: it restarts nothing. */
export const grow = (night: Night): Step => ({
  ...deployStep(night, {
    id: 'full-size',
    title: `Bring ${night.to} to its full size`,
    seed: ['U16'],
    after: ['start-jobs', 'welcome'],
    minutes: 5,
    phase: 'opened',
    towards: 'opened',
    part: night.to,
  }),
  byHand: `npx cdk deploy --all -c live=${night.to} -c access=open`,
});

/** What it takes from the record of the opening to the end of all that follows it. */
const minutesToGrow = 6;

/** Nobody waits for it: people are served, and the old side is as it was left. */
export function bake(night: Night): Step {
  const { ports, from, to } = night;
  const { bakeMinutes } = ports.settings;
  const watched = new Bake(ports, { opened: to, warm: from });
  return step(night, 'opened', {
    id: 'bake',
    title: `Watch ${to} until it has been open for ${bakeMinutes} minutes`,
    seed: [],
    after: ['look-again'],
    minutes: Math.max(0, bakeMinutes - minutesToGrow),
    deadlineMinutes: bakeMinutes + 30,
    lookEveryMs: 60_000,
    watches: true,
    byHand: 'eb health, npm run smoke -- --by names, npm run activity',
    postconditions: [
      condition(`${to} serves people well`, () => watched.look()),
      condition(`${to} has been open for ${bakeMinutes} minutes`, () => watched.lasted(bakeMinutes)),
    ],
  });
}
