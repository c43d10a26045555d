import type { DatabaseRecord, Recorded } from '../../record';
import { clause, UpgradeError } from '../../runbook/errors';
import { loginArguments, onInstance } from '../on-instance';
import type { Ports } from '../ports';
import { chooseInstance, instanceNear } from '../side/choose-instance';
import { recordedCopy } from './copy';

export interface WarmResult {
  /** Never: how much of it is loaded cannot be asked. */
  already: false;
  database: string;
  /** How many of each were read, those included that were read partly. */
  tables: number;
  indexes: number;
  /** How many of both took longer than the 30 s that each is given, or were locked by somebody. */
  partly: number;
}

/** As for the comparison of a copy, which reads as much: an hour ends only what hangs. */
const timeoutSeconds = 60 * 60;

/**
 * Reads every table and index of the restored database once, the most used first. A restored volume loads from S3 what is
 * read for the first time, and until then whoever asks for it waits for that. Writes nothing, and may be repeated: what
 * was read partly is read further then.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RestoreFromSnapshot.html
 */
export async function warm(ports: Ports): Promise<WarmResult> {
  const { record, target, database, endpoint } = await recordedCopy(ports);
  const used = await usedTables(ports, record, database);
  const instance = await chooseInstance(ports, target);
  const doing = `${instance}: reading every table and index of ${database.id}`;
  ports.progress(doing);
  const lines = await onInstance(
    ports,
    instance,
    'warm',
    [...loginArguments(ports.settings, endpoint, 'writer'), used.join('\n')],
    { timeoutSeconds, onWait: (seconds) => ports.progress(`${doing}, ${seconds} s`) },
  );
  const count = (form: RegExp) => lines.filter((line) => form.test(line)).length;
  return {
    already: false,
    database: database.id,
    tables: count(/^table (whole|partly) /),
    indexes: count(/^index (whole|partly) /),
    partly: count(/^(table|index) partly /),
  };
}

/** In the order of their use, as the source counted it: a restored copy has no counts. None when it cannot be asked. */
async function usedTables(ports: Ports, { databases }: Recorded, copy: DatabaseRecord): Promise<string[]> {
  const source = databases.find(({ id }) => id === copy.source?.instance);
  if (!source?.endpoint) return [];
  try {
    const instance = await instanceNear(ports, source.side);
    return await onInstance(
      ports,
      instance,
      'count-reads',
      loginArguments(ports.settings, source.endpoint, 'writer'),
    );
  } catch (error) {
    if (!(error instanceof UpgradeError)) throw error;
    ports.progress(`the largest tables first: ${clause(error.text.so)}`);
    return [];
  }
}
