import { setImmediate as immediate } from 'node:timers/promises';
import { type Activity, type Passing, RunClock, wallClock } from '../../../lib/runbook/clock';

/** Until what begins or ends now has been noticed: the clock takes one turn of the event loop. */
async function turn(): Promise<void> {
  await immediate();
  await immediate();
}

/** Time that a test plays, and what it is told of, repetitions left out. */
class PlayedTime implements Passing {
  ms = 0;
  readonly told: string[] = [];
  private next: { atMs: number | undefined; due: () => void } | undefined;

  nowMs(): number {
    return this.ms;
  }

  wakeAt(atMs: number | undefined, activity: Activity, due: () => void): void {
    this.next = { atMs, due };
    const words = atMs === undefined ? activity : `${activity} until ${atMs}`;
    if (this.told.at(-1) !== words) this.told.push(words);
  }

  async reach(ms: number): Promise<void> {
    this.ms = ms;
    if (this.next?.atMs !== undefined && this.next.atMs <= ms) this.ring();
    await turn();
  }

  /** As a timer does: once. */
  ring(): void {
    const { next } = this;
    this.next = undefined;
    next?.due();
  }
}

/** Something that goes on until it is ended. */
function open<T = void>() {
  let end: (value: T) => void = () => {};
  const over = new Promise<T>((resolve) => {
    end = resolve;
  });
  return { over, end };
}

let time: PlayedTime;
let clock: RunClock;
let woken: string[];
beforeEach(() => {
  time = new PlayedTime();
  clock = new RunClock(time);
  woken = [];
});
afterEach(() => jest.restoreAllMocks());

const sleep = (name: string, durationMs: number) =>
  clock.sleep(durationMs).then(() => void woken.push(`${name} at ${time.ms}`));

test('before anything has begun nothing is waited for', async () => {
  await turn();
  expect(time.told).toEqual(['nothing']);
});

describe('sleep', () => {
  test('all that goes on is a rest until the first wake-up', async () => {
    sleep('long', 60);
    sleep('short', 30);
    await turn();
    expect(time.told).toEqual(['resting until 30']);
  });

  test('each wakes at its own time, and the next one is waited for', async () => {
    sleep('long', 60);
    sleep('short', 30);
    await turn();
    await time.reach(30);
    expect(woken).toEqual(['short at 30']);
    expect(time.told).toEqual(['resting until 30', 'resting until 60']);
    await time.reach(60);
    expect(woken).toEqual(['short at 30', 'long at 60']);
  });

  test('one that is cut ends at once, and nothing is waited for on its behalf', async () => {
    const cut = open();
    clock.sleep(60, cut.over).then(() => void woken.push(`cut at ${time.ms}`));
    await turn();
    cut.end();
    await turn();
    expect(woken).toEqual(['cut at 0']);
    expect(time.told.at(-1)).toBe('nothing');
  });

  test('a shorter one that begins later wakes first', async () => {
    sleep('long', 60);
    await turn();
    time.ms = 10;
    sleep('short', 20);
    await turn();
    expect(time.told).toEqual(['resting until 60', 'resting until 30']);
    await time.reach(30);
    expect(woken).toEqual(['short at 30']);
  });

  test('nobody is woken before the time, whatever the timer says', async () => {
    sleep('long', 60);
    await turn();
    time.ms = 59;
    time.ring();
    await turn();
    expect(woken).toEqual([]);
    await time.reach(60);
    expect(woken).toEqual(['long at 60']);
  });

  test('after the last one nothing is waited for', async () => {
    sleep('only', 60);
    await turn();
    await time.reach(60);
    expect(time.told).toEqual(['resting until 60', 'nothing']);
  });
});

