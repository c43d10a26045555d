import { lostRows } from '../../../../lib/report/activity';
import { countActivity } from '../../../../lib/upgrade/database/count-activity';
import { takeOverSent } from '../../../../lib/upgrade/test-system/take-over-sent';
import { at, cobalt, original, source } from '../../../support/upgrade';
import { endpointOf, UpgradeWorld } from '../../../support/upgrade-world';

const blue = original('blue').endpoint!;
const green = endpointOf('cobalt-production-green');
let world: UpgradeWorld;
let untouched: string;

beforeAll(async () => {
  world = await UpgradeWorld.open();
  untouched = await world.copyOf(blue);
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.clusters.get(green)?.stop('immediate');
  world.record = at(cobalt, { live: 'green', access: 'open' });
  world.relaunch();
  await world.restoreTo(green, untouched);
});

const ask = async (endpoint: string, text: string) =>
  (await world.query(endpoint, (client) => client.query(text))).rows;

/** What people do on the new side. */
const acts = `
  INSERT INTO events_eventlog (event_id, actor_id, action_date, action)
    SELECT e.id, u.id, '2026-11-26 12:00:00+00', E'said "it''s; done"\\n\\\\'
    FROM (SELECT id FROM events_event LIMIT 1) e, (SELECT id FROM accounts_user ORDER BY id LIMIT 1) u;
  INSERT INTO payments_userpendingpayment (system_number, organisation_id, amount, description, created_at)
    SELECT 620123, id, 12.50, NULL, '2026-11-26 12:01:00+00' FROM organisations_organisation LIMIT 1;
  UPDATE payments_stripetransaction SET status = 'Refunded', last_change_date = '2026-11-26 12:02:00+00'
    WHERE id = (SELECT max(id) FROM payments_stripetransaction)`;

test('a copy that nobody used has nothing that its source has not', async () => {
  expect(await countActivity(world.ports)).toMatchObject({ source: 'production-blue', rows: [] });
});

test('new rows and rows that changed are counted, whatever stands in them, and nothing is changed', async () => {
  await ask(green, acts);
  const activity = (await countActivity(world.ports))!;
  const [{ number }] = await ask(
    green,
    'SELECT system_number::text AS number FROM accounts_user ORDER BY id LIMIT 1',
  );
  expect(activity.rows.map(({ key: _, ...row }) => row)).toEqual([
    expect.objectContaining({ table: 'events_eventlog', number, what: 'said "it\'s; done"\n\\' }),
    expect.objectContaining({ table: 'payments_stripetransaction', what: 'Refunded' }),
    expect.objectContaining({
      table: 'payments_userpendingpayment',
      number: '620123',
      amount: '12.50',
      what: null,
    }),
  ]);
  expect(lostRows(cobalt, activity)).toBe(3);
  expect(await countActivity(world.ports)).toEqual({ ...activity, countedAt: expect.any(String) });
});

test('a side without a database of its own has done nothing', async () => {
  world.record = { ...world.record, databases: [original('blue')] };
  expect(await countActivity(world.ports)).toBeUndefined();
});

test('the copy of an upgrade before has nothing to do with one that has made none yet', async () => {
  await ask(green, acts);
  const record = at(
    cobalt,
    { live: 'blue', access: 'frozen' },
    { source: { ...source, instance: 'cobalt-production-blue' } },
  );
  world.record = record;
  expect(await countActivity(world.ports)).toBeUndefined();
  expect(await takeOverSent(world.ports)).toBeUndefined();
});

test('a copy whose source is not known is not counted against another', async () => {
  const [old, copy] = world.record.databases;
  world.record = { ...world.record, databases: [{ ...old!, id: 'production-other' }, copy!] };
  await expect(countActivity(world.ports)).rejects.toMatchObject({ code: 'SOURCE_UNKNOWN', exitCode: 3 });
});

test('what the copy has sent is marked as sent on its source, once, and nothing else is', async () => {
  const queued = 'SELECT id FROM post_office_email WHERE status IN (2, 3) ORDER BY id';
  const before = await ask(blue, queued);
  expect(before.length).toBeGreaterThan(2);
  await ask(green, `UPDATE post_office_email SET status = 0 WHERE id IN (${before[0].id}, ${before[1].id})`);
  expect(await takeOverSent(world.ports)).toBe(2);
  expect(await ask(blue, queued)).toEqual(before.slice(2));
  expect(await takeOverSent(world.ports)).toBe(0);
});
