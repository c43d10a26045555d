import { cobalt as settings } from '../support/upgrade';
import type { RunbookName } from './courses';
import { play } from './night';
import { planOf } from './seeds';
import { commandOf } from './shrink';

/** What `npm run simulate -- --seeds 1000` plays, and as many as SIMULATED_SEEDS says. */
const seeds = Number(process.env.SIMULATED_SEEDS ?? 100);

/** In parts, so that none runs into the limit of a test. */
const part = 25;
const parts = Array.from({ length: Math.ceil(seeds / part) }, (_each, index) => index * part);

test.each(parts)(
  'the nights of a cutover or a failback from seed %i on end well, whatever fails',
  async (first) => {
    expect(await broken(first + 1, Math.min(first + part, seeds))).toEqual([]);
  },
);

test.each<RunbookName>(['prep', 'tidy-up', 'sync', 'test-system', 'adopt'])(
  '%s ends well, whatever fails',
  async (runbook) => {
    expect(await broken(1, Math.ceil(seeds / 10), runbook)).toEqual([]);
  },
);

async function broken(first: number, last: number, runbook?: RunbookName): Promise<string[]> {
  const found: string[] = [];
  for (let seed = first; seed <= last; seed++) {
    const plan = planOf(seed, settings, { only: runbook });
    const outcome = await play(plan);
    if (outcome.broken.length > 0) found.push(...outcome.broken, commandOf(plan));
  }
  return found;
}

test('the same seed is the same night, to the last call', async () => {
  const [one, other] = [await play(planOf(7, settings)), await play(planOf(7, settings))];
  const told = ({ calls, ended, minutes }: typeof one) => ({
    ended,
    minutes,
    calls: calls.map(({ key }) => key),
  });
  expect(told(other)).toEqual(told(one));
});
