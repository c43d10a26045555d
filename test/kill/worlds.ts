import { status } from '../../lib/upgrade/side/status';
import { endpointOf } from '../../sandbox/rds/state';
import { worldByHand } from '../../scripts/rehearsal/world-by-hand';
import type { Say } from '../../scripts/terminal/progress';
import { Stage } from '../support/stage';
import { cobalt, documented } from '../support/upgrade';
import { brokenIn, type End, endOf, unlike } from './end-of-run';
import { type Moment, type Played, play, randomMoments } from './killed-run';
import { Calls, twoProcesses } from './two-processes';

/** Worlds of their own, each with the people who act in it. */

/** A runbook's command, how often its process is killed, and about how many events it has. */
interface Killed {
  command: string;
  kills: number;
  events: number;
}

export const night: Killed[] = [
  { command: 'npm run cutover -- --yes', kills: 8, events: 70 },
  { command: 'npm run failback -- --yes', kills: 4, events: 30 },
];
const testSystem = { command: 'npm run test-system -- --yes', kills: 2, events: 20 };
const adoption: Killed[] = [
  { command: 'npm run adopt -- --yes', kills: 2, events: 3 },
  { command: 'npm run adopt -- --seal --yes', kills: 2, events: 16 },
];
const minuteMs = 60_000;
/** As many rows as a rehearsal has. */
const whole = undefined;

interface Ended extends Played {
  end: End;
}

export interface Outcome {
  kills: Played['kills'];
  /** What is not as it should be. */
  faults: string[];
}

async function inWorld<T>(
  options: Parameters<typeof Stage.open>[1],
  act: (stage: Stage) => Promise<T>,
  settings = cobalt,
) {
  const stage = await Stage.open(settings, { actors: true, ...options });
  try {
    return await act(stage);
  } finally {
    await stage.close();
  }
}

/** The night and the way back, left alone: what the others are compared with. */
export function leftAlone(say: Say): Promise<Ended[]> {
  return inWorld({ size: whole }, async (stage) => {
    await stage.deploy();
    return playNight(stage, say, () => []);
  });
}

/** The same, killed at random moments. */
export function killedNight(say: Say, random: () => number, undisturbed: Ended[]): Promise<Outcome> {
  return inWorld({ size: whole }, async (stage) => {
    await stage.deploy();
    const runs = await playNight(stage, say, ({ command, kills }) => {
      const { events } = undisturbed[night.findIndex((each) => each.command === command)]!;
      return randomMoments(random, kills, events);
    });
    return {
      kills: runs.flatMap(({ kills }) => kills),
      faults: runs.flatMap(({ end }, index) =>
        differing(night[index]!.command, undisturbed[index]!.end, end),
      ),
    };
  });
}

/** The test system is given its copy. */
export function killedTestSystem(say: Say, random: () => number): Promise<Outcome> {
  return inWorld(
    {},
    async (stage) => {
      await stage.deploy();
      return killed(stage, say, random, testSystem);
    },
    documented,
  );
}

/** A production made by hand, adopted. */
export function killedAdoption(say: Say, random: () => number): Promise<Outcome> {
  const plan = worldByHand(cobalt, (id) => endpointOf(cobalt.account, cobalt.region, id), {
    ownRoles: true,
  });
  return inWorld({ plan }, async (stage) => {
    const kills: Played['kills'] = [];
    const faults: string[] = [];
    for (const each of adoption) {
      const outcome = await killed(stage, say, random, each);
      kills.push(...outcome.kills);
      faults.push(...outcome.faults);
    }
    const { differences } = await status(await stage.ports());
    // Of the new side nothing is there yet.
    const left = differences.filter(({ what }) => what !== 'environment');
    return { kills, faults: [...faults, ...left.map((each) => `adopted: ${JSON.stringify(each)}`)] };
  });
}

/** A night that two processes want, of which one sleeps. */
export function sharedNight(say: Say, random: () => number, undisturbed: Ended[]): Promise<Outcome> {
  const calls = new Calls();
  return inWorld({ onCall: calls.note, size: whole }, async (stage) => {
    await stage.deploy();
    const asleepAt = acts[Math.floor(random() * acts.length)]!;
    say(`two processes; one sleeps at "${asleepAt}"`);
    const { report, faults } = await twoProcesses(stage, calls, new RegExp(asleepAt));
    await stage.sandbox.world.clock.skip(3 * minuteMs);
    const [{ end }] = undisturbed as [Ended];
    return { kills: [], faults: [...faults, ...differing('taken over', end, await endOf(stage, report))] };
  });
}

/** What is prepared before a change set of it is executed takes a second of this machine. */
const acts = [
  'CobaltDoor: preparing its change to blue/frozen',
  'CobaltBlue: preparing its change to blue/frozen',
  'CobaltGreen: preparing its change to green/testing',
  'CobaltTraffic: preparing its change to green/testing',
];

async function playNight(stage: Stage, say: Say, momentsOf: (run: Killed) => Moment[]): Promise<Ended[]> {
  const runs: Ended[] = [];
  for (const run of night) {
    const moments = momentsOf(run);
    say(`${run.command}, killed ${moments.length} times`);
    const played = await play(stage, run.command, moments);
    // People use what they are given.
    await stage.sandbox.world.clock.skip(3 * minuteMs);
    runs.push({ ...played, end: await endOf(stage, played.report) });
  }
  return runs;
}

async function killed(stage: Stage, say: Say, random: () => number, run: Killed): Promise<Outcome> {
  say(`${run.command}, killed ${run.kills} times`);
  const { report, kills } = await play(stage, run.command, randomMoments(random, run.kills, run.events));
  const undone = report.steps.filter(({ state }) => !['done', 'proved', 'already'].includes(state));
  const broken = await brokenIn(stage, report);
  return {
    kills,
    faults: [...undone.map(({ id, state }) => `${id}: ${state}`), ...broken].map(
      (fault) => `${run.command}: ${fault}`,
    ),
  };
}

const differing = (name: string, one: End, other: End) =>
  unlike(one, other).map((what) => `${name}: ${what}`);
