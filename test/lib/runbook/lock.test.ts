import { type Asked, acquire } from '../../../lib/runbook/acquire';
import type { Clock } from '../../../lib/runbook/clock';
import type { Alive, Driver } from '../../../lib/runbook/holder';
import { openJournal } from '../../../lib/runbook/journal';
import { evidence, lockKey, readLock, unlock } from '../../../lib/runbook/lock-file';
import { playedClock } from '../../support/clock';
import { MemoryStore } from '../../support/memory-store';

const startMs = Date.parse('2026-11-23T11:00:00Z');
const ada = { who: 'ada', host: 'laptop', pid: 41 };
const ben = { who: 'ben', host: 'desk', pid: 99 };

/** Whatever can go on without time passing has gone on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Time that passes when the test says so, the same for every machine but for what its clock is ahead. */
class Time {
  nowMs = startMs;
  private secrets = 0;
  private readonly sleepers = new Set<{ atMs: number; wake: () => void }>();

  clock(aheadMs = 0): Clock {
    const sleep = (durationMs: number) =>
      new Promise<void>((wake) => {
        this.sleepers.add({ atMs: this.nowMs + durationMs, wake });
      });
    return {
      ...playedClock(() => new Date(this.nowMs + aheadMs), sleep),
      secret: () => `token-${++this.secrets}`,
    };
  }

  async pass(seconds: number): Promise<void> {
    const untilMs = this.nowMs + seconds * 1000;
    await settled();
    for (;;) {
      const due = [...this.sleepers].filter(({ atMs }) => atMs <= untilMs);
      const next = due.sort((a, b) => a.atMs - b.atMs)[0];
      if (!next) break;
      this.sleepers.delete(next);
      this.nowMs = next.atMs;
      next.wake();
      await settled();
    }
    this.nowMs = untilMs;
  }
}

let time: Time;
let store: MemoryStore;
beforeEach(() => {
  time = new Time();
  store = new MemoryStore();
});

function take(holder: Driver, asked: Partial<Asked> = {}, clock = time.clock()) {
  return acquire(store, clock, {
    runbook: 'cutover',
    holder,
    newRunId: `run-of-${holder.who}`,
    reason: 'Cut over from blue to green',
    alive: () => undefined,
    ...asked,
  });
}

const lockNow = async () => (await readLock(store))!.lock;
const secondsSinceStart = (at: string) => (Date.parse(at) - startMs) / 1000;

describe('the lock is taken', () => {
  test('for a new run when there is none', async () => {
    const { run, resumed, tookOver } = await take(ada);
    expect({ run, resumed, tookOver }).toEqual({ run: 'run-of-ada', resumed: false, tookOver: undefined });
    expect(await lockNow()).toEqual({
      state: 'held',
      run: 'run-of-ada',
      runbook: 'cutover',
      holder: { ...ada, token: 'token-1' },
      reason: 'Cut over from blue to green',
      since: '2026-11-23T11:00:00.000Z',
      renewedAt: '2026-11-23T11:00:00.000Z',
      leaseSeconds: 60,
    });
  });

  test('for a new run of any runbook when the last one is over', async () => {
    await (await take(ada)).lock.free();
    const { run, resumed } = await take(ben, { runbook: 'failback' });
    expect({ run, resumed }).toEqual({ run: 'run-of-ben', resumed: false });
    expect(await lockNow()).toMatchObject({ state: 'held', runbook: 'failback', run: 'run-of-ben' });
  });

  test('to go on with a run that stopped unfinished, by anybody, at once', async () => {
    await (await take(ada)).lock.keep('Ctrl-C');
    const { run, resumed, tookOver } = await take(ben);
    expect({ run, resumed, tookOver }).toEqual({ run: 'run-of-ada', resumed: true, tookOver: undefined });
    expect(await lockNow()).toMatchObject({ state: 'held', run: 'run-of-ada', holder: ben });
  });

  test('from a process of this machine that has ended, at once', async () => {
    await take(ada);
    const { run, tookOver } = await take(
      { ...ada, pid: 42 },
      { alive: (host, pid) => host !== 'laptop' || pid !== 41 },
    );
    expect(run).toBe('run-of-ada');
    expect(tookOver).toMatch(/^ada on laptop \(process 41\) holds the run .* That process has ended\.$/);
  });

  test('from a holder whose lease is over and who is not heard any more', async () => {
    await take(ada);
    await time.pass(61);
    const taking = take(ben);
    await time.pass(30);
    const { run, resumed, tookOver } = await taking;
    expect({ run, resumed }).toEqual({ run: 'run-of-ada', resumed: true });
    expect(tookOver).toContain('ada on laptop (process 41)');
    expect(tookOver).toContain('since 2026-11-23T11:00:00.000Z');
    expect(tookOver).toContain('the last sign of life was at 2026-11-23T11:00:00.000Z (91 seconds ago)');
    expect(await lockNow()).toMatchObject({ holder: ben, since: '2026-11-23T11:01:31.000Z' });
  });
});

