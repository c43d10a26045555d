import { posture, resolveWords, type State, table } from '../../lib/posture';
import type { UpgradeRecord } from '../../lib/record';
import { otherSide } from '../../lib/settings';
import { at, before, cobalt, directions, original, restored, sixPostures } from '../support/upgrade';

const now = (words: { live: 'blue' | 'green'; access: 'open' | 'testing' | 'frozen' }) => ({
  ...words,
  reassert: false,
});

describe.each(directions)('postures, %s', (_, settings) => {
  const { from, to } = settings.upgrade;

  test.each(sixPostures(settings))(
    '$live/$access: the live side is in the state of the access, the other fenced',
    (words) => {
      const declared = posture(settings, at(settings, words), now(words));
      const live: State = words.access === 'frozen' ? 'fenced' : words.access;
      expect(declared.sides[words.live].state).toBe(live);
      expect(declared.sides[otherSide(words.live)].state).toBe('fenced');
    },
  );

  test.each(sixPostures(settings))('$live/$access: every variable of every environment', (words) => {
    const declared = posture(settings, at(settings, words), now(words));
    for (const side of [from, to]) {
      const { state, environments } = declared.sides[side];
      const serves = state === 'open' || state === 'testing';
      const database = side === from ? original(from) : restored(to);
      for (const [role, environment] of Object.entries(environments)) {
        const armed = serves && role === 'web';
        expect(environment).toEqual({
          name: settings.sides[side].environments[role]!.name,
          role,
          state,
          stamp: serves ? 'open@1' : 'fenced@1',
          armed,
          variables: {
            MAINTENANCE_MODE: serves ? 'OFF' : 'ON',
            DISABLE_PLAYPEN: serves ? 'ON' : 'OFF',
            RDS_DB_NAME: 'ebdb',
            RDS_HOSTNAME: database.endpoint,
            RDS_PORT: '5432',
            RDS_USERNAME: serves ? 'postgres' : 'cobalt_reader',
            UPGRADE_POSTURE: serves ? 'open@1' : 'fenced@1',
          },
          secrets: {
            RDS_PASSWORD: `/cobalt/production/secrets/${serves ? 'RDS_PASSWORD' : 'RDS_READER_PASSWORD'}`,
            STRIPE_SECRET_KEY: `/cobalt/production/secrets/${armed ? 'STRIPE_SECRET_KEY' : 'not-set'}`,
            STRIPE_PUBLISHABLE_KEY: `/cobalt/production/secrets/${armed ? 'STRIPE_PUBLISHABLE_KEY' : 'not-set'}`,
            STRIPE_WEBHOOK_SECRET: `/cobalt/production/secrets/${armed ? 'STRIPE_WEBHOOK_SECRET' : 'not-set'}`,
          },
          absent: ['MP_USE_DJANGO'],
          size: state === 'open' && role === 'web' ? { min: 2, max: 2 } : { min: 1, max: 1 },
          jobs: state === 'open',
          door: { open: 'open', testing: 'testers', fenced: 'closed' }[state as 'open'],
        });
      }
    }
  });

  test.each(sixPostures(settings))(
    '$live/$access: at most one environment can charge, and one side is open',
    (words) => {
      const declared = posture(settings, at(settings, words), now(words));
      const environments = [from, to].flatMap((side) => Object.values(declared.sides[side].environments));
      expect(environments.filter((each) => each.armed).length).toBe(words.access === 'frozen' ? 0 : 1);
      const doors = environments.filter(({ door }) => door === 'open').map(({ door }) => door);
      expect(doors.length).toBe(words.access === 'open' ? 2 : 0);
    },
  );

  test.each(sixPostures(settings))('$live/$access: every name points at the live side', (words) => {
    const declared = posture(settings, at(settings, words), now(words));
    expect(declared.hosts).toEqual({
      'myabf.com.au': { side: words.live, role: 'web' },
      'www.myabf.com.au': { side: words.live, role: 'web' },
      'ses.myabf.com.au': { side: words.live, role: 'ses' },
    });
  });

  test('a side without a recorded database is prepared, on the database for preparation', () => {
    const declared = posture(settings, before(settings), now({ live: from, access: 'open' }));
    const web = declared.sides[to].environments.web!;
    expect(web.state).toBe('prepared');
    expect(web.variables).toMatchObject({
      RDS_HOSTNAME: settings.preparationDatabase.host,
      MAINTENANCE_MODE: 'ON',
    });
    expect(web.secrets.RDS_PASSWORD).toBe('/cobalt/production/secrets/PREPARATION_RDS_PASSWORD');
    expect(web.armed).toBe(false);
  });

  test('a database that does not accept connections yet is not used', () => {
    const record = at(settings, { live: from, access: 'frozen' });
    record.databases = [original(from), restored(to, { endpoint: undefined })];
    expect(posture(settings, record, now({ live: from, access: 'frozen' })).sides[to].state).toBe('prepared');
  });
});

