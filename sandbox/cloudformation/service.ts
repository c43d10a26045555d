import type { OperationService } from '../service';
import type { World } from '../world';
import { Engine } from './engine';
import { Events } from './events';
import { changeSetOperations } from './operations/change-sets';
import type { Context } from './operations/context';
import { descriptionOperations } from './operations/descriptions';
import { driftOperations } from './operations/drift';
import { stackOperations } from './operations/stacks';
import { templateOperations } from './operations/templates';
import { type Registration, register } from './registration';
import type { AnyResourceType } from './resource-type';
import type { Site } from './resource-work';
import { Stacks } from './stacks';

export interface CloudFormation {
  service: OperationService;
  /** Records a stack over resources that exist, as a finished import would. Throws when one does not. */
  register(registration: Registration): void;
  stacks: Stacks;
}

/** AWS CloudFormation over the given types of resource; any other type in a template is refused by name. */
export function createCloudFormation(options: {
  world: Pick<World, 'account' | 'region' | 'clock' | 'parameters' | 'buckets'>;
  resourceTypes: AnyResourceType[];
  /** Refuses what the caller may not do to a resource. */
  permit?: Site['permit'];
}): CloudFormation {
  const { world, permit = () => {} } = options;
  const site = { world, permit, events: new Events(world.clock) };
  const context: Context = {
    site,
    engine: new Engine(site),
    stacks: new Stacks(options.world),
    types: new Map(options.resourceTypes.map((type) => [type.typeName, type])),
  };
  return {
    service: {
      name: 'cloudformation',
      protocol: 'query',
      namespace: 'http://cloudformation.amazonaws.com/doc/2010-05-15/',
      operations: {
        ...stackOperations(context),
        ...changeSetOperations(context),
        ...descriptionOperations(context),
        ...templateOperations(context),
        ...driftOperations(context),
      },
    },
    register: (registration) => register(context, registration),
    stacks: context.stacks,
  };
}
