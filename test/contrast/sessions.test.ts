import { form, member } from '../support/browser';
import { night } from '../support/night';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';

jest.setTimeout(180_000);
const copy = 'cobalt-production-green';
let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open(undefined, { durations: quick });
  await night(stage, { brief: true, until: 'npm run migrate' });
  const record = await stage.record();
  const databases = record.databases.map((each) => ({ ...each, sessionsEmptied: true }));
  await stage.deploy({ live: 'green', access: 'testing' }, { record: { ...record, databases } });
});
afterAll(() => stage.close());

/** A browser that was logged in before the night enters an event. */
async function entriesMade(): Promise<number> {
  const count = async () => (await stage.query(copy, 'SELECT count(*)::int FROM events_evententry'))[0].count;
  const before = await count();
  const answer = await stage.visit('myabf.com.au', form('/events/enter', { event: '1' }, member(0).cookie));
  expect(answer?.status).toBe(503);
  return (await count()) - before;
}

describe('somebody who was logged in before, while the new side is tested', () => {
  test('naively, with the sessions copied: behind the maintenance page they write to the new database', async () => {
    expect(await entriesMade()).toBe(1);
  });

  test('as we do it, with the sessions emptied: they are nobody there, and logged in still on the old side', async () => {
    await night(stage, { from: 'npm run sessions', until: 'npm run sessions' });
    expect(await entriesMade()).toBe(0);
    const [{ left }] = await stage.query(
      'production-blue',
      'SELECT count(*)::int AS left FROM django_session',
    );
    expect(left).toBe(20);
  });
});
