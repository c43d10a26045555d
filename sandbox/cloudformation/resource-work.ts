import type { Work } from '../rights/resource-types';
import type { World } from '../world';
import type { Events } from './events';
import type { ResourceState } from './resource-type';
import type { Stack, StackResource } from './stack';

/** Where the work takes place. */
export interface Site {
  world: Pick<World, 'account' | 'region' | 'clock' | 'parameters' | 'buckets'>;
  events: Events;
  /** Throws when whoever called may not have this done: without a service role it is done with their rights. */
  permit: (accessKeyId: string, work: Work) => void;
}

/** A creation that failed and yet left something behind. */
export class HalfMade extends Error {
  constructor(
    readonly physicalId: string,
    reason: string,
  ) {
    super(reason);
  }
}

export const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** With a service role it is that role's rights that count, of which nothing is known here. */
function ask(site: Site, { caller, roleArn }: Stack, work: Work): void {
  if (caller !== undefined && roleArn === undefined) site.permit(caller, work);
}

/** Creates the real resource. */
export async function make(
  site: Site,
  stack: Stack,
  { logicalId, type }: StackResource,
  properties: Record<string, unknown>,
): Promise<ResourceState> {
  const name = type.nameOf?.(properties);
  const strangers = name !== undefined && type.find(name) !== undefined;
  ask(site, stack, { type: type.typeName, verb: 'create', properties, physicalId: undefined });
  try {
    return await site.world.clock.run(`${stack.name}/${logicalId}`, () =>
      type.create({ stackName: stack.name, logicalId, properties }),
    );
  } catch (error) {
    if (name !== undefined && !strangers && type.find(name)) throw new HalfMade(name, reasonOf(error));
    throw error;
  }
}

/** Changes the real resource in place. */
export async function alter(
  site: Site,
  stack: Stack,
  { logicalId, type, physicalId }: StackResource,
  previous: Record<string, unknown>,
  properties: Record<string, unknown>,
): Promise<ResourceState> {
  ask(site, stack, { type: type.typeName, verb: 'update', properties, physicalId });
  return site.world.clock.run(`${stack.name}/${logicalId}`, () =>
    type.update({ stackName: stack.name, logicalId, physicalId: physicalId!, previous, properties }),
  );
}

/** Deletes the real resource, with its events. One that is gone already is as good as deleted. */
export async function unmake(
  site: Site,
  stack: Stack,
  resource: StackResource,
  snapshot: boolean,
): Promise<boolean> {
  const { logicalId, type, physicalId, applied: properties } = resource;
  if (physicalId === undefined) return true;
  site.events.resource(stack, resource, 'DELETE_IN_PROGRESS');
  try {
    ask(site, stack, { type: type.typeName, verb: 'delete', properties, physicalId, snapshot });
    if (type.find(physicalId))
      await site.world.clock.run(`${stack.name}/${logicalId}`, () =>
        type.delete({ stackName: stack.name, logicalId, physicalId, properties, snapshot }),
      );
  } catch (error) {
    site.events.resource(stack, resource, 'DELETE_FAILED', reasonOf(error));
    return false;
  }
  site.events.resource(stack, resource, 'DELETE_COMPLETE');
  return true;
}
