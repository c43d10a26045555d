import { spawn } from 'node:child_process';
import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { PreconditionError, UsageError } from '../../lib/runbook/errors';
import type { SandboxOptions } from '../../sandbox/start';
import { onPath } from './on-path';

/** How the formats of pg_dump begin that are not plain SQL: custom and tar; the third is a folder. */
const archives = ['PGDMP', 'toc.dat'];

/**
 * Loads a plain SQL file or an archive of pg_dump with the tools that PostgreSQL ships for it.
 * @throws UsageError DUMP_MISSING or DUMP_UNREADABLE, PreconditionError TOOL_MISSING, before anything is started.
 * The function it returns throws PreconditionError DUMP_NOT_LOADED.
 */
export function loadDump(file: string): NonNullable<SandboxOptions['loadProduction']> {
  const archive = isArchive(file);
  const name = archive ? 'pg_restore' : 'psql';
  const tool = onPath(name);
  if (!tool)
    throw new PreconditionError('TOOL_MISSING', {
      so: `Loading ${file} needs ${name}, which is not on the PATH.`,
      next: `Install PostgreSQL's client programs, then run the same command again.`,
    });
  return async ({ host, port, user, password, name: database }) => {
    const where = ['-h', host, '-p', String(port), '-U', user, '-d', database];
    const how = archive
      ? ['--no-owner', '--no-privileges', '--exit-on-error', file]
      : ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-v', 'VERBOSITY=terse', '-f', file];
    await run(tool, [...where, ...how], password);
  };
}

function isArchive(file: string): boolean {
  if (!existsSync(file))
    throw new UsageError('DUMP_MISSING', {
      so: `There is no file ${file}.`,
      changed: 'Nothing was changed.',
      next: 'Give a plain SQL file or what pg_dump made: --database FILE.',
    });
  try {
    accessSync(file, constants.R_OK);
    if (statSync(file).isDirectory()) {
      accessSync(path.join(file, 'toc.dat'), constants.R_OK);
      return true;
    }
    return archives.some((beginning) => begins(file, beginning));
  } catch (error) {
    throw new UsageError('DUMP_UNREADABLE', {
      so: `${file} cannot be read as a database: ${(error as Error).message}.`,
      changed: 'Nothing was changed.',
      next: 'Give a plain SQL file or what pg_dump made: --database FILE.',
    });
  }
}

function begins(file: string, beginning: string): boolean {
  const handle = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(beginning.length);
    readSync(handle, buffer, 0, buffer.length, 0);
    return buffer.toString('latin1') === beginning;
  } finally {
    closeSync(handle);
  }
}

/** How much of the tool's words an error repeats. */
const longestWords = 500;

function run(tool: string, words: string[], password: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(tool, words, {
      env: { ...process.env, PGPASSWORD: password, PGOPTIONS: '' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = `${said}${text}`.slice(-longestWords);
    });
    const failed = (how: string) =>
      reject(
        new PreconditionError('DUMP_NOT_LOADED', {
          so: `${path.basename(tool)} ${how}: ${said.trim().replaceAll('\n', ' / ') || 'it said nothing'}`,
          next: 'Mend the file, or make another with pg_dump --no-owner --no-privileges, then run the same command again.',
        }),
      );
    child.on('error', (error) => failed(`did not start (${error.message})`));
    child.on('close', (code) => (code === 0 ? resolve() : failed(`ended with exit code ${code}`)));
  });
}
