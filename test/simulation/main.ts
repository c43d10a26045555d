import { Command } from 'commander';
import { readSettings } from '../../lib/settings';
import { play, type RunbookName } from './night';
import { planOf } from './seeds';

const { testSystem: _, ...settings } = readSettings('config/cobalt.yaml');

interface Options {
  seeds: string;
  seed?: string;
  runbook?: RunbookName;
}

async function main({ seeds, seed, runbook }: Options): Promise<void> {
  const first = seed === undefined ? 1 : Number(seed);
  const count = seed === undefined ? Number(seeds) : 1;
  let broken = 0;
  let checked = 0;
  const startedMs = performance.now();
  const cpu = process.cpuUsage();
  const endings: Record<string, number> = {};
  for (let n = first; n < first + count; n++) {
    const plan = planOf(n, settings, runbook);
    const outcome = await play(plan);
    checked += outcome.checked;
    endings[outcome.ended] = (endings[outcome.ended] ?? 0) + 1;
    if (outcome.broken.length === 0 && count > 1) continue;
    broken += outcome.broken.length;
    const { faults, runbook: name } = plan;
    console.log(
      `seed ${n} ${name}: ${outcome.ended} after ${outcome.attempts} attempts, ${outcome.minutes.toFixed(0)} minutes, ${outcome.met}/${faults.length} met, ${JSON.stringify(faults)}`,
    );
    for (const text of outcome.broken) console.log(`  broken: ${text}`);
    for (const text of outcome.errors) console.log(`  error: ${text.slice(0, 300)}`);
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  console.log(
    `${count} nights, ${checked} invariants, ${broken} broken, ${JSON.stringify(endings)}, ${seconds.toFixed(1)} s, ${((user + system) / 1e6 / count).toFixed(2)} s of CPU a night`,
  );
  if (broken > 0) process.exitCode = 1;
}

main(
  new Command('simulate')
    .option('--seeds <number>', 'how many', '100')
    .option('--seed <number>', 'this one alone')
    .option('--runbook <name>', 'cutover or failback')
    .parse()
    .opts<Options>(),
);
