import type { OperationService } from '../service';
import type { Door } from '../world';
import { doorOf } from './door';
import { wafOperations } from './operations';
import { wafTypes } from './resource-types';
import { Samples, sampleOperations } from './samples';
import { WafStore, type WafWorld } from './store';

/** AWS WAF at the load balancers of environments: web ACLs, IP sets and their associations. */
export function createWafv2(world: WafWorld) {
  const store = new WafStore(world);
  const samples = new Samples(world.clock);
  const service: OperationService = {
    name: 'wafv2',
    protocol: 'json',
    namespace: 'AWSWAF_20190729',
    operations: {
      ...wafOperations(store),
      ...sampleOperations(samples, (arn) => store.acl(arn), world.clock),
    },
    invalidInput: 'WAFInvalidParameterException',
  };
  const door: Door = doorOf(store, world, samples);
  return { service, resourceTypes: wafTypes(store, world), door };
}
