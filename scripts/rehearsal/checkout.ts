import { existsSync } from 'node:fs';
import path from 'node:path';
import { PreconditionError, UsageError } from '../../lib/runbook/errors';
import type { Settings } from '../../lib/settings';
import type { SandboxOptions } from '../../sandbox/start';
import { isProgram, onPath } from './on-path';

/**
 * A checkout of the application whose manage.py runs on the new side's instances: by the virtual environment in its
 * folder `venv`, or else by the machine's python3.
 * @throws UsageError APPLICATION_MISSING, PreconditionError PYTHON_MISSING
 */
export function checkout(folder: string, { variables }: Settings): NonNullable<SandboxOptions['python']> {
  if (!existsSync(path.join(folder, 'manage.py')))
    throw new UsageError('APPLICATION_MISSING', {
      so: `${folder} holds no manage.py.`,
      changed: 'Nothing was changed.',
      next: 'Give the folder of a checkout: --application DIR.',
    });
  const own = path.resolve(folder, 'venv', 'bin', 'python');
  const python = isProgram(own) ? own : onPath('python3');
  if (!python)
    throw new PreconditionError('PYTHON_MISSING', {
      so: `There is no interpreter ${own}, and no python3 on the PATH.`,
      next: `Make it: python3 -m venv ${path.join(folder, 'venv')}, then install the application's requirements there.`,
    });
  return {
    manageDir: path.resolve(folder),
    python,
    searchPath: process.env.PATH ?? '',
    variables: variables.database,
  };
}
