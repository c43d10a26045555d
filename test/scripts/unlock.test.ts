import { lockKey, readLock } from '../../lib/runbook/lock-file';
import { textOf } from '../../lib/runbook/store';
import type { Ports } from '../../lib/upgrade/ports';
import { runStanding } from '../../lib/upgrade/run/run-standing';
import type { Given } from '../../scripts/terminal/command';
import { runScript } from '../../scripts/terminal/command';
import { thisProcess } from '../../scripts/terminal/this-machine';
import { script } from '../../scripts/unlock';
import { playedClock } from '../support/clock';
import { MemoryStore } from '../support/memory-store';

const at = '2026-11-25T11:00:00.000Z';
const clock = playedClock(
  () => new Date(at),
  async () => {},
);

/** The script over a lock that this holder took just now. */
async function unlocked(
  holder = thisProcess(),
  options: { confirm?: string; end?: boolean } = {},
  journal: Record<string, string> = {},
) {
  const objects = new MemoryStore();
  const lock = {
    state: 'held',
    run: 'a-run',
    runbook: 'cutover',
    holder: { ...holder, token: 'a-token' },
    reason: 'tonight',
    since: at,
    renewedAt: at,
    leaseSeconds: 60,
  };
  await objects.write(lockKey, textOf(lock), 'absent');
  for (const [line, text] of Object.entries(journal))
    await objects.write(`runs/a-run/journal/${line}.json`, text, 'absent');
  const ports = async () => ({ objects, clock }) as unknown as Ports;
  const result = await script.act({ options, ports } as unknown as Given<typeof options>);
  const stands = await runStanding(await ports(), () => undefined);
  return { result, said: script.print(result), lock: (await readLock(objects))!.lock, stands };
}

test('a run that a process of this machine drives can only be taken from it', async () => {
  const { result, said } = await unlocked();
  expect(result).toMatchObject({ state: 'held', driven: true, changed: false });
  expect(said).toMatch(/To take it all the same: npm run unlock -- --confirm a-run$/);
});

test('a run whose process has ended is gone on with, and that is said', async () => {
  const { result, said } = await unlocked({ ...thisProcess(), started: 'another time' });
  expect(result).toMatchObject({ state: 'held', driven: false, changed: false });
  expect(said).toContain('That process has ended.');
  expect(said).toMatch(/To go on with it: npm run cutover\. To give it up: .*--confirm a-run --end$/);
});

test('whoever takes it is known by the same names as whoever drives a run', async () => {
  const { lock } = await unlocked(thisProcess(), { confirm: 'a-run' });
  expect(lock).toMatchObject({ state: 'kept', holder: thisProcess() });
});

test('a journal that cannot be read is told, and keeps nobody from looking or from taking the run', async () => {
  const torn = { '000001': '{"n":1,"at":"2026' };
  const { said, lock, stands } = await unlocked(thisProcess(), { confirm: 'a-run', end: true }, torn);
  expect(said).toContain('runs/a-run/journal/000001.json cannot be understood: it is not JSON.');
  expect(lock.state).toBe('free');
  expect(stands).toMatchObject({ state: 'unreadable', steps: [] });
  expect(stands!.evidence.join(' ')).toContain('000001.json cannot be understood');
});

test('--end without the name of a run is refused, and nothing is asked', async () => {
  let said = '';
  const write = (text: string) => {
    said += text;
  };
  expect(await runScript(script, ['--end'], { stdout: { write }, stderr: { write } })).toBe(2);
  expect(said).toContain('npm run unlock -- --confirm RUN --end');
});