describe('the lock is refused', () => {
  const refused = { exitCode: 5, text: { changed: 'Nothing was changed.' } };

  test('while a process drives a run: who, where, since when, until when, and what to type', async () => {
    await take(ada);
    await time.pass(20);
    const before = store.objects.get(lockKey);
    const error = await take(ben).catch((fault) => fault);
    expect(error).toMatchObject({ ...refused, code: 'LOCK_HELD' });
    for (const told of [
      'ada on laptop (process 41)',
      'run-of-ada',
      'since 2026-11-23T11:00:00.000Z',
      '(20 seconds ago)',
      'ends at 2026-11-23T11:01:00.000Z',
      'npm run unlock',
    ])
      expect(error.message).toContain(told);
    expect(store.objects.get(lockKey)).toBe(before);
  });

  test('while a process of this machine lives', async () => {
    await take(ada);
    await expect(take({ ...ada, pid: 42 }, { alive: () => true })).rejects.toMatchObject({
      code: 'LOCK_HELD',
    });
  });

  test('while another run is unfinished', async () => {
    await (await take(ada)).lock.keep('the step snapshot failed');
    await expect(take(ben, { runbook: 'failback' })).rejects.toMatchObject({
      ...refused,
      code: 'LOCK_KEPT',
      text: {
        so: expect.stringMatching(/run-of-ada .*ada on laptop \(process 41\) .*the step snapshot failed/),
        next: expect.stringMatching(/npm run cutover.*npm run unlock/),
      },
    });
  });

  test('not while the unfinished run is of a runbook that this one ends, and then as a new run', async () => {
    await (await take(ada)).lock.keep('the step snapshot failed');
    const taken = await take(ben, { runbook: 'failback', supersedes: ['cutover'] });
    expect(taken).toMatchObject({ run: 'run-of-ben', resumed: false, superseded: 'run-of-ada' });
    await expect(take(ada)).rejects.toMatchObject({ code: 'LOCK_HELD' });
  });

  test('while a process drives a run, though it is of a runbook that this one would end', async () => {
    const { lock } = await take(ada);
    lock.keepAlive();
    const asked = { runbook: 'failback', supersedes: ['cutover'] };
    await expect(take(ben, asked)).rejects.toMatchObject({ code: 'LOCK_HELD' });
  });

  test('while another run is unfinished whose process has ended', async () => {
    await take(ada);
    const asked = { runbook: 'failback', alive: () => false };
    await expect(take(ben, asked)).rejects.toMatchObject({ ...refused, code: 'LOCK_KEPT' });
  });

  test('while a holder is heard, though its lease is over by the clock of this machine', async () => {
    const { lock } = await take(ada);
    lock.keepAlive();
    const taking = take(ben, {}, time.clock(5 * 60_000));
    taking.catch(() => {});
    await time.pass(30);
    await expect(taking).rejects.toMatchObject({ code: 'LOCK_HELD' });
    await lock.check();
  });

  test('while it cannot be understood', async () => {
    await take(ada);
    const { text } = store.objects.get(lockKey)!;
    store.objects.set(lockKey, { text: text.replace('"held"', '"borrowed"'), tag: 'changed by hand' });
    await expect(take(ben)).rejects.toMatchObject({ code: 'LOCK_UNREADABLE', exitCode: 3 });
  });
});

describe('of two who take it at the same moment one gets it', () => {
  const situations: [name: string, make: () => Promise<void>][] = [
    ['when there is none', async () => {}],
    ['when the last run is over', async () => (await take(ada)).lock.free()],
    ['when a run is unfinished', async () => (await take(ada)).lock.keep('Ctrl-C')],
    [
      'when a lease is over',
      async () => {
        await take(ada);
        await time.pass(61);
      },
    ],
  ];
  test.each(situations)('%s', async (_, make) => {
    await make();
    const takers = [ben, { who: 'eve', host: 'tower', pid: 7 }];
    const taking = Promise.allSettled(takers.map((taker) => take(taker)));
    await time.pass(30);
    const answers = await taking;
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(answers.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'LOCK_HELD' },
    });
    const winner = takers[answers.findIndex(({ status }) => status === 'fulfilled')];
    expect(await lockNow()).toMatchObject({ state: 'held', holder: winner });
  });
});

