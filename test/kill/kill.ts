import { randomInt } from 'node:crypto';
import { exitCodes } from '../../lib/runbook/errors';
import { seededRandom } from '../../sandbox/actors/random';
import { countWord, main } from '../../scripts/command';
import type { Say } from '../../scripts/progress';
import { table } from '../../scripts/table';
import { Stage } from '../support/stage';
import { cobalt } from '../support/upgrade';
import { type End, endOf, unlike } from './end-of-run';
import { type Kill, type Moment, type Played, play, randomMoments } from './killed-run';

interface Result {
  seed: number;
  kills: Kill[];
  /** What is not as it should be. */
  faults: string[];
  seconds: number;
}

const night = [
  { command: 'npm run cutover -- --yes', kills: 8 },
  { command: 'npm run failback -- --yes', kills: 4 },
];
const fewestKills = 10;
const longestRestartMs = 5_000;
const minuteMs = 60_000;

interface Ended extends Played {
  end: End;
}

/** The night and the way back in a world of its own. */
async function playNight(say: Say, momentsOf: (index: number) => Moment[]): Promise<Ended[]> {
  const stage = await Stage.open(cobalt, { actors: true, size: undefined });
  try {
    await stage.deploy();
    const runs: Ended[] = [];
    for (const [index, { command }] of night.entries()) {
      const moments = momentsOf(index);
      say(`${command}, killed ${moments.length} times`);
      const played = await play(stage, command, moments);
      // People use what they are given.
      await stage.sandbox.world.clock.skip(3 * minuteMs);
      runs.push({ ...played, end: await endOf(stage, played.report) });
    }
    return runs;
  } finally {
    await stage.close();
  }
}

function faultsOf(undisturbed: Ended[], killed: Ended[]): string[] {
  const kills = killed.flatMap((run) => run.kills);
  const slow = kills.filter(({ restartMs = 0 }) => restartMs > longestRestartMs);
  return [
    ...undisturbed.flatMap(({ end }) => end.broken),
    ...killed.flatMap(({ end }, index) =>
      unlike(undisturbed[index]!.end, end).map((what) => `${night[index]!.command}: ${what}`),
    ),
    ...slow.map(({ during }) => `the process after the one killed at "${during}" took longer than 5 s`),
    ...(kills.length < fewestKills ? [`only ${kills.length} processes were killed`] : []),
  ];
}

main<{ seed: number }, Result>({
  name: 'test:kill',
  description:
    'Kills the process of a runbook (SIGKILL) at random moments and types its command again, until it is done; then compares with a run that was left alone.',
  options: (command) =>
    command.option('--seed <n>', 'kill at the moments of this number', countWord, randomInt(1, 9_999)),
  speaks: true,
  act: async ({ options: { seed }, say }) => {
    say(`--seed ${seed}`);
    const sinceMs = performance.now();
    const random = seededRandom(seed);
    const undisturbed = await playNight(say, () => []);
    const killed = await playNight(say, (index) =>
      randomMoments(random, night[index]!.kills, undisturbed[index]!.events),
    );
    return {
      seed,
      kills: killed.flatMap(({ kills }) => kills),
      faults: faultsOf(undisturbed, killed),
      seconds: Math.round((performance.now() - sinceMs) / 1000),
    };
  },
  exitCode: ({ faults }) => (faults.length === 0 ? exitCodes.done : exitCodes.invariant),
  print: told,
});

function told({ seed, kills, faults, seconds }: Result): string {
  const secondsOf = (ms: number | undefined) => (ms === undefined ? '-' : (ms / 1000).toFixed(1));
  const restarts = kills.flatMap(({ restartMs }) => restartMs ?? []);
  return [
    table(
      ['KILLED', 'AFTER S', 'AGAIN AT WORK AFTER S', 'WHILE'],
      kills.map(({ command, afterMs, restartMs, during }) => [
        command,
        secondsOf(afterMs),
        secondsOf(restartMs),
        during,
      ]),
    ),
    `${kills.length} processes were killed. The next one acted or looked within ${secondsOf(Math.max(...restarts))} seconds; it may take ${longestRestartMs / 1000}.`,
    faults.length === 0
      ? 'Each run ended as one that was left alone.'
      : `Not as it should be, with --seed ${seed}:\n${faults.join('\n')}`,
    `The whole took ${seconds} seconds.`,
  ].join('\n');
}
