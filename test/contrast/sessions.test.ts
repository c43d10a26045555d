import { form, member } from '../support/browser';
import { night } from '../support/night';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';
import { cobalt } from '../support/upgrade';

jest.setTimeout(180_000);
const copy = 'cobalt-production-green';
const tester = cobalt.door.testers[0]!.split('/')[0]!;
let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open(undefined, { durations: quick });
  await night(stage, { brief: true, until: 'npm run migrate' });
  const record = await stage.record();
  const databases = record.databases.map((each) => ({ ...each, sessionsEmptied: true }));
  await stage.deploy({ live: 'green', access: 'testing' }, { record: { ...record, databases } });
  await stage.sandbox.world.clock.skip(60_000);
});
afterAll(() => stage.close());

/** A browser that was logged in before the night, behind an address that passes the door, enters an event. */
async function entriesMade(): Promise<number> {
  const count = async () => (await stage.query(copy, 'SELECT count(*)::int FROM events_evententry'))[0].count;
  const before = await count();
  const request = form('/events/enter', { event: '1' }, member(0).cookie);
  await stage.visit('myabf.com.au', { ...request, clientAddress: tester });
  return (await count()) - before;
}

describe('somebody who was logged in before, while the new side is tested', () => {
  test('naively, with the sessions copied: they write to the new database as soon as they pass the door', async () => {
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
