import { randomBytes } from 'node:crypto';
import type { User, Visit } from './visit';

/** Sessions practically never expire: 5,256,000,000 seconds. */
const sessionLifeMs = 5_256_000_000_000;

/** Who sent the request, by the session its cookie names. The new release reads columns that only it has. */
export async function userOfSession(visit: Visit): Promise<User | undefined> {
  const key = /(?:^|;\s*)sessionid=([^;]+)/.exec(visit.header('cookie') ?? '')?.[1];
  if (!key) return undefined;
  const rows = await visit.database.query<User>(
    `SELECT u.id, u.username, u.email, u.is_superuser AS "isSuperuser" ${visit.upgraded ? ', u.user_type' : ''}
     FROM django_session s JOIN accounts_user u ON u.id = (s.session_data::json ->> '_auth_user_id')::integer
     WHERE s.session_key = $1 AND s.expire_date > $2 AND u.is_active`,
    [key, visit.at],
  );
  return rows[0];
}

/** Starts a session and returns its key. */
export async function startSession(visit: Visit, userId: number): Promise<string> {
  const key = randomBytes(16).toString('hex');
  await visit.database.query(
    'INSERT INTO django_session (session_key, session_data, expire_date) VALUES ($1, $2, $3)',
    [
      key,
      JSON.stringify({ _auth_user_id: String(userId) }),
      new Date(visit.world.clock.nowMs() + sessionLifeMs),
    ],
  );
  visit.writes.push({ table: 'django_session', id: key });
  return key;
}
