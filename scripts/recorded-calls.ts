import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { type Phase, phases } from '../lib/policies/phase';
import type { Calls } from '../lib/policies/policy';
import type { Settings } from '../lib/settings';
import type { Right } from '../sandbox/rights/right';
import { startSandbox } from '../sandbox/start';
import { playPhases } from './phases';
import type { Say } from './progress';
import { commandLine } from './rehearsal';
import { startOptions, variablesOf } from './sandbox-variables';

const settingsFile = 'rehearsal/settings.yaml';
const everything = JSON.stringify({ Statement: { Effect: 'Allow', Action: '*', Resource: '*' } });

/** A right as the scopes know it: the action, after the services that ask in the operator's name. */
export const callOf = ({ via = [], action }: Right) => [...via, action].join(' > ');

/** Plays all phases in a sandbox of its own, in which nobody else acts, and tells which calls each needed. */
export async function recordCalls(settings: Settings, say: Say): Promise<Calls> {
  mkdirSync('rehearsal', { recursive: true });
  writeFileSync(settingsFile, stringify(settings));
  const start = startOptions(settings);
  const sandbox = await startSandbox({ ...start, actors: false });
  const { AWS_PROFILE: _, AWS_SESSION_TOKEN: __, ...inherited } = process.env;
  const env = { ...inherited, ...variablesOf(sandbox, settings.region, start.accessKeyId) };
  const seen = Object.fromEntries(phases.map((phase) => [phase, new Set<string>()])) as Record<
    Phase,
    Set<string>
  >;
  let now: Phase = 'look';
  sandbox.callers.attach(start.accessKeyId, [everything]);
  sandbox.callers.onRight = (_key, right) => seen[now].add(callOf(right));
  try {
    await playPhases(
      {
        begin: (phase) => {
          now = phase;
        },
        run: (command) => {
          say(command);
          return run(commandLine(command, settingsFile), env);
        },
        leap: (durationMs) => sandbox.world.clock.leap(durationMs),
        pass: (durationMs) => sandbox.world.clock.skip(durationMs),
      },
      settings,
    );
  } finally {
    await sandbox.stop();
  }
  return Object.fromEntries(phases.map((phase) => [phase, [...seen[phase]].sort()])) as Calls;
}

function run(words: string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'ignore', 'inherit'] });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
