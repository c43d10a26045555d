import type { Command, Run } from './command';

/** What is copied from the old Masterpoints Centre, in the order that references need. */
const steps: { line: string; share: number; statement?: string }[] = [
  { line: 'Syncing clubs...', share: 1 },
  { line: 'syncing players...', share: 20 },
  { line: 'Syncing ChargeType...', share: 1 },
  {
    line: 'Syncing Events...force_closed=False',
    share: 10,
    statement: `INSERT INTO masterpoints_masterpointevent (old_mpc_id, event_name, mp_colour, is_closed)
      SELECT n, 'Event ' || n, 'G', false FROM generate_series(1, 50) n ON CONFLICT DO NOTHING`,
  },
  {
    line: 'syncing ranks...',
    share: 1,
    statement: `INSERT INTO masterpoints_rank (old_mpc_id, rank_name, total_needed)
      SELECT n, 'Rank ' || n, n * 100 FROM generate_series(1, 12) n ON CONFLICT DO NOTHING`,
  },
  {
    line: 'syncing MP Batches...',
    share: 20,
    statement: `INSERT INTO masterpoints_mpbatch (old_mpc_id, posted_date, masterpoint_event_id)
      SELECT n, $1, (SELECT id FROM masterpoints_masterpointevent WHERE old_mpc_id = 1 + n % 50)
      FROM generate_series(1, 500) n ON CONFLICT DO NOTHING`,
  },
  {
    line: 'syncing MP Trans...',
    share: 60,
    statement: `INSERT INTO masterpoints_mptran (old_mpc_id, mp_amount, mp_batch_id, user_id)
      SELECT row_number() OVER (ORDER BY id), 1.5, NULL, id FROM accounts_user WHERE id > 4 ON CONFLICT DO NOTHING`,
  },
  { line: 'syncing club membership history...', share: 7 },
];

/**
 * Fills the master point tables: hours, with a line and a run time for each table. A centre that does not answer counts as
 * one that has nothing: that is printed, and the command exits with 0 all the same.
 */
export function mpcSync(centre: { answers: boolean }): Command {
  return { onlyUpgraded: true, act: (run) => sync(run, centre) };
}

const unanswered = "HTTPConnectionPool(host='masterpoints', port=80): Read timed out. (read timeout=10)\n";

async function sync(
  { database, print, work, at, world }: Run,
  centre: { answers: boolean },
): Promise<number> {
  const shares = steps.reduce((sum, { share }) => sum + share, 0);
  print('Running mpc_sync\n');
  for (const { line, share, statement } of steps) {
    print(`${line}\n`);
    const stepMs = centre.answers ? (world.durations.mpcSyncMs * share) / shares : 10_000;
    await work(stepMs);
    if (!centre.answers) print(unanswered);
    else if (statement) await database.query(statement, statement.includes('$1') ? [at()] : []);
    print(`Run time(H:M:S:ms): ${asTime(stepMs)}\n`);
  }
  return 0;
}

function asTime(durationMs: number): string {
  const text = new Date(durationMs).toISOString().slice(11, 22);
  return text.replace(/^0/, '');
}
