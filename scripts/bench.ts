import os from 'node:os';
import { performance } from 'node:perf_hooks';
import type { Settings } from '../lib/settings';
import { type Bench, benchTable, leastOutageMinutes, type Sample } from './rehearsal/bench-figures';
import { startRehearsal } from './rehearsal/rehearsal';
import { mustRun, rehearseNight } from './rehearsal/rehearsed-night';
import { countWord, main } from './terminal/command';
import type { Say } from './terminal/progress';

interface Options {
  runs: number;
}

const machine = `${os.availableParallelism()} processors (${os.cpus()[0]?.model.trim()}), Node ${process.versions.node}`;

main<Options, Bench>({
  name: 'bench',
  description:
    'Rehearses the night with and without steps side by side, and prints the outages and what this machine took.',
  options: (command) =>
    command.option(
      '--runs <count>',
      'how often, for the median of what is measured in seconds',
      countWord,
      1,
    ),
  speaks: true,
  act: async ({ options, settings, say }) => {
    const bench: Bench = {
      machine,
      leastOutageMinutes: leastOutageMinutes(settings),
      oneByOne: [],
      sideBySide: [],
    };
    for (let run = 1; run <= options.runs; run++) {
      say(`Run ${run} of ${options.runs}, one step after another`);
      bench.oneByOne.push(await rehearsed(settings, { words: '--one-by-one ' }, say));
      say(`Run ${run} of ${options.runs}, steps side by side`);
      bench.sideBySide.push(await rehearsed(settings, {}, say));
    }
    return bench;
  },
  print: benchTable,
});

async function rehearsed(settings: Settings, options: { words?: string }, say: Say): Promise<Sample> {
  const started = await timed(() => startRehearsal(settings, {}, say));
  const rehearsal = started.result;
  try {
    const synth = await timed(() => mustRun(rehearsal, 'npx cdk synth --quiet'));
    const night = await timed(() => rehearseNight(rehearsal, settings, options));
    const status = await timed(() => mustRun(rehearsal, 'npm run status'));
    const { outageMinutes, toolSeconds } = night.result;
    return {
      outageMinutes: outageMinutes!,
      toolSeconds,
      startSeconds: started.seconds,
      synthSeconds: synth.seconds,
      rehearsalSeconds: night.seconds,
      statusSeconds: status.seconds,
    };
  } finally {
    await rehearsal.stop();
  }
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const fromMs = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - fromMs) / 1000 };
}
