import { ApplicationError } from '../failure';
import { mailStatus } from '../mail';
import { seededSuperuser } from '../production';
import type { Command } from './command';

/** Makes a copy of production's data harmless. Refuses to run where the site is production's own. */
export const sanitise: Command = {
  async act({ settings, database, print }) {
    if (['myabf.com.au', 'www.myabf.com.au'].includes(settings.hostname))
      throw new ApplicationError(
        'django.core.exceptions.SuspiciousOperation',
        'Not for use in production. This cannot be used in a production system.',
      );
    print('Cleaning production data to use for testing\nDeleting queued email...\n');
    await database.query(
      `DELETE FROM post_office_email WHERE status NOT IN (${mailStatus.sent}, ${mailStatus.failed})`,
    );
    print('Changing email addresses...\n');
    await database.query(`UPDATE accounts_user SET email = 'a@b.com', stripe_customer_id = NULL`);
    await database.query(`UPDATE organisations_organisation SET club_email = 'a@b.com'`);
    await database.query(`UPDATE events_congress SET contact_email = 'a@b.com'`);
    print('Changing password...\n');
    await database.query(`UPDATE accounts_user SET password = 'sandbox$testing' WHERE username = $1`, [
      seededSuperuser,
    ]);
    return 0;
  },
};
