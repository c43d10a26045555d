import { filled } from '../filled';
import type { Command, Run } from './command';

interface Unregistered {
  id: number;
  number: number;
  name: string;
  contact: boolean;
}

/** So many rows share one round trip; each is still converted, or left, on its own. */
const chunkSize = 250;

/**
 * Makes a user of each unregistered user and deletes the old row. What the database refuses is printed as a number
 * that a user already has, though it may be a username or a name that is missing; it is left where it is, and the
 * command exits 0 all the same.
 */
export const convertUsers: Command = {
  onlyUpgraded: true,
  async act(run) {
    const everybody = await run.database.query<Unregistered>(
      `SELECT id, system_number AS number, coalesce(first_name, 'None') || ' ' || coalesce(last_name, 'None') AS name,
         internal_system_number AS contact FROM accounts_unregistereduser ORDER BY id`,
    );
    run.print(`About to convert ${everybody.length} unregistered users...\n`);
    for (let first = 0; first < everybody.length; first += chunkSize) {
      const chunk = everybody.slice(first, first + chunkSize);
      await run.work((run.world.durations.convertMs * chunk.length) / everybody.length);
      const made = await convert(run, chunk);
      run.print(chunk.map((person) => line(person, made.has(person.id))).join(''));
    }
    return 0;
  },
};

/** Returns the ids of the rows that became users. */
async function convert({ database, at }: Run, chunk: Unregistered[]): Promise<Set<number>> {
  const { moreNames, moreValues } = filled('accounts_user');
  const rows = await database.query<{ id: number }>(
    `WITH made AS (
       INSERT INTO accounts_user (password, is_superuser, username, first_name, last_name, is_staff, is_active,
         date_joined, email, system_number, deceased, stripe_auto_confirmed, is_abf_active, user_type, identifier${moreNames})
       SELECT '', false, system_number::text, first_name, last_name, false, false,
         $1, 'noemail@notset.com', system_number, false, 'Off', true,
         CASE WHEN internal_system_number THEN 'C' ELSE 'N' END, substr(md5(random()::text), 1, 10)${moreValues}
       FROM accounts_unregistereduser
       WHERE id = ANY ($2) AND first_name IS NOT NULL AND last_name IS NOT NULL ORDER BY id
       ON CONFLICT DO NOTHING RETURNING system_number
     )
     DELETE FROM accounts_unregistereduser WHERE system_number IN (SELECT system_number FROM made) RETURNING id`,
    [at(), chunk.map(({ id }) => id)],
  );
  return new Set(rows.map(({ id }) => id));
}

function line({ number, name, contact }: Unregistered, made: boolean): string {
  if (!made) return `Error - likely dupe ABF number ${number}\n`;
  const old = contact ? `${name} (No ABF number)` : `${name} (ABF: ${number})`;
  return `Create new user ${name} (ABF: ${number}). Deleted old unreg user ${old}\n`;
}
