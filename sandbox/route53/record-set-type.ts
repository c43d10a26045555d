import { z } from 'zod';
import type { ResourceRequest, ResourceState, ResourceType } from '../cloudformation/resource-type';
import { AwsError, notModelled } from '../errors';
import type { World } from '../world';
import type { HostedZone } from './hosted-zone';
import type { Change, HostedZones } from './hosted-zones';
import { canonicalName, parseName } from './names';
import { changeableTypes, identical, keyOf, type RecordSet } from './record-set';
import { timeToLive } from './requests';

const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);

const propertiesShape = z.strictObject({
  HostedZoneId: z.string().optional(),
  HostedZoneName: z.string().optional(),
  Name: z.string(),
  Type: z.string(),
  TTL: z.union([z.string(), z.number().transform(String)]).optional(),
  ResourceRecords: z.array(z.string()).min(1).optional(),
  AliasTarget: z
    .strictObject({
      HostedZoneId: z.string(),
      DNSName: z.string(),
      EvaluateTargetHealth: flag.default(false),
    })
    .optional(),
  Comment: z.string().optional(),
});

export type RecordSetProperties = z.output<typeof propertiesShape>;

/**
 * AWS::Route53::RecordSet.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-route53-recordset.html
 *
 * Creating a record that exists is taken as success if it is exactly identical; it then belongs to the stack, which
 * may delete it. Deleting removes the record only as the template declared it: one that was changed by hand stays, and
 * CloudFormation says DELETE_COMPLETE all the same.
 * https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/560,
 * https://github.com/zalando-stups/senza/issues/184
 */
export function recordSetType(world: World, zones: HostedZones): ResourceType<RecordSetProperties> {
  const settled = (change: Change, record: RecordSet): Promise<ResourceState> =>
    world.clock.wait(change.inSync).then(() => stateOf(record));
  return {
    typeName: 'AWS::Route53::RecordSet',
    properties: propertiesShape as z.ZodType<RecordSetProperties>,

    async create({ properties }) {
      const { zone, record } = target(zones, properties);
      const existing = zone.current.get(keyOf(record));
      if (existing && identical(existing, record) && isAdopted(record, world))
        return settled(
          replace(zones, zone, existing, record, 'Making no-op change to get a ChangeId'),
          record,
        );
      return settled(zones.change(zone.id, [{ action: 'CREATE', record }], properties.Comment), record);
    },

    async update({ properties, previous }) {
      const { zone, record } = target(zones, properties);
      const before = target(zones, previous).record;
      if (before.type !== record.type)
        return settled(replace(zones, zone, before, record, properties.Comment), record);
      return settled(zones.change(zone.id, [{ action: 'UPSERT', record }], properties.Comment), record);
    },

    async delete({ properties }: ResourceRequest<RecordSetProperties>) {
      const { zone, record } = target(zones, properties);
      const existing = zone.current.get(keyOf(record));
      if (!existing || !identical(existing, record)) return;
      await settled(zones.change(zone.id, [{ action: 'DELETE', record }]), record);
    },

    find(physicalId) {
      const name = canonicalName(physicalId);
      const holders = zones.byId().flatMap((zone) => [...zone.current.values()]);
      const record = holders.find((held) => held.name === name && held.type !== 'NS' && held.type !== 'SOA');
      return record && stateOf(record);
    },
  };
}

/** Not established about AWS, but for names that stand for others. */
function isAdopted({ alias, type }: RecordSet, { switches }: Pick<World, 'switches'>): boolean {
  if (alias) return switches.adoptsIdenticalAlias;
  return type === 'A' ? switches.adoptsIdenticalAddress : true;
}

function replace(
  zones: HostedZones,
  zone: HostedZone,
  before: RecordSet,
  record: RecordSet,
  comment?: string,
): Change {
  const changes = [
    { action: 'DELETE' as const, record: before },
    { action: 'CREATE' as const, record },
  ];
  return zones.change(zone.id, changes, comment);
}

function stateOf(record: RecordSet): ResourceState {
  return { physicalId: record.name, attributes: {} };
}

function target(
  zones: HostedZones,
  properties: RecordSetProperties,
): { zone: HostedZone; record: RecordSet } {
  return { zone: zoneOf(zones, properties), record: recordOf(properties) };
}

function zoneOf(
  zones: HostedZones,
  { HostedZoneId: id, HostedZoneName: name }: RecordSetProperties,
): HostedZone {
  if ((id === undefined) === (name === undefined))
    throw invalid('Specify either HostedZoneName or HostedZoneId, but not both.');
  if (id !== undefined) return zones.zone(id);
  const found = zones.byName().filter((zone) => zone.name === canonicalName(name!));
  if (found.length === 1) return found[0]!;
  throw invalid(`${found.length === 0 ? 'No' : 'More than one'} hosted zone named ${name} was found.`);
}

function recordOf({ Name, Type, TTL, ResourceRecords, AliasTarget }: RecordSetProperties): RecordSet {
  const type = changeableTypes.find((modelled) => modelled === Type);
  if (!type) throw notModelled(`AWS::Route53::RecordSet of type ${Type}`);
  const name = parseName(Name);
  const plain = TTL !== undefined && ResourceRecords !== undefined;
  if (AliasTarget ? TTL !== undefined || ResourceRecords !== undefined : !plain)
    throw invalid('A record set has either AliasTarget or both TTL and ResourceRecords.');
  if (!AliasTarget) return { name, type, ttlSeconds: timeToLive(TTL!), values: ResourceRecords! };
  const alias = {
    hostedZoneId: AliasTarget.HostedZoneId,
    dnsName: canonicalName(AliasTarget.DNSName),
    evaluateTargetHealth: AliasTarget.EvaluateTargetHealth,
  };
  return { name, type, alias };
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidInput', message);
}
