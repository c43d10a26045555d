import { having } from '../runbook/errors';
import { type Side, sides } from '../settings';
import { readyEnvironments } from './choose-instance';
import { type JobsResult, releaseJobs, stopJobs } from './jobs';
import { poll } from './poll';
import type { Ports } from './ports';

/** AWS lets no environment be updated for longer than this after an instance of it was launched, as far as was seen. */
const launchMs = 20 * 60_000;

/** The commands that replace what either side has lost while its groups may launch nothing. */
export async function replacing(ports: Ports): Promise<string[]> {
  const each = sides.map(async (side) => {
    const environments = (await readyEnvironments(ports, side)).filter(
      ({ instances }) => instances.length === 0,
    );
    const held = await Promise.all(
      environments.map((found) => ports.scalingGroups.suspended(found.autoScalingGroup)),
    );
    return held.some((processes) => processes.includes('Launch'))
      ? [`npm run jobs -- replace --side ${side}`]
      : [];
  });
  return (await Promise.all(each)).flat();
}

/**
 * Gives a side whose jobs are at rest the instances back that it lost: its groups launch nothing meanwhile, so nobody
 * replaces them. A new instance runs the hooks and starts cron: it is stopped as soon as the instance answers, and the
 * groups launch nothing again.
 * @throws PreconditionError ENVIRONMENT_NOT_READY, StepFailedError STILL_WAITING, JOBS_NOT_STOPPED
 */
export async function replaceLost(ports: Ports, side: Side): Promise<JobsResult> {
  const { posture } = await ports.record.read();
  const isOpen = posture.live === side && posture.access === 'open';
  const bare = await withoutInstance(ports, side);
  if (bare.length > 0) {
    await releaseJobs(ports, side);
    await having(`The groups of ${side} may launch, and their new instances run its jobs.`, () =>
      poll(
        ports,
        { until: `${bare.join(' and ')} has an instance again`, everyMs: 10_000, forMs: launchMs },
        async () => ((await withoutInstance(ports, side)).length === 0 ? true : undefined),
      ),
    );
  }
  if (!isOpen)
    return { ...(await stopJobs(ports, side, { evenUpdating: true })), already: bare.length === 0 };
  return { ...(await releaseJobs(ports, side)), already: bare.length === 0 };
}

async function withoutInstance(ports: Ports, side: Side): Promise<string[]> {
  const environments = await readyEnvironments(ports, side, ['Ready', 'Updating']);
  return environments.filter(({ instances }) => instances.length === 0).map(({ name }) => name);
}
