import { story } from '../model/checker';
import { counted, documentation } from '../model/documentation';
import { exploreNight, nightAsItIs } from '../model/night-model';

/** Somebody types any legal `cdk deploy --all`, once, at any moment. */
const beside = async (looksAgain: boolean) => {
  const night = { ...(await nightAsItIs()), isDisturbed: true, isDoorSlow: false, looksAgain };
  return exploreNight(night, ['instance']);
};

test('nothing is broken when each step is asked again after the deploy', async () => {
  const found = await beside(true);
  expect(found.broken && story(found.broken)).toBeUndefined();
  expect(documentation).toContain(`| a night beside somebody's deploy | ${counted(found)} |`);
});

test('a process that goes on from where it was may come to two sides that can charge', async () => {
  const { broken } = await beside(false);
  expect(broken && story(broken)).toContain('Broken: never two environments able to charge\n');
});
