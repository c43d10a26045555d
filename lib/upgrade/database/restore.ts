import { stackNames } from '../../names';
import { resolveWords } from '../../posture';
import { type DatabaseRecord, databaseInTheMaking, type Recorded } from '../../record';
import { having, PreconditionError, StepFailedError, UpgradeError } from '../../runbook/errors';
import { type Evidence, fact } from '../../runbook/step';
import { loginArguments, onInstance } from '../on-instance';
import { poll } from '../poll';
import type { Ports } from '../ports';
import { chooseInstance } from '../side/choose-instance';
import { declaredTemplate } from '../stacks/deploy';
import { amend } from './copy';
import { anotherCopy } from './source-writes';

/**
 * A restored database is created once: no update may replace it, empty it or delete it, whoever deploys.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html
 */
const stackPolicy = {
  Statement: [{ Effect: 'Deny', Action: 'Update:*', Principal: '*', Resource: '*' }],
};

/** How often in a row it must take a login: a new database may flap. */
const times = 5;
const secondsApart = 3;

export interface RestoreResult {
  already: boolean;
  database: string;
  stack: string;
  endpoint: string;
}

/** What a database answers that is not up yet, or goes down once more. */
const notYet = new Set(['DATABASE_UNREACHABLE', 'CONNECTION_LOST']);

/** The template of a stack as text. */
export type TemplateOf = typeof declaredTemplate;

/**
 * Restores the new side's database from the recorded snapshot, in a stack of its own that no update may touch, and
 * goes on as soon as it accepts connections: RDS calls it "available" only after a first backup, minutes later.
 */
export async function restore(
  ports: Ports,
  options: { templateOf?: TemplateOf } = {},
): Promise<RestoreResult> {
  const begun = await beginRestore(ports, options);
  const { database, stack } = begun;
  const endpoint = await having(`The stack ${stack} exists and goes on; no endpoint was recorded.`, () =>
    untilItAccepts(ports, begun),
  );
  const already = database.endpoint === endpoint;
  if (!already) await amend(ports, database.id, { endpoint });
  return { already, database: database.id, stack, endpoint };
}

interface Begun {
  stack: string;
  database: DatabaseRecord;
  /** Of the side that will use it: from there it is asked whether it accepts connections. */
  instance: string;
}

/** Creates the stack, unless it is there already. */
export async function beginRestore(
  ports: Ports,
  { templateOf = declaredTemplate }: { templateOf?: TemplateOf } = {},
): Promise<Begun> {
  const record = await ports.record.read();
  const database = await databaseToRestore(ports, record);
  const stack = stackNames(ports.settings).database(database.side, database.generation);
  const instance = await chooseInstance(ports, database.side);
  const policy = JSON.stringify(stackPolicy);
  const found = await ports.stacks.find(stack);
  if (found) await throwIfFailed(ports, stack);
  if (!found) {
    await mayCreate(ports, database, stack);
    ports.progress(`creating the stack ${stack}: ${database.id} from ${database.snapshot}`);
    const words = resolveWords(record.posture, {});
    const template = templateOf({ settings: ports.settings, record, words }, stack);
    await ports.stacks.create(stack, template, policy, {});
  } else if (!samePolicy(await ports.stacks.policy(stack), policy)) {
    ports.progress(`${stack}: setting its policy`);
    await ports.stacks.setPolicy(stack, policy);
  }
  return { stack, database, instance };
}

/**
 * Whether the copy accepts connections, and is recorded with the endpoint at which it does.
 * @returns `accepting`: where it was seen to do so just now, if it is not recorded yet
 */
export async function lookAtCopy(ports: Ports): Promise<{ evidence: Evidence[]; accepting?: string }> {
  const making = databaseInTheMaking(await ports.record.recorded(), ports.settings.upgrade.to);
  if (!making) return { evidence: [fact('the database of this upgrade', 'not recorded', 'recorded')] };
  await throwIfFailed(
    ports,
    stackNames(ports.settings).database(making.side, making.generation),
    'or absent',
  );
  const found = await ports.databases.find(making.id);
  const endpoint = found?.endpoint;
  const what = `the endpoint of ${making.id}`;
  const unknown = `not known yet (it is ${found?.status ?? 'not listed'})`;
  if (making.endpoint || !endpoint)
    return { evidence: [fact(what, making.endpoint ?? unknown, endpoint ?? 'recorded')] };
  const accepting = await accepts(ports, await chooseInstance(ports, making.side), endpoint);
  const observed = `${endpoint} (${found.status}, it accepts ${accepting ? 'connections' : 'no connection yet'})`;
  return { evidence: [fact(what, observed, 'recorded')], ...(accepting ? { accepting: endpoint } : {}) };
}

