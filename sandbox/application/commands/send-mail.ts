import { mailStatus } from '../mail';
import type { Command, Run } from './command';
import { withLock } from './lock';

/** django-post-office's own: https://github.com/ui/django-post_office#batch-size */
const batchSize = 100;

/** The e-mail sender: a whole batch goes out, and only then are its statuses written. */
export const sendMail: Command = {
  async act(run) {
    const free = await withLock(run, 'email', () => sendBatch(run));
    if (!free) run.print("Topic: 'email' is currently locked\n");
    return 0;
  },
};

async function sendBatch({ database, world, environment, settings, at, work }: Run): Promise<void> {
  const batch = await database.query<{ id: number; to: string; messageId: string }>(
    `SELECT id, "to", message_id AS "messageId" FROM post_office_email
     WHERE status IN (${mailStatus.queued}, ${mailStatus.requeued}) AND (scheduled_time IS NULL OR scheduled_time <= $1)
     ORDER BY priority DESC, created, id LIMIT ${batchSize}`,
    [at()],
  );
  for (const mail of batch) {
    world.happened('email.sent', { ...mail, environment, endpoint: settings.databaseHost });
    await work(world.durations.sendBatchMs / batch.length);
  }
  if (batch.length === 0) return;
  await database.query(
    `UPDATE post_office_email SET status = ${mailStatus.sent}, last_updated = $1 WHERE id = ANY ($2)`,
    [at(), batch.map(({ id }) => id)],
  );
}
