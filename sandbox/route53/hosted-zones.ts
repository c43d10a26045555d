import { AwsError } from '../errors';
import type { World, Zones } from '../world';
import { type RecordChange, recordsAfter } from './change-batch';
import { HostedZone } from './hosted-zone';
import { type Lookup, lookUp } from './lookup';
import { canonicalName, compareAscii, isWithin, parseName, sortKey } from './names';
import { keyOf, type RecordSet } from './record-set';

/** A change of records. PENDING until every name server answers by it. */
export interface Change {
  id: string;
  status: 'PENDING' | 'INSYNC';
  submittedAtMs: number;
  comment: string | undefined;
  /** Resolves when the status becomes INSYNC. */
  inSync: Promise<void>;
}

/** The hosted zones of the account, their changes, and what their name servers answer. */
export class HostedZones implements Zones {
  private readonly zones = new Map<string, HostedZone>();
  private readonly changes = new Map<string, Change>();

  constructor(private readonly world: World) {}

  add(id: string, name: string): HostedZone {
    const zone = new HostedZone(id, parseName(name));
    this.zones.set(id, zone);
    return zone;
  }

  /** Puts a record where it has always been: answered at once, and not validated against what it points at. */
  seed(zoneId: string, record: RecordSet): void {
    const zone = this.zone(zoneId);
    zone.replace(new Map(zone.current).set(keyOf(record), record), Number.NEGATIVE_INFINITY);
  }

  zone(id: string): HostedZone {
    const zone = this.zones.get(id);
    if (!zone) throw new AwsError('NoSuchHostedZone', `No hosted zone found with ID: ${id}`, 404);
    return zone;
  }

  /** Sorted by id. */
  byId(): HostedZone[] {
    return [...this.zones.values()].sort((a, b) => compareAscii(a.id, b.id));
  }

  /** Sorted as ListHostedZonesByName does: by name with the labels reversed, then by id. */
  byName(): HostedZone[] {
    return this.byId().sort((a, b) => compareAscii(sortKey(a.name), sortKey(b.name)));
  }

  /**
   * Applies all the changes or none. The API lists them at once; the name servers answer by them from half of the
   * time to INSYNC on.
   */
  change(zoneId: string, changes: RecordChange[], comment?: string): Change {
    const { clock, durations } = this.world;
    const zone = this.zone(zoneId);
    const records = recordsAfter(this.world, zone, changes);
    const submittedAtMs = clock.nowMs();
    zone.replace(records, submittedAtMs + durations.recordsInSyncMs / 2);
    const id = `C${String(this.changes.size + 1).padStart(19, '0')}`;
    this.world.happened('records.changed', { changeId: id, zone: zone.name, changes });
    const inSync = new Promise<void>((resolve) => {
      clock.at(submittedAtMs + durations.recordsInSyncMs, `INSYNC of ${id}`, () => {
        change.status = 'INSYNC';
        this.world.happened('records.inSync', { changeId: id });
        resolve();
      });
    });
    const change: Change = { id, status: 'PENDING', submittedAtMs, comment, inSync };
    this.changes.set(id, change);
    return change;
  }

  /** Lets time pass until the change is INSYNC, where time may skip. */
  async settledChange(id: string): Promise<Change> {
    const change = this.changes.get(id);
    if (!change) throw new AwsError('NoSuchChange', `Could not find resource with ID: ${id}`, 404);
    await this.world.clock.skipUntil(() => change.status === 'INSYNC');
    return change;
  }

  /** What the name servers answer now, CNAMEs followed. */
  lookup(name: string, type: string): Lookup {
    return lookUp(this.world, (owner) => this.enclosing(owner), canonicalName(name), type);
  }

  resolve(name: string, type: 'A' | 'CNAME'): ReturnType<Zones['resolve']> {
    return this.lookup(name, type).answers.flatMap((answer) =>
      answer.type === 'A' || answer.type === 'CNAME' ? [{ ...answer, type: answer.type }] : [],
    );
  }

  private enclosing(name: string): HostedZone | undefined {
    return this.byId()
      .filter((zone) => isWithin(name, zone.name))
      .sort((a, b) => b.name.length - a.name.length)[0];
  }
}
