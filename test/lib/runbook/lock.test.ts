import { lockKey } from '../../../lib/runbook/lock-file';
import { ada, ben, PlayedLock } from '../../support/locks';

let played: PlayedLock;
beforeEach(() => {
  played = new PlayedLock();
});

describe('the lock is taken', () => {
  test('for a new run when there is none', async () => {
    const { run, resumed, tookOver } = await played.take(ada);
    expect({ run, resumed, tookOver }).toEqual({ run: 'run-of-ada', resumed: false, tookOver: undefined });
    expect(await played.now()).toEqual({
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
    await (await played.take(ada)).lock.free();
    const { run, resumed } = await played.take(ben, { runbook: 'failback' });
    expect({ run, resumed }).toEqual({ run: 'run-of-ben', resumed: false });
    expect(await played.now()).toMatchObject({ state: 'held', runbook: 'failback', run: 'run-of-ben' });
  });

  test('to go on with a run that stopped unfinished, by anybody, at once', async () => {
    await (await played.take(ada)).lock.keep('Ctrl-C');
    const { run, resumed, tookOver } = await played.take(ben);
    expect({ run, resumed, tookOver }).toEqual({ run: 'run-of-ada', resumed: true, tookOver: undefined });
    expect(await played.now()).toMatchObject({ state: 'held', run: 'run-of-ada', holder: ben });
  });

  test('from a process of this machine that has ended, at once', async () => {
    await played.take(ada);
    const { run, tookOver } = await played.take(
      { ...ada, pid: 42 },
      { alive: (host, pid) => host !== 'laptop' || pid !== 41 },
    );
    expect(run).toBe('run-of-ada');
    expect(tookOver).toMatch(/^ada on laptop \(process 41\) holds the run .* That process has ended\.$/);
  });

  test('from a holder whose lease is over and who is not heard any more', async () => {
    await played.take(ada);
    await played.time.pass(61);
    const taking = played.take(ben);
    await played.time.pass(30);
    const { run, resumed, tookOver } = await taking;
    expect({ run, resumed }).toEqual({ run: 'run-of-ada', resumed: true });
    expect(tookOver).toContain('ada on laptop (process 41)');
    expect(tookOver).toContain('since 2026-11-23T11:00:00.000Z');
    expect(tookOver).toContain('the last sign of life was at 2026-11-23T11:00:00.000Z (91 seconds ago)');
    expect(await played.now()).toMatchObject({ holder: ben, since: '2026-11-23T11:01:31.000Z' });
  });
});

describe('the lock is refused', () => {
  const refused = { exitCode: 5, text: { changed: 'Nothing was changed.' } };

  test('while a process drives a run: who, where, since when, until when, and what to type', async () => {
    await played.take(ada);
    await played.time.pass(20);
    const before = played.store.objects.get(lockKey);
    const error = await played.take(ben).catch((fault) => fault);
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
    expect(played.store.objects.get(lockKey)).toBe(before);
  });

  test('while a process of this machine lives', async () => {
    await played.take(ada);
    await expect(played.take({ ...ada, pid: 42 }, { alive: () => true })).rejects.toMatchObject({
      code: 'LOCK_HELD',
    });
  });

  test('while another run is unfinished', async () => {
    await (await played.take(ada)).lock.keep('the step snapshot failed');
    await expect(played.take(ben, { runbook: 'failback' })).rejects.toMatchObject({
      ...refused,
      code: 'LOCK_KEPT',
      text: {
        so: expect.stringMatching(/run-of-ada .*ada on laptop \(process 41\) .*the step snapshot failed/),
        next: expect.stringMatching(/npm run cutover.*npm run unlock/),
      },
    });
  });

  test('not while the unfinished run is of a runbook that this one ends, and then as a new run', async () => {
    await (await played.take(ada)).lock.keep('the step snapshot failed');
    const taken = await played.take(ben, { runbook: 'failback', supersedes: ['cutover'] });
    expect(taken).toMatchObject({ run: 'run-of-ben', resumed: false, superseded: 'run-of-ada' });
    await expect(played.take(ada)).rejects.toMatchObject({ code: 'LOCK_HELD' });
  });

  test('while a process drives a run, though it is of a runbook that this one would end', async () => {
    const { lock } = await played.take(ada);
    lock.keepAlive();
    const asked = { runbook: 'failback', supersedes: ['cutover'] };
    await expect(played.take(ben, asked)).rejects.toMatchObject({ code: 'LOCK_HELD' });
  });

  test('while another run is unfinished whose process has ended', async () => {
    await played.take(ada);
    const asked = { runbook: 'failback', alive: () => false };
    await expect(played.take(ben, asked)).rejects.toMatchObject({ ...refused, code: 'LOCK_KEPT' });
  });

  test('while a holder is heard, though its lease is over by the clock of this machine', async () => {
    const { lock } = await played.take(ada);
    lock.keepAlive();
    const taking = played.take(ben, {}, played.time.clock(5 * 60_000));
    taking.catch(() => {});
    await played.time.pass(30);
    await expect(taking).rejects.toMatchObject({ code: 'LOCK_HELD' });
    await lock.check();
  });

  test('while it cannot be understood', async () => {
    await played.take(ada);
    const { text } = played.store.objects.get(lockKey)!;
    played.store.objects.set(lockKey, { text: text.replace('"held"', '"borrowed"'), tag: 'changed by hand' });
    await expect(played.take(ben)).rejects.toMatchObject({ code: 'LOCK_UNREADABLE', exitCode: 3 });
  });
});

describe('of two who take it at the same moment one gets it', () => {
  const situations: [name: string, make: () => Promise<void>][] = [
    ['when there is none', async () => {}],
    ['when the last run is over', async () => (await played.take(ada)).lock.free()],
    ['when a run is unfinished', async () => (await played.take(ada)).lock.keep('Ctrl-C')],
    [
      'when a lease is over',
      async () => {
        await played.take(ada);
        await played.time.pass(61);
      },
    ],
  ];
  test.each(situations)('%s', async (_, make) => {
    await make();
    const takers = [ben, { who: 'eve', host: 'tower', pid: 7 }];
    const taking = Promise.allSettled(takers.map((taker) => played.take(taker)));
    await played.time.pass(30);
    const answers = await taking;
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(answers.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'LOCK_HELD' },
    });
    const winner = takers[answers.findIndex(({ status }) => status === 'fulfilled')];
    expect(await played.now()).toMatchObject({ state: 'held', holder: winner });
  });
});
