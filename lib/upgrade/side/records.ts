import { liveHosts } from '../../names';
import type { NameRecord, Ports } from '../ports';

/** For how long resolvers may give an old answer after the names have moved. An alias is kept as long, by AWS. */
export const longestTtlSeconds = 60;

const addressing = new Set(['A', 'AAAA', 'CNAME']);

/** The records of the live names that resolvers keep for longer. */
export async function longRecords({ settings, names }: Ports): Promise<NameRecord[]> {
  const hosts = new Set(liveHosts(settings));
  return (await names.records(settings.zone.id)).filter(
    ({ name, type, ttlSeconds = 0 }) =>
      hosts.has(name) && addressing.has(type) && ttlSeconds > longestTtlSeconds,
  );
}

/** Lowers them. What was kept before stays kept for its old time once more. */
export async function shortenRecords(ports: Ports): Promise<NameRecord[]> {
  const long = await longRecords(ports);
  for (const name of new Set(long.map((each) => each.name))) {
    ports.progress(`${name}: to be kept for ${longestTtlSeconds} seconds at most`);
    await ports.names.shorten(ports.settings.zone.id, name, longestTtlSeconds);
  }
  return long;
}
