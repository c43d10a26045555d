import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import { UsageError } from '../../lib/runbook/errors';
import { parseSettings, readSettings } from '../../lib/settings';

// biome-ignore lint/suspicious/noExplicitAny: settings nobody has checked.
type Untrusted = any;
const example = (change: (settings: Untrusted) => void) => {
  const settings: Untrusted = parse(readFileSync('config/cobalt.yaml', 'utf8'));
  change(settings);
  return () => parseSettings(settings, 'settings.yaml');
};
const faultsOf = (parsing: () => unknown): string => {
  try {
    parsing();
  } catch (error) {
    if (error instanceof UsageError) return error.text.so;
    throw error;
  }
  return 'none';
};

test('the documented example is valid', () => {
  expect(readSettings('config/cobalt.yaml').application).toBe('cobalt');
});

test('every fault is reported at once, each with its path', () => {
  const faults = faultsOf(
    example((settings) => {
      settings.acount = settings.account;
      delete settings.account;
      settings.upgrade.to = 'blue';
      settings.roles.web.open.max = 1;
      settings.sides.green.environments.web.nmae = 'x';
      settings.environment.platformArn = 'Python 3.13';
    }),
  );
  expect(faults).toMatchInlineSnapshot(`
"The settings settings.yaml has 6 fault(s):
  account: Invalid input: expected string, received undefined
  sides/green/environments/web/nmae: is no setting
  environment/platformArn: should be a platform version ARN
  acount: is no setting
  upgrade/to: should be the other side than upgrade.from
  roles/web/open/max: should not be below min
"
`);
});

test.each<[string, (settings: Untrusted) => void, string]>([
  [
    'one side for both ends',
    (s) => {
      s.upgrade.to = 'blue';
    },
    'upgrade/to: should be the other side',
  ],
  [
    'a role that a side lacks',
    (s) => {
      delete s.sides.green.environments.ses;
    },
    'sides/green/environments: lacks the role ses',
  ],
  [
    'a role nobody declared',
    (s) => {
      s.sides.blue.environments.worker = { name: 'cobalt-worker', instanceRole: 'w' };
    },
    'sides/blue/environments/worker: is no role',
  ],
  [
    'a host outside the zone',
    (s) => {
      s.roles.web.hosts.push('example.org');
    },
    'roles/web/hosts/2: should be in the zone',
  ],
  [
    'two environments of one name',
    (s) => {
      s.sides.green.environments.web.name = 'cobalt-production-blue';
    },
    'the environment cobalt-production-blue appears twice',
  ],
  [
    'two owners of one variable',
    (s) => {
      s.variables.plain.STRIPE_SECRET_KEY = 'x';
    },
    'the variable STRIPE_SECRET_KEY appears twice',
  ],
  ...(
    [
      ['environment/name', (t) => Object.assign(t.environment, { name: 'cobalt-production-green' })],
      [
        'environment/instanceRole',
        (t) => Object.assign(t.environment, { instanceRole: 'cobalt-production-blue-web' }),
      ],
      ['host', (t) => Object.assign(t, { host: 'www.myabf.com.au' })],
      ['databases', (t) => Object.assign(t, { databases: 'cobalt-preparation' })],
      ['databases', (t) => Object.assign(t, { databases: 'cobalt-production-blue' })],
      ['secret', (t) => Object.assign(t, { secret: 'RDS_PASSWORD' })],
      // biome-ignore lint/suspicious/noExplicitAny: settings that nobody has checked.
    ] as [string, (testSystem: any) => void][]
  ).map(([path, spoil]): [string, (s: Untrusted) => void, string] => [
    `a test system with production's ${path}`,
    (s) => spoil(s.testSystem),
    `testSystem/${path}: should not be production's`,
  ]),
  [
    'a variable of the sync that has another owner',
    (s) => {
      s.variables.absent.push('MP_USE_DJANGO');
    },
    'sync/variable/name: should have no other owner than sync',
  ],
  [
    'a line to look for that grep and this language read otherwise',
    (s) => {
      s.sync.progressLine = 'syncing \\w+';
    },
    'sync/progressLine: should be an extended regular expression without backslashes',
  ],
  [
    'a reader that is the writer',
    (s) => {
      s.database.reader.user = 'postgres';
    },
    'database/reader/user',
  ],
  [
    'a reader with the password of the writer',
    (s) => {
      s.database.reader.secret = 'RDS_PASSWORD';
    },
    'database/reader/secret',
  ],
  [
    'two roles that may charge',
    (s) => {
      s.roles.ses.payments = true;
    },
    'roles/ses/payments: should be false: only one environment may charge, and web does',
  ],
  [
    'no roles',
    (s) => {
      s.roles = {};
      s.sides.blue.environments = {};
      s.sides.green.environments = {};
    },
    'roles: should name at least one',
  ],
  [
    'an SQL name with a quote in it',
    (s) => {
      s.sessionTable = 'a"; drop';
    },
    'sessionTable: should be a plain SQL name',
  ],
  [
    'a smoke check of a role nobody declared',
    (s) => {
      s.smoke.checks[1].role = 'worker';
    },
    'smoke/checks/1/role: is no role',
  ],
  [
    'a login form without what only somebody gets who is logged in',
    (s) => {
      delete s.loginForm.afterwards;
    },
    'loginForm/afterwards',
  ],
  [
    'a smoke check whose path begins elsewhere than at the root',
    (s) => {
      s.smoke.checks[0].path = 'accounts/login/';
    },
    'smoke/checks/0/path: should begin with a slash',
  ],
  [
    'a smoke check whose path could not be asked for',
    (s) => {
      s.smoke.checks[0].path = '/accounts/log in/';
    },
    'smoke/checks/0/path: should begin with a slash and hold no spaces',
  ],
  [
    'a smoke check without a status',
    (s) => {
      s.smoke.checks[1].maintenance = { text: 'down' };
    },
    'smoke/checks/1/maintenance/status',
  ],
  [
    'a command without a program',
    (s) => {
      s.smoke.command = [];
    },
    'smoke/command',
  ],
  [
    'a ledger table with a quote in it',
    (s) => {
      s.ledgerTables.push('a"; drop');
    },
    'ledgerTables/6: should be a plain SQL name',
  ],
  [
    'a ledger table twice',
    (s) => {
      s.ledgerTables.push('events_evententry');
    },
    'ledgerTables: the table events_evententry appears twice',
  ],
])('refuses %s', (_, change, fault) => {
  expect(faultsOf(example(change))).toContain(fault);
});

test('an application without maintenance mode, e-mail switch, payments or conversion needs none of them', () => {
  const parsing = example((settings) => {
    delete settings.variables.maintenance;
    delete settings.variables.email;
    settings.variables.payments = [];
    settings.variables.absent = [];
    delete settings.conversion;
    delete settings.sessionTable;
  });
  expect(parsing).not.toThrow();
});

test('an application without ledger tables, smoke checks or mail events needs none of them', () => {
  const settings = example((given) => {
    delete given.ledgerTables;
    delete given.smoke;
    delete given.roles.ses.mailEvents;
  })();
  expect([settings.ledgerTables, settings.smoke, settings.roles.ses?.mailEvents]).toEqual([
    [],
    undefined,
    undefined,
  ]);
});

test('settings that were written out are read as they were', () => {
  const settings = readSettings('config/cobalt.yaml');
  expect(parseSettings(parse(stringify(settings)), 'settings.yaml')).toEqual(settings);
});

test('a file that is not there says so and what to do', () => {
  expect(() => readSettings('nowhere.yaml')).toThrow(/nowhere.yaml cannot be read.*Nothing was changed/s);
});
