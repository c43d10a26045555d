import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { StepFailedError } from '../lib/runbook/errors';
import type { Step } from './cutover';

export interface Rehearsal {
  /** The sandbox's time. */
  now(): Promise<Date>;
  announce(step: Step, at: Date): void;
  /** Runs a command as a person would type it, against the sandbox. Resolves to its exit code. */
  run(command: string): Promise<number>;
  stop(): Promise<void>;
}

/** Everything that the commands of the last rehearsal said. */
export const logFile = 'rehearsal/rehearsal.log';

const nightZone = 'Australia/Sydney';
const tsNode = ['node_modules/ts-node/dist/bin.js', '--swc'];

/** Starts a sandbox in a process of its own and runs commands against it in processes of their own. */
export async function startRehearsal(
  settingsFile: string,
  options: { application?: string; database?: string },
): Promise<Rehearsal> {
  rmSync(logFile, { force: true });
  const envFile = path.join(mkdtempSync(path.join(tmpdir(), 'rehearsal-')), 'sandbox.env');
  const given = Object.entries(options).filter(([name]) => name === 'application' || name === 'database');
  const words = given.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
  const sandbox = spawn(
    process.execPath,
    [...tsNode, 'scripts/sandbox.ts', '--', '--settings', settingsFile, '--env-file', envFile, ...words],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const exported = await exportsOf(sandbox, envFile);
  // The toolkit prints local times; the sandbox's night is Sydney's.
  const env: NodeJS.ProcessEnv = { ...process.env, ...exported, FORCE_COLOR: '0', TZ: nightZone };
  return {
    now: () => dateOf(env.AWS_ENDPOINT_URL!),
    announce: (step, at) => {
      const time = at.toLocaleTimeString('en-AU', { timeZone: nightZone, hour12: false });
      process.stderr.write(`\n── ${time}  ${step.page}  ${step.title}\n   $ ${step.command}\n`);
    },
    run: (command) => runIndented(commandLine(command, settingsFile), env),
    stop: () => ended(sandbox),
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
  /^\s*$|: (start|success): |^Stack ARN:|^arn:aws:cloudformation:|(Synthesis|Deployment) time: |: (deploying|creating CloudFormation changeset)\.\.\.|^\w+$|^Resources |IN_PROGRESS|^(observe|\S+) on i-\w+: command /;

/** Shows the lines of a command that tell what happens, and appends all of them to the log. */
function runIndented(words: string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    appendFileSync(logFile, `\n$ ${words.join(' ')}\n`);
    for (const stream of [child.stdout, child.stderr])
      createInterface(stream).on('line', (line) => {
        appendFileSync(logFile, `${line}\n`);
        if (!asides.test(line)) process.stderr.write(`   ${line}\n`);
      });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}

async function exportsOf(sandbox: ChildProcess, envFile: string): Promise<Record<string, string>> {
  while (!existsSync(envFile)) {
    if (sandbox.exitCode !== null)
      throw new StepFailedError('SANDBOX_FAILED', {
        so: `The sandbox ended with exit code ${sandbox.exitCode} before it was ready.`,
        changed: 'Nothing was changed.',
        next: 'Read the lines above, and run the same command again.',
      });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const lines = readFileSync(envFile, 'utf8').matchAll(/^export (\w+)='(.*)'$/gm);
  return Object.fromEntries([...lines].map(([, name, value]) => [name, value]));
}

/** Every answer of the sandbox carries its time, refusals too. */
function dateOf(endpoint: string): Promise<Date> {
  return new Promise((resolve, reject) => {
    http
      .get(endpoint, (response) => {
        response.resume();
        resolve(new Date(response.headers.date!));
      })
      .on('error', reject);
  });
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
