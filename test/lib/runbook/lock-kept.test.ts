import { lockKey } from '../../../lib/runbook/lock-file';
import { ada, ben, PlayedLock } from '../../support/locks';

let played: PlayedLock;
beforeEach(() => {
  played = new PlayedLock();
});

describe('the heart', () => {
  test('beats every 15 seconds, so that the lease never ends', async () => {
    const { lock } = await played.take(ada);
    lock.keepAlive();
    await played.time.pass(3600);
    expect(played.secondsSinceStart((await played.now()).renewedAt)).toBe(3600);
    expect(played.secondsSinceStart((await played.now()).since)).toBe(0);
    await expect(played.take(ben)).rejects.toMatchObject({ code: 'LOCK_HELD' });
  });

  test.each(['keep', 'free'] as const)('stops when the run says %s', async (how) => {
    const { lock } = await played.take(ada);
    const beating = lock.keepAlive();
    await played.time.pass(20);
    await lock[how]('Ctrl-C');
    await beating;
    const after = played.store.objects.get(lockKey);
    await played.time.pass(120);
    expect(played.store.objects.get(lockKey)).toBe(after);
    expect(await played.now()).toMatchObject({ state: how === 'keep' ? 'kept' : 'free', run: 'run-of-ada' });
    await expect(lock.check()).rejects.toThrow('given up');
  });

  test('goes on after a beat that failed', async () => {
    const { lock } = await played.take(ada);
    lock.keepAlive();
    played.store.failOnce('before');
    await played.time.pass(29);
    expect(played.secondsSinceStart((await played.now()).renewedAt)).toBe(0);
    await played.time.pass(1);
    expect(played.secondsSinceStart((await played.now()).renewedAt)).toBe(30);
  });

  test('goes on after a beat whose answer was lost', async () => {
    const { lock } = await played.take(ada);
    lock.keepAlive();
    played.store.failOnce('after');
    await played.time.pass(30);
    expect(played.secondsSinceStart((await played.now()).renewedAt)).toBe(30);
    await lock.check();
  });
});

describe('a machine that sleeps while another takes over', () => {
  async function takenOver() {
    const { lock } = await played.take(ada);
    await played.time.pass(600);
    const taking = played.take(ben);
    await played.time.pass(30);
    await taking;
    return { lock, bens: played.store.objects.get(lockKey) };
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
    expect(played.store.objects.get(lockKey)).toBe(bens);
  });

  test('does not overwrite it with its heart, which stops', async () => {
    const { lock, bens } = await takenOver();
    const beating = lock.keepAlive();
    await played.time.pass(15);
    await beating;
    expect(played.store.objects.get(lockKey)).toBe(bens);
    await expect(lock.check()).rejects.toMatchObject({ code: 'LOCK_LOST' });
  });

  test.each(['keep', 'free'] as const)('does not overwrite it when it says %s', async (how) => {
    const { lock, bens } = await takenOver();
    const beating = lock.keepAlive();
    await expect(lock[how]('Ctrl-C')).rejects.toMatchObject({ code: 'LOCK_LOST' });
    await beating;
    expect(played.store.objects.get(lockKey)).toBe(bens);
  });

  test('goes on if nobody took over, with a lease of its own again', async () => {
    const { lock } = await played.take(ada);
    await played.time.pass(600);
    await lock.check();
    await expect(played.take(ben)).rejects.toMatchObject({ code: 'LOCK_HELD' });
  });
});

test('before a call nobody is asked while the lease goes on, nor when the run is over', async () => {
  const { lock } = await played.take(ada);
  await played.time.pass(59);
  const held = played.store.objects.get(lockKey);
  await lock.awake();
  expect(played.store.objects.get(lockKey)).toBe(held);
  await lock.keep('Ctrl-C');
  await played.time.pass(600);
  const kept = played.store.objects.get(lockKey);
  await lock.awake();
  expect(played.store.objects.get(lockKey)).toBe(kept);
});

test('a lock that was deleted is lost', async () => {
  const { lock } = await played.take(ada);
  played.store.objects.delete(lockKey);
  await expect(lock.check()).rejects.toMatchObject({
    code: 'LOCK_LOST',
    text: { so: expect.stringContaining('deleted') },
  });
  expect(played.store.objects.size).toBe(0);
});

describe('a process that ends between a write and its answer', () => {
  test('leaves a lock that its machine takes over at once', async () => {
    played.store.failOnce('after');
    await expect(played.take(ada)).rejects.toThrow('The connection broke.');
    const { run, resumed } = await played.take({ ...ada, pid: 42 }, { alive: () => false });
    expect({ run, resumed }).toEqual({ run: 'run-of-ada', resumed: true });
  });

  test('while it stops leaves a run that anybody goes on with', async () => {
    const { lock } = await played.take(ada);
    played.store.failOnce('after');
    await expect(lock.keep('Ctrl-C')).rejects.toThrow('The connection broke.');
    await lock.keep('Ctrl-C again');
    expect(await played.now()).toMatchObject({ state: 'kept', reason: 'Ctrl-C again' });
    expect(await played.take(ben)).toMatchObject({ run: 'run-of-ada', resumed: true });
  });
});
