import { isIPv4, isIPv6 } from 'node:net';
import { AwsError, notModelled } from '../errors';
import type { World } from '../world';
import { aliasDomain, loadBalancerAddresses } from './amazon-names';
import type { HostedZone, RecordSets } from './hosted-zone';
import { absolute, isWithin } from './names';
import { identical, keyOf, type RecordSet } from './record-set';

export interface RecordChange {
  action: 'CREATE' | 'DELETE' | 'UPSERT';
  record: RecordSet;
}

/** The records of the zone after all the changes, or one refusal that lists everything that is wrong with them. */
export function recordsAfter(world: World, zone: HostedZone, changes: RecordChange[]): RecordSets {
  const records = new Map(zone.current);
  const faults = [...repeated(changes)];
  for (const { action, record } of changes) {
    const found =
      action === 'DELETE'
        ? deletionFaults(records, record)
        : additionFaults(world, zone, records, action, record);
    faults.push(...found);
    if (found.length > 0) continue;
    if (action === 'DELETE') records.delete(keyOf(record));
    else records.set(keyOf(record), record);
  }
  if (faults.length > 0) throw new AwsError('InvalidChangeBatch', `[${faults.join(', ')}]`);
  return records;
}

/** One record set may be named twice in a batch only to delete it and create it anew. */
function repeated(changes: RecordChange[]): string[] {
  const actions = new Map<string, { record: RecordSet; actions: string[] }>();
  for (const { action, record } of changes) {
    const seen = actions.get(keyOf(record)) ?? { record, actions: [] };
    seen.actions.push(action);
    actions.set(keyOf(record), seen);
  }
  return [...actions.values()]
    .filter((seen) => seen.actions.length > 1 && seen.actions.join() !== 'DELETE,CREATE')
    .map(
      ({ record }) =>
        `The request contains an invalid set of changes for a resource record set '${record.type} ${absolute(record.name)}'`,
    );
}

function deletionFaults(records: RecordSets, record: RecordSet): string[] {
  const existing = records.get(keyOf(record));
  if (existing && identical(existing, record)) return [];
  const why = existing ? 'the values provided do not match the current values' : 'it was not found';
  return [`Tried to delete resource record set ${label(record)} but ${why}`];
}

function additionFaults(
  world: World,
  zone: HostedZone,
  records: RecordSets,
  action: 'CREATE' | 'UPSERT',
  record: RecordSet,
): string[] {
  const name = absolute(record.name);
  if (!isWithin(record.name, zone.name))
    return [`RRSet with DNS name ${name} is not permitted in zone ${absolute(zone.name)}`];
  if (action === 'CREATE' && records.has(keyOf(record)))
    return [`Tried to create resource record set ${label(record)} but it already exists`];
  return [
    ...cnameFaults(zone, records, record),
    ...(record.alias ? aliasFaults(world, record) : valueFaults(record)),
  ];
}

function cnameFaults(zone: HostedZone, records: RecordSets, record: RecordSet): string[] {
  const subject = `RRSet of type ${record.type} with DNS name ${absolute(record.name)} is not permitted`;
  const zoneName = absolute(zone.name);
  if (record.type !== 'CNAME') {
    if (!records.has(keyOf({ name: record.name, type: 'CNAME' }))) return [];
    return [
      `${subject} because a conflicting RRSet of type CNAME with the same DNS name already exists in zone ${zoneName}`,
    ];
  }
  if (record.name === zone.name) return [`${subject} at apex in zone ${zoneName}`];
  const others = [...records.values()].some((other) => other.name === record.name && other.type !== 'CNAME');
  return others
    ? [`${subject} as it conflicts with other records with the same DNS name in zone ${zoneName}`]
    : [];
}

function aliasFaults(world: World, record: RecordSet): string[] {
  const { hostedZoneId, dnsName } = record.alias!;
  if (record.type !== 'A') throw notModelled(`Route 53 aliases of type ${record.type}`);
  const domain = aliasDomain(world.region, hostedZoneId);
  if (!domain) throw notModelled(`Route 53 aliases into the hosted zone ${hostedZoneId} in ${world.region}`);
  const subject = `Tried to create an alias that targets ${absolute(dnsName)}, type A in zone ${hostedZoneId}`;
  const faults: string[] = [];
  if (!isWithin(dnsName, domain))
    faults.push(`${subject}, but the alias target name does not lie within the target zone`);
  if (!isWithin(dnsName, domain) || loadBalancerAddresses(world, dnsName).length === 0)
    faults.push(`${subject}, but that target was not found`);
  return faults;
}

function valueFaults(record: RecordSet): string[] {
  const values = record.values!;
  const faults = values
    .filter((value, index) => values.indexOf(value) !== index)
    .map((value) => `Duplicate Resource Record: '${value}'`);
  if (record.type === 'CNAME' && values.length !== 1)
    faults.push(
      `A resource record set of type CNAME has exactly one value; ${label(record)} has ${values.length}`,
    );
  for (const value of values) {
    const problem = valueProblem(record.type, value);
    if (problem)
      faults.push(`Invalid Resource Record: 'FATAL problem: ${problem} encountered with '${value}''`);
  }
  return faults;
}

function valueProblem(type: RecordSet['type'], value: string): string | undefined {
  if (type === 'A' && !isIPv4(value)) return 'ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)';
  if (type === 'AAAA' && !isIPv6(value))
    return 'AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)';
  if (type === 'CNAME' && !/^([a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?$/i.test(value))
    return 'DomainLabelEmpty (Domain label is empty or not valid)';
  if (type === 'TXT' && !/^"[^"\\]{0,255}"( +"[^"\\]{0,255}")*$/.test(value))
    return 'InvalidCharacterString (Value should be enclosed in quotation marks)';
  return undefined;
}

function label(record: RecordSet): string {
  return `[name='${absolute(record.name)}', type='${record.type}']`;
}
