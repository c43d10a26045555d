import type { Process } from '../../../sandbox/world';
import { connect, password } from './database-scripts';
import { Failed, type Script, type ScriptRun } from './script-run';

const noWebProcess = 65;
const alreadyRunning = 66;
const toolsOwn = 'UPGRADE_COMMAND';

const processesOf = ({ instance }: ScriptRun) => [...instance.processes.values()];
const isCommand = ({ argv }: Process) => argv.includes('manage.py');
const nameOf = ({ argv }: Process) => argv[argv.indexOf('manage.py') + 1]!;
/** The application's commands that the tool did not start. */
const commands = (run: ScriptRun) =>
  processesOf(run).filter((process) => isCommand(process) && process.environ[toolsOwn] === undefined);
export const webProcessesOf = (run: ScriptRun, serving: string) =>
  processesOf(run).filter((process) => !isCommand(process) && process.environ[serving] !== undefined);

function observe(run: ScriptRun): void {
  const [serving = '', ...asked] = run.args;
  const { cron } = run.instance;
  run.print(`crond ${cron.running ? 'running' : 'stopped'} ${cron.enabled ? 'enabled' : 'disabled'}`);
  run.print(`commands ${commands(run).length}`);
  for (const { pid, environ } of webProcessesOf(run, serving)) {
    run.print(`process ${pid}`);
    for (let place = 0; place < asked.length; place += 2) {
      const line = told(asked[place]!, asked[place + 1]!, environ);
      if (line !== undefined) run.print(line);
    }
  }
}

function told(kind: string, name: string, environ: Record<string, string>): string | undefined {
  const value = environ[name];
  if (kind === 'variable') return value === undefined ? undefined : `${name}=${value}`;
  if (kind === 'forbidden') return `forbidden ${name} ${value === undefined ? 'absent' : 'present'}`;
  if (value === undefined || value === '') return `payment ${name} absent`;
  return `payment ${name} ${value === 'not-set' ? 'not-set' : 'armed'}`;
}

function triedParameters(run: ScriptRun, names: string[]): void {
  const { world, instance } = run;
  for (const name of names) {
    const may =
      world.iam.decide(instance.role, 'ssm:GetParameter', world.parameters.arnOf(name)) === 'allowed';
    run.print(`${may ? (world.parameters.read(name) ? 'readable' : 'missing') : 'refused'} ${name}`);
  }
}

const locked = new WeakSet<ScriptRun['instance']>();

/** An update of the side may be starting its web processes anew. */
async function webProcess(run: ScriptRun, serving: string): Promise<Process> {
  for (let waited = 0; waited < 90; waited += 2) {
    const [web] = webProcessesOf(run, serving);
    if (web) return web;
    await run.world.clock.sleep(2_000);
  }
  return run.fail(noWebProcess, 'No process of the application runs here.');
}

async function manage(run: ScriptRun): Promise<number> {
  const { world, instance, args, fail } = run;
  const [file = '', ...login] = args;
  const [, host = '', port = '', database = '', user = '', parameter = ''] = login;
  const [ofHost, ofPort, ofDatabase, ofUser, ofPassword, , shown, ...command] = login.slice(6);
  const secret = password(run, parameter);
  const web = await webProcess(run, ofHost!);
  if (locked.has(instance)) return fail(alreadyRunning, 'Another command of the tool runs on this instance.');
  locked.add(instance);
  const log: Log | undefined = file ? { host, lines: [`begun ${host}`] } : undefined;
  if (log) logsOf(run).set(file, log);
  const environ = {
    ...web.environ,
    ...{ [ofHost!]: host, [ofPort!]: port, [ofDatabase!]: database, [ofUser!]: user, [ofPassword!]: secret },
    [toolsOwn]: '1',
  };
  const process = instance.start(['python', 'manage.py', ...command], environ);
  try {
    const killed = (instance as unknown as { killed(of: Process): AbortSignal | undefined }).killed(process);
    const print = log ? (line: string) => void log.lines.push(line) : run.print;
    const exitCode = await world.application.manage(
      command,
      process.environ,
      (text) => {
        const lines = text.replace(/\n$/, '').split('\n');
        for (const line of lines) if (!shown || new RegExp(shown).test(line)) print(line);
      },
      killed,
    );
    if (log) log.exitCode = exitCode;
    return exitCode;
  } finally {
    instance.end(process);
    locked.delete(instance);
  }
}

