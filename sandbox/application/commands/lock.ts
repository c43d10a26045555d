import type { Run } from './command';

const expiryMs = 15 * 60_000;

/**
 * Runs `work` while holding the application's row for a topic, as its jobs do on every instance at once.
 *
 * Returns false when another holds it. A job that is killed leaves it held until it expires, a quarter of an
 * hour later. With a login that only reads, taking it fails and nothing is done.
 */
export async function withLock(run: Run, topic: string, work: () => Promise<void>): Promise<boolean> {
  if (!(await take(run, topic))) return false;
  await work();
  await run.database.query('UPDATE utils_lock SET lock_open_time = NULL WHERE topic = $1', [topic]);
  return true;
}

function take({ database, at, environment }: Run, topic: string): Promise<boolean> {
  return database.transaction(async () => {
    const rows = await database.query<{ until: Date | null }>(
      'SELECT lock_open_time AS until FROM utils_lock WHERE topic = $1 FOR UPDATE',
      [topic],
    );
    const now = at();
    const until = rows[0]?.until;
    if (until && until > now) return false;
    await database.query(
      `INSERT INTO utils_lock (topic, lock_created_time, lock_open_time, owner) VALUES ($1, $2, $3, $4)
       ON CONFLICT (topic) DO UPDATE SET lock_created_time = $2, lock_open_time = $3, owner = $4`,
      [topic, now, new Date(now.getTime() + expiryMs), environment],
    );
    return true;
  });
}
