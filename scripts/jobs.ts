import { Argument } from 'commander';
import type { Side } from '../lib/settings';
import { type JobsResult, releaseJobs, startJobs, stopJobs } from '../lib/upgrade/side/jobs';
import { replaceLost } from '../lib/upgrade/stacks/replace-lost';
import { main, type Script, sideWord } from './terminal/command';

const verbs = { stop: stopJobs, release: releaseJobs, start: startJobs, replace: replaceLost };
type Verb = keyof typeof verbs;

const done: Record<Verb, string> = {
  stop: 'Cron is stopped and disabled, its commands have ended, and nothing new is launched',
  release: 'New instances may be launched',
  start: 'Cron runs',
  replace: 'Every environment has an instance',
};

export const script: Script<{ verb: Verb; side?: Side }, JobsResult & { verb: Verb }> = {
  name: 'jobs',
  description:
    "Stops a side's jobs and waits for their end, lets its groups launch again, starts its jobs, or replaces an instance that was lost meanwhile.",
  options: (command) =>
    command
      .addArgument(new Argument('<verb>', 'what to do').choices(Object.keys(verbs)))
      .option('--side <side>', 'blue or green; the live side when left out', sideWord),
  act: async ({ options: { verb, side }, ports: connect }) => {
    const ports = await connect();
    const chosen = side ?? (await ports.record.recorded()).posture.live;
    return { verb, ...(await verbs[verb](ports, chosen)) };
  },
  print: ({ verb, side, already, instances }) =>
    `${done[verb]} on ${side} (${instances.join(', ') || 'no instance'})${already ? ', as before' : ''}.`,
};

if (require.main === module) main(script);
