import type { Refusal } from '../moves';
import { doorName } from '../names';
import { sides } from '../settings';
import { environmentNames } from './choose-instance';
import type { Door, Environment, Ports } from './ports';

/** The rule that is there while testers are let through, and only then. */
const testersRule = 'testers';

/** The position of the door before an environment; `none`, or `another web ACL (NAME)`. */
export async function observeDoor(ports: Ports, environment: Environment): Promise<string> {
  const [loadBalancer] = environment.loadBalancers;
  const door = loadBalancer && (await ports.doors.before(loadBalancer));
  return door ? positionOf(environment.name, door) : 'none';
}

function positionOf(environment: string, { name, lets, rules }: Door): string {
  if (name !== doorName(environment)) return `another web ACL (${name})`;
  if (lets) return rules.length === 0 ? 'open' : `open, with the rules ${rules.join(', ')}`;
  return rules.includes(testersRule) ? 'testers' : 'closed';
}

/** A load balancer has one web ACL at most; somebody else's is not taken away. */
export async function takenDoors(ports: Ports): Promise<Refusal[]> {
  if (!ports.settings.door) return [];
  const names = sides.flatMap((side) => environmentNames(ports.settings, side));
  const found = await Promise.all(
    names.map(async (name) => {
      const environment = await ports.environments.find(name);
      return { name, position: environment ? await observeDoor(ports, environment) : 'none' };
    }),
  );
  return found
    .filter(({ position }) => position.startsWith('another'))
    .map(({ name, position }) => ({
      so: `The load balancer of ${name} has ${position} already, and can have only one.`,
      next: `Take it away (aws wafv2 disassociate-web-acl) or move its rules elsewhere; or leave door out of the settings.`,
    }));
}
