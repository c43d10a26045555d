import type { Side } from '../../../../lib/settings';
import { type Broken, judge } from '../../../../lib/upgrade/run/invariants';
import type { ObservedProcess } from '../../../../lib/upgrade/side/observation';
import type { ObservedEnvironment } from '../../../../lib/upgrade/side/observed';
import { at, cobalt, original, readied, restored } from '../../../support/upgrade';

const oldHost = original('blue').endpoint!;
const copyHost = restored('green').endpoint!;

function environment(
  side: Side,
  role: string,
  processes: Partial<ObservedProcess>[],
  { door = 'open', jobs = false } = {},
): ObservedEnvironment {
  return {
    side,
    role,
    name: cobalt.sides[side].environments[role]!.name,
    found: {
      status: 'Ready',
      health: 'Ok',
      versionLabel: '',
      cname: '',
      size: { min: 1, max: 1 },
      variables: {},
      suspended: [],
      door,
      instances: [
        {
          instance: 'i-1',
          cron: { running: jobs, enabled: jobs },
          commands: 0,
          processes: processes.map((each) => ({
            pid: 1,
            variables: {},
            payments: {},
            forbidden: {},
            ...each,
          })),
        },
      ],
    },
  };
}

const open = (host: string) => ({ variables: { MAINTENANCE_MODE: 'OFF', RDS_HOSTNAME: host } });
const shut = (host: string) => ({ variables: { MAINTENANCE_MODE: 'ON', RDS_HOSTNAME: host } });
const armed = { payments: { STRIPE_SECRET_KEY: 'armed' as const } };

function judged(
  environments: ObservedEnvironment[],
  { fresh = readied, missing = [] as string[] } = {},
): Broken[] {
  const record = at(cobalt, { live: 'green', access: 'testing' }, fresh);
  const databases = record.databases.map(({ id, endpoint }) => ({
    id,
    endpoint,
    status: missing.includes(id) ? 'missing' : 'available',
  }));
  return judge({ settings: cobalt, record, environments, databases });
}

test('a side that is open beside one that is shut breaks nothing', () => {
  expect(
    judged([
      environment('blue', 'web', [shut(oldHost)]),
      environment('green', 'web', [{ ...open(copyHost), ...armed }]),
    ]),
  ).toEqual([]);
});

test('two environments that can charge are seen by their running processes', () => {
  const both = [
    environment('blue', 'web', [shut(oldHost), { ...shut(oldHost), ...armed }]),
    environment('green', 'web', [armed]),
  ];
  expect(judged(both)).toEqual([
    {
      invariant: 'never two environments able to charge',
      evidence: 'payment keys are held by cobalt-production-blue and cobalt-production-green',
    },
  ]);
});

describe('behind a door', () => {
  const keys = { ...open(copyHost), ...armed };
  const live = environment('blue', 'web', [armed]);
  const able = (given: object) => judged([live, environment('green', 'web', [keys], given)]).length > 0;

  test('that is closed, its jobs at rest, a side cannot charge whatever its processes hold', () => {
    expect(able({ door: 'closed' })).toBe(false);
  });
  test.each([
    ['that lets testers in', { door: 'testers' }],
    ['that is closed while its jobs run', { door: 'closed', jobs: true }],
    ['that is not there', { door: 'none' }],
    ["that is somebody else's", { door: 'another web ACL (x)' }],
  ])('%s it can', (_, given) => {
    expect(able(given)).toBe(true);
  });

  test('that lets testers in, or nobody, a side is not open to people', () => {
    const old = environment('blue', 'web', [open(oldHost)]);
    for (const door of ['testers', 'closed'])
      expect(judged([old, environment('green', 'web', [open(copyHost)], { door })])).toEqual([]);
    expect(judged([old, environment('green', 'web', [open(copyHost)], { door: 'none' })])).not.toEqual([]);
  });

  test('that lets testers in a copy may be unready still; once it lets people in it may not', () => {
    const unready = { fresh: { ...readied, converted: undefined } as unknown as typeof readied };
    const behind = (door: string) =>
      judged([environment('green', 'web', [open(copyHost)], { door })], unready);
    expect(behind('testers')).toEqual([]);
    expect(behind('open').map(({ invariant }) => invariant)).toEqual([
      'never an open side on an unready database',
    ]);
  });
});

test('two environments of one side may be open, two sides may not', () => {
  const one = [environment('green', 'web', [open(copyHost)]), environment('green', 'ses', [open(copyHost)])];
  expect(judged(one)).toEqual([]);
  expect(
    judged([...one, environment('blue', 'ses', [open(oldHost)])]).map(({ invariant }) => invariant),
  ).toEqual(['never two open sides']);
});

test.each([
  ['not migrated', { ...readied, migrated: false }],
  ['sessions', { ...readied, sessionsEmptied: false }],
  ['not converted', { ...readied, converted: undefined }],
  ['not back', { ...readied, blockedEmails: { kept: 20 } }],
])('a side that is open on a copy that is %s', (why, fresh) => {
  const [broken] = judged([environment('green', 'web', [open(copyHost)])], {
    fresh: fresh as typeof readied,
  });
  expect(broken?.invariant).toBe('never an open side on an unready database');
  expect(broken?.evidence).toContain(why.split(' ').at(-1));
});

test('a side that is open on the other one’s database, or on that for preparation', () => {
  expect(judged([environment('green', 'web', [open(oldHost)])])[0]?.evidence).toContain('which is of blue');
  expect(
    judged([environment('green', 'web', [open(cobalt.preparationDatabase.host)])])[0]?.evidence,
  ).toContain('preparation');
});

test('a recorded database that is gone', () => {
  expect(judged([], { missing: ['production-blue'] })).toEqual([
    {
      invariant: 'nothing holding data deleted',
      evidence: 'the database production-blue is recorded and not there',
    },
  ]);
});

test('an instance that cannot be asked tells nothing', () => {
  const silent = environment('blue', 'web', []);
  silent.found!.instances = [{ instance: 'i-2', fault: 'silent' }];
  expect(judged([silent, environment('green', 'web', [armed])])).toEqual([]);
});
