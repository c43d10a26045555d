import { createHash } from 'node:crypto';
import { type Run, rest } from './carry-out';
import type { Entry } from './entry';
import { DeclinedError } from './errors';
import { ask } from './gate';
import { tell } from './operator';
import { patient } from './patience';
import { unsettledSteps } from './standing';
import type { Evidence, Gate, Step } from './step';

/** What a run's own steps did not change is compared before each of them acts, with what it was when they had settled. */

/** One thing of the world, as it was seen. */
export interface Sight {
  /** For people and the journal. */
  told: string;
  /** What must not be told and is compared all the same; this process alone knows it. */
  hidden?: string;
  /** Whether it is being changed still. */
  moving?: boolean;
}

/** By the part that a step changes as a whole, then by what it is. */
export type World = Record<string, Record<string, Sight>>;

/** How the world is looked at. A look changes nothing. */
export interface Watched {
  parts: string[];
  look(parts: string[]): Promise<World>;
}

interface Change {
  part: string;
  what: string;
  before: Sight;
  now: Sight;
}

type Watching = Pick<Run, 'clock' | 'journal' | 'operator' | 'isPassing'>;

/** A look may be answered with what was before: a change counts when it is seen twice. */
const againMs = 3_000;
/** What is being changed is asked about when it is over, and what it did can be named; but not for ever later. */
const movingEveryMs = 10_000;
const movingMs = 15 * 60_000;

export class ChangeWatch {
  private baseline: World;
  /** Looks are compared one after the other; whoever asks before one has begun shares it. */
  private last: Promise<void> = Promise.resolve();
  private next: Promise<void> | undefined;

  constructor(
    private readonly run: Watching,
    private readonly watched: Watched,
    private readonly steps: Step[],
  ) {
    this.baseline = rememberedWorld(run.journal.entries);
  }

  /** Looks for the first time, unless an earlier process of this run did. What was taken back is looked at anew. */
  async begin(): Promise<void> {
    const { entries } = this.run.journal;
    const isTakenBack = entries.some(({ event }) => event === 'undone');
    if (isTakenBack || Object.keys(this.baseline).length === 0) await this.remember(this.watched.parts);
  }

  /** What a step changes is now as it left it. To be told before the step counts as done. */
  async settled({ id, touches = [] }: Step): Promise<void> {
    const parts = touches.filter((part) => this.watched.parts.includes(part));
    if (parts.length > 0 && unsettledSteps(this.run.journal.entries).has(id)) await this.remember(parts);
  }

  /**
   * Makes sure that nothing is otherwise than it was, but what steps that are under way change; or that a person knows.
   * @throws DeclinedError CHANGED_MEANWHILE
   */
  requireUnchanged(step: Step): Promise<void> {
    this.next ??= this.last.then(() => {
      this.next = undefined;
      return this.compare(step);
    });
    const compared = this.next;
    this.last = compared.catch(() => {});
    return compared;
  }

  private async compare(step: Step): Promise<void> {
    const changes = await this.lasting(step);
    if (changes.length === 0) return;
    const { journal } = this.run;
    const text = brief(changes).join('; ');
    tell(this.run, step, 'CHANGE_SEEN', text);
    await journal.append({ event: 'change-seen', step: step.id, text, evidence: changes.map(evidenceOf) });
    const gate = gateOf(changes);
    if (!(await ask({ ...step, title: 'Somebody else changed something' }, gate, this.run))) {
      await journal.append({ event: 'change-declined', step: step.id });
      throw new DeclinedError('CHANGED_MEANWHILE', {
        so: `Somebody else changed this during the run: ${text}.`,
        changed: 'Nothing more was begun after it was seen.',
        next: `If it is meant, run the same command again, at a terminal or with --confirm ${gate.word}. Otherwise put it back as it was first: the run goes on from here.`,
      });
    }
    const accepted: World = {};
    for (const { part, what, now } of changes) accepted[part] = { ...accepted[part], [what]: now };
    await journal.append({ event: 'change-confirmed', step: step.id, data: toldOf(accepted) });
    this.baseline = merged(this.baseline, accepted);
    tell(this.run, step, 'CHANGE_CONFIRMED', `Confirmed: ${text}`);
  }

  /** The changes that two looks agree on, when what is being changed is over. */
  private async lasting(step: Step): Promise<Change[]> {
    const { clock } = this.run;
    const giveUpAtMs = clock.now().getTime() + movingMs;
    let changes = await this.changes(step);
    while (changes.length > 0) {
      const moves = changes.some(({ now }) => now.moving) && clock.now().getTime() < giveUpAtMs;
      if (moves) tell(this.run, step, 'STEP_WAITING', `somebody else changes ${described(changes[0]!)}`);
      await rest(this.run, moves ? movingEveryMs : againMs);
      const again = await this.changes(step);
      if (!moves && wordOf(again) === wordOf(changes)) return again;
      changes = again;
    }
    return [];
  }

