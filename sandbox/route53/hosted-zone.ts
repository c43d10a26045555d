import { compareAscii, isWithin, sortKey } from './names';
import { keyOf, type RecordSet } from './record-set';

export type RecordSets = ReadonlyMap<string, RecordSet>;

/**
 * A public hosted zone. Its versions are kept with the moment from which the name servers answer by them: what the
 * API lists is always the newest, what a resolver is told may still be an older one.
 */
export class HostedZone {
  private versions: { answeredFromMs: number; records: RecordSets }[];

  /** `name` is canonical. */
  constructor(
    readonly id: string,
    readonly name: string,
  ) {
    this.versions = [{ answeredFromMs: Number.NEGATIVE_INFINITY, records: byKey(ownRecords(name)) }];
  }

  /** As of the last accepted change. */
  get current(): RecordSets {
    return this.versions.at(-1)!.records;
  }

  /** What the name servers answer by at this time. */
  answered(nowMs: number): RecordSets {
    return this.versions.findLast((version) => version.answeredFromMs <= nowMs)!.records;
  }

  replace(records: RecordSets, answeredFromMs: number): void {
    this.versions.push({ answeredFromMs, records });
  }

  /** In the order in which Route 53 lists them. */
  listed(): RecordSet[] {
    return [...this.current.values()].sort(
      (a, b) => compareAscii(sortKey(a.name), sortKey(b.name)) || compareAscii(a.type, b.type),
    );
  }

  nameServers(): string[] {
    return nameServers;
  }
}

/** A name without records of its own still exists when there are records below it. */
export function nameExists(records: RecordSets, name: string): boolean {
  for (const record of records.values()) if (isWithin(record.name, name)) return true;
  return false;
}

const nameServers = [
  'ns-1.awsdns-00.com',
  'ns-512.awsdns-00.net',
  'ns-1024.awsdns-00.org',
  'ns-1536.awsdns-00.co.uk',
];

/**
 * The records that Route 53 gives every new zone.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/SOA-NSrecords.html
 */
function ownRecords(name: string): RecordSet[] {
  return [
    { name, type: 'NS', ttlSeconds: 172_800, values: nameServers.map((server) => `${server}.`) },
    {
      name,
      type: 'SOA',
      ttlSeconds: 900,
      values: [`${nameServers[0]}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400`],
    },
  ];
}

function byKey(records: RecordSet[]): RecordSets {
  return new Map(records.map((record) => [keyOf(record), record]));
}
