import type { PlannedDatabase } from '../../../sandbox/plan';
import type { Rds } from '../../../sandbox/rds/rds';
import type { World } from '../../../sandbox/world';
import { migrations } from './commands';
import type { Data } from './data';
import type { ModelServer } from './servers';
import { syncedTables } from './sync-and-sanitise';

const minuteMs = 60_000;
/** Enough that somebody always acts. */
const visitors = 3;
const tables = [
  ...[
    'accounts_user',
    'accounts_unregistereduser',
    'notifications_unregisteredblockedemail',
    'notifications_snooper',
  ],
  ...[
    'django_session',
    'django_migrations',
    'references',
    'utils_lock',
    'utils_error500',
    'post_office_email',
  ],
  ...[
    'post_office_emailtemplate',
    'events_event',
    'events_evententry',
    'events_evententryplayer',
    'events_eventlog',
  ],
  ...['events_basketitem', 'payments_stripetransaction', 'payments_membertransaction'],
  ...[
    'payments_organisationtransaction',
    'payments_userpendingpayment',
    'organisations_membermembershiptype',
  ],
  ...['organisations_organisation', 'events_congress'],
];

/** Fills the databases that are there in the beginning. Who acts on them is returned. */
export async function seedModel(world: World, rds: Rds, planned: PlannedDatabase[]) {
  for (const { id, databaseName, masterUsername, instanceClass, password: given, data } of planned) {
    const masterPassword = typeof given === 'string' ? given : world.parameters.read(given.parameter)!.value;
    const settings = { DBInstanceClass: instanceClass, ...(data === 'production' ? ofProduction : {}) };
    const instance = await rds.seed({ id, masterUsername, masterPassword, databaseName, settings });
    fill((instance.cluster as ModelServer).data, world.clock.nowMs(), data);
  }
  const accounts = Array.from({ length: visitors }, (_, index) => ({
    username: `user${index + 5}`,
    password: 'trumps',
    cookie: `sessionid=session${index + 5}`,
  }));
  return { accounts, lacking: [] as string[] };
}

const ofProduction = {
  DBSubnetGroupName: 'cobalt-database',
  VpcSecurityGroupIds: ['sg-0c0ba170000000db'],
  DBParameterGroupName: 'cobalt-postgres17',
  BackupRetentionPeriod: 14,
  DeletionProtection: true,
  AllocatedStorage: 100,
};

/** A few rows of every kind: people, some of whom cannot be converted, blocked addresses, mail and payments that are due. */
function fill(data: Data, nowMs: number, kind: PlannedDatabase['data']): void {
  for (const table of tables) data.make(table);
  for (let n = 1; n <= 12; n++)
    data.insert('accounts_user', {
      ...{ username: n === 4 ? 'Mark' : `user${n}`, system_number: 200_000 + n, is_superuser: n === 4 },
      email: `user${n}@example.com`,
    });
  for (let n = 1; n <= 6; n++) {
    // The first has the number of a user; ids collide with those of users, as they do in production.
    const system_number = n === 1 ? 200_005 : 500_000 + n;
    const { id } = data.insert('accounts_unregistereduser', {
      id: 8 + n,
      system_number,
      first_name: `First${n}`,
      last_name: 'Last',
    });
    if (n > 2 && kind === 'production')
      data.insert('notifications_unregisteredblockedemail', { person: id, email: `blocked${n}@example.com` });
  }
  for (let n = 1; n <= 5; n++) data.insert('events_event', {});
  for (let n = 1; n <= 4; n++) {
    data.insert('events_evententry', { entrant: 5, entry_complete_date: nowMs - minuteMs });
    data.insert('payments_stripetransaction', {
      member_id: 5,
      status: 'Succeeded',
      last_change_date: nowMs - minuteMs,
    });
    data.insert('payments_membertransaction', { member_id: 5 });
  }
  for (const n of [1, 2]) {
    data.insert('organisations_organisation', { club_email: `club${n}@example.com` });
    data.insert('events_congress', { contact_email: `organiser${n}@example.com` });
  }
  data.insert('utils_lock', { id: 'email', until: 0 });
  data.insert('references', {
    id: 'notifications_unregisteredblockedemail',
    table: kind === 'preparation' ? 'accounts_user' : 'accounts_unregistereduser',
  });
  if (kind === 'preparation') {
    for (const name of migrations) data.insert('django_migrations', { name });
    for (const table of syncedTables) data.make(table);
    return;
  }
  for (let index = 0; index < visitors + 1; index++)
    data.insert('django_session', { id: `session${index + 5}`, user: index === visitors ? 4 : index + 5 });
  // Some e-mails wait now, and one is scheduled for each five minutes of the night.
  for (let n = 1; n <= 30; n++)
    data.insert('post_office_email', {
      ...{ to: 'user5@example.com', messageId: `<seed-${n}@myabf.com.au>`, status: n <= 2 ? 0 : 2 },
      ...(n > 5 ? { scheduledMs: nowMs + n * 5 * minuteMs } : {}),
    });
  for (let n = 1; n <= 3; n++)
    data.insert('organisations_membermembershiptype', { fee: 35, paid: n === 3, dueMs: nowMs });
}
