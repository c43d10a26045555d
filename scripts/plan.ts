import { expectedMinutes, type PlannedStep, plan } from '../lib/runbook/plan';
import type { Ports } from '../lib/upgrade/ports';
import { cutover, outageMinutes } from '../lib/upgrade/runbooks';
import { main, type Script } from './command';
import { table } from './table';

interface Plan {
  title: string;
  minutes: number;
  outageMinutes: number;
  steps: (Pick<PlannedStep, 'startMinute' | 'endMinute' | 'slackMinutes'> & {
    id: string;
    seed: string[];
    title: string;
    minutes: number;
    after: string[];
    calls: string[];
    byHand: string;
  })[];
}

export const script: Script<object, Plan> = {
  name: 'plan',
  description:
    'Lists the steps of the cutover, the calls each makes and the minutes expected. Asks AWS for nothing.',
  act: async ({ settings }) => {
    // A plan follows from the settings: no step is asked anything.
    const runbook = cutover({ settings } as Ports);
    const planned = plan(runbook);
    return {
      title: runbook.title,
      minutes: expectedMinutes(planned),
      outageMinutes: outageMinutes(runbook.steps),
      steps: planned.map(({ step, ...times }) => {
        const { id, seed, title, minutes, after, calls, byHand } = step;
        return { id, seed, title, minutes, after, calls, byHand, ...times };
      }),
    };
  },
  print: ({ title, minutes, outageMinutes, steps }) => {
    const rows = steps.flatMap(({ seed, id, title, startMinute, endMinute, slackMinutes, calls }) => [
      [seed.join(' '), id, span(startMinute, endMinute), slack(slackMinutes), title],
      ...calls.map((call) => ['', '', '', '', `  ${call}`]),
    ]);
    return [
      `${title}: ${minutes} minutes expected, ${outageMinutes} of them outage; people's testing left out.`,
      '',
      table(['PAGE', 'STEP', 'MINUTES', 'SLACK', 'WHAT, AND THE CALLS THAT CHANGE ANYTHING'], rows),
    ].join('\n');
  },
};

const span = (start: number, end: number) => (start === end ? `${start}` : `${start}-${end}`);
const slack = (minutes: number) => (minutes === 0 ? '-' : `${minutes}`);

if (require.main === module) main(script);
