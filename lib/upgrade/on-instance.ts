import { parameterNames } from '../names';
import { PreconditionError, StepFailedError } from '../runbook/errors';
import type { Settings } from '../settings';
import type { Ports } from './ports';

/** The exit codes that lib/on-instance/prelude.sh gives a meaning; these come before anything is done. */
const known: Record<number, { code: string; so: string; next: string }> = {
  60: {
    code: 'SECRET_UNREADABLE',
    so: 'cannot read a secret parameter',
    next: 'Deploy the stack of its side, so that its role may read the parameter, and look whether it exists: aws ssm describe-parameters.',
  },
  61: {
    code: 'DATABASE_REFUSES_PASSWORD',
    so: 'was refused by the database',
    next: "Put the database's password into its secret parameter (aws ssm put-parameter --overwrite), and run the same command again.",
  },
  62: {
    code: 'DATABASE_UNREACHABLE',
    so: 'does not reach the database',
    next: "Compare the database's security group and endpoint with npm run status, and run the same command again.",
  },
  63: {
    code: 'DATABASE_NAME_UNKNOWN',
    so: 'found no database of that name at the endpoint',
    next: 'Set database.name in the settings to the name in the snapshot, and run the same command again.',
  },
  64: {
    code: 'DISK_FULL',
    so: 'has too little disk left',
    next: 'Remove what fills its disk (eb ssh), or terminate it and let a new one start, and run the same command again.',
  },
  65: {
    code: 'APPLICATION_NOT_RUNNING',
    so: 'runs no process of the application',
    next: 'Look at its logs (eb logs), deploy its side again, and run the same command again.',
  },
  66: {
    code: 'ALREADY_RUNNING',
    so: 'runs a command of the tool already',
    next: 'Wait until it has ended, and run the same command again.',
  },
};

/** The one that may come in the middle. */
const connectionLost = 67;

export interface RunOptions {
  timeoutSeconds?: number;
  /** What may be so once it was begun, told when its end cannot be seen. */
  begun?: string;
  onWait?: (seconds: number) => void;
}

/**
 * Runs a script of lib/on-instance and returns the lines it printed.
 * @throws PreconditionError for each exit code of the prelude.
 * @throws StepFailedError SCRIPT_FAILED for any other.
 */
export async function onInstance(
  ports: Ports,
  instance: string,
  script: string,
  args: string[],
  { timeoutSeconds = 300, begun, onWait }: RunOptions = {},
): Promise<string[]> {
  const result = await ports.instances.run(instance, script, args, {
    timeoutSeconds,
    ...(begun ? { begun } : {}),
    ...(onWait ? { onWait } : {}),
  });
  throwIfKnown(instance, result);
  if (result.exitCode !== 0)
    throw new StepFailedError('SCRIPT_FAILED', {
      so: `The script ${script} on ${instance} exited with ${result.exitCode} (command ${result.commandId}): ${lastLines(result.stderr)}`,
      changed: 'Nothing was changed.',
      next: 'Mend what it says, and run the same command again.',
    });
  return result.stdout.split('\n').filter((line) => line !== '');
}

/**
 * @throws PreconditionError when the prelude said why it went no further.
 * @throws StepFailedError CONNECTION_LOST
 */
export function throwIfKnown(instance: string, result: { exitCode: number; stderr: string }): void {
  const fault = known[result.exitCode];
  if (result.exitCode === connectionLost)
    throw new StepFailedError('CONNECTION_LOST', {
      so: `The instance ${instance} lost its connection to the database: ${lastLines(result.stderr)}`,
      changed: 'Whether the last statements were carried out is not known.',
      next: 'Run the same command again: it looks at what is there.',
    });
  if (!fault) return;
  throw new PreconditionError(fault.code, {
    so: `The instance ${instance} ${fault.so}: ${lastLines(result.stderr, 1)}`,
    next: fault.next,
  });
}

/** Without addresses of people, which are for no journal and no terminal. */
export const unaddressed = (text: string): string =>
  text.replaceAll(/[^\s"'()<>[\]=,;:]+@[^\s"'()<>[\]=,;:]+/g, '(an address)');

/**
 * The end of an output, for a message, without what Run Command adds to it. Of an error of PostgreSQL's the detail is left
 * out: it quotes values of the row. https://www.postgresql.org/docs/17/error-style-guide.html
 */
export function lastLines(text: string, count = 3): string {
  const said = text.trim().replace(/\n?failed to run commands: exit status \d+$/, '');
  const told = said.split('\n').filter((line) => !/^\s*DETAIL:/.test(line));
  const lines = unaddressed(told.slice(-count).join(' / '));
  return lines === '' ? 'it said nothing.' : lines;
}

/** Reads lines of the form `NAME NUMBER`, such as `found 12`. */
export function counts(lines: string[]): Record<string, number> {
  const pairs = lines.flatMap((line) => {
    const [, name, value] = /^(\S+) (\d+)$/.exec(line) ?? [];
    return name && value ? [[name, Number(value)] as const] : [];
  });
  return Object.fromEntries(pairs);
}

/** What follows a word, in every line that begins with it. */
export function listed(lines: string[], word: string): string[] {
  return lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
}

/** Where a command of the application runs, and the database that it is given. */
export interface Target {
  instance: string;
  endpoint: string;
  /** The secret of the login that writes, where it is not the one in the settings. */
  secret?: string;
}

/** The first arguments of every script that writes to a database. */
export function writerArguments(
  settings: Settings,
  { endpoint, secret }: Omit<Target, 'instance'>,
): string[] {
  const login = loginArguments(settings, endpoint, 'writer');
  return secret ? [...login.slice(0, -1), parameterNames(settings).secret(secret)] : login;
}

/** The first arguments of every script that goes to a database: where it is, who asks, and where the password is. */
export function loginArguments(settings: Settings, endpoint: string, login: 'writer' | 'reader'): string[] {
  const { user, secret } = settings.database[login];
  const { name, port } = settings.database;
  return [settings.region, endpoint, String(port), name, user, parameterNames(settings).secret(secret)];
}
