import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { stringify } from 'yaml';
import type { Settings } from '../../lib/settings';
import type { Verdict } from '../../sandbox/judge/verdict';
import { type Foreign, startWithForeign } from '../terminal/foreign';
import type { Say } from '../terminal/progress';
import { startOptions, variablesOf, type WorldName } from './sandbox-variables';

export interface Rehearsal {
  announce(title: string, command: string): void;
  /** Runs a command as a person would type it, against the sandbox. Resolves to its exit code. */
  run(command: string): Promise<number>;
  /** The settings that commands are given from now on. */
  use(settingsFile: string): void;
  /** Lets time go by, with all that is due in it. */
  pass(durationMs: number): Promise<void>;
  /** Lets days go by in which nobody comes and no job runs. */
  leap(durationMs: number): void;
  /** What the sandbox's judge has seen of the whole world, from inside. */
  verdict(): Promise<Verdict>;
  stop(): Promise<void>;
}

/** Everything that the commands of the last rehearsal said. */
export const logFile = 'rehearsal/rehearsal.log';
/** The settings its commands are given: they may be the other way round. */
const settingsFile = 'rehearsal/settings.yaml';

/** Where the night is, whose times people read. */
export const nightZone = 'Australia/Sydney';
const tsNode = ['node_modules/ts-node/dist/bin.js', '--swc'];

/** Starts a sandbox in this process and runs commands against it in processes of their own. */
export async function startRehearsal(
  settings: Settings,
  foreign: Foreign,
  say: Say,
  world: WorldName = 'before',
): Promise<Rehearsal> {
  mkdirSync('rehearsal', { recursive: true });
  rmSync(logFile, { force: true });
  writeFileSync(settingsFile, stringify(settings));
  const start = startOptions(settings, world);
  const sandbox = await startWithForeign(foreign, settings, start, say);
  const { AWS_PROFILE: _, AWS_SESSION_TOKEN: __, ...inherited } = process.env;
  // The toolkit prints local times; the sandbox's night is Sydney's.
  const env: NodeJS.ProcessEnv = {
    ...inherited,
    ...variablesOf(sandbox, settings.region, start.accessKeyId),
    FORCE_COLOR: '0',
    TZ: nightZone,
  };
  let used = settingsFile;
  return {
    announce: (title, command) =>
      process.stderr.write(`\n── ${title}\n${command === '' ? '' : `   $ ${command}\n`}`),
    run: (command) => runIndented(commandLine(command, used), env),
    use: (file) => {
      used = file;
    },
    pass: (durationMs) => sandbox.world.clock.skip(durationMs),
    leap: (durationMs) => sandbox.world.clock.leap(durationMs),
    verdict: async () => {
      await sandbox.judge.settle();
      return sandbox.judge.verdict();
    },
    stop: () => sandbox.stop(),
  };
}

/** What a command starts without the detours of npm and npx, which take half a second each. */
export function commandLine(command: string, settingsFile: string): string[] {
  const [tool, , ...rest] = command.split(' ');
  if (tool === 'npx') return ['node_modules/aws-cdk/bin/cdk', ...rest, '-c', `settings=${settingsFile}`];
  const [name, ...words] = rest.filter((word) => word !== '--');
  return [...tsNode, `scripts/${name}.ts`, '--', ...words, '--settings', settingsFile];
}

/** What the toolkit says besides what happens: it stands in the log all the same. */
const asides =
  /^\s*$|: (start|success): |^Stack ARN:|^arn:aws:cloudformation:|(Synthesis|Deployment) time: |: (deploying|creating CloudFormation changeset)\.\.\.|^\w+$|^Resources |IN_PROGRESS/;

/** Shows the lines of a command that tell what happens, and appends all of them to the log; its result is no such line. */
function runIndented(words: string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    appendFileSync(logFile, `\n$ ${words.join(' ')}\n`);
    for (const stream of [child.stdout, child.stderr])
      createInterface(stream).on('line', (line) => {
        appendFileSync(logFile, `${line}\n`);
        if (stream === child.stderr && !asides.test(line)) process.stderr.write(`   ${line}\n`);
      });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
