import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { PreconditionError, UsageError } from '../lib/runbook/errors';
import type { SandboxOptions } from '../sandbox/start';

/** How pg_dump's custom format begins; anything else is taken for plain SQL. */
const customFormat = 'PGDMP';

/** Loads a plain SQL or pg_dump file with the tools that PostgreSQL ships for it. */
export function loadDump(file: string): NonNullable<SandboxOptions['loadProduction']> {
  if (!existsSync(file))
    throw new UsageError('DUMP_MISSING', {
      so: `There is no file ${file}.`,
      changed: 'Nothing was changed.',
      next: 'Give a plain SQL or pg_dump file: --database FILE.',
    });
  return async ({ host, port, user, password, name }) => {
    const where = ['-h', host, '-p', String(port), '-U', user, '-d', name];
    if (beginning(file) === customFormat)
      await run('pg_restore', [...where, '--no-owner', '--no-privileges', '--exit-on-error', file], password);
    else await run('psql', [...where, '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', file], password);
  };
}

function beginning(file: string): string {
  const handle = openSync(file, 'r');
  const buffer = Buffer.alloc(customFormat.length);
  readSync(handle, buffer, 0, buffer.length, 0);
  closeSync(handle);
  return buffer.toString();
}

function run(tool: string, words: string[], password: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(tool, words, {
      env: { ...process.env, PGPASSWORD: password },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    child.on('error', () =>
      reject(
        new PreconditionError('TOOL_MISSING', {
          so: `Loading this file needs ${tool}, which is not on the PATH.`,
          next: `Install PostgreSQL's client programs, then run the same command again.`,
        }),
      ),
    );
    child.on('close', (code) => {
      if (code === 0) resolve();
      else
        reject(
          new PreconditionError('DUMP_NOT_LOADED', {
            so: `${tool} ended with exit code ${code}; its words stand above.`,
            next: 'Mend the file or give another, then run the same command again.',
          }),
        );
    });
  });
}
