import { startActors } from '../../../sandbox/actors/actors';
import { type Built, buildWorld } from '../../../sandbox/build';
import type { Stack } from '../../../sandbox/cloudformation/stack';
import { createBrowser } from '../../../sandbox/network/browse';
import type { WorldPlan } from '../../../sandbox/plan';
import type { Durations, Files, Process, Switches } from '../../../sandbox/world';
import { type Flapping, modelApplication } from './application';
import { ModelScripts } from './scripts';
import { seedModel } from './seed';
import { ModelServers } from './servers';
import { VirtualClock } from './virtual-clock';

const sender = 'post_office_email_sender_cron';

export const accessKeyId = 'AKIASIMULATED';

/** Ten in the evening in Sydney: the night's jobs fall into every simulation. */
const startAt = new Date('2026-11-25T11:00:00Z');

/** A sandbox in this process: its own services, without sockets, files, other processes and the machine's time. */
export interface SimulatedWorld extends Built {
  clock: VirtualClock;
  servers: ModelServers;
  /**
   * Makes the next resource that CloudFormation changes fail, or the next of those stacks that are as said.
   * @param then told of the stack
   */
  failNext(isMeant?: (stack: Stack) => boolean, then?: (stack: Stack) => void): void;
  /** Ends an instance of an environment, as a failed status check does: it is replaced if its group may. */
  endInstance(environment: string): void;
  /** Lets one process of an environment's outlive the next change of its variables by so long. */
  lingerNext(environment: string, forMs: number): void;
  /** Lets an environment's instances answer every other minute that they cannot, for so long. */
  flap(environment: string, forMs: number): void;
  /** Kills the sync where it runs. */
  killSync(): void;
  /** The centre that the sync copies from answers nothing for so long. */
  silenceCentre(forMs: number): void;
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
  const centre = { answers: true };
  const flapping: Flapping = new Map();
  const failures: { isMeant: (stack: Stack) => boolean; then: (stack: Stack) => void }[] = [];
  const failOf = ({ stackName }: { stackName: string }) => {
    if (failures.length === 0) return;
    const stack = built.cloudFormation.stacks.get(stackName);
    const place = failures.findIndex(({ isMeant }) => isMeant(stack));
    if (place === -1) return;
    const [{ then }] = failures.splice(place, 1) as [(typeof failures)[number]];
    then(stack);
    throw new Error('The resource did not stabilise.');
  };
  const built = await buildWorld(
    { plan, accessKeyId, ...options },
    {
      ...{ clock, folder: '/simulated', files: filesInMemory() },
      servers: async () => servers,
      shell: (world) => new ModelScripts(world, servers),
      seed: (world, rds) => seedModel(world, rds, plan.databases),
      application: (world) => modelApplication(world, servers, { ...plan.application, centre, flapping }),
      around: (type) => ({
        ...type,
        create: async (request) => {
          failOf(request);
          return type.create(request);
        },
        update: async (request) => {
          failOf(request);
          return type.update(request);
        },
      }),
    },
    closers,
  );
  const { world, accounts } = built;
  return {
    ...built,
    ...{ clock, servers },
    failNext: (isMeant = () => true, then = () => {}) => {
      failures.push({ isMeant, then });
    },
    endInstance: function end(name) {
      const found = built.beanstalk
        .environments()
        .find((each) => each.name === name && each.status !== 'Terminated');
      const member = found?.group.members[0];
      if (!found || !member) return;
      // Whatever kills it in the middle of a batch of e-mails sends them twice: that is no fault of the tool's.
      if ([...member.instance.processes.values()].some(({ argv }) => argv.includes(sender)))
        return void clock.at(clock.nowMs() + 1_000, 'the end of an instance', () => end(name));
      found.group.terminate(member.instance, 'a failed status check');
      found.group.reconcile('a failed status check');
    },
    flap: (name, forMs) => void flapping.set(name, { fromMs: clock.nowMs(), forMs }),
    lingerNext: (name, forMs) => lingers(built, name, forMs),
    killSync: () => {
      for (const instance of world.beanstalk.instances())
        for (const process of [...instance.processes.values()])
          if (process.argv.includes('mpc_sync')) instance.end(process);
    },
    silenceCentre: (forMs) => {
      centre.answers = false;
      clock.at(clock.nowMs() + forMs, 'the centre answers again', () => {
        centre.answers = true;
      });
    },
    open: (seed) => {
      const { hosts, stripeWebhookSecret } = plan;
      startActors(world, { hosts, browse: createBrowser(world), accounts, seed, stripeWebhookSecret });
    },
    close: () => clock.stop(),
  };
}

/** A worker that has not ended its last request when its server does. */
function lingers({ world }: Built, name: string, forMs: number): void {
  const tell = world.happened;
  world.happened = (kind, facts = {}) => {
    tell(kind, facts);
    const { environment, instance: id, argv, environ } = facts as Partial<Process> & Record<string, unknown>;
    if (kind !== 'process.ended' || environment !== name || !argv?.some((word) => word.endsWith('/gunicorn')))
      return;
    world.happened = tell;
    const instance = world.beanstalk.instances().find((each) => each.id === id);
    if (instance?.state !== 'running') return;
    const left = instance.start(argv, environ!);
    world.clock.at(world.clock.nowMs() + forMs, 'a worker that lingers', () => instance.end(left));
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
