import { ApplicationError } from '../../../sandbox/application/failure';
import type { Command } from './commands';
import type { Connection } from './connection';

/** The commands of the days before and after a night: what fills the master point tables, and what makes a copy harmless. */

/** The tables that the sync fills, which a migration makes; none in the steps of what nothing here looks at. */
export const syncedTables = [
  'masterpoints_masterpointevent',
  'masterpoints_rank',
  'masterpoints_mpbatch',
  'masterpoints_mptran',
];

const steps: { line: string; share: number; table?: string; rows?: number }[] = [
  { line: 'syncing players...', share: 20 },
  {
    line: 'Syncing Events...force_closed=False',
    share: 10,
    table: 'masterpoints_masterpointevent',
    rows: 50,
  },
  { line: 'syncing ranks...', share: 1, table: 'masterpoints_rank', rows: 12 },
  { line: 'syncing MP Batches...', share: 20, table: 'masterpoints_mpbatch', rows: 500 },
  { line: 'syncing MP Trans...', share: 60, table: 'masterpoints_mptran' },
];
const shares = steps.reduce((sum, { share }) => sum + share, 0);
const unanswered = "HTTPConnectionPool(host='masterpoints', port=80): Read timed out. (read timeout=10)\n";

/** A centre that does not answer counts as one that has nothing, and the command exits with 0 all the same. */
export const mpcSync: Command = {
  onlyUpgraded: true,
  async act({ database, print, work, world, centre }) {
    print('Running mpc_sync\n');
    for (const { line, share, table, rows } of steps) {
      print(`${line}\n`);
      const { answers } = centre;
      if (await work(answers ? (world.durations.mpcSyncMs * share) / shares : 10_000)) return 137;
      if (!answers) print(unanswered);
      else if (table) fill(database, table, rows ?? database.rows('accounts_user').length - 4);
      print('Run time(H:M:S:ms): 0:01:00.00\n');
    }
    return 0;
  },
};

/** What is there already stays. */
function fill(database: Connection, table: string, rows: number): void {
  for (let id = database.rows(table).length + 1; id <= rows; id++) database.insert(table, { id });
}

const harmless = 'a@b.com';
const waiting = new Set<unknown>([2, 3]);
/** For each of the things that it changes. */
const partMs = 20_000;

/** Refuses to run where the site is production's own. Broken off, it leaves what it had not come to as it was. */
export const sanitise: Command = {
  async act({ settings, database, print, work }) {
    if (['myabf.com.au', 'www.myabf.com.au'].includes(settings.hostname))
      throw new ApplicationError('django.core.exceptions.SuspiciousOperation', 'Not for use in production.');
    print('Cleaning production data to use for testing\nDeleting queued email...\n');
    if (await work(partMs)) return 137;
    for (const { id, status } of database.rows('post_office_email'))
      if (waiting.has(status)) database.remove('post_office_email', id);
    print('Changing email addresses...\n');
    for (const [table, column] of addresses) {
      if (await work(partMs)) return 137;
      for (const { id } of database.rows(table)) database.update(table, id, { [column]: harmless });
    }
    print('Changing password...\n');
    return 0;
  },
};

const addresses: [table: string, column: string][] = [
  ['accounts_user', 'email'],
  ['organisations_organisation', 'club_email'],
  ['events_congress', 'contact_email'],
];