test('no state lets jobs run or everybody in but the open one', () => {
  for (const state of ['testing', 'fenced', 'prepared'] as const) {
    expect(table[state]).toMatchObject({ jobs: false, size: 'one' });
    expect(table[state].door).not.toBe('open');
  }
});

test('a side that is tested has every variable of one that is open: opening it restarts nothing', () => {
  for (const [, settings] of directions) {
    const { to } = settings.upgrade;
    const of = (access: 'open' | 'testing') =>
      posture(settings, at(settings, { live: to, access }), now({ live: to, access })).sides[to].environments;
    const [tested, open] = [of('testing'), of('open')];
    for (const role of Object.keys(open))
      for (const part of ['variables', 'secrets', 'absent', 'stamp', 'armed'] as const)
        expect(tested[role]![part]).toEqual(open[role]![part]);
  }
});

test('while nobody is served no door lets anybody in, that of a side in the making included', () => {
  const declared = posture(cobalt, before(cobalt), now({ live: 'blue', access: 'frozen' }));
  expect(declared.sides.green.state).toBe('prepared');
  for (const { environments } of Object.values(declared.sides))
    for (const { door } of Object.values(environments)) expect(door).toBe('closed');
});

describe('words', () => {
  const recorded = before(cobalt).posture;

  test('none: both come from the record', () => {
    const frozen = { ...recorded, access: 'frozen' as const };
    expect(resolveWords(frozen, {})).toEqual({ live: 'blue', access: 'frozen', reassert: false });
  });
  test('live alone means open', () => {
    expect(resolveWords({ ...recorded, access: 'frozen' }, { live: 'green' })).toMatchObject({
      live: 'green',
      access: 'open',
    });
  });
  test('access alone keeps the side', () => {
    expect(resolveWords(recorded, { access: 'testing' })).toMatchObject({ live: 'blue', access: 'testing' });
  });
});

describe('a deploy without words after a move', () => {
  const moves = sixPostures(cobalt).flatMap((a) => sixPostures(cobalt).map((b) => [a, b] as const));

  test.each(moves)('from %j to %j declares the same again', (from, to) => {
    const record = at(cobalt, from);
    const moved = posture(cobalt, record, now(to));
    const again = posture(cobalt, { ...record, posture: moved.record }, now(to));
    expect(again).toEqual(moved);
  });

  test('leaves the side that lost fenced on the database it lost with', () => {
    const failedBack = posture(
      cobalt,
      at(cobalt, { live: 'green', access: 'open' }),
      now({ live: 'blue', access: 'open' }),
    );
    expect(failedBack.record.spent).toEqual(['cobalt-production-green']);
    expect(failedBack.sides.green).toMatchObject({
      state: 'fenced',
      database: { id: 'cobalt-production-green' },
    });
  });
});

