import {
  type Change,
  ChangeResourceRecordSetsCommand,
  ListHostedZonesCommand,
  type ListHostedZonesCommandOutput,
  ListResourceRecordSetsCommand,
  type ListResourceRecordSetsCommandOutput,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { PreconditionError } from '../runbook/errors';
import type { NameRecord, Names, Zone } from '../upgrade/ports';
import type { Clients } from './clients';

/** The records of a hosted zone. */
export class Route53Names implements Names {
  private readonly route53: Route53Client;

  constructor(clients: Clients) {
    this.route53 = clients.make(Route53Client);
  }

  async records(zoneId: string): Promise<NameRecord[]> {
    return (await this.sets(zoneId)).flatMap(ofSet);
  }

  /** https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZones.html */
  async zones(): Promise<Zone[]> {
    const zones: Zone[] = [];
    let page: Partial<ListHostedZonesCommandOutput> = {};
    do {
      page = await this.route53.send(new ListHostedZonesCommand({ Marker: page.NextMarker }));
      for (const { Id = '', Name = '', Config } of page.HostedZones ?? [])
        zones.push({
          id: Id.replace('/hostedzone/', ''),
          name: plain(Name),
          private: Config?.PrivateZone ?? false,
        });
    } while (page.IsTruncated);
    return zones;
  }

  /**
   * A deletion must give each record set as it is, down to its TTL, or the whole batch is refused.
   * https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
   */
  async removeExactly(zoneId: string, records: NameRecord[]): Promise<void> {
    const known = new Set(records.map(wordsOf));
    const doomed = (await this.sets(zoneId)).filter((set) =>
      ofSet(set).some((each) => known.has(wordsOf(each))),
    );
    const found = doomed.flatMap(ofSet).map(wordsOf);
    const changed = [
      ...found.filter((each) => !known.has(each)),
      ...[...known].filter((each) => !found.includes(each)),
    ];
    if (changed.length > 0)
      throw new PreconditionError('RECORD_CHANGED', {
        so: `The records are not any more what was shown: ${changed.join('; ')}.`,
        next: 'Run the same command again: it shows them as they are now.',
      });
    if (doomed.length === 0) return;
    const Changes = doomed.map((set): Change => ({ Action: 'DELETE', ResourceRecordSet: set }));
    await this.route53.send(
      new ChangeResourceRecordSetsCommand({ HostedZoneId: zoneId, ChangeBatch: { Changes } }),
    );
  }

  /**
   * One batch is carried out whole or not at all, so that the name is never without an answer.
   * https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
   */
  async point(zoneId: string, name: string, target: { name: string; zoneId: string }): Promise<void> {
    await this.put(zoneId, name, {
      AliasTarget: { HostedZoneId: target.zoneId, DNSName: target.name, EvaluateTargetHealth: false },
    });
  }

  async address(zoneId: string, name: string, addresses: string[], ttlSeconds: number): Promise<void> {
    await this.put(zoneId, name, {
      TTL: ttlSeconds,
      ResourceRecords: addresses.map((Value) => ({ Value })),
    });
  }

  private async put(zoneId: string, name: string, leading: Partial<ResourceRecordSet>): Promise<void> {
    const obstacles = (await this.sets(zoneId)).filter(
      (set) => plain(set.Name ?? '') === name && standsInTheWay(set),
    );
    await this.change(zoneId, [
      ...obstacles.map((set) => ({ Action: 'DELETE' as const, ResourceRecordSet: set })),
      { Action: 'UPSERT', ResourceRecordSet: { Name: name, Type: 'A', ...leading } },
    ]);
  }

  private async change(zoneId: string, Changes: Change[]): Promise<void> {
    await this.route53.send(
      new ChangeResourceRecordSetsCommand({ HostedZoneId: zoneId, ChangeBatch: { Changes } }),
    );
  }

  /** An alias has no time of its own. */
  async shorten(zoneId: string, name: string, ttlSeconds: number): Promise<void> {
    const long = (await this.sets(zoneId)).filter(
      ({ Name = '', TTL = 0 }) => plain(Name) === name && TTL > ttlSeconds,
    );
    if (long.length === 0) return;
    const Changes: Change[] = long.map((set) => ({
      Action: 'UPSERT',
      ResourceRecordSet: { ...set, TTL: ttlSeconds },
    }));
    await this.route53.send(
      new ChangeResourceRecordSetsCommand({ HostedZoneId: zoneId, ChangeBatch: { Changes } }),
    );
  }

  private async sets(zoneId: string): Promise<ResourceRecordSet[]> {
    const sets: ResourceRecordSet[] = [];
    let page: Partial<ListResourceRecordSetsCommandOutput> = {};
    do {
      page = await this.route53.send(
        new ListResourceRecordSetsCommand({
          HostedZoneId: zoneId,
          StartRecordName: page.NextRecordName,
          StartRecordType: page.NextRecordType,
          StartRecordIdentifier: page.NextRecordIdentifier,
        }),
      );
      sets.push(...(page.ResourceRecordSets ?? []));
    } while (page.IsTruncated);
    return sets;
  }
}

const wordsOf = ({ name, type, target, alias }: NameRecord) =>
  `${name} ${type} ${alias ? 'alias to ' : ''}${target}`;

/** A plain A record is replaced by the UPSERT; one of several for a name, told apart by an identifier, is not. */
function standsInTheWay({ Type, SetIdentifier }: ResourceRecordSet): boolean {
  return Type === 'CNAME' || Type === 'AAAA' || (Type === 'A' && SetIdentifier !== undefined);
}

function ofSet(set: ResourceRecordSet): NameRecord[] {
  const name = plain(set.Name ?? '');
  const type = set.Type ?? '';
  const alias = set.AliasTarget?.DNSName;
  if (alias !== undefined) return [{ name, type, target: plain(alias), alias: true }];
  return (set.ResourceRecords ?? []).map(({ Value = '' }) => ({
    name,
    type,
    target: plain(Value),
    alias: false,
    ...(set.TTL === undefined ? {} : { ttlSeconds: set.TTL }),
  }));
}

/**
 * Route 53 writes unusual characters as octal codes, a wildcard as `\052`, see
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
 */
function plain(name: string): string {
  return name
    .replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)))
    .replace(/\.$/, '')
    .toLowerCase();
}
