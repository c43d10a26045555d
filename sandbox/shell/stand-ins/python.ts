import fs from 'node:fs';
import path from 'node:path';
import type { DatabaseVariables } from '../../application/plain';
import type { Process, World } from '../../world';
import { type Invocation, type StandIn, UnmodelledCommand } from '../stand-in';

/** A real checkout of the application, whose commands are run in place of those that stand in for them. */
export interface RealPython {
  /** The folder that holds its `manage.py`. */
  manageDir: string;
  /** The path of its interpreter. */
  python: string;
  /** Where the host finds programs: what the checkout starts is no business of the instance's shell. */
  searchPath: string;
  /** The names of the variables that say where its database is, and as whom it asks. */
  variables: DatabaseVariables;
  /** Version labels of instances that run other code: the stand-in's. */
  releasesBefore: string[];
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

export function managePy(world: PythonWorld, given: RealPython | undefined): StandIn {
  return async (invocation) => {
    const { instance, args, environ, signal } = invocation;
    const real = given?.releasesBefore.includes(instance.versionLabel) ? undefined : given;
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
  const print = (text: string, stream = 'stdout') => {
    if (!instance.processes.has(process.pid)) throw new Error('The process was ended.');
    if (stream === 'stderr') complain(text);
    else invocation.print(text);
  };
  try {
    return await application.manage(args, process.environ, print);
  } catch (error) {
    complain(`Traceback (most recent call last):\n${error instanceof Error ? error.message : error}\n`);
    return 1;
  }
}

/** Everything as the command has it, but for where the database really listens and where programs are found. */
function runReal({ databases }: PythonWorld, real: RealPython, { args, environ, exec }: Invocation) {
  const endpoint = environ[real.variables.host];
  const place =
    endpoint === undefined ? undefined : (databases.connectionTo(endpoint) ?? { host: '127.0.0.1', port: 1 });
  const env = {
    ...environ,
    ...(place ? { [real.variables.host]: place.host, [real.variables.port]: String(place.port) } : {}),
    PATH: real.searchPath,
    // A bash that the checkout starts is not the instance's.
    BASH_ENV: '',
  };
  return exec({ file: real.python, args: ['manage.py', ...args], cwd: real.manageDir, env });
}
