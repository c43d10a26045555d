import { type DatabaseRecord, databaseInTheMaking, databaseOf, type Recorded } from '../../record';
import { PreconditionError } from '../../runbook/errors';
import { otherSide, type Side } from '../../settings';
import type { Target } from '../on-instance';
import type { Ports } from '../ports';
import { chooseInstance } from '../side/choose-instance';

/** The restored database that the upgrade prepares, once it accepts connections. */
export interface Copy {
  record: Recorded;
  target: Side;
  database: DatabaseRecord;
  endpoint: string;
}

/**
 * The copy as recorded, for the verbs that change its rows; also once it has served, while its side is live.
 * @throws PreconditionError COPY_MISSING, COPY_NOT_RESTORED, COPY_SERVES or COPY_IS_THE_SOURCE: it must not be a
 * database that people use, unless `evenServing`, and never the one it was made from.
 */
export async function recordedCopy(ports: Ports, { evenServing = false } = {}): Promise<Copy> {
  const record = await ports.record.recorded();
  const target = ports.settings.upgrade.to;
  const { posture } = record;
  if (posture.live === target && posture.access === 'open' && !evenServing)
    throw new PreconditionError('COPY_SERVES', {
      so: `${target} is live and open: its database serves people.`,
      next: 'Freeze it first if this must be done still: npx cdk deploy --all -c access=frozen. The next upgrade goes the other way: exchange upgrade.from and upgrade.to in the settings.',
    });
  const served = posture.live === target ? databaseOf(record, target) : undefined;
  const database = databaseInTheMaking(record, target) ?? served;
  if (!database)
    throw new PreconditionError('COPY_MISSING', {
      so: `No copy is recorded for ${target}.`,
      next: 'Run npm run snapshot, then npm run restore.',
    });
  if (!database.endpoint)
    throw new PreconditionError('COPY_NOT_RESTORED', {
      so: `The database ${database.id} is recorded without an endpoint: it did not accept connections yet.`,
      next: 'Run npm run restore.',
    });
  if (database.endpoint === databaseOf(record, otherSide(target))?.endpoint)
    throw new PreconditionError('COPY_IS_THE_SOURCE', {
      so: `The record gives ${database.id} the endpoint ${database.endpoint}, which is that of the other side's database.`,
      next: 'Compare the record with aws rds describe-db-instances, and mend it.',
    });
  return { record, target, database, endpoint: database.endpoint };
}

/** A restored database that is made ready by the application's commands, whoever it is for. */
export interface Readied {
  id: string;
  target: Target;
  /** What is recorded of it. */
  done: Pick<DatabaseRecord, 'migrated' | 'unregistered' | 'converted' | 'blockedEmails'>;
  /** Whether a side that is fenced will use it, with the login that only reads. */
  hasReader: boolean;
  /** The one command that does all of it, where each verb has none of its own. */
  command?: string;
  amend(changes: Partial<Readied['done']>): Promise<void>;
}

/** The copy that the upgrade prepares, and an instance of its side to work on. */
export async function readiedCopy(ports: Ports, given: { evenServing?: boolean } = {}): Promise<Readied> {
  const { target: side, database, endpoint } = await recordedCopy(ports, given);
  return {
    id: database.id,
    target: { instance: await chooseInstance(ports, side), endpoint },
    done: database,
    hasReader: true,
    amend: (changes) => amend(ports, database.id, changes),
  };
}

/**
 * A record is written whole, and AWS knows no condition of a write: steps that run side by side amend one record one
 * after the other, and what the lock of a run keeps apart are processes.
 */
const amending = new WeakMap<Ports['record'], Promise<void>>();

/** Records what became of a database, over what is recorded now. */
export function amend(ports: Ports, id: string, changes: Partial<DatabaseRecord>): Promise<void> {
  const before = amending.get(ports.record) ?? Promise.resolve();
  const amended = before.then(() => write(ports, id, changes));
  amending.set(
    ports.record,
    amended.catch(() => {}),
  );
  return amended;
}

async function write(ports: Ports, id: string, changes: Partial<DatabaseRecord>): Promise<void> {
  await ports.record.writeDatabase({ ...(await ports.record.readDatabase(id)), ...changes });
}
