import { having, PreconditionError } from '../../runbook/errors';
import { type Evidence, fact } from '../../runbook/step';
import type { Side } from '../../settings';
import type { Environment, Ports } from '../ports';
import { hasItsInstances, readyEnvironments } from './choose-instance';
import { atRest, observeForSure, restInstances, wakeInstances } from './instance-jobs';
import { observe } from './observation';
import { launching } from './observed';

export interface JobsResult {
  side: Side;
  already: boolean;
  groups: string[];
  instances: string[];
}

/**
 * Stops a side's jobs: its groups launch nothing, cron is stopped and disabled on every instance, and the commands
 * that ran have ended. Proved by asking every instance.
 * @param options.evenUpdating also while an environment is being updated, which may start cron again: to be asked later
 */
export async function stopJobs(ports: Ports, side: Side, { evenUpdating = false } = {}): Promise<JobsResult> {
  const environments = await readyEnvironments(ports, side, evenUpdating ? hasItsInstances : undefined);
  const groups = environments.map(({ autoScalingGroup }) => autoScalingGroup);
  const suspended = await Promise.all(groups.map((group) => ports.scalingGroups.suspended(group)));
  const free = groups.filter((_, index) => !launching.every((each) => suspended[index]!.includes(each)));
  for (const group of free) {
    ports.progress(`${group}: suspending ${launching.join(' and ')}`);
    await ports.scalingGroups.suspend(group, launching);
  }
  const changed = 'Its groups launch nothing any more, and cron may be stopped on some of its instances.';
  const at = await having(changed, () => stopOnInstances(ports, side, evenUpdating));
  return { side, groups, instances: at.instances, already: free.length === 0 && at.already };
}

async function stopOnInstances(
  ports: Ports,
  side: Side,
  evenUpdating: boolean,
): Promise<{ instances: string[]; already: boolean }> {
  // Read after the groups stopped launching: from now on there are no others.
  const fit = evenUpdating ? hasItsInstances : undefined;
  const instances = instancesOf(await readyEnvironments(ports, side, fit));
  const whose = {
    name: side,
    changed: 'Its groups launch nothing, and cron was told to stop.',
    again: `npm run jobs -- stop --side ${side}`,
  };
  return { instances, already: await restInstances(ports, instances, whose) };
}

/**
 * Lets a side's groups launch again: what they launch runs its jobs. A group that a fence by force emptied is given the
 * sizes back that its environment has had all along.
 */
export async function releaseJobs(ports: Ports, side: Side): Promise<JobsResult> {
  const environments = await readyEnvironments(ports, side);
  const released = await Promise.all(environments.map((environment) => release(ports, environment)));
  return {
    side,
    already: !released.includes(true),
    groups: environments.map(({ autoScalingGroup }) => autoScalingGroup),
    instances: instancesOf(environments),
  };
}

/** Whether there was anything to release. */
async function release(ports: Ports, environment: Environment): Promise<boolean> {
  const { autoScalingGroup: group, options } = environment;
  const { scalingGroups } = ports;
  const emptied = (await scalingGroups.sizes(group)).max === 0;
  if (emptied) {
    const [min, max] = ['MinSize', 'MaxSize'].map((name) => Number(options[`aws:autoscaling:asg:${name}`]));
    ports.progress(`${group}: setting its sizes back to ${min} to ${max}`);
    await scalingGroups.resize(group, { min: min!, max: max! });
  }
  const held = (await scalingGroups.suspended(group)).filter((each) => launching.includes(each));
  if (held.length > 0) {
    ports.progress(`${group}: resuming ${held.join(' and ')}`);
    await scalingGroups.resume(group, held);
  }
  return emptied || held.length > 0;
}

/** Starts cron on every instance of a side that is open. */
export async function startJobs(ports: Ports, side: Side): Promise<JobsResult> {
  const { posture } = await ports.record.recorded();
  if (posture.live !== side || posture.access !== 'open')
    throw new PreconditionError('SIDE_NOT_OPEN', {
      so: `The recorded posture is ${posture.live}/${posture.access}; jobs may run only on a side that is live and open, and ${side} is not.`,
      next: `Open it first: npx cdk deploy --all -c live=${side} -c access=open`,
    });
  const environments = await readyEnvironments(ports, side);
  const instances = instancesOf(environments);
  const groups = environments.map((environment) => environment.autoScalingGroup);
  const already = await wakeInstances(ports, instances, `npm run jobs -- start --side ${side}`);
  return { side, already, groups, instances };
}

/** Whether a side's jobs are at rest: nothing is launched, cron is off on every instance, and no command runs. */
export async function restEvidence(
  ports: Ports,
  side: Side,
  { evenUpdating = false } = {},
): Promise<Evidence[]> {
  const environments = await readyEnvironments(ports, side, evenUpdating ? hasItsInstances : undefined);
  const groups = await Promise.all(
    environments.map(async ({ name, autoScalingGroup }) => {
      const suspended = await ports.scalingGroups.suspended(autoScalingGroup);
      const held = launching.every((each) => suspended.includes(each));
      return fact(`what ${name} may launch`, held ? 'nothing' : 'instances', 'nothing');
    }),
  );
  if (groups.some(({ holds }) => !holds)) return groups;
  const observed = await Promise.all(
    instancesOf(environments).map((instance) => observeForSure(ports, instance)),
  );
  return [
    ...groups,
    ...observed.map((each) =>
      fact(`the jobs of ${each.instance}`, atRest(each) ? 'at rest' : 'running', 'at rest'),
    ),
  ];
}

/** Whether cron runs on every instance of a side. */
export async function runningEvidence(ports: Ports, side: Side): Promise<Evidence[]> {
  const instances = instancesOf(await readyEnvironments(ports, side));
  const observed = await Promise.all(instances.map((instance) => observe(ports, instance)));
  return observed.map(({ instance, cron }) =>
    fact(`cron on ${instance}`, cron.running && cron.enabled ? 'running' : 'not running', 'running'),
  );
}

/** Whether a side's groups may launch instances. */
export async function launchEvidence(ports: Ports, side: Side): Promise<Evidence[]> {
  const environments = await readyEnvironments(ports, side);
  return Promise.all(
    environments.map(async ({ name, autoScalingGroup }) => {
      const suspended = await ports.scalingGroups.suspended(autoScalingGroup);
      const held = launching.some((each) => suspended.includes(each));
      return fact(`what ${name} may launch`, held ? 'nothing' : 'instances', 'instances');
    }),
  );
}

const instancesOf = (environments: Environment[]) =>
  environments.flatMap((environment) => [...environment.instances].sort());
