import { PreconditionError, StepFailedError } from '../../runbook/errors';
import type { Settings } from '../../settings';
import { counts, listed, onInstance, type Target, writerArguments } from '../on-instance';
import type { Ports } from '../ports';
import { type Readied, readiedCopy } from './copy';
import { commandFailed, manage } from './manage';

export interface ConvertUsersResult {
  already: boolean;
  database: string;
  converted: number;
  /** The numbers of rows that are left because a user has the number, as a number or to log in with. */
  duplicates: number[];
  /** The numbers of rows that are left because a name is missing, which a user must have. */
  nameless: number[];
}

interface Census {
  unregistered: number;
  users: number;
  duplicates: number[];
  nameless: number[];
}

/**
 * Turns unregistered users into users by the application's own command. It exits with 0 whatever it left, and calls
 * every row that it leaves a duplicate; so the rows are counted, and of each that is left the cause must be known.
 */
export async function convertUsers(ports: Ports, given?: Readied): Promise<ConvertUsersResult> {
  const copy = given ?? (await readiedCopy(ports));
  const { id, target, done, amend, command: again = 'npm run convert-users' } = copy;
  if (!done.migrated)
    throw new PreconditionError('NOT_MIGRATED', {
      so: `The database ${id} is not migrated: the users it would get have columns that are not there.`,
      next: 'Run npm run migrate.',
    });
  const { conversion } = ports.settings;
  if (!conversion) {
    ports.progress('the settings name no conversion');
    if (!done.converted) await amend({ converted: { converted: 0, duplicates: 0 } });
    return { already: true, database: id, converted: 0, duplicates: [], nameless: [] };
  }
  const count = () => countUsers(ports, conversion, target);
  const before = await count();
  const { duplicates, nameless } = before;
  if (done.converted && unexplained(before) === 0)
    return {
      already: true,
      database: id,
      converted: done.converted.converted,
      duplicates,
      nameless,
    };
  ports.progress(`${id} has ${before.unregistered} unregistered users and ${before.users} users`);
  const { unregistered = before.unregistered } = done;
  if (done.unregistered === undefined) await amend({ unregistered });
  const changed = 'Each user is converted in a transaction of its own: some may be done.';
  const ran = await manage(ports, target, conversion.command, {
    begun: changed,
    // It names everybody whom it converts.
    shown: conversion.duplicateLine.replaceAll('\\d', '[0-9]'),
  });
  if (ran.exitCode !== 0)
    throw commandFailed(conversion.command, ran, {
      changed,
      next: `Mend the cause, and run ${again} again: it goes on with the rest.`,
    });
  const after = await count();
  reconcile({ before, after, printed: printedDuplicates(conversion, ran.stdout) });
  // Of a conversion that was not recorded some may be done: its command was cut off, or nobody saw its end.
  const converted = done.converted
    ? done.converted.converted + before.unregistered - after.unregistered
    : unregistered - after.unregistered;
  await amend({ converted: { converted, duplicates: after.duplicates.length } });
  return {
    already: false,
    database: id,
    converted,
    duplicates: after.duplicates,
    nameless: after.nameless,
  };
}

const leftOf = ({ duplicates, nameless }: Census) => [...duplicates, ...nameless];

const unexplained = (census: Census) => census.unregistered - leftOf(census).length;

/** @throws StepFailedError CONVERSION_DOES_NOT_ADD_UP */
function reconcile({ before, after, printed }: { before: Census; after: Census; printed: number[] }) {
  const gone = before.unregistered - after.unregistered;
  const made = after.users - before.users;
  const silent = leftOf(after).filter((number) => !printed.includes(number));
  const faults = [
    ...(gone === made ? [] : [`${gone} unregistered users are gone and ${made} users were made`]),
    ...(unexplained(after) === 0
      ? []
      : [`${unexplained(after)} rows are left that are neither duplicates nor nameless`]),
    ...(silent.length === 0 ? [] : [`the command did not report that it left ${silent.join(', ')}`]),
  ];
  if (faults.length === 0) return;
  throw new StepFailedError('CONVERSION_DOES_NOT_ADD_UP', {
    so: `Before: ${describe(before)}; after: ${describe(after)}: ${faults.join('; ')}.`,
    changed: 'The users that were converted stay converted.',
    next: 'Look at the rows that are left, mend the cause, and run npm run convert-users again.',
  });
}

const describe = ({ unregistered, users, duplicates, nameless }: Census) =>
  `${unregistered} unregistered of which ${duplicates.length} are duplicates and ${nameless.length} nameless, ${users} users`;

type Conversion = NonNullable<Settings['conversion']>;

function printedDuplicates({ duplicateLine }: Conversion, output: string): number[] {
  return [...output.matchAll(new RegExp(duplicateLine, 'g'))].map((match) => Number(match[1]));
}

async function countUsers(
  ports: Ports,
  { unregisteredTable, userTable }: Conversion,
  target: Target,
): Promise<Census> {
  const args = [...writerArguments(ports.settings, target), unregisteredTable, userTable];
  const lines = await onInstance(ports, target.instance, 'count-users', args);
  const { unregistered, users } = counts(lines);
  if (unregistered === undefined || users === undefined)
    throw new StepFailedError('COUNT_FAILED', {
      so: `The users could not be counted on ${target.instance}: it answered "${lines.join(' / ')}".`,
      changed: 'Nothing was changed.',
      next: 'Run npm run convert-users again.',
    });
  return {
    unregistered,
    users,
    duplicates: listed(lines, 'duplicate').map(Number),
    nameless: listed(lines, 'nameless').map(Number),
  };
}