describe.each(directions)('what was synced, %s', (_, settings) => {
  const { from, to } = settings.upgrade;
  const { variable } = settings.sync!;
  const synced = { synced: { at: '2026-11-20T00:00:00.000Z', rows: 900 } };
  const held = (record: UpgradeRecord, words: Parameters<typeof now>[0]) => {
    const { sides } = posture(settings, record, now(words));
    const told = (side: 'blue' | 'green') =>
      Object.values(sides[side].environments).map(({ variables, absent }) =>
        absent.includes(variable.name) ? 'absent' : variables[variable.name],
      );
    return { [from]: told(from), [to]: told(to) };
  };

  test.each(['open', 'testing', 'frozen'] as const)(
    'is used on the side of that database alone, %s as well as fenced',
    (access) => {
      const record = at(settings, { live: to, access }, synced);
      expect(held(record, { live: to, access })).toEqual({
        [from]: ['absent', 'absent'],
        [to]: ['YES', 'YES'],
      });
    },
  );
  test('is absent on every side until it is recorded', () => {
    for (const words of sixPostures(settings))
      expect(new Set(Object.values(held(at(settings, words), words)).flat())).toEqual(new Set(['absent']));
  });
  test('stays where it was after a failback, and not on the next copy of the other database', () => {
    const record = at(settings, { live: to, access: 'open' }, synced);
    const back = posture(settings, record, now({ live: from, access: 'open' })).record;
    expect(held({ ...record, posture: back }, { live: from, access: 'open' })).toEqual({
      [from]: ['absent', 'absent'],
      [to]: ['YES', 'YES'],
    });
    const second = restored(to, { id: `cobalt-production-${to}-2`, generation: 2 });
    const again = { ...record, posture: back, databases: [...record.databases, second] };
    expect(held(again, { live: to, access: 'testing' })[to]).toEqual(['absent', 'absent']);
  });
});

describe('the record a deploy leaves', () => {
  const next = (from: Parameters<typeof at>[1], to: Parameters<typeof at>[1], fresh = {}) =>
    posture(cobalt, at(cobalt, from, fresh), now(to)).record;

  test('is the same one, letter for letter, when nothing moves', () => {
    for (const words of sixPostures(cobalt)) {
      const record = at(cobalt, words);
      expect(JSON.stringify(posture(cobalt, record, now(words)).record)).toBe(JSON.stringify(record.posture));
    }
  });
  test('reassert raises the number that every stamp carries, and nothing else', () => {
    const record = at(cobalt, { live: 'green', access: 'open' });
    const declared = posture(cobalt, record, { live: 'green', access: 'open', reassert: true });
    expect(declared.record).toEqual({ ...record.posture, n: 2 });
    expect(declared.sides.blue.environments.web!.stamp).toBe('fenced@2');
  });
  test('opening notes the database the side serves from', () => {
    expect(next({ live: 'green', access: 'testing' }, { live: 'green', access: 'open' })).toMatchObject({
      served: { blue: 'production-blue', green: 'cobalt-production-green' },
      spent: [],
    });
  });
  test('a failback spends the database that lost', () => {
    expect(next({ live: 'green', access: 'open' }, { live: 'blue', access: 'open' }).spent).toEqual([
      'cobalt-production-green',
    ]);
    expect(next({ live: 'green', access: 'testing' }, { live: 'blue', access: 'open' }).spent).toEqual([
      'cobalt-production-green',
    ]);
  });
  test('calling an upgrade off spends the copy made for it', () => {
    expect(next({ live: 'blue', access: 'frozen' }, { live: 'blue', access: 'open' }).spent).toEqual([
      'cobalt-production-green',
    ]);
  });
  test('calling an upgrade off spends a copy that was only begun', () => {
    const spent = next(
      { live: 'blue', access: 'frozen' },
      { live: 'blue', access: 'open' },
      { endpoint: undefined },
    ).spent;
    expect(spent).toEqual(['cobalt-production-green']);
  });
  test('freezing the new side and opening it again leaves the old side its failback', () => {
    const record = at(cobalt, { live: 'green', access: 'open' });
    record.posture.access = 'frozen';
    expect(posture(cobalt, record, now({ live: 'green', access: 'open' })).record.spent).toEqual([]);
  });
});
