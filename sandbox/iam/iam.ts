import type { OperationService } from '../service';
import type { Iam } from '../world';
import { iamOperations } from './operations';
import { iamTypes } from './resource-types';
import { Entities, type IamWorld } from './store';

/**
 * Identity and Access Management, as far as roles' own policies decide what an instance may do. `entities` is for
 * seeding.
 */
export function createIam(world: IamWorld) {
  const entities = new Entities(world);
  const service: OperationService = {
    name: 'iam',
    protocol: 'query',
    namespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    operations: iamOperations(entities),
  };
  const iam: Iam = {
    decide: (role, action, resource) => entities.decide(role, action, resource),
    roleOfProfile: (profile) => entities.profiles.get(profile.split('/').at(-1) as string)?.role,
  };
  return { service, resourceTypes: iamTypes(entities, world), iam, entities };
}
