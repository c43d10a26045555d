import { having, PreconditionError, StepFailedError } from '../../runbook/errors';
import { lastLines } from '../on-instance';
import type { Ports } from '../ports';
import { grantReader } from '../side/reader';
import { type Readied, readiedCopy } from './copy';
import { commandFailed, manage } from './manage';

export interface MigrateResult {
  already: boolean;
  database: string;
  instance: string;
  /** What the command printed. */
  output: string;
}

/** Runs the application's migrations on a copy. Done is when the application itself finds none pending. */
export async function migrate(ports: Ports, given?: Readied): Promise<MigrateResult> {
  const copy = given ?? (await readiedCopy(ports));
  const { id, target, done, command: again = 'npm run migrate' } = copy;
  if (ports.settings.conversion && !done.blockedEmails && !done.migrated)
    throw new PreconditionError('BLOCKED_EMAILS_NOT_KEPT', {
      so: `The blocked e-mail addresses of ${id} were not kept and cleared: the migration would fail on them, or block the wrong people.`,
      next: 'Run npm run blocked-emails -- keep.',
    });
  const { migrate: command, migrationsPending } = ports.settings.commands;
  const result = { database: id, instance: target.instance };
  const none = async () => (await manage(ports, target, migrationsPending)).exitCode === 0;
  if (await none()) {
    await finish(ports, copy);
    return { ...result, already: true, output: '' };
  }
  const after = {
    changed: `Some migrations of ${id} may be applied; it serves nobody yet.`,
    next: `Mend the cause, and run ${again} again: it goes on where it stopped.`,
  };
  const ran = await manage(ports, target, command, { begun: after.changed });
  if (ran.exitCode !== 0) throw commandFailed(command, ran, after);
  if (!(await none()))
    throw new StepFailedError('MIGRATIONS_PENDING', {
      so: `manage.py ${command.join(' ')} exited with 0 (command ${ran.commandId}), and migrations are pending still: ${lastLines(`${ran.stdout}\n${ran.stderr}`, 5)}`,
      ...after,
    });
  await finish(ports, copy);
  return { ...result, already: false, output: ran.stdout };
}

/** The tables it made must be readable by the login that a fenced side gets, and by nobody to write. */
async function finish(ports: Ports, { target, hasReader, amend }: Readied): Promise<void> {
  if (hasReader)
    await having('The migrations are applied.', () => grantReader(ports, target.instance, target.endpoint));
  await amend({ migrated: true });
}