describe('work', () => {
  test('is told at once, before time can be skipped under it', async () => {
    sleep('beside', 60);
    await turn();
    void clock.working(() => open().over);
    expect(time.told).toEqual(['resting until 60', 'working until 60']);
  });

  test('lets sleepers wake as time passes by itself', async () => {
    const call = open();
    const work = clock.working(() => call.over);
    sleep('beside', 60);
    await turn();
    await time.reach(60);
    expect(woken).toEqual(['beside at 60']);
    call.end();
    await work;
    expect(time.told).toEqual(['working', 'working until 60', 'working']);
  });

  test('and the work that follows it are one: there is no rest between', async () => {
    sleep('beside', 60);
    for (let calls = 0; calls < 3; calls++) await clock.working(() => immediate());
    await turn();
    expect(time.told.filter((words) => words.startsWith('resting'))).toEqual(['resting until 60']);
    expect(time.told.at(-1)).toBe('resting until 60');
  });

  test('that whoever wakes begins comes before the next rest', async () => {
    const call = open();
    sleep('beside', 60);
    void clock.sleep(30).then(() => clock.working(() => call.over));
    await turn();
    await time.reach(30);
    expect(time.told).toEqual(['resting until 30', 'working until 60']);
    call.end();
    await turn();
    expect(time.told.at(-1)).toBe('resting until 60');
  });

  test('of two goes on until both have ended', async () => {
    const [first, second] = [open(), open()];
    void clock.working(() => first.over);
    void clock.working(() => second.over);
    sleep('beside', 60);
    first.end();
    await turn();
    expect(time.told.at(-1)).toBe('working until 60');
    second.end();
    await turn();
    expect(time.told.at(-1)).toBe('resting until 60');
  });

  test('hands on its result, and has ended when it fails', async () => {
    expect(await clock.working(async () => 'seen')).toBe('seen');
    await expect(clock.working(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
    await turn();
    expect(time.told.at(-1)).toBe('nothing');
  });
});

describe('a question', () => {
  test('is no rest, whoever sleeps beside it, until it is answered', async () => {
    const answer = open<boolean>();
    sleep('beside', 60);
    await turn();
    const asked = clock.asking(() => answer.over);
    await turn();
    expect(time.told).toEqual(['resting until 60', 'asking until 60']);
    answer.end(true);
    expect(await asked).toBe(true);
    await turn();
    expect(time.told.slice(2)).toEqual(['resting until 60']);
  });

  test('lets sleepers wake as time passes by itself', async () => {
    sleep('beside', 60);
    void clock.asking(() => open().over);
    await turn();
    await time.reach(60);
    expect(woken).toEqual(['beside at 60']);
  });

  test('beside work is work', async () => {
    const call = open();
    void clock.asking(() => open().over);
    void clock.working(() => call.over);
    await turn();
    expect(time.told).toEqual(['working']);
    call.end();
    await turn();
    expect(time.told).toEqual(['working', 'asking']);
  });

  test('that cannot be asked has ended', async () => {
    const asked = clock.asking(() => Promise.reject(new Error('no terminal')));
    await expect(asked).rejects.toThrow('no terminal');
    await turn();
    expect(time.told.at(-1)).toBe('nothing');
  });
});

describe('what was worked on', () => {
  let wallMs = 0;
  beforeEach(() => {
    wallMs = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => wallMs);
    clock = new RunClock(time);
  });

  test('is neither rest nor a question, but all else', async () => {
    wallMs += 1;
    await clock.working(async () => {
      wallMs += 10;
    });
    expect(clock.workedMs()).toBe(11);
    sleep('alone', 60);
    await turn();
    wallMs += 1_000;
    const asked = open();
    const question = clock.asking(() => asked.over);
    await turn();
    wallMs += 10_000;
    expect(clock.workedMs()).toBe(11);
    await clock.working(async () => {
      wallMs += 100;
    });
    await turn();
    wallMs += 100_000;
    asked.end();
    await question;
    expect(clock.workedMs()).toBe(111);
  });

  test('is also what whoever was answered or woken does without a word', async () => {
    const asked = open();
    const question = clock.asking(() => asked.over);
    await turn();
    wallMs += 10_000;
    asked.end();
    await question;
    wallMs += 1;
    expect(clock.workedMs()).toBe(1);
    const slept = clock.sleep(60).then(() => {
      wallMs += 10;
    });
    await turn();
    wallMs += 1_000;
    await time.reach(60);
    await slept;
    expect(clock.workedMs()).toBe(11);
    wallMs += 100;
    expect(clock.workedMs()).toBe(111);
  });
});

test("on this machine's own clock sleepers wake in the order of their times", async () => {
  const order: number[] = [];
  // Far enough apart for a machine that does something else between one line and the next.
  const startedMs = wallClock.now().getTime();
  await Promise.all([300, 100, 200].map((ms) => wallClock.sleep(ms).then(() => order.push(ms))));
  expect(order).toEqual([100, 200, 300]);
  expect(wallClock.now().getTime()).toBeGreaterThanOrEqual(startedMs + 300);
});

test('a secret is letters and digits, and another each time', () => {
  const secrets = new Set(Array.from({ length: 20 }, () => clock.secret()));
  expect(secrets.size).toBe(20);
  for (const secret of secrets) expect(secret).toMatch(/^[A-Za-z0-9]{32}$/);
});
