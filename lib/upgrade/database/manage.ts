import { StepFailedError } from '../../runbook/errors';
import type { Settings } from '../../settings';
import { lastLines, type Target, throwIfKnown, writerArguments } from '../on-instance';
import type { CommandResult, Ports } from '../ports';

/** Longer than any migration or conversion that was seen; AWS ends the command then. */
const timeoutSeconds = 2 * 60 * 60;
/** What a command may write to disk besides its rows: logs, temporary files. */
export const neededMib = 256;

/**
 * Runs a command of the application on one instance, against the database at this endpoint and with the login that
 * writes. Whatever it exits with is returned: what that means is the caller's to know.
 * @param options.begun what may be so once it was begun, told when its end cannot be seen
 * @param options.shown the lines that are returned, as `grep -E` finds them; without it all of them
 */
export async function manage(
  ports: Ports,
  target: Target,
  command: string[],
  { begun, shown }: { begun?: string; shown?: string } = {},
): Promise<CommandResult> {
  const { instance } = target;
  const doing = `${instance}: manage.py ${command.join(' ')}`;
  ports.progress(doing);
  const result = await ports.instances.run(
    instance,
    'manage',
    manageArguments(ports.settings, target, command, shown ? { shown } : {}),
    {
      timeoutSeconds,
      ...(begun ? { begun } : {}),
      onWait: (seconds) => ports.progress(`${doing}, ${seconds} s`),
    },
  );
  throwIfKnown(instance, result);
  return result;
}

/**
 * The arguments of lib/on-instance/manage.sh.
 * @param options.log the file on the instance that keeps what the command prints, if not Run Command alone
 */
export function manageArguments(
  settings: Settings,
  target: Target,
  command: string[],
  { log = '', shown = '' } = {},
): string[] {
  const { name, host, port, user, password } = settings.variables.database;
  const variables = [host, port, name, user, password];
  return [log, ...writerArguments(settings, target), ...variables, String(neededMib), shown, ...command];
}

/** For a command that failed. Its errors alone are quoted: what it prints may name people. */
export function commandFailed(
  command: string[],
  result: CommandResult,
  { changed, next }: { changed: string; next: string },
): StepFailedError {
  return new StepFailedError('COMMAND_FAILED', {
    so: `manage.py ${command.join(' ')} exited with ${result.exitCode} (command ${result.commandId}): ${lastLines(result.stderr, 5)}`,
    changed,
    next,
  });
}
