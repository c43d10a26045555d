import type { Entry } from '../../lib/runbook/entry';
import { type LockFile, leaseEnd, lockKey, readLock, unlock } from '../../lib/runbook/lock-file';
import { fact } from '../../lib/runbook/step';
import type { Store } from '../../lib/runbook/store';
import type { Ports } from '../../lib/upgrade/ports';
import { drive } from '../../lib/upgrade/run/run';
import type { UpgradeRunbook } from '../../lib/upgrade/run/upgrade-runbook';
import { plainStep } from '../../lib/upgrade/steps/plain-step';
import { MemoryStore } from '../support/memory-store';
import { cobalt } from '../support/upgrade';
import { WaitingProcess } from './waiting-process';

/** What a process saw of the lock when it read it. */
interface Sight {
  tag: string;
  lock: LockFile;
  isOver: boolean;
}

class Laptop extends WaitingProcess {
  /** The last message of its run, which tells where it is between two calls. */
  told = '';
  last: Sight | undefined;
  /** What it saw before it listened for whoever holds the lock. */
  listenedFor: Sight | undefined;
  /** What the lock's tag was when it knew it last. */
  tag: string | undefined;
  reads = 0;
  /** Whether it has told its operator that the lock is lost. */
  toldItLost = false;
  /** What the code asks before each call of AWS's. */
  guard = async () => {};
  /** How many steps it began, and how often it acted, after another had taken the lock. */
  late = { begun: 0, acted: 0 };
}

const reading = 'reads the lock';
const beating = 'sleeps 15 s';
const renewing = 'writes the lock: held';
const listening = 'sleeps 30 s';
const overByClock = ', whose lease is over by that clock';
const lost = ', and the answer is lost';

export const lockProperties = {
  quiet: 'whoever has told that the lock is lost writes no line more',
  late: 'whoever lost the lock begins no second step, and acts no second time',
  line: 'nobody acts but for a step whose beginning is in the journal by their name',
  blocks: 'the lines of a run are never again of a holder who was followed by another',
  heard: 'nobody is taken over who was not silent while they were listened for',
  free: 'a lock is free only when its run is over',
  over: 'a run that is over is not gone on with',
} as const;

/** Two people drive the same runbook with the code's own `drive`, and a third one when both have stopped. */
export class LockWorld {
  readonly store = new MemoryStore();
  readonly laptops = ['ada', 'ben', 'cleo'].map((who) => new Laptop(who));
  readonly done = new Set<string>();
  /** By property, what was seen that must never be so. */
  readonly broken = new Map<string, string>();
  private mishaps = 0;

  /** @param isUnconditional a mistake: the objects that are written whatever is there */
  constructor(
    private readonly steps = ['freeze'],
    private readonly isUnconditional: (key: string) => boolean = () => false,
  ) {}

