import { ApplicationError } from '../failure';
import { filled } from '../filled';
import type { Command } from './command';

/** Makes the superuser unless there is one: a deployment to a database that has one writes nothing here. */
export const createSuperuser: Command = {
  async act({ database }) {
    const rows = await database.query('SELECT id FROM accounts_user WHERE is_superuser LIMIT 1');
    if (rows.length === 0)
      throw new ApplicationError(
        'NotImplementedError',
        'The sandbox does not model making a superuser in a database that has none.',
      );
    return 0;
  },
};

/** Writes the e-mail templates again on every run, so it fails with a login that only reads. */
export const addTemplates: Command = {
  async act({ database, at }) {
    const { moreNames, moreValues } = filled('post_office_emailtemplate');
    for (const name of ['system - default', 'system - button', 'system - server error'])
      await database.query(
        `WITH known AS (UPDATE post_office_emailtemplate SET last_updated = $2 WHERE name = $1 RETURNING id)
         INSERT INTO post_office_emailtemplate (name, subject, created, last_updated${moreNames})
         SELECT $1, $1, $2, $2${moreValues} WHERE NOT EXISTS (SELECT FROM known)`,
        [name, at()],
      );
    return 0;
  },
};
