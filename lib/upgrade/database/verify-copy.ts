import type { DatabaseRecord, Recorded } from '../../record';
import { PreconditionError, StepFailedError, UsageError } from '../../runbook/errors';
import type { Side } from '../../settings';
import type { Ports } from '../ports';
import { chooseInstance, instanceNear } from '../side/choose-instance';
import { amend, recordedCopy } from './copy';
import { differencesOf, type Fingerprint, fingerprint } from './fingerprint';
import { anotherCopy, whatWasWrittenSince } from './source-writes';

export interface VerifyResult {
  already: boolean;
  database: string;
  tables: number;
  rows: number;
  /** How many of each were compared; 0 when all was verified before, since that is not recorded. */
  sequences: number;
  checksums: number;
  /** None: a copy that differs is an error that names them. */
  differences: string[];
}

/** A person reads these at night: the first tell what kind of fault it is. */
const mostShown = 10;

/**
 * Proves that every table of the restored database has as many rows as the frozen source's, the ledger tables the same
 * rows, and that no sequence would give out a number twice. Once: afterwards the copy is changed.
 * @throws PreconditionError COPY_CHANGED when it was changed before it was verified, SOURCE_WRITTEN
 * @throws UsageError LEDGER_TABLE_UNKNOWN
 * @throws StepFailedError COPY_DIFFERS
 */
export async function verifyCopy(ports: Ports): Promise<VerifyResult> {
  const { record, target, database } = await recordedCopy(ports);
  const result = { database: database.id, differences: [] };
  if (database.verified)
    return { already: true, ...result, ...database.verified, sequences: 0, checksums: 0 };
  const original = sourceOf(record, database);
  throwIfChanged(database, original.side);
  const fromSource = await instanceNear(ports, original.side);
  const written = await whatWasWrittenSince(ports, record, database, fromSource);
  if (written)
    throw new PreconditionError('SOURCE_WRITTEN', { so: written, next: anotherCopy(original.side) });
  const fromCopy = await chooseInstance(ports, target);
  const [source, copy] = await Promise.all([
    fingerprint(ports, fromSource, original),
    fingerprint(ports, fromCopy, database),
  ]);
  throwIfUnknown(ports.settings.ledgerTables, source, copy);
  throwIfDifferent(differencesOf(source, copy), database.id, original);
  const verified = {
    tables: copy.rows.size,
    rows: [...copy.rows.values()].reduce((sum, each) => sum + each, 0),
  };
  await amend(ports, database.id, { verified });
  return {
    already: false,
    ...result,
    ...verified,
    sequences: copy.sequences.size,
    checksums: copy.checksums.size,
  };
}

function sourceOf({ databases }: Recorded, { id, source }: DatabaseRecord): DatabaseRecord {
  const found = databases.find((each) => each.id === source?.instance);
  if (found?.endpoint) return found;
  throw new PreconditionError('SOURCE_NOT_RECORDED', {
    so: `The database ${id} is a copy of ${source?.instance ?? 'an unknown one'}, which is not recorded with an endpoint.`,
    next: 'Compare the record with aws rds describe-db-instances, and mend it.',
  });
}

/** The addresses kept, the sessions emptied or the migrations applied are differences that are meant to be. */
function throwIfChanged({ id, blockedEmails, sessionsEmptied, migrated }: DatabaseRecord, from: Side): void {
  const done = [
    ...(blockedEmails ? ['its blocked e-mails were kept and cleared'] : []),
    ...(sessionsEmptied ? ['its sessions were emptied'] : []),
    ...(migrated ? ['its migrations were applied'] : []),
  ];
  if (done.length === 0) return;
  throw new PreconditionError('COPY_CHANGED', {
    so: `The database ${id} was not verified before it was changed (${done.join(', ')}): it cannot be compared any more.`,
    next: `Go on without this proof if you may. Otherwise: ${anotherCopy(from)}`,
  });
}

function throwIfUnknown(ledgerTables: string[], ...prints: Fingerprint[]): void {
  const summed = prints.flatMap(({ checksums }) =>
    [...checksums.keys()].map((name) => name.replaceAll('"', '')),
  );
  const unknown = ledgerTables.filter((table) => !summed.some((name) => name.endsWith(`.${table}`)));
  if (unknown.length === 0) return;
  throw new UsageError('LEDGER_TABLE_UNKNOWN', {
    so: `Neither ${prints.map(({ id }) => id).join(' nor ')} has a table ${unknown.join(', ')}, which the settings name in ledgerTables.`,
    changed: 'Nothing was changed.',
    next: 'Mend ledgerTables in the settings, and run npm run verify again.',
  });
}

function throwIfDifferent(differences: string[], id: string, source: DatabaseRecord): void {
  if (differences.length === 0) return;
  const more = differences.length - mostShown;
  const shown = [...differences.slice(0, mostShown), ...(more > 0 ? [`and ${more} more`] : [])];
  throw new StepFailedError('COPY_DIFFERS', {
    so: `The copy ${id} differs from ${source.id}: ${shown.join('; ')}.`,
    changed: 'Nothing was changed; the copy serves nobody.',
    next: anotherCopy(source.side),
  });
}
