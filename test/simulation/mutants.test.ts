import { cobalt as settings } from '../support/upgrade';
import { adoptionMutants } from './adoption-mutants';
import { caughtBy, mutants as ofNights } from './mutants';
import { play } from './night';

const mutants = [...ofNights, ...adoptionMutants];
const caught: string[] = [];

afterAll(() => {
  process.stdout.write(`Mistakes made on purpose, and what caught each:\n${caught.join('\n')}\n`);
});

test('there are thirty mistakes at least', () => {
  expect(mutants.length).toBeGreaterThanOrEqual(30);
});

test.each(mutants)('$name is caught', async ({ name, plan }) => {
  const played = plan(settings);
  const by = caughtBy(played, await play(played));
  caught.push(`  ${name}: ${by}`);
  expect(by).toBeDefined();
});
