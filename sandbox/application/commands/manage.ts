import type { World } from '../../world';
import { Connection } from '../database';
import { ApplicationError, Killed } from '../failure';
import { readSettings } from '../settings';
import type { Command, Run } from './command';
import { convertUsers } from './convert-users';
import { autoPay, closeCongresses, updateMemberships, uploadToXero } from './daily-jobs';
import { migrate, showMigrations } from './migrate';
import { mpcSync } from './mpc-sync';
import { sanitise } from './sanitise';
import { sendMail } from './send-mail';
import { addTemplates, createSuperuser } from './set-up';

/** Every command of the stand-in, under the application's own name for it. */
export function commands(masterpointsCentre: { answers: boolean }): Record<string, Command> {
  return {
    migrate,
    showmigrations: showMigrations,
    temp_copy_unreg_to_user: convertUsers,
    mpc_sync: mpcSync(masterpointsCentre),
    sanitise_production_data_for_testing: sanitise,
    post_office_email_sender_cron: sendMail,
    upload_xero_settlements: uploadToXero,
    handle_closed_congresses_with_unpaid_entries: closeCongresses,
    auto_pay_batch: autoPay,
    update_membership_status: updateMemberships,
    createsu: createSuperuser,
    add_notifications_templates: addTemplates,
  };
}

export interface Invocation {
  world: World;
  commands: Record<string, Command>;
  args: string[];
  environ: Record<string, string>;
  print: (text: string, stream?: 'stdout' | 'stderr') => void;
  killed: AbortSignal | undefined;
  upgraded: boolean;
  environment: string;
}

/** Runs one command to its end and resolves to its exit code: 137 when its process was ended meanwhile. */
export function manage(invocation: Invocation): Promise<number> {
  const { world, args, print, upgraded } = invocation;
  const [name = '', ...rest] = args;
  const command = invocation.commands[name];
  if (!command || (command.onlyUpgraded && !upgraded)) {
    print(`Unknown command: '${name}'\nType 'manage.py help' for usage.\n`, 'stderr');
    return Promise.resolve(1);
  }
  const modelled = command.args ?? [[]];
  if (!modelled.some((list) => list.join(' ') === rest.join(' '))) {
    print(
      `manage.py ${name}: error: unrecognized arguments: ${rest.join(' ')} (not modelled by the sandbox)\n`,
      'stderr',
    );
    return Promise.resolve(2);
  }
  return world.clock.run(`manage.py ${name}`, () => perform(invocation, command, rest));
}

async function perform(invocation: Invocation, command: Command, args: string[]): Promise<number> {
  const { world, environ, print, killed, upgraded, environment } = invocation;
  const settings = readSettings(environ);
  let database: Connection | undefined;
  const work = async (durationMs: number) => {
    await world.clock.sleep(durationMs);
    if (killed?.aborted) throw new Killed();
  };
  try {
    database = await Connection.open(world, settings);
    const run: Run = {
      args,
      world,
      settings,
      database,
      print,
      environment,
      upgraded,
      at: () => world.clock.date(),
      work,
    };
    return await command.act(run);
  } catch (error) {
    if (error instanceof Killed) return 137;
    if (!(error instanceof ApplicationError)) throw error;
    print(error.traceback(), 'stderr');
    return 1;
  } finally {
    await database?.close();
  }
}
