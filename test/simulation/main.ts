import { fork } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { cobalt as settings } from '../support/upgrade';
import { courses, type RunbookName } from './courses';
import { everyFault, everyPair } from './exhaustive';
import { callFaults, type FaultKind, worldFaults } from './faults';
import { type Outcome, type Plan, play } from './night';
import { planOf } from './seeds';
import { isBroken, shrunk } from './shrink';
import { commandOf, planFrom } from './typed-plan';

interface Options {
  seeds: number;
  seed?: number;
  runbook?: RunbookName;
  fault?: FaultKind;
  exhaustive?: true;
  pairs?: true;
  play?: Plan;
  workers: number;
  slice?: Slice;
}

/** Every so-manieth night, counted from 0. */
interface Slice {
  part: number;
  parts: number;
}

/** What became of many nights. */
interface Tally {
  nights: number;
  checked: number;
  broken: number;
  endings: Record<string, number>;
}

/** What a process says of its part of the nights, after each of them and at the end. */
interface Word {
  tally: Tally;
  isOver: boolean;
}

async function* plansOf({
  seeds,
  seed,
  runbook: only,
  fault,
  exhaustive,
  pairs,
  play: again,
}: Options): AsyncGenerator<Plan> {
  if (again !== undefined) yield again;
  else if (exhaustive) yield* everyFault(settings, { only, fault });
  else if (pairs) yield* everyPair(settings);
  else if (seed !== undefined) yield planOf(seed, settings, { only, fault });
  else for (let n = 1; n <= seeds; n++) yield planOf(n, settings, { only, fault });
}

/** Every so-manieth of the nights; of each that breaks something the command that plays it again, as small as it gets. */
async function playAll(options: Options): Promise<Tally> {
  const { part, parts } = options.slice ?? { part: 0, parts: 1 };
  const isOne = options.seed !== undefined || options.play !== undefined;
  const isOfPlaces = options.exhaustive || options.pairs;
  const tally: Tally = { nights: 0, checked: 0, broken: 0, endings: {} };
  let n = 0;
  for await (const plan of plansOf(options)) {
    if (n++ % parts !== part) continue;
    const outcome = await play(plan);
    // A place was found in a night that was played, so a fault that is not met there was not tried.
    if (isOfPlaces && outcome.met < plan.faults.length)
      outcome.broken.push(
        'every fault comes at its place: this night went another way than the one before it',
      );
    tally.nights++;
    tally.checked += outcome.checked;
    tally.broken += outcome.broken.length;
    tally.endings[outcome.ended] = (tally.endings[outcome.ended] ?? 0) + 1;
    if (isOne) tell(outcome);
    if (isBroken(outcome)) await tellBroken(plan, outcome);
    process.send?.({ tally, isOver: false } satisfies Word);
  }
  process.send?.({ tally, isOver: true } satisfies Word);
  return tally;
}

async function tellBroken(plan: Plan, outcome: Outcome): Promise<void> {
  const smallest = plan.faults.length > 1 ? await shrunk(plan) : plan;
  console.log(outcome.broken.map((text) => `broken: ${text}`).join('\n'));
  console.log(`  ${commandOf(smallest)}`);
}

function tell({ ended, attempts, minutes, calls, met, errors }: Outcome): void {
  console.log(
    `${ended} after ${Math.round(minutes)} minutes, ${attempts} starts and ${calls.length} calls; ${met} faults came.`,
  );
  for (const text of errors) console.log(`  error: ${text}`);
}

/** A night is short-lived objects and one thread: no others beside it, and room for the young ones. */
const flags = ['--single-threaded', '--max-semi-space-size=64'];

