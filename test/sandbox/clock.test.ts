import { Clock } from '../../sandbox/clock';

const start = new Date('2026-11-23T11:00:00Z');
const minuteMs = 60_000;
let clock: Clock;
const begin = (mode: 'skip' | 'real' = 'skip') => {
  clock = new Clock(mode, start);
  return clock;
};
afterEach(() => clock.stop());

/** Minutes since the start, whole ones: the rest is wall time. */
const passed = () => Math.floor((clock.nowMs() - start.getTime()) / minuteMs);

test('begins at the time it is given', () => {
  begin();
  expect(passed()).toBe(0);
});

test('jumps to the moment that was waited for, and no further', async () => {
  begin();
  let done = false;
  clock.at(clock.nowMs() + 8 * minuteMs, 'snapshot', () => {
    done = true;
  });
  clock.at(clock.nowMs() + 30 * minuteMs, 'later', () => {});
  await clock.skipUntil(() => done);
  expect(passed()).toBe(8);
});

test('plays everything due in between, in order, whatever order it was asked for in', async () => {
  begin();
  const played: string[] = [];
  const note = (name: string, minutes: number) =>
    clock.at(clock.nowMs() + minutes * minuteMs, name, () => void played.push(`${name} at ${passed()}`));
  note('visitor', 3);
  note('restored', 15);
  note('cron', 1);
  clock.every(6 * minuteMs, 'web hook', () => void played.push(`web hook at ${passed()}`));
  await clock.skipUntil(() => played.includes('restored at 15'));
  expect(played).toEqual(['cron at 1', 'visitor at 3', 'web hook at 6', 'web hook at 12', 'restored at 15']);
});

test('does not jump over work that is being done', async () => {
  begin();
  const seen: string[] = [];
  clock.at(clock.nowMs() + minuteMs, 'first', async () => {
    await new Promise((resolve) => setTimeout(resolve, 30));
    seen.push(`work ended at ${passed()}`);
  });
  clock.at(clock.nowMs() + 2 * minuteMs, 'second', () => void seen.push('second'));
  await clock.skipUntil(() => seen.includes('second'));
  expect(seen).toEqual(['work ended at 1', 'second']);
});

test('jumps over the sleep of an activity, and of one that waits for another', async () => {
  begin();
  const inner = () =>
    clock.run('inner', async () => {
      await clock.sleep(4 * minuteMs);
      return passed();
    });
  let result: number[] = [];
  void clock.run('outer', async () => {
    result = await Promise.all([inner(), inner()]);
  });
  await clock.skipUntil(() => result.length > 0);
  expect(result).toEqual([4, 4]);
});

test('what waits for a promise of another activity is waited for in turn', async () => {
  begin();
  let open: () => void = () => {};
  const door = new Promise<void>((resolve) => {
    open = resolve;
  });
  let through = 0;
  void clock.run('visitor', async () => {
    await clock.wait(door);
    await clock.sleep(minuteMs);
    through = passed();
  });
  void clock.run('keeper', async () => {
    await clock.sleep(2 * minuteMs);
    open();
  });
  await clock.skipUntil(() => through > 0);
  expect(through).toBe(3);
});

test('several who wait at once each get an answer, and time goes only as far as the last needs', async () => {
  begin();
  const over = new Set<number>();
  for (const minutes of [5, 8])
    clock.at(clock.nowMs() + minutes * minuteMs, `${minutes}`, () => void over.add(minutes));
  await Promise.all([5, 8].map((minutes) => clock.skipUntil(() => over.has(minutes))));
  expect(passed()).toBe(8);
});

test('what was cancelled does not happen', async () => {
  begin();
  const happened: string[] = [];
  const cancel = clock.at(clock.nowMs() + minuteMs, 'cancelled', () => void happened.push('cancelled'));
  const stop = clock.every(minuteMs, 'every minute', () => {
    happened.push('every minute');
    if (happened.length === 2) stop();
  });
  cancel();
  await clock.skip(10 * minuteMs);
  expect(happened).toEqual(['every minute', 'every minute']);
});

test('a question about what never happens is answered all the same', async () => {
  begin();
  clock.every(60 * minuteMs, 'hourly', () => {});
  await clock.skipUntil(() => false);
  expect(passed()).toBeLessThanOrEqual(6 * 60);
});

test('in real time nothing is skipped', async () => {
  begin('real');
  let done = false;
  clock.at(clock.nowMs() + minuteMs, 'in a minute', () => {
    done = true;
  });
  await clock.skipUntil(() => done);
  expect(done).toBe(false);
  expect(passed()).toBe(0);
});

test('in real time what is due happens by itself', async () => {
  begin('real');
  await new Promise<void>((resolve) => {
    clock.at(clock.nowMs() + 20, 'soon', () => resolve());
  });
});

test('a fault in what was due is told, and time goes on', async () => {
  const faults: string[] = [];
  clock = new Clock('skip', start, (error, name) => void faults.push(`${name}: ${(error as Error).message}`));
  clock.at(clock.nowMs() + minuteMs, 'broken', () => {
    throw new Error('it broke');
  });
  await clock.skip(2 * minuteMs);
  expect(faults).toEqual(['broken: it broke']);
  expect(passed()).toBe(2);
});

