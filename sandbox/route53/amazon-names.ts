import { isIPv4 } from 'node:net';
import type { World } from '../world';
import { isWithin } from './names';

/** What is at a name of Amazon's own; undefined when the name is none of those that the sandbox knows. */
export function amazonAddresses(
  world: World,
  name: string,
): { addresses: string[]; ttlSeconds: number } | undefined {
  if (isWithin(name, 'elasticbeanstalk.com') || isWithin(name, 'elb.amazonaws.com'))
    return { addresses: loadBalancerAddresses(world, name), ttlSeconds: 60 };
  if (isWithin(name, 'rds.amazonaws.com')) {
    const host = world.databases.connectionTo(name)?.host;
    const address = host === 'localhost' ? '127.0.0.1' : host;
    return { addresses: address && isIPv4(address) ? [address] : [], ttlSeconds: 5 };
  }
  return undefined;
}

/** A load balancer also answers to its name with `dualstack.` before it, which is what the console fills in. */
export function loadBalancerAddresses(world: World, name: string): string[] {
  return world.beanstalk.addressesOf(name.replace(/^dualstack\./, ''));
}

/**
 * The hosted zones an alias can point into: Elastic Beanstalk's own and the application load balancers'.
 * https://docs.aws.amazon.com/general/latest/gr/elasticbeanstalk.html,
 * https://docs.aws.amazon.com/general/latest/gr/elb.html
 */
const aliasZones: Record<string, { id: string; domain: string }[]> = {
  'ap-southeast-2': [
    { id: 'Z2PCDNR3VC2G1N', domain: 'ap-southeast-2.elasticbeanstalk.com' },
    { id: 'Z1GM3OXH4ZPM65', domain: 'ap-southeast-2.elb.amazonaws.com' },
  ],
};

/** The domain of Amazon's hosted zone with this id; undefined when the sandbox does not model aliases into it. */
export function aliasDomain(region: string, hostedZoneId: string): string | undefined {
  return aliasZones[region]?.find((zone) => zone.id === hostedZoneId)?.domain;
}