/** The same nights in as many processes as there are cores. */
async function inParallel(options: Options): Promise<Tally> {
  const tallies: Tally[] = [];
  const began = performance.now();
  const all = () => tallies.filter(Boolean).reduce(sum, { nights: 0, checked: 0, broken: 0, endings: {} });
  const progress = setInterval(() => {
    const { nights, broken } = all();
    const seconds = (performance.now() - began) / 1000;
    process.stderr.write(`${nights} nights, ${broken} broken, ${(nights / seconds).toFixed(1)} a second\n`);
  }, 30_000);
  const words = process.argv.slice(2).filter((word) => word !== '--');
  await Promise.all(
    Array.from({ length: options.workers }, async (_, index) => {
      const slice = ['--slice', `${index}/${options.workers}`];
      const child = fork(__filename, [...words, '--workers', '1', ...slice], {
        execArgv: [...flags, '-r', 'ts-node/register/transpile-only'],
      });
      let isOver = false;
      child.on('message', (word: Word) => {
        tallies[index] = word.tally;
        isOver = word.isOver;
      });
      // Its last word may be read after its end.
      const [[code]] = await Promise.all([once(child, 'close'), once(child, 'disconnect')]);
      if (!isOver) throw new Error(`The process of ${slice.join(' ')} ended with ${code} in the middle.`);
    }),
  );
  clearInterval(progress);
  return all();
}

function sum(one: Tally, other: Tally): Tally {
  const endings = { ...one.endings };
  for (const [how, count] of Object.entries(other.endings)) endings[how] = (endings[how] ?? 0) + count;
  return {
    nights: one.nights + other.nights,
    checked: one.checked + other.checked,
    broken: one.broken + other.broken,
    endings,
  };
}

async function main(options: Options): Promise<void> {
  const began = performance.now();
  const isWhole = [options.seed, options.play, options.slice].every((part) => part === undefined);
  const isParallel = options.workers > 1 && isWhole;
  const { nights, checked, broken, endings } = await (isParallel ? inParallel : playAll)(options);
  // The process that asked for a part tells the whole.
  if (!process.send) {
    if (nights === 0) throw new Error('No night was played: there are fewer than parts.');
    const seconds = (performance.now() - began) / 1000;
    const ends = Object.entries(endings).map(([how, count]) => `${count} ${how}`);
    console.log(
      `${nights} nights (${ends.join(', ')}), ${checked} invariants, ${broken} broken, in ${Math.round(seconds)} s: ${(nights / seconds).toFixed(1)} a second.`,
    );
  }
  if (broken > 0) process.exitCode = 1;
}

function count(word: string): number {
  if (!/^[1-9]\d*$/.test(word)) throw new InvalidArgumentError('It should be a number from 1 on.');
  return Number(word);
}

function sliceOf(word: string): Slice {
  const [part = 0, parts = 0] = /^\d+\/\d+$/.test(word) ? word.split('/').map(Number) : [];
  if (part >= parts) throw new InvalidArgumentError('It should be such as 0/4, 1/4, 2/4 or 3/4.');
  return { part, parts };
}

function typedPlan(word: string): Plan {
  try {
    return planFrom(word, settings);
  } catch {
    throw new InvalidArgumentError('It should be what a failure printed, in quotes.');
  }
}

main(
  new Command('simulate')
    .description('Plays whole nights in this process, each with its faults, and judges them.')
    .option('--seeds <number>', 'nights of the seeds from 1 on', count, 100)
    .addOption(
      new Option('--seed <number>', 'the night of this seed alone')
        .argParser(count)
        .conflicts(['seeds', 'slice']),
    )
    .addOption(
      new Option('--runbook <name>', 'cutover or failback by the seed, if left out').choices(
        Object.keys(courses),
      ),
    )
    .addOption(
      new Option('--fault <kind>', 'nights that have this fault among theirs').choices([
        ...callFaults,
        ...worldFaults,
      ]),
    )
    .addOption(
      new Option(
        '--exhaustive',
        'every single fault at every call of cutover and failback, or of --runbook',
      ).conflicts(['seeds', 'seed']),
    )
    .addOption(
      new Option(
        '--pairs',
        'every ordered pair of crashes and lost replies at the acts from freeze to open',
      ).conflicts(['seeds', 'seed', 'exhaustive', 'runbook', 'fault']),
    )
    .addOption(
      new Option('--play <plan>', 'a night as a failure was told')
        .argParser(typedPlan)
        .conflicts(['seeds', 'seed', 'exhaustive', 'pairs', 'runbook', 'fault', 'slice']),
    )
    .option('--workers <number>', 'processes side by side', count, os.availableParallelism())
    .option('--slice <part/parts>', 'only every so-manieth night, counted from 0, in this process', sliceOf)
    .parse(process.argv.filter((word) => word !== '--'))
    .opts<Options>(),
);
