import { webProcessesOf } from './machine-scripts';
import type { Script, ScriptRun } from './script-run';

const noWebProcess = 65;

/** What a process that serves was given, beside the parameters that are to take its place; `keep` makes those that are missing. */
function keepSecrets(run: ScriptRun): void {
  const [act, , serving = '', ...asked] = run.args;
  const web =
    webProcessesOf(run, serving)[0] ?? run.fail(noWebProcess, 'No process of the application runs here.');
  for (let place = 0; place < asked.length; place += 2) {
    const name = asked[place]!;
    run.print(`${told(run, act === 'keep', web.environ[name], asked[place + 1]!)} ${name}`);
  }
}

function told(run: ScriptRun, keeps: boolean, value: string | undefined, parameter: string): string {
  const { parameters } = run.world;
  if (!value) return 'lacking';
  if (!may(run, 'ssm:GetParameter', parameter)) return 'unreadable';
  const there = parameters.read(parameter)?.value;
  if (there !== undefined) return there === value ? 'same' : 'other';
  if (!keeps) return 'missing';
  if (!may(run, 'ssm:PutParameter', parameter)) return 'unwritable';
  parameters.put(parameter, value, 'SecureString');
  return 'kept';
}

const may = ({ world, instance }: ScriptRun, action: string, parameter: string) =>
  world.iam.decide(instance.role, action, world.parameters.arnOf(parameter)) === 'allowed';

export const scripts: Record<string, Script> = { 'keep-secrets': keepSecrets };
