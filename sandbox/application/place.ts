import type { Instance, World } from '../world';

/**
 * The instance one of whose processes was started with exactly this environment: the object, not its like,
 * since two instances of an environment have equal ones.
 */
export function instanceWith(world: World, environ: Record<string, string>): Instance | undefined {
  return world.beanstalk
    .instances()
    .find(
      (instance) =>
        instance.web?.environ === environ ||
        [...instance.processes.values()].some((process) => process.environ === environ),
    );
}
