import { having, PreconditionError, StepFailedError } from '../runbook/errors';
import { chooseInstance } from './choose-instance';
import { amend, recordedCopy } from './copy';
import { commandFailed, manage } from './manage';
import { lastLines } from './on-instance';
import type { Ports } from './ports';
import { grantReader } from './reader';

export interface MigrateResult {
  already: boolean;
  database: string;
  instance: string;
  /** What the command printed. */
  output: string;
}

/** Runs the application's migrations on the copy. Done is when the application itself finds none pending. */
export async function migrate(ports: Ports): Promise<MigrateResult> {
  const { target, database, endpoint } = await recordedCopy(ports);
  if (ports.settings.conversion && !database.blockedEmails && !database.migrated)
    throw new PreconditionError('BLOCKED_EMAILS_NOT_KEPT', {
      so: `The blocked e-mail addresses of ${database.id} were not kept and cleared: the migration would fail on them, or block the wrong people.`,
      next: 'Run npm run blocked-emails -- keep.',
    });
  const { migrate: command, migrationsPending } = ports.settings.commands;
  const instance = await chooseInstance(ports, target);
  const place = { instance, endpoint };
  const result = { database: database.id, instance };
  const none = async () => (await manage(ports, place, migrationsPending)).exitCode === 0;
  if (await none()) {
    await finish(ports, place, database.id);
    return { ...result, already: true, output: '' };
  }
  const after = {
    changed: `Some migrations of ${database.id} may be applied; it serves nobody yet.`,
    next: 'Mend the cause, and run npm run migrate again: it goes on where it stopped.',
  };
  const ran = await manage(ports, place, command, after.changed);
  if (ran.exitCode !== 0) throw commandFailed(command, ran, after);
  if (!(await none()))
    throw new StepFailedError('MIGRATIONS_PENDING', {
      so: `manage.py ${command.join(' ')} exited with 0 (command ${ran.commandId}), and migrations are pending still: ${lastLines(`${ran.stdout}\n${ran.stderr}`, 5)}`,
      ...after,
    });
  await finish(ports, place, database.id);
  return { ...result, already: false, output: ran.stdout };
}

/** The tables it made must be readable by the login that a fenced side gets, and by nobody to write. */
async function finish(
  ports: Ports,
  place: { instance: string; endpoint: string },
  id: string,
): Promise<void> {
  await having('The migrations are applied.', () => grantReader(ports, place.instance, place.endpoint));
  await amend(ports, id, { migrated: true });
}
