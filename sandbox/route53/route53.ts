import type { AnyResourceType } from '../cloudformation/resource-type';
import type { RestService } from '../service';
import type { World } from '../world';
import { HostedZones } from './hosted-zones';
import { parseName } from './names';
import type { AliasTarget, RecordSet } from './record-set';
import { recordSetType } from './record-set-type';
import { route53Service } from './rest';

/** A record as the world starts with it: values with a TTL, or an alias. Names with or without the trailing dot. */
export interface SeededRecord {
  zoneId: string;
  name: string;
  type: 'A' | 'AAAA' | 'CNAME' | 'TXT';
  ttlSeconds?: number;
  values?: string[];
  alias?: Omit<AliasTarget, 'evaluateTargetHealth'>;
}

export interface Route53 {
  service: RestService;
  resourceTypes: AnyResourceType[];
  /** The port of the world, and what the DNS server answers by. */
  zones: HostedZones;
  seedZone(zone: { id: string; name: string }): void;
  seedRecord(record: SeededRecord): void;
}

/** Amazon Route 53: hosted zones, their records and changes, and CloudFormation's record sets. */
export function createRoute53(world: World): Route53 {
  const zones = new HostedZones(world);
  return {
    service: route53Service(zones),
    resourceTypes: [recordSetType(world, zones)],
    zones,
    seedZone: ({ id, name }) => void zones.add(id, name),
    seedRecord: (record) => zones.seed(record.zoneId, seeded(record)),
  };
}

function seeded({ name, type, ttlSeconds, values, alias }: SeededRecord): RecordSet {
  if (alias)
    return {
      name: parseName(name),
      type,
      alias: { ...alias, dnsName: parseName(alias.dnsName), evaluateTargetHealth: false },
    };
  if (ttlSeconds === undefined || !values?.length)
    throw new Error(`${name}: a seeded record has an alias, or values and a TTL`);
  return { name: parseName(name), type, ttlSeconds, values };
}