  /** What differs from what it was; what is the same is known better from now on. */
  private async changes(step: Step): Promise<Change[]> {
    const before = this.baseline;
    const parts = this.watched.parts.filter((part) => before[part] && !this.isTouched(part));
    const seen = await this.look(parts, step);
    // A step may have begun, or settled, while this looked.
    const still = parts.filter((part) => before[part] === this.baseline[part] && !this.isTouched(part));
    const changes = still.flatMap((part) => differing(part, before[part]!, seen[part] ?? {}));
    const same = still.filter((part) => changes.every((change) => change.part !== part));
    for (const part of same) this.baseline = { ...this.baseline, [part]: seen[part] ?? {} };
    return changes;
  }

  /** Whether a step that was begun and has not settled changes it; an undone one may have changed it since. */
  private isTouched(part: string): boolean {
    const unsettled = unsettledSteps(this.run.journal.entries);
    return this.steps.some(({ id, touches = [] }) => unsettled.has(id) && touches.includes(part));
  }

  private async remember(parts: string[]): Promise<void> {
    const seen = await this.look(parts);
    await this.run.journal.append({ event: 'world-seen', data: toldOf(seen) });
    this.baseline = { ...this.baseline, ...seen };
  }

  private async look(parts: string[], step?: Step): Promise<World> {
    if (parts.length === 0) return {};
    const { clock, isPassing: passes } = this.run;
    const told = (text: string) => step && tell(this.run, step, 'STEP_WAITING', text);
    const look = patient({ clock, passes, tell: told }, () => this.watched.look(parts));
    for (;;) {
      const seen = await look();
      if (seen) return seen;
      await rest(this.run, movingEveryMs);
    }
  }
}

/** What a run's journal tells of the world: as it was seen, and what was confirmed since. */
export function rememberedWorld(entries: Entry[]): World {
  let world: World = {};
  for (const entry of entries) {
    if (entry.event === 'world-seen') world = { ...world, ...sightsOf(entry.data) };
    if (entry.event === 'change-confirmed') world = merged(world, sightsOf(entry.data));
  }
  return world;
}

type Told = Record<string, Record<string, string>>;

const mapped = <From, To>(from: Record<string, From>, to: (each: From) => To): Record<string, To> =>
  Object.fromEntries(Object.entries(from).map(([key, each]) => [key, to(each)]));

const toldOf = (world: World): Told => mapped(world, (sights) => mapped(sights, ({ told }) => told));

const sightsOf = (told: Told): World => mapped(told, (sights) => mapped(sights, (text) => ({ told: text })));

const merged = (world: World, others: World): World => ({
  ...world,
  ...Object.fromEntries(Object.entries(others).map(([part, each]) => [part, { ...world[part], ...each }])),
});

const absent: Sight = { told: 'absent' };

function differing(part: string, before: Record<string, Sight>, now: Record<string, Sight>): Change[] {
  const whats = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  return whats.flatMap((what) => {
    const change = { part, what, before: before[what] ?? absent, now: now[what] ?? absent };
    return isSame(change.before, change.now) ? [] : [change];
  });
}

const isSame = (one: Sight, other: Sight) =>
  one.told === other.told &&
  (one.hidden === undefined || other.hidden === undefined || one.hidden === other.hidden);

const described = ({ what, before, now }: Change) =>
  before.told === now.told
    ? `${what}: another value, which is not shown`
    : `${what}: ${before.told} before, ${now.told} now`;

/** A thing that is gone takes all that it had along: the journal has the whole list. */
const mostTold = 12;
const brief = (changes: Change[]): string[] => [
  ...changes.slice(0, mostTold).map(described),
  ...(changes.length > mostTold ? [`and ${changes.length - mostTold} more`] : []),
];

const evidenceOf = ({ what, before, now }: Change): Evidence => ({
  what,
  observed: now.told,
  expected: before.told,
  holds: false,
});

/** A yes to this change is none to another: the word follows from what changed. */
function gateOf(changes: Change[]): Gate {
  return {
    will: [
      'The run goes on from what is so now, and asks of this no more.',
      'First every step is asked again whether it is done, and you what you said yes to before.',
    ],
    check: [...brief(changes), 'Whoever did this knows that a run is under way.'],
    word: wordOf(changes),
  };
}

function wordOf(changes: Change[]): string {
  const digest = createHash('sha256').update(changes.map(described).sort().join('\n')).digest('hex');
  return `changed-${digest.slice(0, 4)}`;
}