async function waitForCommands(run: ScriptRun): Promise<void> {
  const [seconds = '', own] = run.args;
  if (own !== undefined && own !== '')
    for (const process of ownCommands(run, own)) {
      run.instance.end(process);
      run.print(`ended ${process.pid}`);
    }
  for (let left = Number(seconds); commands(run).length > 0 && left > 0; left -= 5)
    await run.world.clock.sleep(5_000);
  for (const process of commands(run)) run.print(`running ${process.pid} ${nameOf(process)}`);
}

/** A database that does not answer is told by its exit code, and the rest is looked at all the same. */
function lookAhead(run: ScriptRun): void {
  const [, , , , , , length = '', ...parameters] = run.args;
  run.print('free 4000');
  const code = codeOf(() => connect(run));
  run.print(`database ${code}`);
  if (code === 0) run.print('bytes 1000000');
  triedParameters(run, parameters);
  if (length === 'at-length') for (let line = 0; line < 320; line++) run.print(`filler ${'0'.repeat(78)}`);
  run.print('end');
}

function codeOf(act: () => unknown): number {
  try {
    act();
    return 0;
  } catch (error) {
    if (error instanceof Failed) return error.code;
    throw error;
  }
}

/** What a command was told to keep on its instance, which goes with it. */
interface Log {
  host: string;
  lines: string[];
  exitCode?: number;
}

const logs = new WeakMap<ScriptRun['instance'], Map<string, Log>>();

function logsOf({ instance }: ScriptRun): Map<string, Log> {
  const kept = logs.get(instance) ?? new Map<string, Log>();
  logs.set(instance, kept);
  return kept;
}

const ownCommands = (run: ScriptRun, name: string) =>
  processesOf(run).filter((each) => isCommand(each) && each.environ[toolsOwn] && nameOf(each) === name);

async function follow(run: ScriptRun): Promise<void> {
  const [file = '', command = '', host = '', known = '', progress, fault] = run.args;
  const log = logsOf(run).get(file);
  if (log?.host !== host) return run.print('none');
  const goesOn = () => ownCommands(run, command).length > 0;
  if (!goesOn()) await run.world.clock.sleep(3_000);
  const ended = log.exitCode === undefined ? 'broken' : `ended ${log.exitCode}`;
  const state = goesOn() ? 'running' : ended;
  run.print(state);
  run.print(`lines ${log.lines.length}`);
  const matching = (pattern: string) => (line: string) => new RegExp(pattern).test(line);
  if (progress)
    for (const line of log.lines.slice(Number(known)).filter(matching(progress))) run.print(`>${line}`);
  const faults = fault ? log.lines.filter(matching(fault)) : [];
  if (fault) run.print(`faults ${faults.length}`);
  if (faults[0]) run.print(`!${faults[0]}`);
  if (!['ended 0', 'running'].includes(state)) for (const line of log.lines.slice(-3)) run.print(`?${line}`);
}

export const scripts: Record<string, Script> = {
  'follow-command': follow,
  observe,
  manage,
  'wait-for-commands': waitForCommands,
  'look-ahead': lookAhead,
  'try-parameters': (run) => triedParameters(run, run.args.slice(1)),
  'stop-jobs': ({ instance }) => {
    Object.assign(instance.cron, { running: false, enabled: false });
  },
  'start-jobs': ({ instance }) => {
    Object.assign(instance.cron, { running: true, enabled: true });
  },
};
