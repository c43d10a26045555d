import { liveHosts } from '../../names';
import { PreconditionError } from '../../runbook/errors';
import { type Condition, fact, type Step } from '../../runbook/step';
import { mailEventsWarning } from '../database/mail-events';
import { beginEarlySnapshot, earlyEvidence } from '../database/snapshot';
import { poll } from '../poll';
import { firstInstance, readyEnvironments } from '../side/choose-instance';
import {
  launchEvidence,
  releaseJobs,
  restEvidence,
  runningEvidence,
  startJobs,
  stopJobs,
} from '../side/jobs';
import { launching } from '../side/observed';
import { makeReader, readerEvidence } from '../side/reader';
import { scale, sizeEvidence } from '../side/scale';
import { sideEvidence } from '../side/side-evidence';
import { testerLink } from '../side/tester-link';
import { repairSide } from '../stacks/repair';
import { syncWarning } from '../test-system/sync';
import { deployStep } from './deploy-step';
import { condition, declaredIn, type Night, orFencedByForce, phaseOf, restCalls, step } from './night';

/** U1, allowed before the window: fewer instances to change later. */
export function scaleDown(night: Night): Step {
  const { ports, from } = night;
  const gentle = step(night, 'open', {
    id: 'scale-down',
    title: `Scale ${from} to one instance`,
    seed: ['U1'],
    after: [],
    minutes: 5,
    calls: [
      'autoscaling SuspendProcesses',
      'on instance: stop-jobs',
      'elasticbeanstalk UpdateEnvironment',
      'autoscaling ResumeProcesses',
      'on instance: start-jobs',
    ],
    touches: [from],
    byHand: `npm run scale -- --side ${from} --size 1`,
    standsUntil: 'begin',
    preconditions: [inTheNight(night)],
    postconditions: [
      condition('each environment has one instance', () => sizeEvidence(ports, from, 1)),
      // The act stops them for a moment; whoever was cut off then must not leave them so for hours.
      condition(`the jobs of ${from} run on until the window`, async () => [
        ...(await launchEvidence(ports, from)),
        ...(await runningEvidence(ports, from)),
      ]),
    ],
    act: async () => {
      await scale(ports, { side: from, size: 1 });
      await releaseJobs(ports, from);
      await startJobs(ports, from);
      return [];
    },
    undo: async () => {
      await releaseJobs(ports, from);
      const { declared } = await declaredIn(night, 'open');
      await repairSide(ports, from, declared.sides[from]);
      const until = `${from} has its open size`;
      await poll(ports, { until, everyMs: 10_000, forMs: 30 * 60_000 }, async () =>
        (await sideEvidence(ports, declared, from)).every(({ holds }) => holds) ? true : undefined,
      );
      await startJobs(ports, from);
    },
  });
  return orFencedByForce(night, gentle);
}

/** U14: the tool is a tester too, and shows at the door what a person's browser does. */
export function linkForTesters(night: Night): Step {
  const { ports } = night;
  return step(night, 'open', {
    id: 'tester-link',
    title: 'Make the link for the testers',
    seed: ['U14'],
    after: [],
    minutes: 0.1,
    calls: ['ssm PutParameter'],
    byHand: 'npm run tester-link',
    preconditions: [inTheNight(night)],
    postconditions: [
      condition('there is a link for the testers', async () => {
        const testerToken = await ports.record.readTesterToken();
        return [fact('the link for the testers', testerToken === undefined ? 'not made' : 'made', 'made')];
      }),
    ],
    act: async () => {
      await testerLink(ports);
      return [];
    },
  });
}

/** Before U4: what it holds already, the snapshot in the window need not take. */
export function early(night: Night): Step {
  const { ports, from } = night;
  return step(night, 'open', {
    id: 'early-snapshot',
    title: `Take a first snapshot of the database of ${from}, while it is open`,
    seed: ['P6', 'U4'],
    after: [],
    minutes: 8,
    deadlineMinutes: 120,
    calls: ['rds CreateDBSnapshot'],
    byHand: 'npm run snapshot -- --early',
    preconditions: [inTheNight(night)],
    postconditions: [condition('the first snapshot is available', () => earlyEvidence(ports))],
    act: async () => {
      const { id, source } = await beginEarlySnapshot(ports);
      return [fact(`what ${id} is of`, source, source)];
    },
    standsUntil: 'begin',
  });
}

