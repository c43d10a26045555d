import { PreconditionError, StepFailedError } from '../../runbook/errors';
import { listed, onInstance } from '../on-instance';
import type { Ports } from '../ports';
import { type Observation, observe } from './observation';

/** How long running commands may take to end. They are never killed: a killed sender sends its batch again. */
const patienceSeconds = 30 * 60;
const roundSeconds = 60;

/** Whose jobs they are, for the error: what was changed before, and what to type to go on. */
export interface Whose {
  name: string;
  changed: string;
  again: string;
}

/**
 * Stops cron on instances and waits until the commands that ran have ended.
 * @returns whether they were at rest already
 * @throws StepFailedError JOBS_NOT_STOPPED, COMMANDS_STILL_RUNNING; PreconditionError INSTANCE_UNREACHABLE
 */
export async function restInstances(ports: Ports, instances: string[], whose: Whose): Promise<boolean> {
  const before = await Promise.all(instances.map((instance) => observeForSure(ports, instance)));
  if (before.every(atRest)) return true;
  for (const { instance, cron } of before)
    if (cron.running || cron.enabled) {
      ports.progress(`${instance}: stopping cron`);
      await onInstance(ports, instance, 'stop-jobs', []);
    }
  for (const instance of instances) await waitForCommands(ports, instance);
  const after = await Promise.all(instances.map((instance) => observeForSure(ports, instance)));
  const restless = after.filter((observed) => !atRest(observed));
  if (restless.length === 0) return false;
  throw new StepFailedError('JOBS_NOT_STOPPED', {
    so: `Jobs of ${whose.name} still run: ${restless.map(describe).join('; ')}.`,
    changed: whose.changed,
    next: `Look at what started it again, then: ${whose.again}`,
  });
}

/**
 * Starts cron where it does not run.
 * @returns whether it ran on all of them already
 * @throws StepFailedError JOBS_NOT_STARTED
 */
export async function wakeInstances(ports: Ports, instances: string[], again: string): Promise<boolean> {
  const observed = await Promise.all(instances.map((instance) => observe(ports, instance)));
  const stopped = observed.filter(({ cron }) => !cron.running || !cron.enabled);
  for (const { instance } of stopped) {
    ports.progress(`${instance}: starting cron`);
    await onInstance(ports, instance, 'start-jobs', [], { begun: 'Cron may have been started.' });
  }
  const still = (await Promise.all(stopped.map(({ instance }) => observe(ports, instance)))).filter(
    ({ cron }) => !cron.running || !cron.enabled,
  );
  if (still.length === 0) return stopped.length === 0;
  throw new StepFailedError('JOBS_NOT_STARTED', {
    so: `Cron does not run: ${still.map(describe).join('; ')}.`,
    changed: 'Cron was told to start.',
    next: `Look at its log (journalctl -u crond), then: ${again}`,
  });
}

export function atRest({ cron, commands }: Observation): boolean {
  return !cron.running && !cron.enabled && commands === 0;
}

const describe = ({ instance, cron, commands }: Observation) =>
  `${instance} has cron ${cron.running ? 'running' : 'stopped'} and ${cron.enabled ? 'enabled' : 'disabled'}, ${commands} command(s)`;

/** An instance that cannot be asked is not trusted: it might send e-mails or take payments. */
export async function observeForSure(ports: Ports, instance: string): Promise<Observation> {
  try {
    return await observe(ports, instance);
  } catch (error) {
    if (!(error instanceof PreconditionError) || error.code !== 'INSTANCE_UNREACHABLE') throw error;
    throw new PreconditionError(
      'INSTANCE_UNREACHABLE',
      {
        so: `The instance ${instance} cannot be asked what it runs: ${error.text.so}`,
        next: `Terminate it, and run the same command again: aws ec2 terminate-instances --instance-ids ${instance}`,
      },
      { cause: error },
    );
  }
}

async function waitForCommands(ports: Ports, instance: string): Promise<void> {
  let running: string[] = [];
  for (let waited = 0; waited < patienceSeconds; waited += roundSeconds) {
    const args = [String(roundSeconds), ...(ports.settings.sync ? [ports.settings.sync.command[0]!] : [])];
    const lines = await onInstance(ports, instance, 'wait-for-commands', args);
    if (listed(lines, 'ended').length > 0)
      ports.progress(`${instance}: ended the sync, which npm run sync can go on with`);
    running = listed(lines, 'running');
    if (running.length === 0) return;
    ports.progress(`${instance}: waiting for ${running.join(', ')} to end`);
  }
  throw new StepFailedError('COMMANDS_STILL_RUNNING', {
    so: `After ${patienceSeconds / 60} minutes ${instance} still runs ${running.join(', ')}.`,
    changed: 'Cron starts nothing any more.',
    next: 'Do not kill it, for it may send its batch twice. Run the same command again: it goes on waiting.',
  });
}
