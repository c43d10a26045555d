import { lastDatabaseOf } from '../../../record';
import { described, lostRows } from '../../../report/activity';
import { UpgradeError } from '../../../runbook/errors';
import { type Evidence, fact, type Gate, type Step } from '../../../runbook/step';
import {
  activityKey,
  copyAndSource,
  countActivity,
  keepActivity,
  keptActivity,
} from '../../database/count-activity';
import type { Ports } from '../../ports';
import { openEvidence } from '../../run/take-back';
import { emptiedEvidence, fenceByForce } from '../../side/fence-by-force';
import { restEvidence, stopJobs } from '../../side/jobs';
import { testersRefused, visitorsRefused } from '../../side/visitors';
import { deployTo } from '../deploy-step';
import { condition, type Night, readsUntilEverywhere, restCalls, told, wordsOf } from '../night';
import { plainStep } from '../plain-step';

/** What is typed where what people did cannot be counted. */
const uncounted = 'uncounted';

/** Whether the old side is recorded as open: what comes before the names is over then. */
async function isBack({ ports, from }: Night): Promise<Evidence | undefined> {
  const { live, access } = (await ports.record.recorded()).posture;
  if (live !== from || access !== 'open') return undefined;
  return fact('the recorded posture', `${live}/${access}`, `${from}/open`);
}

/** Everything is told before anything changes; what would be lost is counted again once nobody is let in any more. */
export function begin(night: Night): Step {
  const { ports, from, to } = night;
  return plainStep({
    id: 'begin',
    title: `Go back from ${to} to ${from}`,
    seed: [],
    after: [],
    minutes: 0,
    byHand: 'Tell everybody that it begins.',
    unanswered: { does: 'stop', why: 'nothing was changed, and whoever is served is served as before' },
    past: async () => {
      const evidence = await openEvidence(ports);
      return evidence.every(({ holds }) => holds) ? evidence[0] : undefined;
    },
    gate: async () => ({
      will: [
        `The door of ${to} closes and its jobs end${ports.settings.sync ? ', a sync that goes on included' : ''}; ${from} opens again on its own database, with its names, payment keys and jobs.`,
        `Up to now people's rows that ${from} lacks, and that stay behind on ${to}: ${await soFar(ports)}.`,
      ],
      check: ['Going on with the upgrade is no better: npm run status shows what is so.'],
    }),
  });
}

async function soFar(ports: Ports): Promise<string> {
  try {
    const activity = await countActivity(ports);
    return activity ? described(ports.settings, activity) : 'none that could be counted';
  } catch (error) {
    if (!(error instanceof UpgradeError)) throw error;
    return `they cannot be counted now (${error.text.so})`;
  }
}

/** F1: from here on nothing that people do is lost. */
export const closeDoor = (night: Night): Step => ({
  ...deployTo(night.ports, {
    id: 'close-door',
    title: `Close the door of ${night.to}`,
    seed: ['F1'],
    after: ['begin'],
    minutes: 0.3,
    part: 'door',
    words: async () => {
      const { live } = (await night.ports.record.recorded()).posture;
      return { live, access: 'frozen', reassert: false };
    },
    wordsByHand: '-c access=frozen',
  }),
  past: () => isBack(night),
});

/** F1, F2: its jobs charge too. An instance that cannot be asked is ended, not trusted. */
export function restNewSide(night: Night): Step {
  const { ports, to } = night;
  return plainStep({
    id: 'rest-new-side',
    title: `Stop the jobs of ${to}`,
    seed: ['F1'],
    after: ['begin'],
    minutes: 0.5,
    deadlineMinutes: 40,
    calls: restCalls,
    touches: ['door', 'fence', 'traffic'],
    byHand: `npm run jobs -- stop --side ${to}`,
    postconditions: [condition(`nothing of ${to} runs by itself`, () => stillEvidence(night))],
    act: async () => {
      try {
        await stopJobs(ports, to, { evenUpdating: true });
        return [];
      } catch (error) {
        if (!cannotBeAsked(error)) throw error;
        ports.progress(`${to} cannot be asked, so it is fenced by force: ${error.text.so}`);
        return (await fenceByForce(ports, to, wordsOf(night, 'open'))).evidence;
      }
    },
    attempts: 2,
  });
}

