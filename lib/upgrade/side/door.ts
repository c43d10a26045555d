import type { Refusal } from '../../moves';
import { doorName } from '../../names';
import { type Side, sides } from '../../settings';
import type { Door } from '../door-ports';
import type { EnvironmentState, Ports } from '../ports';
import { environmentNames } from './choose-instance';

/** The rule that is there while testers are let through, and only then. */
const testersRule = 'testers';

/** The position of the door before an environment; `none`, or `another web ACL (NAME)`. */
export async function observeDoor(ports: Ports, environment: EnvironmentState): Promise<string> {
  const [loadBalancer] = environment.loadBalancers;
  const door = loadBalancer && (await ports.doors.before(loadBalancer));
  return door ? positionOf(environment.name, door) : 'none';
}

function positionOf(environment: string, { name, lets, rules }: Door): string {
  if (name !== doorName(environment)) return `another web ACL (${name})`;
  if (lets) return rules.length === 0 ? 'open' : `open, with the rules ${rules.join(', ')}`;
  return rules.includes(testersRule) ? 'testers' : 'closed';
}

/** Whether every environment of a side has its door, and it lets nobody through. */
export async function isClosed(ports: Ports, side: Side): Promise<boolean> {
  return (await doorPositions(ports, [side])).every(({ position }) => position === 'closed');
}

/** The position of the door of every environment of these sides. */
async function doorPositions(ports: Ports, ofSides: readonly Side[]) {
  const names = ofSides.flatMap((side) => environmentNames(ports.settings, side));
  return Promise.all(
    names.map(async (name) => {
      const environment = await ports.environments.state(name);
      return { name, position: environment ? await observeDoor(ports, environment) : 'none' };
    }),
  );
}

/** A load balancer has one web ACL at most; somebody else's is not taken away. */
export async function takenDoors(ports: Ports): Promise<Refusal[]> {
  return (await doorPositions(ports, sides))
    .filter(({ position }) => position.startsWith('another'))
    .map(({ name, position }) => ({
      so: `The load balancer of ${name} has ${position} already, and can have only one.`,
      next: `Take it away for the time of the upgrade (aws wafv2 disassociate-web-acl --resource-arn ARN), then the same command again.`,
    }));
}
