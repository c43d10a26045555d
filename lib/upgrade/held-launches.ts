import type { Refusal } from '../moves';
import type { Side } from '../settings';
import { environmentNames } from './choose-instance';
import type { Ports } from './ports';

/**
 * Why a side cannot open yet: groups that were told to launch nothing while its jobs are stopped. An environment that
 * should grow to full size would wait in vain, fail, and keep the old side's settings.
 */
export async function whatHoldsLaunches(ports: Ports, side: Side): Promise<Refusal[]> {
  const held: string[] = [];
  for (const name of environmentNames(ports.settings, side)) {
    const environment = await ports.environments.find(name);
    if (!environment) continue;
    const suspended = await ports.scalingGroups.suspended(environment.autoScalingGroup);
    if (suspended.includes('Launch')) held.push(name);
  }
  if (held.length === 0) return [];
  return [
    {
      so: `${side} cannot open: Auto Scaling may launch nothing for ${held.join(' and ')}.`,
      next: `Run npm run jobs -- release --side ${side}, then the same command again.`,
    },
  ];
}
