import { PreconditionError } from '../../lib/runbook/errors';
import type { Settings } from '../../lib/settings';
import { CheckoutUnfit } from '../../sandbox/application/checkout-tables';
import { NothingLoaded } from '../../sandbox/seed-databases';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/start';
import { checkout } from '../rehearsal/checkout';
import { loadDump } from '../rehearsal/load-dump';
import type { Say } from './progress';

/** What may be put in the place of the stand-in application and its rows. */
export interface Foreign {
  application?: string;
  database?: string;
}

/** @throws UsageError, PreconditionError for what cannot be used, before anything is started. */
export function checkForeign(
  { application, database }: Foreign,
  settings: Settings,
): Pick<SandboxOptions, 'python' | 'loadProduction'> {
  return {
    ...(application ? { python: checkout(application, settings) } : {}),
    ...(database ? { loadProduction: loadDump(database) } : {}),
  };
}

/** Starts a sandbox with them, and says what stands in for the rest. */
export async function startWithForeign(
  foreign: Foreign,
  settings: Settings,
  options: SandboxOptions,
  say: Say,
): Promise<Sandbox> {
  const { application, database } = foreign;
  const checked = checkForeign(foreign, settings);
  if (application && !database)
    say("No --database: the checkout's own migrations make the tables for made-up rows, in about a minute.");
  const sandbox = await startSandbox({ ...options, ...checked }).catch((error) => {
    throw understood(error, foreign);
  });
  const { lacking } = sandbox;
  if (lacking.length > 0)
    say(`The database lacks ${some(lacking)}: its pages are plain ones, and no jobs run.`);
  if (application) say('Pages and cron jobs are stand-ins; hooks of deployments are left out.');
  return sandbox;
}

function understood(error: unknown, { application, database }: Foreign): unknown {
  if (error instanceof NothingLoaded)
    return new PreconditionError('DUMP_EMPTY', {
      so: `${database} was loaded, and the database has no tables.`,
      next: 'Give a file with the whole database, schema and rows.',
    });
  if (error instanceof CheckoutUnfit)
    return new PreconditionError('APPLICATION_NEEDS_DATABASE', {
      so: `The migrations of ${application} do not make Cobalt's tables as they stood before the upgrade: ${error.message}.`,
      next: "Give the old side's database as well: --database FILE.",
    });
  return error;
}

const some = (names: string[]) => `${names.slice(0, 3).join(', ')}${names.length > 3 ? ', ...' : ''}`;
