import type { Database } from './database';
import { filled } from './filled';
import type { Settings } from './settings';

/** Amazon's address that accepts everything and reaches nobody. */
export const harmlessAddress = 'success@simulator.amazonses.com';

export const mailStatus = { sent: 0, failed: 1, queued: 2, requeued: 3 };

/**
 * Puts an e-mail into the queue. Here, and only here, an application whose playpen is not disabled replaces
 * the address: what is queued is sent as it stands, by whichever side's sender comes first.
 */
export async function compose(
  database: Database,
  settings: Settings,
  at: Date,
  mail: { to: string; subject: string; message: string },
): Promise<number> {
  const to = settings.playpenDisabled ? mail.to : harmlessAddress;
  const { moreNames, moreValues } = filled('post_office_email');
  const rows = await database.query<{ id: number }>(
    `INSERT INTO post_office_email (from_email, "to", subject, message, status, priority, created, last_updated,
       message_id${moreNames})
     VALUES ('donotreply@myabf.com.au', $1, $2, $3, $4, 1, $5, $5, '<' || gen_random_uuid() || '@myabf.com.au>'${moreValues})
     RETURNING id`,
    [to, mail.subject, mail.message, mailStatus.queued, at],
  );
  return rows[0]!.id;
}