  get lock(): LockFile | undefined {
    const text = this.store.objects.get(lockKey)?.text;
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** The journal of the last run. */
  get lines(): Entry[] {
    return this.linesOf(this.lock?.run);
  }

  private linesOf(run: string | undefined): Entry[] {
    return [...this.store.objects]
      .filter(([key]) => key.startsWith(`runs/${run}/journal/`))
      .map(([, { text }]) => JSON.parse(text));
  }

  async begin(): Promise<this> {
    for (const laptop of this.laptops.slice(0, 2)) await this.start(laptop);
    return this;
  }

  choices(): string[] {
    const going = this.laptops.filter(({ state }) => state === 'runs');
    const isLeft = going.length === 0 && !this.isOver;
    return [
      ...(isLeft ? ['cleo begins'] : []),
      ...going.flatMap((laptop) => this.waysOn(laptop)),
      ...(this.mishaps < mostMishaps ? this.possibleMishaps(going) : []),
    ];
  }

  private waysOn(laptop: Laptop): string[] {
    const { who, calls } = laptop;
    // A heart beats when the lock is not being written for another reason: a beat that comes late is a later one.
    const beats = this.isHolder(laptop) && !calls.some(isLockWrite);
    return calls
      .map(({ what }) => what)
      .filter((what) => what !== beating || beats)
      .flatMap((what) => [
        `${who} ${what}`,
        ...(what === reading && this.lock?.state === 'held' ? [`${who} ${what}${overByClock}`] : []),
      ]);
  }

  private possibleMishaps(going: Laptop[]): string[] {
    const mortal = going.filter(({ who }) => who !== 'cleo');
    const held = this.lock?.state === 'held';
    return [
      ...mortal.map(({ who }) => `${who} dies`),
      ...mortal.flatMap(({ who, calls }) =>
        calls.filter(({ what }) => what.startsWith('writes')).map(({ what }) => `${who} ${what}${lost}`),
      ),
      ...(held ? ['a person unlocks the run'] : []),
    ];
  }

  async play(choice: string): Promise<void> {
    await this.playOne(choice);
    for (let futile = this.futile(); futile; futile = this.futile()) await futile.laptop.go(futile.what);
  }

  /** What changes nothing whenever it is done, and is answered the same, need not be tried at every moment. */
  private futile() {
    for (const laptop of this.laptops.filter(({ state }) => state === 'runs')) {
      const hasLost = laptop.tag !== undefined && !this.isHolder(laptop) && !this.isUnconditional(lockKey);
      const call = laptop.calls.find(
        ({ what, writes }) =>
          (hasLost && (what === reading || isLockWrite({ what }))) ||
          (writes !== undefined && !this.isUnconditional(writes) && this.store.objects.has(writes)),
      );
      if (call) return { laptop, what: call.what };
    }
    return undefined;
  }

  private async playOne(choice: string): Promise<void> {
    if (isMishap(choice)) this.mishaps += 1;
    if (choice === 'a person unlocks the run') return this.unlock();
    const [who, ...words] = choice.split(' ');
    const laptop = this.laptops.find((each) => each.who === who)!;
    const what = words.join(' ');
    if (what === 'begins') return this.startAnew();
    if (what === 'dies') {
      laptop.state = 'dead';
      return;
    }
    if (what.startsWith(reading)) this.setClock(laptop, what.endsWith(overByClock));
    if (what === listening) laptop.listenedFor = laptop.last;
    const { tag } = laptop;
    await laptop.go(what.replace(overByClock, '').replace(lost, ''), what.endsWith(lost));
    if (what.endsWith(lost)) laptop.tag = tag;
    if (what === beating && laptop.calls.some((call) => call.what === renewing)) await laptop.go(renewing);
  }

  /** Whoever comes when the others have stopped types the same command until it goes through. */
  private startAnew(): Promise<void> {
    const cleo = new Laptop('cleo');
    this.laptops[2] = cleo;
    return this.start(cleo);
  }

  private async start(laptop: Laptop): Promise<void> {
    laptop.state = 'runs';
    const ports = {
      settings: cobalt,
      clock: laptop.clock,
      guardCalls: (guard: () => Promise<void>) => {
        laptop.guard = guard;
      },
      objects: this.objectsOf(laptop),
      record: { recorded: () => Promise.reject(new Error('Nothing is recorded here.')) },
    } as unknown as Ports;
    drive({
      ports,
      runbook: this.runbookOf(laptop),
      operator: {
        tell: ({ code, step, text }) => {
          if (text.startsWith('LOCK_LOST')) laptop.toldItLost = true;
          laptop.told = `${code} ${step ?? ''}`;
        },
        confirm: async () => true,
        stopped: new Promise(() => {}),
      },
      driver: { who: laptop.who, host: laptop.who, pid: 1 },
      alive: () => undefined,
      modelled: true,
      callOff: false,
    })
      .catch(() => {})
      .finally(() => {
        laptop.state = 'ended';
      });
    await new Promise((resolve) => setImmediate(resolve));
  }

  private runbookOf(laptop: Laptop): UpgradeRunbook {
    const step = (id: string, after: string[]) =>
      plainStep({
        id,
        title: id,
        seed: [],
        after,
        minutes: 1,
        byHand: '',
        postconditions: [
          { sentence: id, look: async () => [fact(id, this.done.has(id) ? 'done' : 'not done', 'done')] },
        ],
        act: async () => {
          await laptop.guard();
          return laptop.wait(`acts: ${id}`, async () => this.act(laptop, id));
        },
      });
    return {
      name: 'cutover',
      id: 'cutover-blue-green',
      title: 'Cut over',
      steps: this.steps.map((id, index) => step(id, this.steps.slice(Math.max(0, index - 1), index))),
      warnings: [],
      watches: [],
      stands: async () => this.done.size === this.steps.length,
      ended: 'green is open',
    };
  }

  private async act(laptop: Laptop, id: string) {
    if (!this.isHolder(laptop) && ++laptop.late.acted > 1) this.note('late', `${laptop.who} acts: ${id}`);
    const own = this.lines.filter(({ by }) => by.token === laptop.token);
    if (!own.some(({ event, step }) => event === 'step-started' && step === id))
      this.note('line', `${laptop.who} acts: ${id}`);
    this.done.add(id);
    return [];
  }

  /** Of a journal only what tells its end and its lines' numbers waits: a line never changes. */
  private objectsOf(laptop: Laptop): Store {
    const { store } = this;
    return {
      read: (key) => (key === lockKey ? laptop.wait(reading, () => this.read(laptop)) : store.read(key)),
      list: (prefix) => laptop.wait('lists the journal', () => store.list(prefix)),
      write: (key, text, expected) => {
        if (key === lockKey)
          return laptop.wait(`writes the lock: ${JSON.parse(text).state}`, () =>
            this.write(laptop, key, text, expected),
          );
        if (!key.includes('/journal/')) return store.write(key, text, expected);
        const { n, event, step = '' } = JSON.parse(text) as Entry;
        return laptop.wait(
          `writes line ${n}: ${event} ${step}`.trim(),
          () => this.write(laptop, key, text, expected),
          key,
        );
      },
    };
  }

  private async read(laptop: Laptop) {
    const found = await this.store.read(lockKey);
    laptop.reads += 1;
    if (!found) return found;
    const lock: LockFile = JSON.parse(found.text);
    const isOver = lock.state === 'held' && leaseEnd(lock).getTime() <= laptop.nowMs;
    laptop.last = { tag: found.tag, lock, isOver };
    if (lock.holder.token === laptop.token) laptop.tag = found.tag;
    return found;
  }

  private async write(laptop: Laptop, key: string, text: string, expected: Parameters<Store['write']>[2]) {
    const before = {
      lock: this.lock,
      tag: this.store.objects.get(lockKey)?.tag,
      lines: this.linesOf(key.split('/')[1]),
    };
    const found = this.store.objects.get(key);
    const asked = this.isUnconditional(key) ? (found ? { tag: found.tag } : 'absent') : expected;
    const tag = await this.store.write(key, text, asked);
    if (tag === undefined) return tag;
    if (key === lockKey) {
      laptop.tag = tag;
      this.judgeLock(laptop, before);
    } else {
      this.judgeLine(laptop, JSON.parse(text), before.lines);
    }
    return tag;
  }

  private judgeLock(laptop: Laptop, before: { lock: LockFile | undefined; tag: string | undefined }): void {
    const { lock } = this;
    const taken = before.lock?.state === 'held' && before.lock.holder.token !== laptop.token;
    const wasSilent = laptop.listenedFor?.tag === before.tag;
    if (taken && !wasSilent) this.note('heard', `${laptop.who} takes it of ${before.lock!.holder.who}`);
    const isOver = this.lines.some(({ event }) => event === 'run-finished' || event === 'run-called-off');
    if (lock!.state === 'free' && !isOver) this.note('free', `${laptop.who} frees it`);
  }

  private judgeLine(laptop: Laptop, { n, event, step }: Entry, before: Entry[]): void {
    const told = `${laptop.who} writes line ${n}: ${event} ${step ?? ''}`;
    if (laptop.toldItLost) this.note('quiet', told);
    const isAnothers = before.length > 0 && before.at(-1)!.by.token !== laptop.token;
    if (isAnothers && before.some(({ by }) => by.token === laptop.token)) this.note('blocks', told);
    if (event !== 'step-started') return;
    if (before.some((each) => each.event === 'run-finished')) this.note('over', told);
    if (!this.isHolder(laptop) && ++laptop.late.begun > 1) this.note('late', told);
  }

  private isHolder({ token }: Laptop): boolean {
    return this.lock?.holder.token === token;
  }

  private async unlock(): Promise<void> {
    const found = await readLock(this.store);
    const dee = new WaitingProcess('dee');
    dee.nowMs = Date.parse(found!.lock.renewedAt) + 1000;
    const by = { who: 'dee', host: 'dee', pid: 1 };
    await unlock(this.store, dee.clock, found!, { state: 'kept', by, reason: 'it hangs' });
  }

  /** A machine's clock may say anything: what it says of the lease is the schedule's to choose. */
  private setClock(laptop: Laptop, isOver: boolean): void {
    const { lock } = this;
    if (lock) laptop.nowMs = Date.parse(lock.renewedAt) + (isOver ? (lock.leaseSeconds + 1) * 1000 : 1000);
  }

  private note(property: keyof typeof lockProperties, evidence: string): void {
    this.broken.set(lockProperties[property], evidence.trim());
  }

  get isOver(): boolean {
    const ended = this.laptops.every(({ state }) => state !== 'runs');
    return ended && this.lock?.state === 'free' && this.done.size === this.steps.length;
  }

  /** The same for worlds that go on in the same way, whoever of the two is which. */
  key(): string {
    const [ada, ben] = this.laptops;
    return [this.keyFor(ada!, ben!), this.keyFor(ben!, ada!)].sort()[0]!;
  }

  /** Times are left out: clocks say what the schedule wants. Of the journal there is what a later line or step asks of it. */
  private keyFor(first: Laptop, second: Laptop): string {
    const { lock, lines } = this;
    const named: Record<string, number> = { [first.who]: 1, [second.who]: 2 };
    const current = this.store.objects.get(lockKey)?.tag;
    const ofTag = (tag: string | undefined) => (tag === undefined ? '-' : tag === current ? 'now' : 'then');
    const ofSight = (sight: Sight | undefined) =>
      sight && [ofTag(sight.tag), sight.lock.state, named[sight.lock.holder.who], sight.isOver];
    const ofLaptop = (each: Laptop) => [
      each.calls.map(({ what }) => what.replace(/line (\d+)/, (_, n) => `line ${n - lines.length}`)).sort(),
      [each.told, each.late, this.placeOf(each)],
      each.tag === undefined
        ? [each.reads, ofSight(each.last), ofSight(each.listenedFor)]
        : [ofTag(each.tag), each.toldItLost],
    ];
    const laptops = [first, second, this.laptops[2]!].map((each) =>
      each.state === 'runs' ? ofLaptop(each) : each.state,
    );
    const stepsOf = (event: Entry['event']) =>
      [...new Set(lines.filter((each) => each.event === event).map(({ step }) => step))].sort();
    const journal = [stepsOf('step-started'), stepsOf('step-done'), stepsOf('run-finished')];
    const held = lock && [lock.state, named[lock.holder.who]];
    return JSON.stringify([held, journal, [...this.done], this.mishaps, laptops]);
  }

  /** Whether the last line of the run is its own, or only an earlier one. */
  private placeOf({ token }: Laptop): string {
    const { lines } = this;
    if (lines.at(-1)?.by.token === token) return 'writes';
    return lines.some(({ by }) => by.token === token) ? 'wrote' : 'has not written';
  }
}

const isLockWrite = ({ what }: { what: string }) => what.startsWith('writes the lock');

const mostMishaps = 1;

export const isMishap = (choice: string) =>
  choice.endsWith(' dies') || choice.endsWith(lost) || choice === 'a person unlocks the run';
