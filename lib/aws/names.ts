import {
  ListResourceRecordSetsCommand,
  type ListResourceRecordSetsCommandOutput,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import type { NameRecord, Names } from '../upgrade/ports';
import type { Clients } from './clients';

/** The records of a hosted zone. */
export class Route53Names implements Names {
  private readonly route53: Route53Client;

  constructor(clients: Clients) {
    this.route53 = clients.make(Route53Client);
  }

  async records(zoneId: string): Promise<NameRecord[]> {
    const records: NameRecord[] = [];
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
      for (const set of page.ResourceRecordSets ?? []) records.push(...ofSet(set));
    } while (page.IsTruncated);
    return records;
  }
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
