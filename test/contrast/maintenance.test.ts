import { startActors } from '../../sandbox/actors/actors';
import { createBrowser } from '../../sandbox/network/browse';
import { form, member } from '../support/browser';
import { ByHand } from '../support/by-hand';
import { night } from '../support/night';
import { quick } from '../support/quick';
import { everyRow } from '../support/rows';
import { Stage } from '../support/stage';

jest.setTimeout(180_000);
const source = 'production-blue';
let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open(undefined, { durations: quick });
});
afterAll(() => stage.close());

const host = 'myabf.com.au';
const { cookie, userId } = member(0);
const enter = () => stage.visit(host, form('/events/enter', { event: '1' }, cookie));
const entriesOf = async (database: string) => {
  const rows = await stage.query(
    database,
    'SELECT id FROM events_evententry WHERE primary_entrant_id = $1 ORDER BY id',
    [userId],
  );
  return rows.map(({ id }) => id);
};

/** People and services act as on any evening for ten minutes; then the night's jobs are due. */
async function anEvening(): Promise<void> {
  const { world } = stage.sandbox;
  const actors = startActors(world, {
    hosts: { web: [host], ses: 'ses.myabf.com.au' },
    browse: createBrowser(world),
    accounts: [0, 1, 2].map(member),
  });
  await world.clock.skip(10 * 60_000);
  actors.stop();
  await world.clock.skip(90 * 60_000);
}

describe('what people write after the snapshot began', () => {
  test('naively, by maintenance mode alone: it is answered 503, committed, and missing from the copy', async () => {
    const byHand = new ByHand(stage.settings);
    await byHand.set('cobalt-production-blue', { MAINTENANCE_MODE: 'ON' });
    expect((await enter())?.status).toBe(503);
    const before = await entriesOf(source);

    await byHand.beginSnapshot(source, 'by-hand');
    expect((await enter())?.status).toBe(503);
    await byHand.restore('by-hand', 'restored-by-hand');

    expect(await entriesOf('restored-by-hand')).toEqual(before);
    expect(await entriesOf(source)).toHaveLength(before.length + 1);
  });

  test('as we do it, by ending the jobs and a login that only reads: none of it is committed', async () => {
    await night(stage, { until: 'npm run snapshot' });
    const snapshotAtMs = stage.happenings('snapshot.started').at(-1)!.atMs;
    const before = await entriesOf(source);

    expect((await enter())?.status).toBeGreaterThanOrEqual(500);
    await anEvening();
    await night(stage, { from: 'npm run restore', until: 'npm run restore' });

    const since = (kind: string) => stage.happenings(kind).filter(({ atMs }) => atMs >= snapshotAtMs);
    expect(since('visitor.asked').length).toBeGreaterThan(20);
    expect(since('visitor.asked').filter(({ acknowledged }) => acknowledged)).toEqual([]);
    expect(since('write.committed')).toEqual([]);
    expect(await entriesOf(source)).toEqual(before);
    expect(await everyRow(stage, 'cobalt-production-green')).toEqual(await everyRow(stage, source));
  });
});
