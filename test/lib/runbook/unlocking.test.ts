import type { Alive } from '../../../lib/runbook/holder';
import { openJournal } from '../../../lib/runbook/journal';
import { evidence, readLock, unlock } from '../../../lib/runbook/lock-file';
import { ada, ben, PlayedLock } from '../../support/locks';

let played: PlayedLock;
beforeEach(() => {
  played = new PlayedLock();
});

describe('unlocking', () => {
  test('shows who has it, where the run stands, and what was written last', async () => {
    const { lock, run } = await played.take(ada);
    const journal = await openJournal(played.store, played.time.clock(), run, lock.holder);
    await journal.append({ event: 'run-started', data: { runbook: 'cutover', settings: 'a1b2' } });
    await journal.append({ event: 'step-started', step: 'snapshot', attempt: 1 });
    await played.time.pass(300);
    expect(
      evidence(await played.now(), journal.entries, new Date(played.time.nowMs), () => undefined),
    ).toEqual([
      'ada on laptop (process 41) holds the run run-of-ada (npm run cutover) since 2026-11-23T11:00:00.000Z (Cut over from blue to green): the last sign of life was at 2026-11-23T11:00:00.000Z (5 minutes ago), the lease ended at 2026-11-23T11:01:00.000Z.',
      'The run run-of-ada is running at snapshot.',
      'Its journal ends with line 2, at 2026-11-23T11:00:00.000Z (5 minutes ago): step-started snapshot.',
    ]);
  });

  test('shows a lock that nobody holds', async () => {
    const { lock } = await played.take(ada);
    await lock.keep('Ctrl-C');
    expect(evidence(await played.now(), [], new Date(played.time.nowMs), () => undefined)).toEqual([
      'The run run-of-ada (npm run cutover) is unfinished, and nobody drives it: ada on laptop (process 41) left it at 2026-11-23T11:00:00.000Z (0 seconds ago) (Ctrl-C).',
      'The run run-of-ada is not begun.',
      'Its journal is empty.',
    ]);
  });

  test('ends each sentence once, whatever the run stopped over', async () => {
    const { lock, run } = await played.take(ada);
    const journal = await openJournal(played.store, played.time.clock(), run, lock.holder);
    const text = 'STOPPED: The run was stopped.';
    await journal.append({ event: 'run-stopped', text });
    await lock.keep(text);
    const told = evidence(await played.now(), journal.entries, new Date(played.time.nowMs), () => undefined);
    expect(told[0]).toMatch(/\(STOPPED: The run was stopped\)\.$/);
    expect(told[2]).toMatch(/: run-stopped STOPPED: The run was stopped\.$/);
  });

  test('shows that the process of this machine that held it has ended', async () => {
    const { lock } = await played.take({ ...ada, started: '4711' });
    const shown = async (alive: Alive) =>
      evidence(await played.now(), [], new Date(played.time.nowMs), alive)[0];
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
    const { lock } = await played.take(ada);
    const found = (await readLock(played.store))!;
    const to = { state: 'kept' as const, by: ben, reason: 'it hangs' };
    expect(await unlock(played.store, played.time.clock(), found, to)).toBe(true);
    await expect(lock.check()).rejects.toMatchObject({ code: 'LOCK_LOST' });
    expect(await played.take(ben)).toMatchObject({ run: 'run-of-ada', resumed: true });
  });

  test('stops the act of a process that lives as soon as its heart finds out', async () => {
    const { lock } = await played.take(ada);
    lock.keepAlive();
    const by = { state: 'kept', by: ben, reason: 'npm run unlock' } as const;
    await unlock(played.store, played.time.clock(), (await readLock(played.store))!, by);
    await played.time.pass(15);
    await expect(lock.awake()).rejects.toMatchObject({ code: 'LOCK_LOST' });
  });

  test('ends a run that nobody goes on with', async () => {
    await (await played.take(ada)).lock.keep('Ctrl-C');
    const found = (await readLock(played.store))!;
    await unlock(played.store, played.time.clock(), found, { state: 'free', by: ben, reason: 'not tonight' });
    expect(await played.take(ben, { runbook: 'failback' })).toMatchObject({
      run: 'run-of-ben',
      resumed: false,
    });
  });

  test('does nothing when the lock is not any more what the person saw', async () => {
    const { lock } = await played.take(ada);
    const found = (await readLock(played.store))!;
    await played.time.pass(1);
    await lock.check();
    expect(
      await unlock(played.store, played.time.clock(), found, { state: 'free', by: ben, reason: 'it hangs' }),
    ).toBe(false);
    await lock.check();
  });
});
