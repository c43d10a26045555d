import { lastDatabaseOf } from '../../../record';
import { lostRows, tallies } from '../../../report/activity';
import { type Evidence, fact, type Gate, type Step } from '../../../runbook/step';
import { keptActivity } from '../../database/count-activity';
import { isClosed } from '../../side/door';
import { emptiedEvidence } from '../../side/fence-by-force';
import { doorEvidence } from '../../side/side-evidence';
import { takeOverSent } from '../../test-system/take-over-sent';
import { asWords, deployTo } from '../deploy-step';
import * as looking from '../look';
import { condition, declaredIn, type Night, told, wordsOf } from '../night';
import * as opening from '../open';
import { plainStep } from '../plain-step';
import { stillEvidence } from './give-up';

/** The way back: the new side is the one that loses. */
export const reversedNight = ({ ports, from, to }: Night): Night => ({ ports, from: to, to: from });

/** Behind closed doors neither side can charge, whoever may read the keys. */
export const swapKeys = (night: Night): Step =>
  deployTo(night.ports, {
    id: 'swap-keys',
    title: `Deny ${night.to} the payment keys, and allow them to ${night.from}`,
    seed: ['F2', 'F3'],
    after: ['close-door'],
    minutes: 0.3,
    part: 'fence',
    words: async () => wordsOf(night, 'open'),
    wordsByHand: asWords(wordsOf(night, 'open')),
  });

/**
 * F3, F5: every variable as when it is open, one instance, and nothing launched: an instance that is launched installs
 * its cron, and nothing of the old side may run by itself before what the new one has sent is known.
 */
export function readyOldSide(night: Night): Step {
  const { ports, from } = night;
  return {
    ...deployTo(ports, {
      id: 'ready-old-side',
      title: `Make ${from} ready behind its closed door`,
      seed: ['F3', 'F5'],
      after: ['swap-keys'],
      minutes: 5,
      part: from,
      words: async () => ({ live: from, access: 'testing', reassert: false }),
      wordsByHand: asWords(wordsOf(night, 'open')),
      circumstances: async () => ({ servesAgain: await isClosed(ports, from) }),
    }),
    past: () => whetherDoorIsOpen(night),
  };
}

/** From then on it grows. */
async function whetherDoorIsOpen(night: Night): Promise<Evidence | undefined> {
  const { record, declared } = await declaredIn(night, 'open');
  if (record.posture.live !== night.from || record.posture.access !== 'open') return undefined;
  const doors = await doorEvidence(night.ports, declared);
  return doors.every(({ holds }) => holds) ? doors[0] : undefined;
}

/** F4, and the record: what the new side has is given up with it. */
export const namesBack = (night: Night): Step =>
  deployTo(night.ports, {
    id: 'names',
    title: `Lead every name back to ${night.from}`,
    seed: ['F4'],
    after: ['losses'],
    minutes: 1,
    part: 'traffic',
    words: async () => wordsOf(night, 'open'),
    wordsByHand: asWords(wordsOf(night, 'open')),
  });

/** F5. */
export const openDoor = (night: Night): Step => ({
  ...deployTo(night.ports, {
    id: 'open-door',
    title: `Open the door of ${night.from}`,
    seed: ['F5'],
    after: ['names', 'ready-old-side'],
    minutes: 0.3,
    part: 'door',
    words: async () => wordsOf(night, 'open'),
    wordsByHand: asWords(wordsOf(night, 'open')),
  }),
  preconditions: [
    condition(`the door of ${night.to} is closed`, async () => [await closedEvidence(night)]),
    condition(`nothing of ${night.to} runs by itself`, () => stillEvidence(night)),
  ],
});

/** Somebody may have deployed since it was closed and proved: two open doors at once, and both sides could charge. */
async function closedEvidence({ ports, to }: Night): Promise<Evidence> {
  return fact(`the door of ${to}`, (await isClosed(ports, to)) ? 'closed' : 'not closed', 'closed');
}

/** F1, F2: once people are served again, however long it takes. */
export function fenceNewSide(night: Night): Step {
  const { ports, to } = night;
  return {
    ...deployTo(ports, {
      id: 'fence-new-side',
      title: `Fence ${to}: maintenance, no payments, only reading`,
      seed: ['F1', 'F2'],
      after: ['open-door'],
      minutes: 5,
      part: to,
      words: async () => wordsOf(night, 'open'),
      wordsByHand: asWords(wordsOf(night, 'open')),
    }),
    past: async () => {
      const emptied = await emptiedEvidence(ports, to);
      return emptied.every(({ holds }) => holds) ? emptied[0] : undefined;
    },
  };
}

/** People must not be mailed twice: the copy had the same queue. */
export function takeOver(night: Night): Step {
  const { ports, from, to } = night;
  return plainStep({
    id: 'take-over-sent',
    title: `Mark on ${from} the e-mails that ${to} has sent`,
    seed: ['F6'],
    after: ['losses', 'rest-new-side'],
    minutes: 0.2,
    calls: ['on instance: take-over-sent'],
    byHand: 'Compare the queues of both databases.',
    act: async () => {
      const taken = await takeOverSent(ports);
      return [told('e-mails marked as sent', taken === undefined ? 'none could be' : String(taken))];
    },
  });
}

/** F5: what a job of the new side charged is due on the old one still. */
export const startOldJobs = (night: Night): Step => ({
  ...opening.startNewJobs(reversedNight(night)),
  seed: ['F5'],
  after: ['release', 'take-over-sent', 'fence-new-side', 'welcome'],
  gate: () => dueAgain(night),
});

async function dueAgain({ ports, from, to }: Night): Promise<Gate | undefined> {
  const { settings } = ports;
  const spent = lastDatabaseOf(await ports.record.recorded(), to);
  const activity = spent && (await keptActivity(ports, spent.id));
  if (!activity || lostRows(settings, activity) === 0) return undefined;
  const paid = tallies(settings, activity).filter(({ cents, isLost }) => isLost && cents !== undefined);
  if (paid.every(({ rows, testers }) => rows === testers)) return undefined;
  return {
    will: [`The jobs of ${from} start. What ${to} has charged is due there still, and is charged again.`],
    check: [`Payments that were made on ${to} were entered on ${from}, or refunded.`],
  };
}

/** F5: nothing may be launched before its jobs may run. */
export const release = (night: Night): Step => ({
  ...opening.release(reversedNight(night)),
  seed: ['F5'],
  after: ['fence-new-side', 'take-over-sent', 'welcome'],
  past: async () => undefined,
});

export const welcome = (night: Night): Step => ({
  ...opening.welcome(reversedNight(night)),
  seed: ['F5'],
});

export const grow = (night: Night): Step => ({ ...opening.grow(reversedNight(night)), seed: ['F5'] });

export const look = (night: Night): Step => ({ ...looking.after(reversedNight(night)), seed: [] });
