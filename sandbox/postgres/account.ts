import { execFileSync } from 'node:child_process';

/** Whom the server runs as; empty for whoever runs the sandbox. PostgreSQL refuses to run as root. */
export interface Account {
  uid?: number;
  gid?: number;
}

/** As root: the OS user `postgres` (`_postgres`, which macOS has), made if it is missing. */
export function accountForServer(): Account {
  if (process.getuid?.() !== 0) return {};
  const name = process.platform === 'darwin' ? '_postgres' : 'postgres';
  return lookUp(name) ?? add(name);
}

function lookUp(name: string): Account | undefined {
  const ask = (option: string) =>
    Number(execFileSync('id', [option, name], { stdio: ['ignore', 'pipe', 'ignore'] }).toString());
  try {
    return { uid: ask('-u'), gid: ask('-g') };
  } catch {
    return undefined;
  }
}

function add(name: string): Account {
  try {
    execFileSync('groupadd', ['--system', '--force', name], { stdio: 'pipe' });
    execFileSync('useradd', ['--system', '--gid', name, '--no-create-home', name], { stdio: 'pipe' });
  } catch (error) {
    throw new Error(
      `PostgreSQL does not run as root, and the user ${name} could not be made: ${(error as Error).message}. ` +
        `Make it, or run as a normal user.`,
    );
  }
  return lookUp(name) as Account;
}
