import { judgeMove, preparedOnPeoplesData } from '../../lib/moves';
import type { Words } from '../../lib/posture';
import type { DatabaseRecord } from '../../lib/record';
import { at, before, cobalt, directions, original, readied, sixPostures } from '../support/upgrade';

type Place = Omit<Words, 'reassert'>;
const judge = (from: Place, to: Place, fresh: Partial<DatabaseRecord> = {}) =>
  judgeMove(cobalt, at(cobalt, from, { ...readied, ...fresh }), { ...to, reassert: false });

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
    const refusals = judgeMove(settings, at(settings, a, readied), { ...b, reassert: false });
    if (first === second || legal.has(`${first} > ${second}`)) expect(refusals).toEqual([]);
    else expect(refusals).not.toEqual([]);
  });
});

describe('behind a closed door', () => {
  const frozen = { live: 'blue', access: 'frozen' } as const;
  const testing = { live: 'green', access: 'testing' } as const;
  const behind = (from: Place, to: Place, fresh: Partial<DatabaseRecord>) =>
    judgeMove(
      cobalt,
      at(cobalt, from, { ...readied, ...fresh }),
      { ...to, reassert: false },
      { behindClosedDoor: true },
    );

  test('a side may take a copy that is not ready, for nobody meets it', () => {
    const unready = { migrated: false, sessionsEmptied: false };
    expect(judge(frozen, testing, unready)).not.toEqual([]);
    expect(behind(frozen, testing, unready)).toEqual([]);
  });
  test('it may not open on one', () => {
    expect(behind(testing, { live: 'green', access: 'open' }, { migrated: false })).not.toEqual([]);
  });
  test('there must be a copy, and one that has not fallen behind', () => {
    expect(behind(frozen, testing, { endpoint: undefined })).not.toEqual([]);
    const record = at(cobalt, frozen, readied);
    record.posture.served.green = 'cobalt-production-green';
    expect(
      judgeMove(cobalt, record, { ...testing, reassert: false }, { behindClosedDoor: true })[0]!.so,
    ).toContain('served before');
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
  expect(judgeMove(cobalt, record, { live: 'green', access: 'testing', reassert: false })[0]!.next).toContain(
    'npm run snapshot',
  );
  expect(judgeMove(cobalt, record, { live: 'green', access: 'open', reassert: false })).toHaveLength(1);
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

test.each([
  ['its sessions were not emptied', { sessionsEmptied: undefined }, 'testing', 'npm run sessions -- empty'],
  ['its users were not converted', { converted: undefined }, 'open', 'npm run convert-users'],
  [
    'its blocked addresses were not put back',
    { blockedEmails: { kept: 20 } },
    'open',
    'npm run blocked-emails -- put-back',
  ],
] as const)('a copy does not get to people while %s', (_, lacking, access, next) => {
  const from = access === 'open' ? at(cobalt, { live: 'green', access: 'testing' }) : undefined;
  const place = from?.posture ?? { live: 'blue' as const, access: 'frozen' as const };
  const refusals = judge(place, { live: 'green', access }, lacking);
  expect(refusals.map((each) => each.next)).toEqual([`Run ${next}.`]);
});

test('nobody is missed where the settings name no conversion and no sessions', () => {
  const { conversion: _, sessionTable: __, ...rest } = cobalt;
  const record = at(cobalt, { live: 'green', access: 'testing' });
  expect(judgeMove(rest, record, { live: 'green', access: 'open', reassert: false })).toEqual([]);
});

test('the database for preparation is not one that people use', () => {
  const { endpoint } = original('blue');
  const preparationDatabase = { ...cobalt.preparationDatabase, host: endpoint! };
  expect(preparedOnPeoplesData({ ...cobalt, preparationDatabase }, before(cobalt))).toHaveLength(1);
  expect(preparedOnPeoplesData(cobalt, before(cobalt))).toEqual([]);
});

test('after a failback the side that lost cannot open or be tested on its stale database', () => {
  const record = at(cobalt, { live: 'blue', access: 'open' });
  record.posture.served.green = 'cobalt-production-green';
  record.posture.spent = ['cobalt-production-green'];
  expect(judgeMove(cobalt, record, { live: 'green', access: 'open', reassert: false })).toHaveLength(1);
  record.posture.access = 'frozen';
  expect(judgeMove(cobalt, record, { live: 'green', access: 'testing', reassert: false })).toHaveLength(1);
});

test('a side that served before is not tested again on the database it served from', () => {
  const record = at(cobalt, { live: 'green', access: 'open' });
  record.posture.access = 'frozen';
  expect(judgeMove(cobalt, record, { live: 'blue', access: 'testing', reassert: false })[0]!.so).toContain(
    'served before',
  );
});
