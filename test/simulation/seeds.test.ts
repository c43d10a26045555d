import { execFile } from 'node:child_process';
import { cobalt as settings } from '../support/upgrade';
import type { RunbookName } from './courses';
import { play } from './night';
import { planOf } from './seeds';

/** As many nights as SIMULATED_SEEDS says; a hundredth of them of each runbook that is no night. */
const seeds = Number(process.env.SIMULATED_SEEDS ?? 1_000);
const others: RunbookName[] = ['prep', 'tidy-up', 'sync', 'test-system', 'adopt'];
const hourMs = 3_600_000;

/** By the command itself: in processes of their own nights pass twice as fast as in a test's. */
async function simulated(...options: string[]): Promise<{ exitCode: number; told: string }> {
  const words = ['-r', 'ts-node/register/transpile-only', 'test/simulation/main.ts', ...options];
  return new Promise((resolve) => {
    execFile(process.execPath, words, (error, stdout) =>
      resolve({ exitCode: error ? Number(error.code) || 1 : 0, told: stdout }),
    );
  });
}

test(
  `${seeds} nights of a cutover or a failback end well, whatever fails`,
  async () => {
    const { exitCode, told } = await simulated('--seeds', String(seeds));
    expect(told).toMatch(new RegExp(`^${seeds} nights .*, 0 broken, in `));
    expect(exitCode).toBe(0);
  },
  hourMs,
);

test.each(others)(
  '%s ends well, whatever fails',
  async (runbook) => {
    const nights = Math.ceil(seeds / 100);
    const { exitCode, told } = await simulated('--seeds', String(nights), '--runbook', runbook);
    expect(told).toMatch(new RegExp(`^${nights} nights .*, 0 broken, in `));
    expect(exitCode).toBe(0);
  },
  hourMs,
);

test('the same seed is the same night, to the last call', async () => {
  const [one, other] = [await play(planOf(7, settings)), await play(planOf(7, settings))];
  const told = ({ calls, ended, minutes }: typeof one) => ({
    ended,
    minutes,
    calls: calls.map(({ key }) => key),
  });
  expect(told(other)).toEqual(told(one));
});