describe('the heart', () => {
  test('beats every 15 seconds, so that the lease never ends', async () => {
    const { lock } = await take(ada);
    lock.keepAlive();
    await time.pass(3600);
    expect(secondsSinceStart((await lockNow()).renewedAt)).toBe(3600);
    expect(secondsSinceStart((await lockNow()).since)).toBe(0);
    await expect(take(ben)).rejects.toMatchObject({ code: 'LOCK_HELD' });
  });

  test.each(['keep', 'free'] as const)('stops when the run says %s', async (how) => {
    const { lock } = await take(ada);
    const beating = lock.keepAlive();
    await time.pass(20);
    await lock[how]('Ctrl-C');
    await beating;
    const after = store.objects.get(lockKey);
    await time.pass(120);
    expect(store.objects.get(lockKey)).toBe(after);
    expect(await lockNow()).toMatchObject({ state: how === 'keep' ? 'kept' : 'free', run: 'run-of-ada' });
    await expect(lock.check()).rejects.toThrow('given up');
  });

  test('goes on after a beat that failed', async () => {
    const { lock } = await take(ada);
    lock.keepAlive();
    store.failOnce('before');
    await time.pass(29);
    expect(secondsSinceStart((await lockNow()).renewedAt)).toBe(0);
    await time.pass(1);
    expect(secondsSinceStart((await lockNow()).renewedAt)).toBe(30);
  });

  test('goes on after a beat whose answer was lost', async () => {
    const { lock } = await take(ada);
    lock.keepAlive();
    store.failOnce('after');
    await time.pass(30);
    expect(secondsSinceStart((await lockNow()).renewedAt)).toBe(30);
    await lock.check();
  });
});

describe('a machine that sleeps while another takes over', () => {
  async function takenOver() {
    const { lock } = await take(ada);
    await time.pass(600);
    const taking = take(ben);
    await time.pass(30);
    await taking;
    return { lock, bens: store.objects.get(lockKey) };
  }

  test('finds out before its next act, and is told who has the run', async () => {
    const { lock } = await takenOver();
    const lost = {
      code: 'LOCK_LOST',
      exitCode: 4,
      text: {
        so: expect.stringContaining('ben on desk (process 99) took it at 2026-11-23T11:10:30.000Z'),
        next: expect.stringContaining('npm run cutover'),
      },
    };
    await expect(lock.check()).rejects.toMatchObject(lost);
    await expect(lock.check()).rejects.toMatchObject(lost);
  });

  test('finds out before its next call, when it wakes in the middle of an act', async () => {
    const { lock, bens } = await takenOver();
    await expect(lock.awake()).rejects.toMatchObject({ code: 'LOCK_LOST' });
    expect(store.objects.get(lockKey)).toBe(bens);
  });

  test('does not overwrite it with its heart, which stops', async () => {
    const { lock, bens } = await takenOver();
    const beating = lock.keepAlive();
    await time.pass(15);
    await beating;
    expect(store.objects.get(lockKey)).toBe(bens);
    await expect(lock.check()).rejects.toMatchObject({ code: 'LOCK_LOST' });
  });

  test.each(['keep', 'free'] as const)('does not overwrite it when it says %s', async (how) => {
    const { lock, bens } = await takenOver();
    const beating = lock.keepAlive();
    await expect(lock[how]('Ctrl-C')).rejects.toMatchObject({ code: 'LOCK_LOST' });
    await beating;
    expect(store.objects.get(lockKey)).toBe(bens);
  });

  test('goes on if nobody took over, with a lease of its own again', async () => {
    const { lock } = await take(ada);
    await time.pass(600);
    await lock.check();
    await expect(take(ben)).rejects.toMatchObject({ code: 'LOCK_HELD' });
  });
});

test('before a call nobody is asked while the lease goes on, nor when the run is over', async () => {
  const { lock } = await take(ada);
  await time.pass(59);
  const held = store.objects.get(lockKey);
  await lock.awake();
  expect(store.objects.get(lockKey)).toBe(held);
  await lock.keep('Ctrl-C');
  await time.pass(600);
  const kept = store.objects.get(lockKey);
  await lock.awake();
  expect(store.objects.get(lockKey)).toBe(kept);
});

test('a lock that was deleted is lost', async () => {
  const { lock } = await take(ada);
  store.objects.delete(lockKey);
  await expect(lock.check()).rejects.toMatchObject({
    code: 'LOCK_LOST',
    text: { so: expect.stringContaining('deleted') },
  });
  expect(store.objects.size).toBe(0);
});

describe('a process that ends between a write and its answer', () => {
  test('leaves a lock that its machine takes over at once', async () => {
    store.failOnce('after');
    await expect(take(ada)).rejects.toThrow('The connection broke.');
    const { run, resumed } = await take({ ...ada, pid: 42 }, { alive: () => false });
    expect({ run, resumed }).toEqual({ run: 'run-of-ada', resumed: true });
  });

  test('while it stops leaves a run that anybody goes on with', async () => {
    const { lock } = await take(ada);
    store.failOnce('after');
    await expect(lock.keep('Ctrl-C')).rejects.toThrow('The connection broke.');
    await lock.keep('Ctrl-C again');
    expect(await lockNow()).toMatchObject({ state: 'kept', reason: 'Ctrl-C again' });
    expect(await take(ben)).toMatchObject({ run: 'run-of-ada', resumed: true });
  });
});

