/** The types a change may name. A zone also has its NS and SOA, which nobody may change here. */
export const changeableTypes = ['A', 'AAAA', 'CNAME', 'TXT'] as const;
export type RecordType = (typeof changeableTypes)[number] | 'NS' | 'SOA';

export interface AliasTarget {
  hostedZoneId: string;
  /** Canonical. */
  dnsName: string;
  evaluateTargetHealth: boolean;
}

/** Either values with a time to live, or an alias. Names are canonical, values as they were given. */
export interface RecordSet {
  name: string;
  type: RecordType;
  ttlSeconds?: number;
  values?: string[];
  alias?: AliasTarget;
}

/** A zone holds one record set for each name and type. */
export function keyOf(record: Pick<RecordSet, 'name' | 'type'>): string {
  return `${record.name} ${record.type}`;
}

/** Whether two record sets of one name and type say the same; the order of values says nothing. */
export function identical(a: RecordSet, b: RecordSet): boolean {
  return JSON.stringify(comparable(a)) === JSON.stringify(comparable(b));
}

function comparable(record: RecordSet): unknown[] {
  const { alias } = record;
  return [
    keyOf(record),
    record.ttlSeconds ?? null,
    record.values ? [...record.values].sort() : null,
    alias ? [alias.hostedZoneId, alias.dnsName, alias.evaluateTargetHealth] : null,
  ];
}
