import { PreconditionError } from '../../runbook/errors';
import { type Side, sides } from '../../settings';
import { poll } from '../poll';
import type { Environment, EnvironmentState, Ports } from '../ports';
import { environmentNames, hasItsInstances, readyEnvironments } from '../side/choose-instance';
import { type JobsResult, releaseJobs, stopJobs } from '../side/jobs';

/** AWS lets no environment be updated for longer than this after an instance of it was launched, as far as was seen. */
const launchMs = 20 * 60_000;

/**
 * The commands that mend what is known to go wrong with instances: they replace what either side has lost while its groups
 * may launch nothing, and stop the jobs of a side that has lost and whose groups may launch again.
 */
export async function mending(ports: Ports): Promise<string[]> {
  const { live } = (await ports.record.recorded()).posture;
  const each = sides.map(async (side) => {
    const names = environmentNames(ports.settings, side);
    const environments = await Promise.all(names.map((name) => ports.environments.state(name)));
    const ready = environments.filter((environment) => environment?.status === 'Ready');
    // One that is not there, or is being updated, is made or waited for: its side gets its instances later.
    if (ready.length < names.length) return [];
    const found = await Promise.all(ready.map((environment) => lackOf(ports, environment!)));
    if (found.includes('instance')) return [`npm run jobs -- replace --side ${side}`];
    return found.includes('rest') && side !== live ? [`npm run jobs -- stop --side ${side}`] : [];
  });
  return (await Promise.all(each)).flat();
}

/** What it cannot get back by itself; nothing of what was ended on purpose. */
async function lackOf(
  ports: Ports,
  { autoScalingGroup: group, instances }: EnvironmentState,
): Promise<'instance' | 'rest' | undefined> {
  const suspended = await ports.scalingGroups.suspended(group);
  const isBare = instances.length === 0;
  // A group that may launch replaces by itself.
  if (suspended.includes('Launch') !== isBare || (await isEmptied(ports, group))) return undefined;
  return isBare ? 'instance' : 'rest';
}

/**
 * Gives a side whose jobs are at rest the instances back that it lost: its groups launch nothing meanwhile, so nobody
 * replaces them. A new instance runs the hooks and starts cron: it is stopped as soon as the instance answers, and the
 * groups launch nothing again.
 * @throws PreconditionError ENVIRONMENT_NOT_READY, FENCED_BY_FORCE
 * @throws StepFailedError STILL_WAITING, JOBS_NOT_STOPPED
 */
export async function replaceLost(ports: Ports, side: Side): Promise<JobsResult> {
  const { posture } = await ports.record.recorded();
  const isOpen = posture.live === side && posture.access === 'open';
  const bare = await withoutInstance(ports, side, hasItsInstances);
  await requireNotFenced(ports, side, bare);
  if (bare.length > 0) {
    await releaseJobs(ports, side);
    const names = bare.map(({ name }) => name).join(' and ');
    const until = `${names} has an instance again${isOpen ? '' : ', whose jobs are stopped then'}`;
    await poll(ports, { until, everyMs: 10_000, forMs: launchMs }, async () =>
      (await withoutInstance(ports, side, hasItsInstances)).length === 0 ? true : undefined,
    );
  }
  const then = isOpen ? await releaseJobs(ports, side) : await stopJobs(ports, side, { evenUpdating: true });
  return { ...then, already: bare.length === 0 && then.already };
}

async function withoutInstance(ports: Ports, side: Side, fit: string[]): Promise<Environment[]> {
  return (await readyEnvironments(ports, side, fit)).filter(({ instances }) => instances.length === 0);
}

const isEmptied = async (ports: Ports, group: string) => (await ports.scalingGroups.sizes(group)).max === 0;

/** What was ended on purpose is not lost: a new instance would be as armed as its environment is. */
async function requireNotFenced(ports: Ports, side: Side, bare: Environment[]): Promise<void> {
  for (const { name, autoScalingGroup } of bare)
    if (await isEmptied(ports, autoScalingGroup))
      throw new PreconditionError('FENCED_BY_FORCE', {
        so: `${name} has no instance because ${side} was fenced by force: its group has the size zero.`,
        next: `Leave it so while ${side} has lost. If it is to serve again, deploy its stack first, then: npm run jobs -- release --side ${side}`,
      });
}