/** Records where the copy accepts connections, once that was seen. */
export async function recordRestored(ports: Ports, endpoint: string): Promise<void> {
  const making = databaseInTheMaking(await ports.record.recorded(), ports.settings.upgrade.to);
  if (making) await amend(ports, making.id, { endpoint });
}

function samePolicy(text: string | undefined, wanted: string): boolean {
  try {
    return JSON.stringify(JSON.parse(text ?? 'null')) === wanted;
  } catch {
    return false;
  }
}

async function databaseToRestore(ports: Ports, record: Recorded): Promise<DatabaseRecord> {
  const target = ports.settings.upgrade.to;
  const database = databaseInTheMaking(record, target);
  // Once restored, it does not need its snapshot any more.
  if (database?.endpoint) return database;
  const snapshot = database?.snapshot ? await ports.databases.findSnapshot(database.snapshot) : undefined;
  if (!database || !snapshot)
    throw new PreconditionError('SNAPSHOT_MISSING', {
      so: database
        ? `The recorded snapshot ${database.snapshot} is not there.`
        : `No snapshot is recorded for a database of ${target}.`,
      next: 'Run npm run snapshot.',
    });
  if (snapshot.status !== 'available')
    throw new PreconditionError('SNAPSHOT_NOT_READY', {
      so: `The snapshot ${snapshot.id} is ${snapshot.status} (${snapshot.percent} %), not available.`,
      next: 'Run npm run snapshot, which waits for it.',
    });
  if (snapshot.source !== database.source?.instance)
    throw new PreconditionError('SNAPSHOT_OF_ANOTHER', {
      so: `The snapshot ${snapshot.id} is of ${snapshot.source}, not of ${database.source?.instance}.`,
      next: 'Look at npm run status: the record and the snapshot must be of one database.',
    });
  return database;
}

/** Another database of that name would be taken for the copy; a copy that is gone would be taken for a ready one. */
async function mayCreate(ports: Ports, { id, endpoint }: DatabaseRecord, stack: string): Promise<void> {
  const { live } = (await ports.record.recorded()).posture;
  if (endpoint)
    throw new PreconditionError('COPY_GONE', {
      so: `The database ${id} is recorded as restored, and its stack ${stack} is not there.`,
      next: anotherCopy(live),
    });
  const taken = await ports.databases.find(id);
  if (taken)
    throw new PreconditionError('DATABASE_NAME_TAKEN', {
      so: `There is a database ${id} already (${taken.status}), which the stack ${stack} did not make.`,
      next: `Look whose it is, then rename it: aws rds modify-db-instance --db-instance-identifier ${id} --new-db-instance-identifier ${id}-before --apply-immediately`,
    });
}

/** @returns its endpoint. */
async function untilItAccepts(ports: Ports, { stack, database, instance }: Begun): Promise<string> {
  const until = `${database.id} accepts connections ${times} times in a row`;
  return poll(ports, { until, everyMs: 15_000, forMs: 2 * 60 * 60_000 }, async () => {
    await throwIfFailed(ports, stack);
    const restored = await ports.databases.find(database.id);
    ports.progress(`${database.id}: ${restored?.status ?? 'not listed yet'}`);
    if (!restored?.endpoint) return undefined;
    return (await accepts(ports, instance, restored.endpoint)) ? restored.endpoint : undefined;
  });
}

/** Asked from an instance of the side that will use it, with the login that writes. */
async function accepts(ports: Ports, instance: string, endpoint: string): Promise<boolean> {
  const login = loginArguments(ports.settings, endpoint, 'writer');
  try {
    await onInstance(ports, instance, 'accept-connections', [...login, String(times), String(secondsApart)]);
    return true;
  } catch (error) {
    if (error instanceof UpgradeError && notYet.has(error.code)) return false;
    throw error;
  }
}

async function throwIfFailed(ports: Ports, name: string, absence?: 'or absent'): Promise<void> {
  const found = await ports.stacks.find(name);
  if (!found && absence) return;
  const status = found?.status ?? 'gone';
  // An update that was refused later leaves the database as it is.
  const failures = status.startsWith('CREATE_') ? await ports.stacks.failures(name) : [];
  const dead = /^(DELETE_|ROLLBACK_|CREATE_FAILED|gone)/.test(status);
  const reasons = failures.length === 0 && dead ? [`it is ${status}`] : failures;
  if (reasons.length === 0) return;
  throw new StepFailedError('RESTORE_FAILED', {
    so: `The stack ${name} failed: ${reasons.join('; ')}.`,
    changed: 'The stack stays as it is; no database is recorded as restored.',
    next: `Remove it, mend the cause, and run npm run restore again: aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name ${name} && aws cloudformation delete-stack --stack-name ${name}`,
  });
}
