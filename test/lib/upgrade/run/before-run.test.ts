import type { Words } from '../../../../lib/posture';
import { acquire } from '../../../../lib/runbook/acquire';
import { openJournal } from '../../../../lib/runbook/journal';
import type { Ports } from '../../../../lib/upgrade/ports';
import { finishedRun } from '../../../../lib/upgrade/run/before-run';
import { cutover } from '../../../../lib/upgrade/runbooks/cutover';
import { playedClock } from '../../../support/clock';
import { MemoryStore } from '../../../support/memory-store';
import { at, directions } from '../../../support/upgrade';

const clock = playedClock(
  () => new Date('2026-11-25T11:00:00Z'),
  async () => {},
);

describe.each(directions)('whether the night from %s is done', (_, settings) => {
  const { from, to } = settings.upgrade;
  const runbook = cutover({ settings } as Ports);

  /** Whether it is, after a run of that name with that end, at that posture. */
  async function isDone({
    run = `2026-11-25T11-00-00-${runbook.id}`,
    event = 'run-finished' as 'run-finished' | 'run-called-off' | 'none',
    isFree = true,
    words = { live: to, access: 'open' } as Omit<Words, 'reassert'>,
  } = {}) {
    const objects = new MemoryStore();
    const record = { recorded: async () => at(settings, words) };
    const { lock } = await acquire(objects, clock, {
      runbook: runbook.name,
      holder: { who: 'ada', host: 'laptop', pid: 41 },
      newRunId: run,
      reason: runbook.title,
      alive: () => undefined,
    });
    const journal = await openJournal(objects, clock, run, lock.holder);
    await journal.append({ event: 'run-started', data: { runbook: runbook.name, settings: '' } });
    if (event !== 'none') await journal.append({ event });
    if (isFree) await lock.free();
    const { stands } = cutover({ record, settings } as unknown as Ports);
    return (await finishedRun(objects, { id: runbook.id, stands: stands! }))?.run === run;
  }

  test('after its run has finished, while the new side is open', async () => {
    expect(await isDone()).toBe(true);
  });

  test.each([
    ['a run that was called off', { event: 'run-called-off' as const }],
    ['a run that was given up', { event: 'none' as const }],
    ['a run whose process has not freed the lock', { isFree: false }],
    ['a failback', { words: { live: from, access: 'open' as const } }],
    ['a move to testing again', { words: { live: to, access: 'testing' as const } }],
    ['a run of the other direction', { run: `2025-11-25T11-00-00-cutover-${to}-${from}` }],
  ])('not after %s', async (_, given) => {
    expect(await isDone(given)).toBe(false);
  });
});

test('nor when there never was a run', async () => {
  const settings = directions[0]![1];
  const ports = {
    record: { recorded: async () => at(settings, { live: settings.upgrade.to, access: 'open' }) },
    settings,
  } as unknown as Ports;
  expect(await finishedRun(new MemoryStore(), cutover(ports))).toBeUndefined();
});
