import fs from 'node:fs';
import path from 'node:path';
import { Shell } from '../../../sandbox/shell/shell';
import type { RealPython } from '../../../sandbox/shell/stand-ins';
import { fakeInstance, fakeWorld } from './fake-world';
import { runScript } from './run-script';

const endpoint = 'production-blue.example.ap-southeast-2.rds.amazonaws.com';
const world = fakeWorld({
  databases: {
    connectionTo: (name) => (name === endpoint ? { host: '127.0.0.1', port: 54_321 } : undefined),
  },
});
world.application.manage = async (args, _environ, print) => {
  print(`the stand-in's ${args[0]}\n`);
  return 0;
};
const instance = fakeInstance(world);
const checkout = path.join(world.folder, 'checkout');
const interpreter = path.join(checkout, 'venv', 'bin', 'python');
const real: RealPython = {
  manageDir: checkout,
  python: interpreter,
  searchPath: process.env.PATH ?? '',
  variables: {
    name: 'RDS_DB_NAME',
    host: 'RDS_HOSTNAME',
    port: 'RDS_PORT',
    user: 'RDS_USERNAME',
    password: 'RDS_PASSWORD',
  },
  releasesBefore: ['old'],
};
const shell = new Shell({ world, python: real });

/** An interpreter that takes Python for a language of its own: manage.py is a script of the shell. */
beforeAll(() => {
  fs.mkdirSync(path.dirname(interpreter), { recursive: true });
  fs.writeFileSync(interpreter, '#!/bin/sh\nexec /bin/sh "$@"\n', { mode: 0o755 });
});
afterAll(() => {
  shell.close();
  world.remove();
});
beforeEach(() => {
  instance.versionLabel = 'new';
});

/** Runs manage.py as an operator's script does, with the variables of the application's environment. */
async function manage(text: string, words = 'migrate --noinput', environ: Record<string, string> = {}) {
  fs.writeFileSync(path.join(checkout, 'manage.py'), text);
  const variables = { RDS_HOSTNAME: endpoint, RDS_PORT: '5432', RDS_USERNAME: 'postgres', ...environ };
  const exports = Object.entries(variables).map(([name, value]) => `export ${name}='${value}'\n`);
  const script = `${exports.join('')}cd /var/app/current\nset -- /var/app/venv/*/bin/python\nrunuser -u webapp -- "$1" manage.py ${words}`;
  return runScript(world, shell, instance, script);
}

describe('the manage.py of a checkout', () => {
  test('runs in its own folder with the variables of the command, its database where it really listens', async () => {
    const text = 'echo "$1 $2 in $PWD as $RDS_USERNAME with $RDS_PASSWORD at $RDS_HOSTNAME:$RDS_PORT"';
    expect(await manage(text, undefined, { RDS_PASSWORD: 'wr"ite $1' })).toEqual({
      code: 0,
      stdout: `migrate --noinput in ${checkout} as postgres with wr"ite $1 at 127.0.0.1:54321\n`,
      stderr: '',
    });
  });

  test('meets a closed port where no database accepts connections', async () => {
    const gone = { RDS_HOSTNAME: 'gone.example.ap-southeast-2.rds.amazonaws.com' };
    const { stdout } = await manage('echo "$RDS_HOSTNAME:$RDS_PORT"', undefined, gone);
    expect(stdout).toBe('127.0.0.1:1\n');
  });

  test('keeps its exit code, its output however long, and its errors', async () => {
    const text =
      'i=0; while [ $i -lt 1500 ]; do echo "Create new user number $i"; i=$((i + 1)); done; echo late >&2; exit 7';
    const { code, stdout, stderr } = await manage(text);
    expect({ code, stderr }).toEqual({ code: 7, stderr: 'late\n' });
    expect(stdout.length).toBeGreaterThan(24_000);
    expect(stdout.endsWith('Create new user number 1499\n')).toBe(true);
  });

  test('finds the programs of this machine and none of the instance’s commands', async () => {
    const { stdout, code } = await manage(
      'command -v env; /bin/bash -c "type -t command_not_found_handle"; exit 0',
    );
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toEqual([expect.stringMatching(/^\/(usr\/)?bin\/env$/)]);
  });

  test('is a process of its instance while it runs', async () => {
    const seen: string[][] = [];
    const { start } = instance;
    instance.start = (argv, environ) => {
      seen.push(argv);
      return start(argv, environ);
    };
    await manage('exit 0');
    instance.start = start;
    expect(seen).toEqual([['python', 'manage.py', 'migrate', '--noinput']]);
    expect(instance.processes.size).toBe(0);
  });

  test('is not that of an instance with the release before', async () => {
    instance.versionLabel = 'old';
    expect(await manage('echo real')).toMatchObject({ stdout: "the stand-in's migrate\n" });
  });
});