describe('with registered clients', () => {
  /** In this time whatever is going to be skipped wrongly has been. */
  const longEnough = () => new Promise((resolve) => setTimeout(resolve, 30));

  /** A client, and what it was told since it came, in minutes since the start. */
  function register() {
    const told: number[] = [];
    let hear = () => {};
    const client = clock.clients.register(() => {
      told.push(passed());
      hear();
    });
    /** Rests for so long from now; resolves to the minute in which it is told that this is over. */
    const rest = (minutes: number) =>
      new Promise<number>((resolve) => {
        const wakeMs = clock.nowMs() + minutes * minuteMs;
        hear = () => {
          if (clock.nowMs() >= wakeMs) resolve(passed());
        };
        client.restUntil(wakeMs);
      });
    return { client, told, rest };
  }

  test('time jumps to the end of the first rest, and on when whoever woke rests again', async () => {
    begin();
    const [first, second] = [register(), register()];
    const over = second.rest(8);
    expect(await first.rest(5)).toBe(5);
    expect(await Promise.race([over, first.rest(20)])).toBe(8);
  });

  test('what is due in a rest is played before its end is told, in order', async () => {
    begin();
    const played: string[] = [];
    const note = (name: string, minutes: number) =>
      clock.at(clock.nowMs() + minutes * minuteMs, name, () => void played.push(`${name} at ${passed()}`));
    const { rest } = register();
    const over = rest(15).then((minute) => played.push(`rested at ${minute}`));
    note('snapshot', 8);
    clock.every(6 * minuteMs, 'web hook', () => void played.push(`web hook at ${passed()}`));
    note('later', 16);
    await over;
    expect(played).toEqual(['web hook at 6', 'snapshot at 8', 'web hook at 12', 'rested at 15']);
  });

  test('one that works holds time, until it rests too or leaves', async () => {
    begin();
    const [idle, busy, other] = [register(), register(), register()];
    const over = idle.rest(5);
    other.client.restUntil(clock.nowMs() + 60 * minuteMs);
    await longEnough();
    expect(passed()).toBe(0);
    clock.clients.leave(busy.client);
    expect(await over).toBe(5);
  });

  test('one that is with a person holds nobody, and is told of the time all the same', async () => {
    begin();
    const [idle, asked] = [register(), register()];
    asked.client.yieldTime();
    expect(await idle.rest(5)).toBe(5);
    expect(asked.told).toEqual([0, 5]);
  });

  test("nobody else's question skips time that one of them claims", async () => {
    begin();
    let done = false;
    clock.at(clock.nowMs() + 8 * minuteMs, 'snapshot', () => {
      done = true;
    });
    const { client } = register();
    await clock.skipUntil(() => done);
    expect(passed()).toBe(0);
    client.yieldTime();
    await clock.skipUntil(() => done);
    expect(passed()).toBe(8);
  });

  test('a question that skips already stops at the next event when one registers', async () => {
    begin();
    clock.at(clock.nowMs() + minuteMs, 'registers', () => void register());
    clock.at(clock.nowMs() + 8 * minuteMs, 'snapshot', () => {});
    await clock.skipUntil(() => passed() >= 8);
    expect(passed()).toBe(1);
  });

  test('work that goes on for longer than a question waits holds a rest, and does not end it', async () => {
    begin();
    const seen: string[] = [];
    void clock.run('copy', async () => {
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      seen.push(`copied at ${passed()}`);
    });
    seen.push(`rested at ${await register().rest(10)}`);
    expect(seen).toEqual(['copied at 0', 'rested at 10']);
  });

  test('a rest that another one or work replaced does not end', async () => {
    begin();
    const { client, told, rest } = register();
    client.restUntil(clock.nowMs() + 2 * minuteMs);
    expect(await rest(5)).toBe(5);
    client.restUntil(clock.nowMs() + 2 * minuteMs);
    client.work();
    await clock.skip(10 * minuteMs);
    expect(passed()).toBe(15);
    expect(told).not.toContain(2);
    expect(told).not.toContain(7);
  });

  test('a time that is past ends a rest at once', async () => {
    begin();
    expect(await register().rest(-5)).toBe(0);
  });

  test('whoever woke is working until it says otherwise', async () => {
    begin();
    clock.at(clock.nowMs() + 7 * minuteMs, 'later', () => {});
    const { rest } = register();
    await rest(5);
    await longEnough();
    expect(passed()).toBe(5);
    expect(await rest(5)).toBe(10);
  });

  test('one that left is told nothing more', async () => {
    begin();
    const [gone, stays] = [register(), register()];
    gone.client.restUntil(clock.nowMs() + 2 * minuteMs);
    clock.clients.leave(gone.client);
    expect(await stays.rest(5)).toBe(5);
    expect(gone.told).toEqual([0]);
    expect(stays.told).not.toContain(2);
  });

  test('in real time a rest ends by itself, and none is skipped', async () => {
    begin('real');
    const [short, long] = [register(), register()];
    long.client.restUntil(clock.nowMs() + 60 * minuteMs);
    await short.rest(0.001);
    expect(long.told).toEqual([0]);
    expect(passed()).toBe(0);
  });
});

test('time in which nothing happens moves everything that is due', async () => {
  begin();
  const played: string[] = [];
  clock.at(clock.nowMs() + 3 * minuteMs, 'once', () => void played.push(`once at ${passed()}`));
  clock.every(2 * minuteMs, 'again', () => void played.push(`again at ${passed()}`));
  clock.leap(1000 * minuteMs);
  expect(passed()).toBe(1000);
  expect(played).toEqual([]);
  await clock.skip(5 * minuteMs);
  expect(played).toEqual(['again at 1002', 'once at 1003', 'again at 1004']);
});
