import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { type Phase, phases } from '../../lib/policies/phase';
import type { Calls } from '../../lib/policies/policy';
import type { Settings } from '../../lib/settings';
import type { Right } from '../../sandbox/rights/right';
import { startSandbox } from '../../sandbox/start';
import type { Say } from '../terminal/progress';
import { type Player, playAdoption, playPhases } from './phases';
import { commandLine } from './rehearsal';
import { startOptions, variablesOf, type WorldName } from './sandbox-variables';

const settingsFile = 'rehearsal/settings.yaml';
const everything = JSON.stringify({ Statement: { Effect: 'Allow', Action: '*', Resource: '*' } });

/** A right as the scopes know it: the action, after the services that ask in the operator's name. */
export const callOf = ({ via = [], action }: Right) => [...via, action].join(' > ');

/** Plays all phases in sandboxes of its own, in which nobody else acts, and tells which calls each needed. */
export async function recordCalls(settings: Settings, say: Say): Promise<Calls> {
  const seen = new Map(phases.map((phase) => [phase, new Set<string>()]));
  await recordIn('by-hand', withOwnRoles(settings), seen, say, playAdoption);
  await recordIn('before', settings, seen, say, (player) => playPhases(player, settings));
  return Object.fromEntries([...seen].map(([phase, calls]) => [phase, [...calls].sort()])) as Calls;
}

/** Adoption has most to do where the environments that people made share a role. */
export function withOwnRoles(settings: Settings): Settings {
  const { from } = settings.upgrade;
  const environments = Object.entries(settings.sides[from].environments).map(([role, each]) => [
    role,
    { ...each, ownRole: true as const },
  ]);
  const side = { ...settings.sides[from], environments: Object.fromEntries(environments) };
  return { ...settings, sides: { ...settings.sides, [from]: side } };
}

async function recordIn(
  world: WorldName,
  settings: Settings,
  seen: Map<Phase, Set<string>>,
  say: Say,
  play: (player: Player) => Promise<void>,
): Promise<void> {
  mkdirSync('rehearsal', { recursive: true });
  writeFileSync(settingsFile, stringify(settings));
  const start = startOptions(settings, world);
  const sandbox = await startSandbox({ ...start, actors: false });
  const { AWS_PROFILE: _, AWS_SESSION_TOKEN: __, ...inherited } = process.env;
  const env = { ...inherited, ...variablesOf(sandbox, settings.region, start.accessKeyId) };
  let now: Phase = 'look';
  sandbox.callers.attach(start.accessKeyId, [everything]);
  sandbox.callers.onRight = (_key, right) => seen.get(now)!.add(callOf(right));
  try {
    await play({
      begin: (phase) => {
        now = phase;
      },
      run: (command) => {
        say(command);
        return run(commandLine(command, settingsFile), env);
      },
      leap: (durationMs) => sandbox.world.clock.leap(durationMs),
      pass: (durationMs) => sandbox.world.clock.skip(durationMs),
    });
  } finally {
    await sandbox.stop();
  }
}

function run(words: string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'ignore', 'inherit'] });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
