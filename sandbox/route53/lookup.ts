import type { World } from '../world';
import { amazonAddresses, loadBalancerAddresses } from './amazon-names';
import { type HostedZone, nameExists } from './hosted-zone';
import { canonicalName } from './names';
import { keyOf, type RecordSet, type RecordType } from './record-set';

/** A record as a name server gives it out: names without the trailing dot, texts and SOA as in a zone file. */
export interface Answer {
  name: string;
  type: RecordType;
  ttlSeconds: number;
  value: string;
}

export interface Lookup {
  /** REFUSED: no name server of the sandbox knows the name. No answers with NOERROR: the name has none of that type. */
  code: 'NOERROR' | 'NXDOMAIN' | 'REFUSED';
  answers: Answer[];
  /** The SOA that says for how long a negative answer may be kept. */
  authority?: Answer;
}

/** https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-choosing-alias-non-alias.html */
const aliasTtlSeconds = 60;
const longestChain = 8;

/** Answers by the zone that encloses the name, or for Amazon's own names, and follows CNAMEs as far as it knows them. */
export function lookUp(
  world: World,
  enclosing: (name: string) => HostedZone | undefined,
  name: string,
  type: string,
  depth = 0,
): Lookup {
  const zone = enclosing(name);
  if (!zone) return lookUpAmazon(world, name, type);
  const records = zone.answered(world.clock.nowMs());
  const cname = records.get(keyOf({ name, type: 'CNAME' }));
  if (cname && type !== 'CNAME') {
    const answers = answersOf(world, cname);
    if (depth === longestChain) return { code: 'NOERROR', answers };
    const rest = lookUp(world, enclosing, canonicalName(answers[0]!.value), type, depth + 1);
    return {
      ...rest,
      code: rest.code === 'REFUSED' ? 'NOERROR' : rest.code,
      answers: [...answers, ...rest.answers],
    };
  }
  const record = records.get(`${name} ${type}`);
  const answers = record ? answersOf(world, record) : [];
  if (answers.length > 0) return { code: 'NOERROR', answers };
  const soa = records.get(keyOf({ name: zone.name, type: 'SOA' }))!;
  const authority = answersOf(world, soa)[0]!;
  return { code: nameExists(records, name) ? 'NOERROR' : 'NXDOMAIN', answers, authority };
}

function answersOf(world: World, record: RecordSet): Answer[] {
  const { name, type, alias } = record;
  if (alias)
    return loadBalancerAddresses(world, alias.dnsName).map((value) => ({
      name,
      type,
      ttlSeconds: aliasTtlSeconds,
      value,
    }));
  const isName = type === 'CNAME' || type === 'NS';
  return record.values!.map((value) => ({
    name,
    type,
    ttlSeconds: record.ttlSeconds!,
    value: isName ? canonicalName(value) : value,
  }));
}

function lookUpAmazon(world: World, name: string, type: string): Lookup {
  const found = amazonAddresses(world, name);
  if (!found) return { code: 'REFUSED', answers: [] };
  const { addresses, ttlSeconds } = found;
  if (addresses.length === 0) return { code: 'NXDOMAIN', answers: [], authority: amazonSoa(name) };
  if (type !== 'A') return { code: 'NOERROR', answers: [], authority: amazonSoa(name) };
  return { code: 'NOERROR', answers: addresses.map((value) => ({ name, type, ttlSeconds, value })) };
}

/** Amazon's own zones are told apart by their registered domain alone; their negative answers may be kept a minute. */
function amazonSoa(name: string): Answer {
  const zone = name.split('.').slice(-2).join('.');
  const value = `ns-1.awsdns-00.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 60`;
  return { name: zone, type: 'SOA', ttlSeconds: 60, value };
}
