import { endsWell, story } from './checker';
import { counted, documentation } from './documentation';
import { exploreNight, nightAsItIs, nightProperties } from './night-model';
import type { Night } from './night-moves';
import type { NightStep } from './night-steps';
import { leavesNoKeys } from './night-world';

test('a cutover, a failback from anywhere in it, and processes and instances that end at any moment', async () => {
  const found = await exploreNight(await nightAsItIs());
  expect(found.broken && story(found.broken)).toBeUndefined();
  console.log(`A night: ${counted(found)}`);
  expect(documentation).toContain(`| a night | ${counted(found)} |`);
  for (const property of [...nightProperties, endsWell]) expect(documentation).toContain(`- ${property}\n`);
});

/** Steps that nothing waits for any more. */
const without = (steps: NightStep[], ...gone: string[]) =>
  steps
    .filter(({ id }) => !gone.includes(id))
    .map((step) => ({ ...step, needs: step.needs.filter((id) => !gone.includes(id)) }));

/** What a step asks before it acts, no longer asked. */
const unasked = (steps: NightStep[], asks: Partial<NightStep>) => steps.map((step) => ({ ...step, ...asks }));

describe('a mistake is found:', () => {
  const charge = 'never two environments able to charge';

  test.each<[string, (night: Night) => Partial<Night>, string]>([
    [
      'the fence by omission, and no process asked',
      ({ cutover }) => ({ statesNoKeys: false, cutover: unasked(cutover, { wantsNoOldKeys: false }) }),
      leavesNoKeys,
    ],
    [
      'the winner before the loser',
      ({ failback }) => ({
        failback: without(unasked(failback, { wantsNewDoorClosed: false }), 'close-door', 'refused'),
      }),
      charge,
    ],
    [
      'jobs that run on',
      ({ failback }) => ({
        failback: without(unasked(failback, { wantsNewSideStill: false }), 'rest-new-side'),
      }),
      charge,
    ],
    [
      'no tester asked whether the door is closed',
      ({ failback }) => ({ failback: unasked(failback, { provesTesters: false }) }),
      charge,
    ],
    [
      'the door opened before the copy is ready',
      ({ cutover }) => ({ isJudged: false, cutover: without(cutover, 'convert', 'put-back-blocked-emails') }),
      'never an open side on an unready database',
    ],
  ])('%s', async (_, mistake, property) => {
    const night = await nightAsItIs();
    const { broken } = await exploreNight({ ...night, ...mistake(night) }, ['instance']);
    expect(broken && story(broken)).toContain(`Broken: ${property}\n`);
  });
});
