import { parameterNames } from '../../names';
import { type DatabaseRecord, databaseOf, type Recorded } from '../../record';
import { having, PreconditionError, StepFailedError, UpgradeError } from '../../runbook/errors';
import { type Evidence, fact } from '../../runbook/step';
import { counts, listed, loginArguments, onInstance } from '../on-instance';
import type { Ports } from '../ports';
import { instanceNear } from './choose-instance';

export interface ReaderResult {
  already: boolean;
  database: string;
  user: string;
  /** How many tables were tried: each was read, and each refused a row. */
  tables: number;
}

/**
 * Makes the login that a frozen or fenced side gets, on the live side's database, and proves that it reads everything
 * and writes nothing. Its password is made here once and afterwards known to AWS and the instances alone.
 */
export async function makeReader(ports: Ports): Promise<ReaderResult> {
  const { settings } = ports;
  const { reader } = settings.database;
  const { live, database, endpoint } = await liveDatabase(ports);
  const secret = parameterNames(settings).secret(reader.secret);
  const existed = await ports.secrets.exists(secret);
  if (!existed) {
    ports.progress(`making the secret parameter ${secret}`);
    await ports.secrets.create(secret, ports.clock.secret());
  }
  const changed = `The secret parameter ${secret} exists; the login was left as it was.`;
  const make = async () => grantReader(ports, await instanceNear(ports, live), endpoint);
  const tables = await (existed ? make() : having(changed, make));
  return { already: existed, database: database.id, user: reader.user, tables };
}

/** Whether the reader is there and only reads. Before its secret exists there is nothing to ask. */
export async function readerEvidence(ports: Ports): Promise<Evidence[]> {
  const { user, secret } = ports.settings.database.reader;
  const name = parameterNames(ports.settings).secret(secret);
  const known = fact(`the secret ${name}`, (await ports.secrets.exists(name)) ? 'there' : 'missing', 'there');
  if (!known.holds) return [known];
  const { live, endpoint } = await liveDatabase(ports);
  const told = (observed: string) => fact(`what ${user} may do`, observed, 'read every table and write none');
  try {
    const tables = await proveReader(ports, await instanceNear(ports, live), endpoint);
    return [
      known,
      { ...told('read every table and write none'), what: `what ${user} may do in ${tables} tables` },
    ];
  } catch (error) {
    if (error instanceof UpgradeError && notYetReader.has(error.code)) return [known, told(error.text.so)];
    throw error;
  }
}

/** How a database answers that does not have the login, or not as it should be. */
const notYetReader = new Set(['DATABASE_REFUSES_PASSWORD', 'READER_NOT_READ_ONLY', 'READER_CANNOT_READ']);

/** Makes the login on one database, or makes it into what it should be, and proves it. Its secret must exist. */
export async function grantReader(ports: Ports, instance: string, endpoint: string): Promise<number> {
  const { user, secret } = ports.settings.database.reader;
  ports.progress(`${instance}: making the login ${user} at ${endpoint}`);
  await onInstance(
    ports,
    instance,
    'make-reader',
    [
      ...loginArguments(ports.settings, endpoint, 'writer'),
      user,
      parameterNames(ports.settings).secret(secret),
    ],
    { begun: `The login ${user} may have been made or changed.` },
  );
  return having(`The login ${user} was made or changed.`, () => proveReader(ports, instance, endpoint));
}

/** The live side's database, by the record as it is now or as it was read already. */
export async function liveDatabase(ports: Ports, read?: Recorded) {
  const record = read ?? (await ports.record.recorded());
  const { live } = record.posture;
  const database: DatabaseRecord | undefined = databaseOf(record, live);
  if (!database?.endpoint)
    throw new PreconditionError('DATABASE_NOT_RECORDED', {
      so: `No database of ${live}, the live side, is recorded with an endpoint.`,
      next: `Record it at ${parameterNames(ports.settings).databases}, then look at npm run status.`,
    });
  return { record, live, database, endpoint: database.endpoint };
}

/**
 * Tries, as the reader, to read and to write every table of a database.
 * @returns how many tables there are.
 * @throws StepFailedError READER_NOT_READ_ONLY or READER_CANNOT_READ
 */
export async function proveReader(ports: Ports, instance: string, endpoint: string): Promise<number> {
  ports.progress(`${instance}: proving that the reader reads every table and writes none`);
  const lines = await onInstance(
    ports,
    instance,
    'prove-reader',
    loginArguments(ports.settings, endpoint, 'reader'),
  );
  const { tables = 0, refused = 0 } = counts(lines);
  const written = listed(lines, 'written');
  const powers = listed(lines, 'power');
  const unreadable = listed(lines, 'unreadable');
  const loose = listed(lines, 'default')[0] !== 'on';
  const user = ports.settings.database.reader.user;
  if (tables === 0 || refused !== tables || powers.length > 0 || loose)
    throw new StepFailedError('READER_NOT_READ_ONLY', {
      so: `Of ${tables} tables ${refused} refused a row of ${user}${written.length > 0 ? ` (not ${shortened(written)})` : ''}; rights beyond reading: ${shortened(powers) || 'none'}; read-only by default: ${loose ? 'no' : 'yes'}.`,
      changed: 'Every row that was tried was taken back.',
      next: `${makeAgain}, which takes rights away; what it cannot take, an owner of those tables must.`,
    });
  if (unreadable.length > 0)
    throw new StepFailedError('READER_CANNOT_READ', {
      so: `${user} cannot read ${shortened(unreadable)}.`,
      changed: 'Nothing was changed.',
      next: `${makeAgain}; what it cannot grant, an owner of those tables must.`,
    });
  return tables;
}

const makeAgain = 'Run npm run reader, or npm run migrate for the copy';

const shortened = (list: string[]) =>
  list.length > 10 ? `${list.slice(0, 10).join(', ')} and ${list.length - 10} more` : list.join(', ');
