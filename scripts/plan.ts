import { Option } from 'commander';
import { criticalPath } from '../lib/report/critical-path';
import { expectedMinutes, type PlannedStep, plan } from '../lib/runbook/plan';
import type { Ports } from '../lib/upgrade/ports';
import { plannedBudget, requireWithin } from '../lib/upgrade/run/budget';
import { cutover, outageMinutes } from '../lib/upgrade/runbooks/cutover';
import { failback } from '../lib/upgrade/runbooks/failback';
import { prep } from '../lib/upgrade/runbooks/prep';
import { countWord, main, type Script } from './terminal/command';
import { table } from './terminal/table';

const runbooks = { cutover, failback, prep: (ports: Ports) => prep(ports) };

interface Options {
  oneByOne?: boolean;
  budget?: number;
  runbook: keyof typeof runbooks;
}

interface Plan {
  title: string;
  minutes: number;
  outageMinutes: number;
  /** In which the side that was opened is only watched. */
  watchedMinutes: number;
  /** What makes the outage as long as it is. */
  criticalPath: string[];
  steps: (Pick<PlannedStep, 'startMinute' | 'endMinute'> & {
    critical: boolean;
    slackMinutes: number;
    id: string;
    seed: string[];
    title: string;
    minutes: number;
    after: string[];
    calls: string[];
    byHand: string;
  })[];
}

export const script: Script<Options, Plan> = {
  name: 'plan',
  description:
    'Lists the steps of a runbook, the calls each makes and the minutes expected. Asks AWS for nothing.',
  options: (command) =>
    command
      .option('--one-by-one', 'as npm run cutover -- --one-by-one does it')
      .option(
        '--budget <minutes>',
        'exit with 3 when an outage and a way back from its end do not fit, by the minutes of the runbooks',
        countWord,
      )
      .addOption(new Option('--runbook <name>', 'which').choices(Object.keys(runbooks)).default('cutover')),
  act: async ({ options, settings }) => {
    // A plan follows from the settings: no step is asked anything.
    const ports = { settings } as Ports;
    const runbook = runbooks[options.runbook](ports, options);
    if (options.budget !== undefined) requireWithin(plannedBudget(ports, options.budget));
    const planned = plan(runbook);
    const { criticalPath: path, slackMinutes } = criticalPath(runbook);
    return {
      title: runbook.title,
      minutes: expectedMinutes(planned),
      outageMinutes: outageMinutes(runbook.steps),
      watchedMinutes: runbook.steps.reduce((sum, { watches, minutes }) => sum + (watches ? minutes : 0), 0),
      criticalPath: path,
      steps: planned.map(({ step, ...times }) => {
        const { id, seed, title, minutes, after, calls, byHand } = step;
        const weight = { critical: path.includes(id), slackMinutes: slackMinutes.get(id)! };
        return { id, seed, title, minutes, after, calls, byHand, ...times, ...weight };
      }),
    };
  },
  print: ({ title, minutes, outageMinutes, watchedMinutes, criticalPath, steps }) => {
    const rows = steps.flatMap(
      ({ seed, id, title, startMinute, endMinute, critical, slackMinutes, calls }) => [
        [critical ? '*' : '', seed.join(' '), id, span(startMinute, endMinute), slack(slackMinutes), title],
        ...calls.map((call) => ['', '', '', '', '', `  ${call}`]),
      ],
    );
    const outage =
      criticalPath.length === 0
        ? [`${title}: ${minutes} minutes expected.`]
        : [
            `${title}: ${minutes} minutes expected, ${outageMinutes} of them outage${watchedMinutes > 0 ? ` and ${watchedMinutes} of watching the open side` : ''}; people's testing left out.`,
            `What makes the outage that long (*), with its minutes: ${chain(criticalPath, steps)}.`,
          ];
    return [
      ...outage,
      'SLACK is by how much a step may take longer before visitors are welcome later; of a step that the welcome',
      'does not need, before the whole ends later.',
      '',
      table(['', 'PAGE', 'STEP', 'MINUTES', 'SLACK', 'WHAT, AND THE CALLS THAT CHANGE ANYTHING'], rows),
    ].join('\n');
  },
};

function chain(path: string[], steps: Plan['steps']): string {
  return path.map((id) => `${id} ${steps.find((step) => step.id === id)!.minutes}`).join(' → ');
}

const span = (start: number, end: number) => (start === end ? `${start}` : `${start}-${end}`);
const slack = (minutes: number) => (minutes === 0 ? '-' : `${minutes}`);

if (require.main === module) main(script);
