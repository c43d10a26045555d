import { PreconditionError, StepFailedError, UsageError } from '../../runbook/errors';
import type { Settings } from '../../settings';
import { counts, listed, onInstance, writerArguments } from '../on-instance';
import type { Ports } from '../ports';
import { type Readied, readiedCopy } from './copy';
import { anotherCopy } from './source-writes';

export interface KeptResult {
  already: boolean;
  database: string;
  /** Addresses in the copy's own table; the application's is empty. */
  kept: number;
}

export interface PutBackResult {
  already: boolean;
  database: string;
  kept: number;
  putBack: number;
  /** How many addresses have nobody to go to, and the numbers they were kept under. */
  left: number;
  leftNumbers: number[];
  /** The numbers whose address went to a user that was there before the conversion: see them through. */
  duplicateNumbers: number[];
}

/** The copy's own table: the blocked addresses by their person's number. */
const keptTable = 'upgrade_blocked_email';

/** @throws UsageError NO_CONVERSION */
function tables({ conversion }: Settings) {
  if (conversion)
    return {
      blocked: conversion.blockedEmailTable,
      unregistered: conversion.unregisteredTable,
      users: conversion.userTable,
    };
  throw new UsageError('NO_CONVERSION', {
    so: 'The settings name no conversion, so there are no blocked addresses to keep.',
    changed: 'Nothing was changed.',
    next: 'Go on with npm run migrate.',
  });
}

/**
 * Moves the addresses that must never be mailed to a table of the copy's own, by their person's number, because the
 * migration would fail on them or give them to the wrong people. All of them move or none.
 */
export async function keepBlockedEmails(ports: Ports, given?: Readied): Promise<KeptResult> {
  const { blocked, unregistered, users } = tables(ports.settings);
  const { id, target, done, amend } = given ?? (await readiedCopy(ports));
  const { instance } = target;
  if (done.migrated && !done.blockedEmails) throw alreadyMigrated(id, ports.settings);
  if (done.migrated) return { already: true, database: id, kept: done.blockedEmails!.kept };
  const login = writerArguments(ports.settings, target);
  const seen = await onInstance(ports, instance, 'look-at-blocked-emails', [...login, blocked, unregistered]);
  if (listed(seen, 'refers').includes(users)) throw alreadyMigrated(id, ports.settings);
  const orphans = listed(seen, 'orphan');
  if (orphans.length > 0)
    throw new PreconditionError('BLOCKED_EMAILS_OF_NOBODY', {
      so: `${orphans.length} rows of ${blocked} in ${id} belong to no row of ${unregistered}: ids ${orphans.join(', ')}.`,
      next: 'Decide what becomes of these rows, and run npm run blocked-emails -- keep again.',
    });
  ports.progress(`${instance}: keeping ${counts(seen).found} blocked addresses of ${id} by number`);
  const lines = await onInstance(
    ports,
    instance,
    'keep-blocked-emails',
    [...login, blocked, unregistered, keptTable],
    { begun: `What was kept of ${id} is in its table ${keptTable}.` },
  );
  const { found = 0, before = 0, kept, left } = counts(lines);
  if (kept === undefined || kept !== before + found || left !== 0)
    throw new StepFailedError('BLOCKED_EMAILS_DO_NOT_ADD_UP', {
      so: `${found} blocked addresses were found and ${before} were kept before; now ${kept} are kept and ${left} left.`,
      changed: `The table ${keptTable} of ${id} holds what was kept.`,
      next: `Compare ${blocked} and ${keptTable} of ${id}.`,
    });
  if (done.blockedEmails?.kept !== kept) await amend({ blockedEmails: { kept } });
  return { already: done.blockedEmails !== undefined && found === 0, database: id, kept };
}

function alreadyMigrated(id: string, settings: Settings): PreconditionError {
  const { blocked, users } = tables(settings);
  return new PreconditionError('ALREADY_MIGRATED', {
    so: `The database ${id} is migrated and its blocked addresses were not kept: ${blocked} refers to ${users} now.`,
    next: `If an earlier upgrade converted its users, take conversion out of the settings. Otherwise: ${anotherCopy(settings.upgrade.from)}`,
  });
}

/** Gives the kept addresses back, each to the user who now has the number. Those with nobody to go to are listed. */
export async function putBackBlockedEmails(ports: Ports, given?: Readied): Promise<PutBackResult> {
  const { blocked, unregistered, users } = tables(ports.settings);
  const { id, target, done, amend } = given ?? (await readiedCopy(ports, { evenServing: true }));
  const { instance } = target;
  if (!done.blockedEmails || !done.converted)
    throw new PreconditionError('NOT_CONVERTED', {
      so: `The blocked addresses of ${id} were ${done.blockedEmails ? '' : 'not '}kept, and its users were ${done.converted ? '' : 'not '}converted.`,
      next: done.blockedEmails ? 'Run npm run convert-users.' : 'Run npm run blocked-emails -- keep.',
    });
  ports.progress(`${instance}: putting back ${done.blockedEmails.kept} blocked addresses of ${id}`);
  const lines = await onInstance(
    ports,
    instance,
    'put-back-blocked-emails',
    [...writerArguments(ports.settings, target), blocked, unregistered, keptTable, users],
    { timeoutSeconds: 1800, begun: 'The addresses that are back stay.' },
  );
  const { kept, back, nobody } = counts(lines);
  if (kept !== done.blockedEmails.kept || back === undefined || kept !== back + (nobody ?? 0))
    throw new StepFailedError('BLOCKED_EMAILS_DO_NOT_ADD_UP', {
      so: `${done.blockedEmails.kept} blocked addresses were kept; ${keptTable} has ${kept}, of which ${back} are back and ${nobody} have nobody to go to.`,
      changed: 'The addresses that are back stay.',
      next: `Compare ${blocked} and ${keptTable} of ${id}, and run npm run blocked-emails -- put-back again.`,
    });
  const before = done.blockedEmails;
  const after = { kept, putBack: back, left: nobody ?? 0 };
  const already = before.putBack === after.putBack && before.left === after.left;
  if (!already) await amend({ blockedEmails: after });
  return {
    already,
    database: id,
    ...after,
    leftNumbers: listed(lines, 'left').map(Number),
    duplicateNumbers: listed(lines, 'other').map(Number),
  };
}