describe('unlocking', () => {
  test('shows who has it, where the run stands, and what was written last', async () => {
    const { lock, run } = await take(ada);
    const journal = await openJournal(store, time.clock(), run, lock.holder);
    await journal.append({ event: 'run-started', data: { runbook: 'cutover', settings: 'a1b2' } });
    await journal.append({ event: 'step-started', step: 'snapshot', attempt: 1 });
    await time.pass(300);
    expect(evidence(await lockNow(), journal.entries, new Date(time.nowMs), () => undefined)).toEqual([
      'ada on laptop (process 41) holds the run run-of-ada (npm run cutover) since 2026-11-23T11:00:00.000Z (Cut over from blue to green): the last sign of life was at 2026-11-23T11:00:00.000Z (5 minutes ago), the lease ended at 2026-11-23T11:01:00.000Z.',
      'The run run-of-ada is running at snapshot.',
      'Its journal ends with line 2, at 2026-11-23T11:00:00.000Z (5 minutes ago): step-started snapshot.',
    ]);
  });

  test('shows a lock that nobody holds', async () => {
    const { lock } = await take(ada);
    await lock.keep('Ctrl-C');
    expect(evidence(await lockNow(), [], new Date(time.nowMs), () => undefined)).toEqual([
      'The run run-of-ada (npm run cutover) is unfinished, and nobody drives it: ada on laptop (process 41) left it at 2026-11-23T11:00:00.000Z (0 seconds ago) (Ctrl-C).',
      'The run run-of-ada is not begun.',
      'Its journal is empty.',
    ]);
  });

  test('ends each sentence once, whatever the run stopped over', async () => {
    const { lock, run } = await take(ada);
    const journal = await openJournal(store, time.clock(), run, lock.holder);
    const text = 'STOPPED: The run was stopped.';
    await journal.append({ event: 'run-stopped', text });
    await lock.keep(text);
    const told = evidence(await lockNow(), journal.entries, new Date(time.nowMs), () => undefined);
    expect(told[0]).toMatch(/\(STOPPED: The run was stopped\)\.$/);
    expect(told[2]).toMatch(/: run-stopped STOPPED: The run was stopped\.$/);
  });

  test('shows that the process of this machine that held it has ended', async () => {
    const { lock } = await take({ ...ada, started: '4711' });
    const shown = async (alive: Alive) => evidence(await lockNow(), [], new Date(time.nowMs), alive)[0];
    const asked: unknown[] = [];
    expect(await shown((...words) => asked.push(words) === 0)).toMatch(
      /ends at \S+\. That process has ended\.$/,
    );
    expect(asked).toEqual([['laptop', 41, '4711']]);
    expect(await shown(() => true)).toMatch(/ends at \S+\.$/);
    expect(await shown(() => undefined)).toMatch(/ends at \S+\.$/);
    await lock.keep('Ctrl-C');
    expect(await shown(() => false)).toMatch(/\(Ctrl-C\)\.$/);
  });

  test('takes it from a process that lives, which finds out', async () => {
    const { lock } = await take(ada);
    const found = (await readLock(store))!;
    const to = { state: 'kept' as const, by: ben, reason: 'it hangs' };
    expect(await unlock(store, time.clock(), found, to)).toBe(true);
    await expect(lock.check()).rejects.toMatchObject({ code: 'LOCK_LOST' });
    expect(await take(ben)).toMatchObject({ run: 'run-of-ada', resumed: true });
  });

  test('stops the act of a process that lives as soon as its heart finds out', async () => {
    const { lock } = await take(ada);
    lock.keepAlive();
    const by = { state: 'kept', by: ben, reason: 'npm run unlock' } as const;
    await unlock(store, time.clock(), (await readLock(store))!, by);
    await time.pass(15);
    await expect(lock.awake()).rejects.toMatchObject({ code: 'LOCK_LOST' });
  });

  test('ends a run that nobody goes on with', async () => {
    await (await take(ada)).lock.keep('Ctrl-C');
    const found = (await readLock(store))!;
    await unlock(store, time.clock(), found, { state: 'free', by: ben, reason: 'not tonight' });
    expect(await take(ben, { runbook: 'failback' })).toMatchObject({ run: 'run-of-ben', resumed: false });
  });

  test('does nothing when the lock is not any more what the person saw', async () => {
    const { lock } = await take(ada);
    const found = (await readLock(store))!;
    await time.pass(1);
    await lock.check();
    expect(await unlock(store, time.clock(), found, { state: 'free', by: ben, reason: 'it hangs' })).toBe(
      false,
    );
    await lock.check();
  });
});
