import type { Application, CronEntry, Process, World } from '../world';
import { commands, manage } from './commands/manage';
import { Connections } from './database';
import { migrationsAfter } from './migrations';
import { instanceWith } from './place';
import { readSettings } from './settings';
import { answer } from './web/answer';
import { Visit } from './web/visit';

export interface CobaltOptions {
  /** Version labels whose code is the release before the upgrade; every other code is the new release. */
  releasesBefore?: string[];
  /** Where the master points come from; without it, it answers. */
  masterpointsCentre?: { answers: boolean };
}

export interface Cobalt extends Application {
  /** What the hook runs after each deployment of the code and on each new instance, in order. */
  hookCommands: string[][];
  /** The migrations of the new release, as `app.name`. */
  migrations: string[];
}

const crontab: CronEntry[] = [
  { command: 'post_office_email_sender_cron', everyMs: 30_000 },
  { command: 'upload_xero_settlements', everyMs: 5 * 60_000 },
  { command: 'handle_closed_congresses_with_unpaid_entries', dailyAt: '23:00' },
  { command: 'auto_pay_batch', dailyAt: '23:05' },
  { command: 'update_membership_status', dailyAt: '03:05' },
];

/**
 * The stand-in for the application: its tables, commands and pages as far as an upgrade meets them, and its
 * faults. A process obeys the environment it was started with, whatever was declared since. A command is known
 * to run on an instance when its `environ` is the very object that a process there was started with.
 */
export function createApplication(world: World, options: CobaltOptions = {}): Cobalt {
  const connections = new Map<Process, Connections>();
  const known = commands(options.masterpointsCentre ?? { answers: true });
  const place = (environ: Record<string, string>) => {
    const instance = instanceWith(world, environ);
    return {
      environment: instance?.environment ?? 'unknown',
      upgraded: !options.releasesBefore?.includes(instance?.versionLabel ?? ''),
    };
  };
  return {
    crontab,
    hookCommands: [['migrate'], ['createsu'], ['add_notifications_templates']],
    migrations: migrationsAfter.map(({ app, name }) => `${app}.${name}`),

    async serve(web, request) {
      const settings = readSettings(web.environ);
      const database = connections.get(web) ?? new Connections(world, settings);
      connections.set(web, database);
      const { environment, upgraded } = place(web.environ);
      return answer(new Visit(world, settings, database, upgraded, environment, request));
    },

    async manage(args, environ, print, killed) {
      return manage({ world, commands: known, args, environ, print, killed, ...place(environ) });
    },

    async close(process) {
      await connections.get(process)?.close();
      connections.delete(process);
    },
  };
}
