import { PreconditionError, StepFailedError } from '../runbook/errors';
import type { Settings } from '../settings';
import { chooseInstance } from './choose-instance';
import { amend, recordedCopy } from './copy';
import { commandFailed, manage } from './manage';
import { counts, listed, loginArguments, onInstance } from './on-instance';
import type { Ports } from './ports';

export interface ConvertUsersResult {
  already: boolean;
  database: string;
  converted: number;
  /** The numbers that an unregistered row and a user share: these rows are left. */
  duplicates: number[];
}

interface Census {
  unregistered: number;
  users: number;
  duplicates: number[];
}

/**
 * Turns unregistered users into users by the application's own command, which exits with 0 whatever it left; so the
 * rows are counted, and each row that is left must be a duplicate.
 */
export async function convertUsers(ports: Ports): Promise<ConvertUsersResult> {
  const { target, database, endpoint } = await recordedCopy(ports);
  if (!database.migrated)
    throw new PreconditionError('NOT_MIGRATED', {
      so: `The database ${database.id} is not migrated: the users it would get have columns that are not there.`,
      next: 'Run npm run migrate.',
    });
  const { conversion } = ports.settings;
  if (!conversion) {
    ports.progress('the settings name no conversion');
    if (!database.converted) await amend(ports, database.id, { converted: { converted: 0, duplicates: 0 } });
    return { already: true, database: database.id, converted: 0, duplicates: [] };
  }
  const instance = await chooseInstance(ports, target);
  const count = () => countUsers(ports, conversion, instance, endpoint);
  const before = await count();
  if (database.converted && before.unregistered === before.duplicates.length)
    return {
      already: true,
      database: database.id,
      converted: database.converted.converted,
      duplicates: before.duplicates,
    };
  ports.progress(`${database.id} has ${before.unregistered} unregistered users and ${before.users} users`);
  const ran = await manage(ports, { instance, endpoint }, conversion.command);
  if (ran.exitCode !== 0)
    throw commandFailed(conversion.command, ran, {
      changed: 'Each user is converted in a transaction of its own: some may be done.',
      next: 'Mend the cause, and run npm run convert-users again: it goes on with the rest.',
    });
  const after = await count();
  reconcile({ before, after, printed: printedDuplicates(conversion, ran.stdout) });
  const converted = before.unregistered - after.unregistered + (database.converted?.converted ?? 0);
  await amend(ports, database.id, { converted: { converted, duplicates: after.duplicates.length } });
  return { already: false, database: database.id, converted, duplicates: after.duplicates };
}

/** @throws StepFailedError CONVERSION_DOES_NOT_ADD_UP */
function reconcile({ before, after, printed }: { before: Census; after: Census; printed: number[] }) {
  const gone = before.unregistered - after.unregistered;
  const made = after.users - before.users;
  const silent = after.duplicates.filter((number) => !printed.includes(number));
  const faults = [
    ...(gone === made ? [] : [`${gone} unregistered users are gone and ${made} users were made`]),
    ...(after.unregistered === after.duplicates.length
      ? []
      : [`${after.unregistered - after.duplicates.length} rows are left that are no duplicates`]),
    ...(silent.length === 0 ? [] : [`the command did not report the duplicates ${silent.join(', ')}`]),
  ];
  if (faults.length === 0) return;
  throw new StepFailedError('CONVERSION_DOES_NOT_ADD_UP', {
    so: `Before: ${describe(before)}; after: ${describe(after)}: ${faults.join('; ')}.`,
    changed: 'The users that were converted stay converted.',
    next: 'Look at the rows that are left, mend the cause, and run npm run convert-users again.',
  });
}

const describe = ({ unregistered, users, duplicates }: Census) =>
  `${unregistered} unregistered of which ${duplicates.length} are duplicates, ${users} users`;

type Conversion = NonNullable<Settings['conversion']>;

function printedDuplicates({ duplicateLine }: Conversion, output: string): number[] {
  return [...output.matchAll(new RegExp(duplicateLine, 'g'))].map((match) => Number(match[1]));
}

async function countUsers(
  ports: Ports,
  { unregisteredTable, userTable }: Conversion,
  instance: string,
  endpoint: string,
): Promise<Census> {
  const login = loginArguments(ports.settings, endpoint, 'writer');
  const lines = await onInstance(ports, instance, 'count-users', [...login, unregisteredTable, userTable]);
  const { unregistered, users } = counts(lines);
  if (unregistered === undefined || users === undefined)
    throw new StepFailedError('COUNT_FAILED', {
      so: `The users could not be counted on ${instance}: it answered "${lines.join(' / ')}".`,
      changed: 'Nothing was changed.',
      next: 'Run npm run convert-users again.',
    });
  return { unregistered, users, duplicates: listed(lines, 'duplicate').map(Number) };
}
