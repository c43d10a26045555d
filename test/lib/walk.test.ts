import { judgeMove } from '../../lib/moves';
import { databaseId } from '../../lib/names';
import { type Posture, posture, resolveWords, type Words } from '../../lib/posture';
import {
  accesses,
  type DatabaseRecord,
  databaseInTheMaking,
  databaseOf,
  nextGeneration,
  type UpgradeRecord,
} from '../../lib/record';
import { otherSide, type Settings, type Side, sides } from '../../lib/settings';
import { before, directions, original, restored } from '../support/upgrade';

/** Numbers from a seed, so that a walk that fails can be walked again. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** What people did, by the order in which they did it. */
type Deeds = Set<number>;

/** The record as deploys and verbs leave it, beside what the databases really hold. */
class Walk {
  record: UpgradeRecord;
  private readonly rows = new Map<string, Deeds>();
  private readonly snapshots = new Map<string, Deeds>();
  /** What must not be lost: all that people did, but for what a failback gave up. */
  private owed: Deeds = new Set();
  private deeds = 0;
  /** Databases that a failback gave up: they lack what people did since. */
  private readonly lost = new Set<string>();
  readonly path: string[] = [];

  constructor(
    private settings: Settings,
    private readonly random: () => number,
  ) {
    this.record = before(settings);
    this.rows.set(original(settings.upgrade.from).id, new Set());
  }

  /** Mostly an act of the night, whichever; now and then any deploy at all, or one that is broken off. */
  step(): void {
    const { from, to } = this.settings.upgrade;
    const move = (live: Side, access: Words['access']) => this.deploy({ live, access, reassert: false });
    const forward = [
      () => move(from, 'frozen'),
      () => this.snapshot(),
      () => this.change('restore', ({ id }) => ({ endpoint: `${id}.example.com` })),
      () => this.ready('keep', ({ migrated }) => (migrated ? {} : { blockedEmails: { kept: 3 } })),
      () => this.ready('migrate', ({ blockedEmails }) => (blockedEmails ? { migrated: true } : {})),
      () => this.ready('empty sessions', () => ({ sessionsEmptied: true })),
      () => move(to, 'testing'),
      () =>
        this.ready('convert', ({ migrated }) =>
          migrated ? { converted: { converted: 2, duplicates: 0 } } : {},
        ),
      () =>
        this.ready('put back', ({ converted }) =>
          converted ? { blockedEmails: { kept: 3, putBack: 3, left: 0 } } : {},
        ),
      () => move(to, 'open'),
    ];
    const chance = this.random();
    if (chance < 0.9) this.one(forward)();
    else if (chance < 0.93) this.turnRound();
    else this.anyDeploy(chance < 0.97 ? 'whole' : 'interrupted');
    this.check();
  }

  private anyDeploy(how: 'whole' | 'interrupted'): void {
    const words = { live: this.one([undefined, ...sides]), access: this.one([undefined, ...accesses]) };
    this.deploy(resolveWords(this.record.posture, { ...words, reassert: this.random() < 0.1 }), how);
  }

  private one<T>(choices: T[]): T {
    return choices[Math.floor(this.random() * choices.length)]!;
  }

  private deploy(words: Words, how: 'whole' | 'interrupted' = 'whole'): void {
    if (judgeMove(this.settings, this.record, words).length > 0 || this.written(words)) return;
    this.path.push(`${how} ${words.live}/${words.access}`);
    const from = this.record.posture;
    const declared = posture(this.settings, this.record, words);
    const database = declared.sides[words.live].database!;
    if (how === 'interrupted') {
      // The side opened at its names, and the record was not written.
      if (words.access === 'open' && words.live === from.live) this.peopleAct(database.id);
      return;
    }
    if (words.access !== 'frozen') {
      const failback = words.access === 'open' && words.live !== from.live;
      if (failback) {
        expect(database.id).toBe(from.served[words.live]);
        this.owed = new Set(this.rows.get(database.id));
        this.lost.add(declared.sides[from.live].database!.id);
      }
      expect([...this.owed].filter((deed) => !this.rows.get(database.id)!.has(deed))).toEqual([]);
    }
    this.record = { ...this.record, posture: declared.record };
    expect(posture(this.settings, this.record, resolveWords(declared.record, {}))).toEqual(declared);
    if (words.access === 'open') this.peopleAct(database.id);
  }

