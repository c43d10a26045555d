import { randomInt } from 'node:crypto';
import { availableParallelism, loadavg } from 'node:os';
import { exitCodes } from '../../lib/runbook/errors';
import { seededRandom } from '../../sandbox/actors/random';
import { countWord, main } from '../../scripts/terminal/command';
import { table } from '../../scripts/terminal/table';
import type { Kill } from './killed-run';
import { killedAdoption, killedNight, killedTestSystem, leftAlone, sharedNight } from './worlds';

interface Result {
  seed: number;
  kills: Kill[];
  /** What is not as it should be. */
  faults: string[];
  seconds: number;
  /** How busy the machine was, itself included: what takes long on one that is overloaded is no fault of the tool's. */
  machine: string;
}

const fewestKills = 10;
/** A person who types the command again is to see at once that it goes on. */
const longestRestartMs = 5_000;
/**
 * On a machine with more to do than processors it waits for one for most of the time, whatever the tool does, and the same work
 * counts for more: of what is allowed this much may be its own, and the rest AWS's.
 */
const longestBusyMs = 3_500;

function isSlow({ restartMs = 0, busyMs }: Kill, isCrowded: boolean): boolean {
  return restartMs > longestRestartMs && !(isCrowded && busyMs !== undefined && busyMs <= longestBusyMs);
}

main<{ seed: number }, Result>({
  name: 'test:kill',
  description:
    'Kills the processes of runbooks (SIGKILL) at random moments and types their commands again, until they are done; then compares with runs that were left alone. One sleeps, and another takes its run.',
  options: (command) =>
    command.option('--seed <n>', 'kill at the moments of this number', countWord, randomInt(1, 9_999)),
  speaks: true,
  act: async ({ options: { seed }, say }) => {
    say(`--seed ${seed}`);
    const sinceMs = performance.now();
    const random = seededRandom(seed);
    const undisturbed = await leftAlone(say);
    const outcomes = [
      await killedNight(say, random, undisturbed),
      await sharedNight(say, random, undisturbed),
      await killedAdoption(say, random),
      await killedTestSystem(say, random),
    ];
    const kills = outcomes.flatMap((outcome) => outcome.kills);
    const load = loadavg()[2]!;
    const slow = kills.filter((kill) => isSlow(kill, load > availableParallelism()));
    return {
      seed,
      kills,
      faults: [
        ...undisturbed.flatMap(({ end }) => end.broken),
        ...outcomes.flatMap(({ faults }) => faults),
        ...slow.map(({ during }) => `longer than 5 s after the kill at "${during}"`),
        ...(kills.length < fewestKills ? [`only ${kills.length} processes were killed`] : []),
      ],
      seconds: Math.round((performance.now() - sinceMs) / 1000),
      machine: `${availableParallelism()} processors, ${load.toFixed(1)} busy`,
    };
  },
  exitCode: ({ faults }) => (faults.length === 0 ? exitCodes.done : exitCodes.invariant),
  print: told,
});

const secondsOf = (ms: number | undefined) => (ms === undefined ? '-' : (ms / 1000).toFixed(1));

function told({ seed, kills, faults, seconds, machine }: Result): string {
  const restarts = kills.flatMap(({ restartMs }) => restartMs ?? []);
  return [
    table(
      ['KILLED', 'AFTER S', 'AT WORK AGAIN AFTER S', 'OF IT BUSY S', 'WHILE'],
      kills.map(({ command, afterMs, restartMs, busyMs, during }) => [
        command,
        secondsOf(afterMs),
        secondsOf(restartMs),
        secondsOf(busyMs),
        during,
      ]),
    ),
    `${kills.length} processes were killed; each next one was at work within ${secondsOf(Math.max(...restarts))} seconds of its start (at most ${longestRestartMs / 1000} are allowed; where processes wait for processors, ${longestBusyMs / 1000} of its own).`,
    faults.length === 0
      ? 'Every run ended as one that was left alone, and the one that slept did nothing when it woke.'
      : `Not as it should be, with --seed ${seed}:\n${faults.join('\n')}`,
    `The whole took ${seconds} seconds (${machine}).`,
  ].join('\n');
}
