import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Clock } from '../../../sandbox/clock';
import {
  type Application,
  defaultDurations,
  defaultSwitches,
  type Happening,
  type Instance,
  type Process,
  type World,
} from '../../../sandbox/world';

/** A world without services; a test puts in what it needs. */
export function fakeWorld(parts: Partial<World> = {}): World & { instances: Instance[]; remove(): void } {
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'world-'));
  const clock = new Clock('skip', new Date('2026-11-23T11:00:00Z'));
  const instances: Instance[] = [];
  const happenings: Happening[] = [];
  const world = {
    account: '111122223333',
    region: 'ap-southeast-2',
    clock,
    folder,
    durations: { ...defaultDurations, resourceMs: 1 },
    switches: { ...defaultSwitches },
    happenings,
    happened: (kind: string, facts = {}) => {
      happenings.push({ atMs: clock.nowMs(), kind, ...facts });
    },
    iam: { decide: () => 'allowed', roleOfProfile: () => undefined },
    databases: { connectionTo: () => undefined },
    beanstalk: { instances: () => instances, addressesOf: () => [], serve: async () => undefined },
    application: fakeApplication(),
    ...parts,
    instances,
    remove: () => {
      clock.stop();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
  return world as unknown as World & { instances: Instance[]; remove(): void };
}

function fakeApplication(): Application {
  return {
    crontab: [],
    serve: async () => ({ status: 200, headers: {}, body: '' }),
    manage: async () => 0,
    close: async () => {},
  };
}

export function fakeInstance(world: World, id = 'i-0123456789abcdef0'): Instance {
  let pid = 40_000_000;
  const folder = path.join(world.folder, id);
  const processes = new Map<number, Process>();
  return {
    id,
    environment: 'cobalt-production-green',
    folder,
    role: 'cobalt-production-green',
    privateAddress: '10.0.0.7',
    state: 'running',
    launchedAtMs: world.clock.nowMs(),
    managed: true,
    deployed: {},
    deployedSecrets: new Set(),
    versionLabel: 'v1',
    web: undefined,
    processes,
    cron: { installed: true, enabled: true, running: true },
    watch: () => () => {},
    start: (argv, environ) => {
      const process = { pid: ++pid, argv, environ, startedAtMs: world.clock.nowMs() };
      processes.set(process.pid, process);
      const proc = path.join(folder, 'proc', String(process.pid));
      fs.mkdirSync(proc, { recursive: true });
      fs.writeFileSync(path.join(proc, 'cmdline'), `${argv.join('\0')}\0`);
      return process;
    },
    end: (process) => {
      processes.delete(process.pid);
      fs.rmSync(path.join(folder, 'proc', String(process.pid)), { recursive: true, force: true });
    },
  };
}
