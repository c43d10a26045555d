import { startActors } from '../../../sandbox/actors/actors';
import { type Built, buildWorld } from '../../../sandbox/build';
import { createBrowser } from '../../../sandbox/network/browse';
import type { WorldPlan } from '../../../sandbox/plan';
import type { Durations, Files, Switches } from '../../../sandbox/world';
import { modelApplication } from './application';
import { ModelScripts } from './scripts';
import { seedModel } from './seed';
import { ModelServers } from './servers';
import { VirtualClock } from './virtual-clock';

export const accessKeyId = 'AKIASIMULATED';

/** Ten in the evening in Sydney: the night's jobs fall into every simulation. */
const startAt = new Date('2026-11-25T11:00:00Z');

/** A sandbox in this process: its own services, without sockets, files, other processes and the machine's time. */
export interface SimulatedWorld extends Built {
  clock: VirtualClock;
  servers: ModelServers;
  /** Lets visitors and web hooks act from now on. */
  open(seed: number): void;
  close(): void;
}

export async function openWorld(
  plan: WorldPlan,
  options: { durations?: Partial<Durations>; switches?: Partial<Switches> },
  onFault: (error: unknown) => void,
): Promise<SimulatedWorld> {
  const closers: (() => unknown)[] = [];
  const clock = new VirtualClock(startAt, onFault);
  const servers = new ModelServers();
  const built = await buildWorld(
    { plan, accessKeyId, ...options },
    {
      ...{ clock, folder: '/simulated', files: filesInMemory() },
      servers: async () => servers,
      shell: (world) => new ModelScripts(world, servers),
      seed: (world, rds) => seedModel(world, rds, plan.databases),
      application: (world) => modelApplication(world, servers, plan.application),
    },
    closers,
  );
  const { world, accounts } = built;
  return {
    ...built,
    ...{ clock, servers },
    open: (seed) => {
      const { hosts, stripeWebhookSecret } = plan;
      startActors(world, { hosts, browse: createBrowser(world), accounts, seed, stripeWebhookSecret });
    },
    close: () => clock.stop(),
  };
}

function filesInMemory(): Files {
  const texts = new Map<string, string>();
  return {
    makeFolder: () => {},
    write: (path, text) => void texts.set(path, text),
    read: (path) => texts.get(path) ?? '',
    remove: (path) => {
      for (const name of [...texts.keys()]) if (name.startsWith(path)) texts.delete(name);
    },
  };
}
