import type { Client } from 'pg';
import type { WorldPlan } from '../plan';
import type { Rds } from '../rds/rds';
import type { Happening, WebRequest, World } from '../world';
import { Deletions } from './deletions';
import { type KnownDatabase, Lineage } from './lineage';
import { Processes } from './processes';
import { Readiness } from './readiness';
import { Twice } from './twice';
import type { Broken, MissingWrites, Report, Verdict, Watch } from './verdict';
import { Visitors } from './visitors';
import { AcknowledgedWrites } from './writes';

export interface JudgeOptions {
  plan: Pick<WorldPlan, 'judged' | 'hosts' | 'databases'>;
  rds: Pick<Rds, 'openAsSuperuser' | 'endpointOf'>;
  /** The migrations of the new release, as `app.name`; without any, none is looked for. */
  migrations: string[];
  /** The environment whose load balancer has this address. */
  environmentAt: (address: string) => string | undefined;
  /** The ARN of an environment's load balancer. */
  loadBalancerOf: (environment: string) => string | undefined;
}

/**
 * Watches the whole world and judges after every happening, with what nobody inside can see. It shares nothing with
 * whoever is judged, and trusts no record of theirs.
 */
export class Judge {
  private checked = 0;
  /** By its evidence. */
  private readonly broken = new Map<string, Broken>();
  private missing: { writes: MissingWrites[]; live: KnownDatabase | undefined } = {
    writes: [],
    live: undefined,
  };
  private looking: Promise<void> = Promise.resolve();
  private fault: unknown;
  private readonly lineage: Lineage;
  private readonly processes: Processes;
  private readonly writes: AcknowledgedWrites;
  private readonly visitors = new Visitors();
  private readonly watches: Watch[];
  /** What somebody asks of whom the doors know nothing, by each of the names. */
  private readonly requests: WebRequest[];

  constructor(
    private readonly world: World,
    private readonly options: JudgeOptions,
  ) {
    const { rds, migrations } = options;
    const { judged, databases, hosts } = options.plan;
    this.requests = [...hosts.web, hosts.ses].map((host) => ({
      method: 'GET',
      path: '/',
      host,
      headers: {},
      body: '',
    }));
    const prepared = databases
      .filter(({ data }) => data === 'preparation')
      .map(({ id }) => rds.endpointOf(id));
    const report: Report = (invariant, atMs, evidence) => {
      if (!this.broken.has(evidence)) this.broken.set(evidence, { invariant, atMs, evidence });
    };
    this.lineage = new Lineage((id) => rds.endpointOf(id));
    const readiness = new Readiness({
      ...{ judged, migrations, report, lineage: this.lineage },
      open: () => this.processes.open(),
      accepts: (host) => world.databases.connectionTo(host) !== undefined,
      ask: (id, question) => this.look(id, question),
    });
    this.processes = new Processes(judged, {
      report,
      reachable: (environment) => this.reachable(environment),
      forPreparation: (host) => prepared.includes(host),
      onOpen: (process, atMs) => readiness.opened(process, atMs),
    });
    this.writes = new AcknowledgedWrites(judged, this.lineage);
    // The others ask the lineage what a database is: it is told first.
    this.watches = [
      ...[this.lineage, this.processes, readiness, this.writes, this.visitors],
      ...[new Twice(report), new Deletions(report)],
    ].map(({ watch }) => watch);
  }

  note(happening: Happening): void {
    const told = this.watches.filter((watch) => watch[happening.kind]);
    for (const watch of told) watch[happening.kind]!(happening);
    if (told.length > 0) this.checked++;
  }

  /** Waits until what is being looked at is judged, and judges whether all that was acknowledged is live now. */
  async settle(): Promise<void> {
    const live = this.live();
    if (!live) this.missing = { writes: this.writes.all(), live };
    else
      this.look(live.id, async (client) => {
        this.missing = { writes: await this.writes.missingFrom(live, client), live };
      });
    await this.looking;
    if (this.fault) throw this.fault;
  }

  verdict(): Verdict {
    const { writes, live } = this.missing;
    const { outage, dropped } = this.visitors;
    const broken = [...this.broken.values(), ...writes.map((each) => brokenBy(each, live))];
    return { checked: this.checked, broken, missing: writes, outage, dropped: { ...dropped } };
  }

  /** Never rejects. */
  stop(): Promise<void> {
    return this.looking;
  }

  /** Whether the doors let somebody through to it now of whom they know nothing, by any of the names. */
  private reachable(environment: string): boolean {
    const loadBalancer = this.options.loadBalancerOf(environment);
    if (loadBalancer === undefined) return false;
    return this.requests.some((request) => this.world.door.letsThrough(loadBalancer, request));
  }

  /** The database that the environment uses to which the visitors' first name leads now, if it answers. */
  private live(): KnownDatabase | undefined {
    const { plan, environmentAt } = this.options;
    const { zones, databases } = this.world;
    const address = zones.resolve(plan.hosts.web[0]!, 'A').find(({ type }) => type === 'A')?.value;
    const environment = address === undefined ? undefined : environmentAt(address);
    const host = environment === undefined ? undefined : this.processes.databaseHostOf(environment);
    return host !== undefined && databases.connectionTo(host) ? this.lineage.at(host) : undefined;
  }

  private look(id: string, question: (client: Client) => Promise<void>): void {
    const before = this.looking;
    this.looking = this.world.clock
      .run(`the judge's look at ${id}`, async () => {
        await before;
        const client = await this.options.rds.openAsSuperuser(id);
        await question(client).finally(() => client.end());
      })
      .catch((error) => {
        this.fault ??= error;
      });
  }
}

function brokenBy({ table, ids, database, atMs }: MissingWrites, live: KnownDatabase | undefined): Broken {
  const some = ids.length > 3 ? `${ids.slice(0, 3).join(', ')} and ${ids.length - 3} more` : ids.join(', ');
  const place = live ? `not on ${live.id}` : 'on no database, since the live names lead to none that answers';
  const evidence = `${table} ${some}, acknowledged on ${database}: ${place}`;
  return { invariant: 'no acknowledged write missing from the live side', atMs, evidence };
}