const silent = new Set(['INSTANCE_UNREACHABLE', 'ENVIRONMENT_NOT_READY', 'ENVIRONMENT_MISSING']);
const cannotBeAsked = (error: unknown): error is UpgradeError =>
  error instanceof UpgradeError && silent.has(error.code);

/** Its jobs are at rest, or no instance of it is left. */
export async function stillEvidence({ ports, to }: Night): Promise<Evidence[]> {
  const emptied = await emptiedEvidence(ports, to);
  if (emptied.every(({ holds }) => holds)) return emptied;
  try {
    return await restEvidence(ports, to, { evenUpdating: true });
  } catch (error) {
    if (!cannotBeAsked(error)) throw error;
    return [fact(`the jobs of ${to}`, error.text.so, 'at rest')];
  }
}

/** F1, asked from outside until the change of the door is everywhere. */
export function refused(night: Night): Step {
  const { ports, to } = night;
  return plainStep({
    id: 'refused',
    title: 'An ordinary visitor is refused at every name',
    seed: ['F1'],
    after: ['close-door'],
    minutes: 0.7,
    reads: readsUntilEverywhere,
    byHand: 'Ask each name from another computer.',
    past: () => isBack(night),
    postconditions: [
      condition('every name refuses an ordinary visitor', () => visitorsRefused(ports)),
      // It holds its keys until the old side is open again, and its testers were let in.
      condition(`every name of ${to} refuses a tester`, () => testersRefused(ports, to)),
    ],
  });
}

/** F6: "check recent activity, especially entries and payments". */
export function count(night: Night): Step {
  const { ports, to } = night;
  return plainStep({
    id: 'count',
    title: `Count what people did on ${to}`,
    seed: ['F6'],
    after: ['refused', 'rest-new-side'],
    minutes: 0.2,
    calls: ['s3 PutObject'],
    byHand: 'npm run activity',
    past: () => isBack(night),
    act: async () => {
      try {
        const activity = await countActivity(ports);
        if (!activity) return [told(`what people did on ${to}`, 'nothing that could be counted')];
        await keepActivity(ports, activity);
        return [
          told(`what people did on ${to}`, described(ports.settings, activity)),
          told('rows that are lost with it', String(lostRows(ports.settings, activity))),
          told('where each row is listed', `${activityKey(activity.database, 'html')} in the bucket`),
        ];
      } catch (error) {
        if (!isOutOfReach(error)) throw error;
        return [told(`why what people did on ${to} is ${uncounted}`, error.text.so)];
      }
    },
  });
}

const outOfReach = new Set([...silent, 'NO_INSTANCE', 'DATABASE_UNREACHABLE', 'SOURCE_UNKNOWN']);
const isOutOfReach = (error: unknown): error is UpgradeError =>
  error instanceof UpgradeError && outOfReach.has(error.code);

/** F6: whoever gives rows of people's up has seen how many. */
export function losses(night: Night): Step {
  const { ports, to } = night;
  return plainStep({
    id: 'losses',
    title: `Give up what people did on ${to}`,
    seed: ['F6'],
    after: ['count'],
    minutes: 0,
    byHand: 'Read the page of npm run activity.',
    past: () => isBack(night),
    gate: () => gateOf(ports),
  });
}

async function gateOf(ports: Ports): Promise<Gate | undefined> {
  const { settings, record } = ports;
  const { to } = settings.upgrade;
  const read = await record.recorded();
  const database = lastDatabaseOf(read, to);
  const isAnothers = read.posture.live !== to && !copyAndSource(settings, read);
  if (!settings.activity || !database || isAnothers) return undefined;
  const activity = await keptActivity(ports, database.id);
  if (!activity)
    return {
      will: [`Whatever people did on ${to} is lost with it: it could not be counted.`],
      check: [`The latest rows of ${database.id}, as far as it answers.`],
      word: uncounted,
    };
  const lost = lostRows(settings, activity);
  if (lost === 0) return undefined;
  return {
    will: [`${lost} rows are lost with ${to}: ${described(settings, activity)}.`],
    check: [
      `${activityKey(activity.database, 'html')} and .csv in the operations bucket list each of them.`,
      `To open ${to} again instead: npm run unlock, then npx cdk deploy --all.`,
    ],
    word: String(lost),
  };
}
