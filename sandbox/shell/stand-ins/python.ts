import fs from 'node:fs';
import path from 'node:path';
import type { Process, World } from '../../world';
import { type Invocation, type StandIn, UnmodelledCommand } from '../stand-in';

/** A real checkout of the application, to be run in place of the one that stands in for it. */
export interface RealPython {
  /** The folder that holds its `manage.py`. */
  manageDir: string;
  /** The interpreter of its virtual environment. */
  python: string;
}

type PythonWorld = Pick<World, 'application' | 'databases'>;

/** The interpreter in the application's virtual environment: it runs `manage.py` and nothing else. */
export function python(world: PythonWorld, real: RealPython | undefined): StandIn {
  const manage = managePy(world, real);
  return (invocation) => {
    const args = invocation.args[0] === '-u' ? invocation.args.slice(1) : invocation.args;
    // Compared as they really are: a temporary folder may be reached through a link.
    const asked = path.resolve(invocation.cwd, args[0] ?? '');
    const own = path.join(invocation.instance.folder, 'var/app/current/manage.py');
    if (!fs.existsSync(asked) || fs.realpathSync(asked) !== fs.realpathSync(own))
      throw new UnmodelledCommand(`python ${invocation.args.join(' ')}`);
    return manage({ ...invocation, args: args.slice(1) });
  };
}

/** What to do when a process that runs here is ended by its number. */
const whenEnded = new WeakMap<Process, () => void>();

export function noteEnd(process: Process): void {
  whenEnded.get(process)?.();
}

export function managePy(world: PythonWorld, real: RealPython | undefined): StandIn {
  return async (invocation) => {
    const { instance, args, environ, signal } = invocation;
    const process = instance.start(['python', 'manage.py', ...args], environ);
    const ended = new Promise<number>((resolve) => {
      whenEnded.set(process, () => resolve(143));
      signal.addEventListener('abort', () => resolve(143));
    });
    if (real) void ended.then(() => invocation.killProgram('SIGTERM'));
    const work = real ? runReal(world, real, invocation) : runModelled(world, invocation, process);
    const code = await Promise.race([work, ended]);
    if (instance.processes.has(process.pid)) instance.end(process);
    return code;
  };
}

async function runModelled({ application }: PythonWorld, invocation: Invocation, process: Process) {
  const { args, instance, complain } = invocation;
  const print = (text: string) => {
    if (!instance.processes.has(process.pid)) throw new Error('The process was ended.');
    invocation.print(text);
  };
  try {
    return await application.manage(args, process.environ, print);
  } catch (error) {
    complain(`Traceback (most recent call last):\n${error instanceof Error ? error.message : error}\n`);
    return 1;
  }
}

/** Everything as the command has it, but for where the database really listens. */
function runReal({ databases }: PythonWorld, real: RealPython, { args, environ, exec }: Invocation) {
  const host = environ.RDS_HOSTNAME;
  const place =
    host === undefined ? undefined : (databases.connectionTo(host) ?? { host: '127.0.0.1', port: 1 });
  const env = place ? { ...environ, RDS_HOSTNAME: place.host, RDS_PORT: String(place.port) } : environ;
  return exec({ file: real.python, args: ['manage.py', ...args], cwd: real.manageDir, env });
}
