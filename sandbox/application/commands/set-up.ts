import type { Command } from './command';

/** Makes the superuser unless there is one: a deployment to a database that has one writes nothing here. */
export const createSuperuser: Command = {
  async act({ database }) {
    const rows = await database.query('SELECT id FROM accounts_user WHERE is_superuser LIMIT 1');
    if (rows.length === 0) throw new Error('The sandbox does not model a database without a superuser.');
    return 0;
  },
};

/** Writes the e-mail templates again on every run, so it fails with a login that only reads. */
export const addTemplates: Command = {
  async act({ database, at }) {
    for (const name of ['system - default', 'system - button', 'system - server error'])
      await database.query(
        `INSERT INTO post_office_emailtemplate (name, subject, last_updated) VALUES ($1, $1, $2)
         ON CONFLICT (name) DO UPDATE SET subject = $1, last_updated = $2`,
        [name, at()],
      );
    return 0;
  },
};