  /** What `whatWasWrittenSince` asks before a side is tested. */
  private written({ live, access }: Words): boolean {
    const copy = databaseOf(this.record, live);
    if (access !== 'testing' || live === this.record.posture.live || !copy?.source) return false;
    return this.rows.get(copy.source.instance)!.size !== copy.sourceWrites;
  }

  private peopleAct(database: string): void {
    this.deeds += 1;
    this.rows.get(database)!.add(this.deeds);
    this.owed.add(this.deeds);
  }

  private snapshot(): void {
    const { posture } = this.record;
    const target = this.settings.upgrade.to;
    const source = databaseOf(this.record, posture.live);
    if (!source || posture.access !== 'frozen' || posture.live === target) return;
    if (databaseInTheMaking(this.record, target)) return;
    const id = databaseId(this.settings, target, nextGeneration(this.record, target));
    this.path.push(`snapshot for ${id}`);
    this.snapshots.set(id, new Set(this.rows.get(source.id)));
    this.rows.set(id, new Set(this.rows.get(source.id)));
    const copy = restored(target, {
      id,
      generation: nextGeneration(this.record, target),
      sourceWrites: this.rows.get(source.id)!.size,
      endpoint: undefined,
      migrated: false,
    });
    this.record.databases = [
      ...this.record.databases,
      { ...copy, source: { ...copy.source!, instance: source.id } },
    ];
  }

  private ready(verb: string, changes: (copy: DatabaseRecord) => Partial<DatabaseRecord>): void {
    this.change(verb, (copy) => (copy.endpoint ? changes(copy) : {}));
  }

  private change(verb: string, changes: (copy: DatabaseRecord) => Partial<DatabaseRecord>): void {
    const copy = databaseInTheMaking(this.record, this.settings.upgrade.to);
    if (!copy) return;
    this.path.push(`${verb} ${copy.id}`);
    const databases = this.record.databases.map((each) =>
      each.id === copy.id ? { ...each, ...changes(each) } : each,
    );
    this.record = { ...this.record, databases };
  }

  /** The next upgrade goes the other way, once the last is done. */
  private turnRound(): void {
    const { from, to } = this.settings.upgrade;
    const { live, access } = this.record.posture;
    if (live !== to || access !== 'open') return;
    this.path.push('turn round');
    this.settings = { ...this.settings, upgrade: { from: to, to: from } };
  }

  private check(): void {
    const declared = posture(this.settings, this.record, resolveWords(this.record.posture, {}));
    expect(judgeMove(this.settings, this.record, resolveWords(this.record.posture, {}))).toEqual([]);
    expect(declared.record).toEqual(this.record.posture);
    const environments = sides.flatMap((side) => Object.values(declared.sides[side].environments));
    expect(environments.filter(({ armed }) => armed).length).toBeLessThanOrEqual(1);
    expect(declared.sides[otherSide(declared.live)].state).toMatch(/fenced|prepared/);
    this.checkLive(declared);
  }

  private checkLive({ live, access, sides: { [live as Side]: side } }: Posture): void {
    const { database } = side;
    expect(database?.endpoint).toBeDefined();
    expect([...this.record.posture.spent, ...this.lost]).not.toContain(database!.id);
    if (access === 'open') expect(this.record.posture.served[live]).toBe(database!.id);
    if (access === 'open')
      expect(sides.map((each) => databaseInTheMaking(this.record, each))).toEqual([undefined, undefined]);
    if (access !== 'frozen') expect(database!.migrated).toBe(true);
    if (access === 'open' && database!.generation > 0)
      expect(database).toMatchObject({ sessionsEmptied: true, blockedEmails: { putBack: 3 } });
  }
}

describe.each(directions)('any order of deploys and verbs, %s', (_, settings) => {
  const walked: string[] = [];

  test.each([1, 2, 3, 4, 5, 6])('seed %i', (seed) => {
    const walk = new Walk(settings, numbers(seed));
    try {
      for (let steps = 0; steps < 600; steps++) walk.step();
    } catch (error) {
      (error as Error).message += `\n\nThe walk: ${walk.path.slice(-40).join(', ')}`;
      throw error;
    }
    walked.push(...walk.path);
  });

  test('came everywhere: upgrades done, called off, failed back from', () => {
    const { from, to } = settings.upgrade;
    const times = (place: string) => walked.filter((each) => each === place).length;
    const places = ['turn round', `whole ${to}/open`, `whole ${from}/open`, `interrupted ${from}/open`];
    expect(places.map(times).filter((count) => count < 5)).toEqual([]);
  });
});
