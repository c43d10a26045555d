import { cobalt as settings } from '../support/upgrade';
import { play } from './night';
import { planOf } from './seeds';
import { commandOf } from './shrink';

/** What `npm run simulate -- --seeds 1000` plays, and as many as SIMULATED_SEEDS says. */
const seeds = Number(process.env.SIMULATED_SEEDS ?? 100);

/** In parts, so that none runs into the limit of a test. */
const parts = Array.from({ length: Math.ceil(seeds / 50) }, (_each, index) => index * 50);

test.each(parts)('fifty nights from seed %i on end well, whatever fails', async (first) => {
  const broken: string[] = [];
  for (let seed = first + 1; seed <= Math.min(first + 50, seeds); seed++) {
    const plan = planOf(seed, settings);
    const outcome = await play(plan);
    if (outcome.broken.length > 0) broken.push(...outcome.broken, commandOf(plan));
  }
  expect(broken).toEqual([]);
});

test('the same seed is the same night, to the last call', async () => {
  const [one, other] = [await play(planOf(7, settings)), await play(planOf(7, settings))];
  const told = ({ calls, ended, minutes }: typeof one) => ({
    ended,
    minutes,
    calls: calls.map(({ key }) => key),
  });
  expect(told(other)).toEqual(told(one));
});
