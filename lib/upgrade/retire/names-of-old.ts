import { cname, previewHost } from '../../names';
import type { Side } from '../../settings';
import type { NameRecord, Ports, Zone } from '../ports';

/** A record of some zone of the account. */
export interface FoundRecord extends NameRecord {
  zone: Zone;
}

/** Records that lead to the environments of a side, by what is to become of them. */
export interface NamesOfOld {
  /** Of the tool's zone and by an environment's own name: they were made by hand, and go. */
  stale: FoundRecord[];
  /** They go with the stack that made them. */
  previews: FoundRecord[];
  /** Somebody else's: nothing may be taken away while they are there. */
  others: FoundRecord[];
}

/**
 * Every record of every hosted zone that leads to an environment of a side: after it is terminated anybody may take its
 * name, and answer there.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/protection-from-dangling-dns.html
 */
export async function namesOfOld(ports: Ports, side: Side): Promise<NamesOfOld> {
  const leadsToOld = await whatLeadsTo(ports, side);
  const zones = await ports.names.zones();
  const found = await Promise.all(
    zones.map(async (zone) => (await ports.names.records(zone.id)).map((record) => ({ ...record, zone }))),
  );
  const leading = found.flat().filter(leadsToOld);
  const own = new Map(
    Object.values(ports.settings.sides[side].environments).map((environment) => [
      previewHost(ports.settings, environment.name),
      environment.adoptedCname === undefined ? ('previews' as const) : ('stale' as const),
    ]),
  );
  const kindOf = ({ zone, name }: FoundRecord) =>
    (zone.id === ports.settings.zone.id && own.get(name)) || 'others';
  const those = (kind: keyof NamesOfOld) => leading.filter((record) => kindOf(record) === kind);
  return { stale: those('stale'), previews: those('previews'), others: those('others') };
}

/** By the environments' names, their load balancers' names, and the addresses these have now. */
async function whatLeadsTo(ports: Ports, side: Side): Promise<(record: NameRecord) => boolean> {
  const { settings } = ports;
  const roles = Object.entries(settings.sides[side].environments);
  const environments = (
    await Promise.all(roles.map(([, { name }]) => ports.environments.state(name)))
  ).flatMap((environment) => environment ?? []);
  const hosts = new Set([
    ...roles.map(([role]) => cname(settings, side, role)),
    ...environments.map((environment) => environment.cname),
  ]);
  const balancers = environments.flatMap(({ loadBalancers }) => loadBalancers).flatMap(nameOfBalancer);
  const addresses = new Set(
    (await Promise.all(environments.map((environment) => addressesOf(ports, environment.cname)))).flat(),
  );
  return ({ target }) => {
    const host = target.replace(/^dualstack\./, '');
    return (
      hosts.has(host) ||
      addresses.has(target) ||
      balancers.some((name) => isNameOf(name, settings.region, host))
    );
  };
}

/** `arn:...:loadbalancer/app/NAME/ID` */
function nameOfBalancer(arn: string): string[] {
  const name = /:loadbalancer\/app\/([^/]+)\//.exec(arn)?.[1];
  return name ? [name.toLowerCase()] : [];
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html */
const isNameOf = (name: string, region: string, host: string) =>
  host.startsWith(`${name}-`) &&
  /^\d+$/.test(host.slice(name.length + 1).split('.')[0] ?? '') &&
  host.endsWith(`.${region}.elb.amazonaws.com`);

async function addressesOf(ports: Ports, host: string): Promise<string[]> {
  return host === '' ? [] : ports.outside.resolve(host).catch(() => []);
}

/** As a person finds it in Route 53. */
export const described = ({ zone, name, type, target, alias }: FoundRecord): string =>
  `${name} ${type} ${alias ? 'alias to ' : ''}${target}${zone.private ? ` (private zone ${zone.id})` : ` (zone ${zone.name})`}`;
