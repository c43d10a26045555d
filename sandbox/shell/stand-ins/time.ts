import type { World } from '../../world';
import { type StandIn, UnmodelledCommand } from '../stand-in';

const unitMs: Record<string, number> = { '': 1000, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `5`, `0.5`, `2m` in milliseconds. */
function durationMs(text: string, command: string): number {
  const match = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(text);
  if (!match) throw new UnmodelledCommand(`${command} ${text}`);
  return Number(match[1]) * (unitMs[match[2] as string] as number);
}

/** Sleeps the sandbox's time, not the machine's. */
export function sleep({ clock }: Pick<World, 'clock'>): StandIn {
  return async ({ args, signal }) => {
    if (args.length === 0) throw new UnmodelledCommand('sleep without a duration');
    const waitMs = args.reduce((sum, text) => sum + durationMs(text, 'sleep'), 0);
    let cancel = () => {};
    const over = new Promise<void>((resolve) => {
      cancel = clock.at(clock.nowMs() + waitMs, 'sleep on an instance', () => resolve());
      signal.addEventListener('abort', () => resolve());
    });
    await clock.wait(over);
    cancel();
    return 0;
  };
}

/** Ends its command when the sandbox's time is over. */
export function timeout({ clock }: Pick<World, 'clock'>): StandIn {
  return async ({ args, exec, killProgram, signal }) => {
    const [limit = '', file, ...rest] = args;
    if (limit.startsWith('-') || file === undefined) throw new UnmodelledCommand(`timeout ${args.join(' ')}`);
    let expired = false;
    const cancel = clock.at(clock.nowMs() + durationMs(limit, 'timeout'), 'timeout on an instance', () => {
      expired = true;
      killProgram('SIGTERM');
    });
    signal.addEventListener('abort', cancel);
    const code = await clock.wait(exec({ file, args: rest })).finally(cancel);
    return expired ? 124 : code;
  };
}

/** The sandbox's date, formatted by the host's own command, in UTC as on an instance. */
export function date({ clock }: Pick<World, 'clock'>): StandIn {
  return async ({ args, environ, exec }) => {
    const format = args.filter((arg) => arg !== '-u' && arg !== '--utc');
    if (format.length > 1 || (format[0] !== undefined && !format[0].startsWith('+')))
      throw new UnmodelledCommand(`date ${args.join(' ')}`);
    const seconds = String(Math.floor(clock.nowMs() / 1000));
    const at = process.platform === 'darwin' ? ['-r', seconds] : ['-d', `@${seconds}`];
    const TZ = format.length < args.length ? 'UTC' : (environ.TZ ?? 'UTC');
    return exec({ file: '/bin/date', args: [...at, ...format], env: { ...environ, TZ } });
  };
}
