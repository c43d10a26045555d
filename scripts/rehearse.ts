import { mkdirSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { reversed } from '../lib/reversed';
import { StepFailedError } from '../lib/runbook/errors';
import type { Settings, Side } from '../lib/settings';
import { main, sideWord } from './command';
import { cutover, type Step } from './cutover';
import { checkForeign, type Foreign } from './foreign';
import { type Rehearsal, startRehearsal } from './rehearsal';

interface Options extends Foreign {
  to?: Side;
}

interface Outcome {
  from: Side;
  to: Side;
  steps: { page: string; command: string; minutes: number }[];
}

/** The settings as they are, or the other way round when the upgrade should go there. */
function towards(settings: Settings, to: Side | undefined): Settings {
  return to === undefined || to === settings.upgrade.to ? settings : reversed(settings);
}

async function rehearse(rehearsal: Rehearsal, steps: Step[]): Promise<Outcome['steps']> {
  const done: Outcome['steps'] = [];
  for (const step of steps) {
    const before = await rehearsal.now();
    rehearsal.announce(step, before);
    const exitCode = await rehearsal.run(step.command);
    if (exitCode !== 0)
      throw new StepFailedError('REHEARSAL_FAILED', {
        so: `"${step.command}" ended with exit code ${exitCode}.`,
        changed: 'The sandbox is gone with this rehearsal; nothing else was touched.',
        next: 'Read the lines above; npm run sandbox -- --env-file FILE lets you type the commands one by one.',
      });
    const minutes = ((await rehearsal.now()).getTime() - before.getTime()) / 60_000;
    done.push({ page: step.page, command: step.command, minutes: Math.round(minutes * 10) / 10 });
  }
  return done;
}

main<Options, Outcome>({
  name: 'rehearse',
  description:
    'Runs the cutover of the page in a sandbox on this machine: the scripts and real cdk deploys, in order.',
  options: (command) =>
    command
      .option('--to <side>', 'the side to move to, if not that of the settings', sideWord)
      .option('--application <dir>', "a checkout whose manage.py runs on the new side's instances")
      .option('--database <file>', 'a plain SQL or pg_dump file to load as the old side’s database'),
  act: async ({ options, settings }) => {
    const used = towards(settings, options.to);
    // What is wrong with them is said here, and not by the sandbox below.
    checkForeign(options, used);
    mkdirSync('rehearsal', { recursive: true });
    writeFileSync('rehearsal/settings.yaml', stringify(used));
    const rehearsal = await startRehearsal('rehearsal/settings.yaml', options);
    try {
      return { ...used.upgrade, steps: await rehearse(rehearsal, cutover(used)) };
    } finally {
      await rehearsal.stop();
    }
  },
  print: ({ from, to, steps }) => {
    const minutes = steps.reduce((sum, step) => sum + step.minutes, 0);
    return `Cut over from ${from} to ${to} in ${steps.length} commands, ${Math.round(minutes)} modelled minutes.`;
  },
});
