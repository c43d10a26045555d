import { judgeMove } from '../../lib/moves';
import type { Words } from '../../lib/posture';
import type { DatabaseRecord } from '../../lib/record';
import { at, before, cobalt, directions, sixPostures } from '../support/upgrade';

type Place = Omit<Words, 'reassert'>;
const judge = (from: Place, to: Place, fresh: Partial<DatabaseRecord> = {}) =>
  judgeMove(at(cobalt, from, fresh), { ...to, reassert: false });

describe.each(directions)('%s', (_, settings) => {
  const { from } = settings.upgrade;
  const name = (place: Place) => `${place.live === from ? 'old' : 'new'}/${place.access}`;
  const legal = new Set([
    'old/open > old/frozen',
    'old/frozen > old/open',
    'old/frozen > new/testing',
    'old/testing > old/open',
    'old/testing > old/frozen',
    'new/open > new/frozen',
    'new/frozen > new/open',
    'new/testing > new/open',
    'new/testing > new/frozen',
    'new/open > old/open',
    'new/testing > old/open',
    'new/frozen > old/open',
  ]);

  test.each(
    sixPostures(settings).flatMap((a) => sixPostures(settings).map((b) => [name(a), name(b), a, b] as const)),
  )('%s to %s', (first, second, a, b) => {
    const refusals = judgeMove(at(settings, a), { ...b, reassert: false });
    if (first === second || legal.has(`${first} > ${second}`)) expect(refusals).toEqual([]);
    else expect(refusals).not.toEqual([]);
  });
});

test('a refusal names the next command', () => {
  expect(judge({ live: 'blue', access: 'open' }, { live: 'green', access: 'testing' })[0]!.next).toContain(
    'npx cdk deploy --all -c access=frozen',
  );
});

test('a side without a database is neither tested nor opened', () => {
  const record = before(cobalt);
  record.posture.access = 'frozen';
  expect(judgeMove(record, { live: 'green', access: 'testing', reassert: false })[0]!.next).toContain(
    'npm run snapshot',
  );
  expect(judgeMove(record, { live: 'green', access: 'open', reassert: false })).toHaveLength(1);
});

test('a database that is not migrated is neither tested nor opened', () => {
  const unmigrated = { migrated: false };
  expect(
    judge({ live: 'blue', access: 'frozen' }, { live: 'green', access: 'testing' }, unmigrated)[0]!.next,
  ).toBe('Run npm run migrate.');
  expect(
    judge({ live: 'green', access: 'testing' }, { live: 'green', access: 'open' }, unmigrated),
  ).toHaveLength(1);
});

test('after a failback the side that lost cannot open or be tested on its stale database', () => {
  const record = at(cobalt, { live: 'blue', access: 'open' });
  record.posture.served.green = 'cobalt-production-green';
  record.posture.spent = ['cobalt-production-green'];
  expect(judgeMove(record, { live: 'green', access: 'open', reassert: false })).toHaveLength(1);
  record.posture.access = 'frozen';
  expect(judgeMove(record, { live: 'green', access: 'testing', reassert: false })).toHaveLength(1);
});

test('a side that served before is not tested again on the database it served from', () => {
  const record = at(cobalt, { live: 'green', access: 'open' });
  record.posture.access = 'frozen';
  expect(judgeMove(record, { live: 'blue', access: 'testing', reassert: false })[0]!.so).toContain(
    'served before',
  );
});
