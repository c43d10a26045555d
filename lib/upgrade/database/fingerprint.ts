import type { DatabaseRecord } from '../../record';
import { listed, loginArguments, onInstance } from '../on-instance';
import type { Ports } from '../ports';

/** As a database has it, and as it would be after a recovery, which finds a sequence some values further on. */
interface Sequence {
  value: string;
  called: string;
  logged: string;
}

/** What databases of equal rows have in common, by names with their schema, quoted where SQL needs it. */
export interface Fingerprint {
  /** The database. */
  id: string;
  /** How many rows each table has; those of a partitioned one are counted in its partitions. */
  rows: Map<string, number>;
  /** Sums over the rows of each ledger table. */
  checksums: Map<string, string>;
  sequences: Map<string, Sequence>;
}

/**
 * Everything is read, and a restored volume loads from S3 what is read for the first time: how long that takes nobody
 * knows before, so an hour ends only what hangs.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RestoreFromSnapshot.html
 */
const timeoutSeconds = 60 * 60;

/**
 * Reads all of a database, in one transaction that only reads. It asks with the login that writes, which owns the
 * tables: no policy hides a row from it, and it lacks no grant.
 */
export async function fingerprint(
  ports: Ports,
  instance: string,
  { id, endpoint }: Pick<DatabaseRecord, 'id' | 'endpoint'>,
): Promise<Fingerprint> {
  const { settings } = ports;
  const doing = `${instance}: counting the rows of every table of ${id}`;
  ports.progress(doing);
  const lines = await onInstance(
    ports,
    instance,
    'fingerprint',
    [...loginArguments(settings, endpoint!, 'writer'), settings.ledgerTables.join(',')],
    { timeoutSeconds, onWait: (seconds) => ports.progress(`${doing}, ${seconds} s`) },
  );
  // A name may hold spaces: what follows it is taken from the end.
  const named = (word: string, values: RegExp) =>
    listed(lines, word).flatMap((line) => {
      const [whole, ...parts] = values.exec(line) ?? [];
      return whole === undefined ? [] : [[line.slice(0, -whole.length), parts] as const];
    });
  return {
    id,
    rows: new Map(named('rows', / (\d+)$/).map(([table, [count]]) => [table, Number(count)])),
    checksums: new Map(named('checksum', / (-?\d+)$/).map(([table, [sum = '']]) => [table, sum])),
    sequences: new Map(
      named('sequence', / (-?\d+) ([tf]) (-?\d+)$/).map(
        ([name, [value = '', called = '', logged = '']]) => [name, { value, called, logged }] as const,
      ),
    ),
  };
}

/** In what a copy differs from its source, a sentence for each table and sequence. */
export function differencesOf(source: Fingerprint, copy: Fingerprint): string[] {
  if (source.rows.size === 0) return [`no table was found in ${source.id}`];
  return [
    ...namesOf(source.rows, copy.rows).flatMap((table) => ofTable(table, source, copy)),
    ...namesOf(source.sequences, copy.sequences).flatMap((name) => ofSequence(name, source, copy)),
  ];
}

const namesOf = (...maps: Map<string, unknown>[]) =>
  [...new Set(maps.flatMap((map) => [...map.keys()]))].sort();

function ofTable(table: string, source: Fingerprint, copy: Fingerprint): string[] {
  const [before, after] = [source.rows.get(table), copy.rows.get(table)];
  if (before === undefined) return [`the table ${table} is in ${copy.id} alone`];
  if (after === undefined) return [`the table ${table} is in ${source.id} alone`];
  if (before !== after) return [`${table} has ${before} rows in ${source.id} and ${after} in ${copy.id}`];
  return source.checksums.get(table) === copy.checksums.get(table)
    ? []
    : [`${table} has other values in ${copy.id} than in ${source.id}`];
}

/**
 * A sequence is logged 32 values ahead, so a copy that had to recover may leave some out, and gives none out twice.
 * https://github.com/postgres/postgres/blob/REL_17_STABLE/src/backend/commands/sequence.c (SEQ_LOG_VALS)
 */
function ofSequence(name: string, source: Fingerprint, copy: Fingerprint): string[] {
  const [before, after] = [source.sequences.get(name), copy.sequences.get(name)];
  if (!before) return [`the sequence ${name} is in ${copy.id} alone`];
  if (!after) return [`the sequence ${name} is in ${source.id} alone`];
  const same = before.called === after.called && [before.value, before.logged].includes(after.value);
  const told = ({ value, called }: Sequence) => (called === 't' ? value : `${value}, not given out yet,`);
  return same
    ? []
    : [`the sequence ${name} is at ${told(before)} in ${source.id} and at ${told(after)} in ${copy.id}`];
}
