import { PreconditionError } from '../../runbook/errors';
import { type Evidence, fact } from '../../runbook/step';
import type { Side } from '../../settings';
import { poll } from '../poll';
import type { Environment, Ports } from '../ports';
import { readyEnvironments } from './choose-instance';
import { releaseJobs, startJobs, stopJobs } from './jobs';
import { launching } from './observed';

export interface ScaleResult {
  side: Side;
  already: boolean;
  environments: { name: string; size: number; instances: string[] }[];
}

const namespace = 'aws:autoscaling:asg';

/**
 * Gives every environment of a side this number of instances, but none more than its role's open size. A side that
 * shrinks has its jobs stopped first, for an instance that ends in the middle of a batch of e-mails makes them go out
 * twice; they are started again where they ran on a side that is open.
 */
export async function scale(
  ports: Ports,
  { side, size }: { side: Side; size: number },
): Promise<ScaleResult> {
  const sizes = sizesOf(ports, side, size);
  const environments = await readyEnvironments(ports, side);
  const wanted = (environment: Environment) => sizes.get(environment.name)!;
  const differing = environments.filter((environment) => !hasSize(environment, wanted(environment)));
  if (differing.length === 0) return result(side, true, environments);
  for (const environment of differing)
    if (environment.instances.length < wanted(environment)) await mayLaunch(ports, side, environment);
  const shrinks = differing.some((environment) => environment.instances.length > wanted(environment));
  const stopped = shrinks && !(await stopJobs(ports, side)).already;
  for (const environment of differing) await resize(ports, environment.name, wanted(environment));
  const after = await Promise.all(
    environments.map((environment) => settled(ports, environment.name, wanted(environment))),
  );
  if (stopped && (await isOpen(ports, side))) {
    await releaseJobs(ports, side);
    await startJobs(ports, side);
  }
  return result(side, false, after);
}

/** Whether each environment of a side has this number of instances, but none more than its open size. */
export async function sizeEvidence(ports: Ports, side: Side, size: number): Promise<Evidence[]> {
  const sizes = sizesOf(ports, side, size);
  const environments = await readyEnvironments(ports, side);
  return environments.map((environment) => {
    const { name, options, instances } = environment;
    const limits = [options[`${namespace}:MinSize`], options[`${namespace}:MaxSize`]].join(' to ');
    const wanted = sizes.get(name)!;
    return fact(
      `the size of ${name}`,
      `${instances.length} instance(s) of ${limits}`,
      `${wanted} instance(s) of ${wanted} to ${wanted}`,
    );
  });
}

function sizesOf({ settings }: Ports, side: Side, size: number): Map<string, number> {
  return new Map(
    Object.entries(settings.sides[side].environments).map(([role, { name }]) => [
      name,
      Math.min(size, settings.roles[role]!.open.max),
    ]),
  );
}

function hasSize({ options, instances }: Environment, size: number): boolean {
  const is = (option: string) => options[`${namespace}:${option}`] === String(size);
  return is('MinSize') && is('MaxSize') && instances.length === size;
}

async function mayLaunch(ports: Ports, side: Side, { name, autoScalingGroup }: Environment): Promise<void> {
  const suspended = await ports.scalingGroups.suspended(autoScalingGroup);
  const held = launching.filter((each) => suspended.includes(each));
  if (!held.includes('Launch')) return;
  throw new PreconditionError('LAUNCH_SUSPENDED', {
    so: `${name} cannot grow: its group ${autoScalingGroup} has ${held.join(' and ')} suspended.`,
    next: `Let it launch, which starts the jobs of ${side} on new instances: npm run jobs -- release --side ${side}`,
  });
}

async function resize(ports: Ports, name: string, size: number): Promise<void> {
  ports.progress(`${name}: setting MinSize and MaxSize to ${size}`);
  const value = String(size);
  await ports.environments.update(name, [
    { namespace, name: 'MinSize', value },
    { namespace, name: 'MaxSize', value },
  ]);
}

async function settled(ports: Ports, name: string, size: number): Promise<Environment> {
  const until = `${name} is Ready with ${size} instance(s)`;
  return poll(ports, { until, everyMs: 10_000, forMs: 30 * 60_000 }, async () => {
    const environment = await ports.environments.find(name);
    return environment?.status === 'Ready' && hasSize(environment, size) ? environment : undefined;
  });
}

async function isOpen(ports: Ports, side: Side): Promise<boolean> {
  const { posture } = await ports.record.recorded();
  return posture.live === side && posture.access === 'open';
}

function result(side: Side, already: boolean, environments: Environment[]): ScaleResult {
  return {
    side,
    already,
    environments: environments.map(({ name, instances }) => ({ name, size: instances.length, instances })),
  };
}