/** The new side's cron must not run on the copy, nor anything that its groups would launch. */
export function restNewSide(night: Night): Step {
  const { ports, to } = night;
  return step(night, 'frozen', {
    id: 'rest-new-side',
    title: `Stop the jobs of ${to}`,
    seed: ['P3', 'U2'],
    after: [],
    minutes: 1,
    deadlineMinutes: 40,
    calls: restCalls,
    byHand: `npm run jobs -- stop --side ${to}`,
    preconditions: [inTheNight(night)],
    postconditions: [
      hasInstances(night),
      condition(`the jobs of ${to} are at rest`, () => restEvidence(ports, to)),
    ],
    act: async () => {
      await stopJobs(ports, to);
      return [];
    },
    underway: () => isLaunching(night),
  });
}

/** A group that may launch nothing would never launch an instance that is missing. */
function hasInstances({ ports, to }: Night): Condition {
  return condition(`each environment of ${to} has an instance`, async () =>
    (await readyEnvironments(ports, to)).map(({ name, instances }) =>
      fact(`whether ${name} has an instance`, instances.length > 0 ? 'yes' : 'no', 'yes'),
    ),
  );
}

/** Whether an instance that is missing is on its way. */
async function isLaunching({ ports, to }: Night): Promise<boolean> {
  const empty = (await readyEnvironments(ports, to)).filter(({ instances }) => instances.length === 0);
  const suspended = await Promise.all(
    empty.map(({ autoScalingGroup }) => ports.scalingGroups.suspended(autoScalingGroup)),
  );
  return suspended.some((processes) => !launching.some((each) => processes.includes(each)));
}

/** Days before or now: the login that a frozen side gets. */
export function reader(night: Night): Step {
  const { ports } = night;
  return step(night, 'open', {
    id: 'reader',
    title: 'Make the login that only reads',
    seed: ['U2'],
    after: ['scale-down'],
    minutes: 1,
    calls: ['ssm PutParameter', 'on instance: make-reader'],
    byHand: 'npm run reader',
    preconditions: [inTheNight(night)],
    postconditions: [condition('the reader reads every table and writes none', () => readerEvidence(ports))],
    act: async () => {
      await makeReader(ports);
      return [];
    },
  });
}

/** U3: a new web ACL may not be associated for a while; afterwards only its rules change. */
export const hangDoors = (night: Night): Step => ({
  ...deployStep(night, {
    id: 'doors',
    title: 'Have a door before every load balancer',
    seed: ['U3'],
    after: ['tester-link'],
    minutes: 0.5,
    phase: 'open',
    towards: 'open',
    part: 'door',
    preconditions: [inTheNight(night)],
  }),
  standsUntil: 'begin',
});

/** The window opens: what will happen is told, and a person says yes. */
export function beginWindow(night: Night, outageMinutes: () => number): Step {
  const { ports, from, to } = night;
  return step(night, 'open', {
    id: 'begin',
    title: 'Begin the outage',
    seed: ['U2'],
    after: ['scale-down', 'early-snapshot', 'rest-new-side', 'reader', 'doors'],
    minutes: 0,
    byHand: 'Tell everybody that it begins.',
    unanswered: { does: 'stop', why: 'people are served as before, and nothing is lost by waiting' },
    gate: async () => ({
      will: [
        `The door of ${from} closes: from now on visitors of ${liveHosts(ports.settings).join(', ')} are refused, for about ${Math.round(outageMinutes())} minutes and the time of testing.`,
        `${from} stops its jobs, gives up its payment keys and gets a login that only reads; ${to} is opened on a copy of its database.`,
        ...mailEventsWarning(ports.settings, outageMinutes()),
        ...(await syncWarning(ports, from)),
      ],
      check: ['The club knows.', 'Nobody else deploys or changes anything in AWS tonight.'],
    }),
  });
}

/** The runbook leads from one side's open posture to the other's: it can begin at any posture on the way. */
export function inTheNight(night: Night) {
  return condition(`the recorded posture is on the way from ${night.from} to ${night.to}`, async () => {
    const record = await night.ports.record.recorded();
    const { live, access } = record.posture;
    if (phaseOf(night, record) !== undefined) {
      for (const environment of await readyEnvironments(night.ports, night.to))
        firstInstance(environment, night.to);
      return [fact('the recorded posture', `${live}/${access}`, `${live}/${access}`)];
    }
    throw new PreconditionError('NOT_ON_THE_WAY', {
      so: `The recorded posture is ${live}/${access}, from which no step leads from ${night.from} to ${night.to}.`,
      next: `Look with npm run status which posture may come next; the direction is upgrade.from and upgrade.to of the settings.`,
    });
  });
}
