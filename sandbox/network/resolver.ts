import type { World } from '../world';

interface Kept {
  untilMs: number;
  /** The name it stands for, or its addresses. */
  cname?: string;
  addresses: string[];
}

/**
 * How long "there is no such name" may be kept: what Route 53's SOA says, the smaller of its TTL and its minimum.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/SOA-NSrecords.html
 */
const negativeTtlSeconds = 900;

/** A caching stub resolver in the sandbox's time. Each client has its own, so that a stale answer is really held. */
export class Resolver {
  private readonly cache = new Map<string, Kept>();

  constructor(private readonly world: Pick<World, 'clock' | 'zones'>) {}

  /** The IPv4 addresses of a name; none when there is no such name or nothing behind it. */
  addresses(name: string): string[] {
    const asked = name.toLowerCase().replace(/\.$/, '');
    let owner = asked;
    for (let links = 0; links < 9; links++) {
      if (this.kept(owner) === undefined) this.ask(owner);
      const found = this.kept(owner);
      if (found?.cname === undefined) return found?.addresses ?? [];
      owner = found.cname;
    }
    return [];
  }

  private kept(name: string): Kept | undefined {
    const kept = this.cache.get(name);
    return kept && kept.untilMs > this.world.clock.nowMs() ? kept : undefined;
  }

  /** Every record of the answer is kept for its own TTL. */
  private ask(name: string): void {
    const nowMs = this.world.clock.nowMs();
    const answers = this.world.zones.resolve(name, 'A');
    for (const owner of new Set(answers.map((answer) => answer.name))) {
      const records = answers.filter((answer) => answer.name === owner);
      this.cache.set(owner, {
        untilMs: nowMs + Math.min(...records.map((record) => record.ttlSeconds)) * 1000,
        cname: records.find((record) => record.type === 'CNAME')?.value,
        addresses: records.filter((record) => record.type === 'A').map((record) => record.value),
      });
    }
    if (answers.length === 0)
      this.cache.set(name, { untilMs: nowMs + negativeTtlSeconds * 1000, addresses: [] });
  }
}
