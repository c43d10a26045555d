import { story } from '../model/checker';
import { counted, documentation } from '../model/documentation';
import { exploreNight, nightAsItIs } from '../model/night-model';
import type { Night } from '../model/night-moves';

/** Somebody types any legal `cdk deploy --all`, once, at any moment. */
const beside = async (mistake: Partial<Night> = {}) => {
  const night = { ...(await nightAsItIs()), isDisturbed: true, isDoorSlow: false, ...mistake };
  return exploreNight(night, ['instance']);
};

test('nothing is broken, for each step is asked again once the deploy is confirmed', async () => {
  const found = await beside();
  expect(found.broken && story(found.broken)).toBeUndefined();
  expect(documentation).toContain(`| a night beside somebody's deploy | ${counted(found)} |`);
});

test('a mistake is found: proofs from before the deploy that count still', async () => {
  const { broken } = await beside({ stillDone: ({ done }) => done });
  expect(broken && story(broken)).toContain('Broken: never two environments able to charge\n');
});
