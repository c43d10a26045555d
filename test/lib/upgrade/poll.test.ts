import { exitCodes, PreconditionError, StepFailedError } from '../../../lib/runbook/errors';
import { silentMs } from '../../../lib/runbook/patience';
import { poll } from '../../../lib/upgrade/poll';
import type { Ports } from '../../../lib/upgrade/ports';
import { playedClock } from '../../support/clock';

let nowMs: number;
let told: string[];
let ports: Ports;
beforeEach(() => {
  [nowMs, told] = [0, []];
  const clock = playedClock(
    () => new Date(nowMs),
    async (durationMs) => {
      nowMs += durationMs;
    },
  );
  ports = { clock, progress: (text: string) => told.push(text) } as unknown as Ports;
});

const waiting = { until: 'it is so', everyMs: 10_000, forMs: 60 * 60_000 };
const unreachable = new PreconditionError('ENDPOINT_UNREACHABLE', {
  so: 'RDS got no answer.',
  next: 'Look.',
});
const denied = new PreconditionError('ACCESS_DENIED', { so: 'You may not.', next: 'Ask.' });

/** Looks that begin at these times, each with its answer; before the first there is none. */
const looksFrom = (changes: [number, string | Error][]) => async () => {
  const [, answer] = changes.findLast(([fromMs]) => nowMs >= fromMs) ?? [];
  if (answer instanceof Error) throw answer;
  return answer;
};

test('asks until there is an answer', async () => {
  expect(await poll(ports, waiting, looksFrom([[480_000, 'so']]))).toBe('so');
  expect(nowMs).toBe(480_000);
});

test('gives up when its time is over', async () => {
  const error = await poll(ports, waiting, looksFrom([])).catch((fault) => fault);
  expect(error).toBeInstanceOf(StepFailedError);
  expect(error.code).toBe('STILL_WAITING');
  expect(nowMs).toBe(waiting.forMs);
});

test('a network that is away for two minutes of eight ends nothing, and is told', async () => {
  const looks = looksFrom([
    [120_000, unreachable],
    [240_000, undefined as never],
    [480_000, 'so'],
  ]);
  expect(await poll(ports, waiting, looks)).toBe('so');
  expect(told).toContain('RDS got no answer.');
});

test('a network that stays away is the error, long before the time is over', async () => {
  await expect(poll(ports, waiting, looksFrom([[120_000, unreachable]]))).rejects.toMatchObject({
    code: 'ENDPOINT_UNREACHABLE',
    cause: unreachable,
  });
  expect(nowMs - 120_000).toBeGreaterThanOrEqual(silentMs);
  expect(nowMs - 120_000).toBeLessThan(2 * silentMs);
});

test('an answer that is a refusal is told at once, and that what was begun goes on', async () => {
  await expect(poll(ports, waiting, looksFrom([[120_000, denied]]))).rejects.toMatchObject({
    code: 'ACCESS_DENIED',
    exitCode: exitCodes.stepFailed,
    text: { so: 'You may not.', changed: 'What was begun in AWS goes on.', next: 'Ask.' },
  });
  expect(nowMs).toBe(120_000);
});
