import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { createAcm } from './acm/acm';
import { startActors } from './actors/actors';
import { createApplication } from './application/cobalt';
import { createPlainApplication } from './application/plain';
import type { DataSize } from './application/production';
import type { SandboxBeanstalk } from './beanstalk/beanstalk';
import { type Built, buildWorld, type Machinery } from './build';
import { Clock, type TimeMode } from './clock';
import type { CloudFormation } from './cloudformation/service';
import { realFiles } from './files';
import type { Judge } from './judge/judge';
import { createBrowser } from './network/browse';
import { startClockServer } from './network/clock-server';
import { startDnsServer } from './network/dns';
import { startProxy } from './network/proxy';
import type { WorldPlan } from './plan';
import type { Rds } from './rds/rds';
import type { Callers } from './rights/callers';
import { type LoadProduction, seedDatabases } from './seed-databases';
import { type ServerOptions, startServer } from './server';
import type { RealPython } from './shell/stand-ins';
import type { createSns } from './sns/sns';
import type { createSts } from './sts/sts';
import type { Durations, Switches, World } from './world';

export interface SandboxOptions {
  plan: WorldPlan;
  accessKeyId: string;
  port?: number;
  time?: TimeMode;
  durations?: Partial<Durations>;
  switches?: Partial<Switches>;
  /** Fewer rows, for tests. */
  size?: Partial<DataSize>;
  /** Whether visitors and web hooks act on it. */
  actors?: boolean;
  /** A real checkout that takes the place of the stand-in's commands on the new side's instances. */
  python?: Omit<RealPython, 'releasesBefore'>;
  /** Loads the old side's database in place of the stand-in's data. */
  loadProduction?: LoadProduction;
  onCall?: ServerOptions['onCall'];
  onFault?: (what: string, error: unknown) => void;
}

export interface Sandbox {
  world: World;
  rds: Rds;
  beanstalk: SandboxBeanstalk;
  cloudFormation: CloudFormation;
  /** Whose policies decide what they may do. */
  callers: Callers;
  sts: Pick<ReturnType<typeof createSts>, 'expire'>;
  acm: Pick<ReturnType<typeof createAcm>, 'certificates'>;
  sns: Pick<ReturnType<typeof createSns>, 'published'>;
  /** Whoever watches it all. */
  judge: Judge;
  /** What a loaded database lacks for the stand-in's own pages; then its pages are plain ones. */
  lacking: string[];
  origin: string;
  dns: string;
  proxy: string;
  /** Where clients register that drive its time, `host:port`. */
  clock: string;
  stop(): Promise<void>;
}

/** The next time that it is 22:00 in Sydney, so that the night's jobs fall into every rehearsal. */
export function tonight(now = new Date()): Date {
  const hour = new Intl.DateTimeFormat('en-AU', {
    timeZone: 'Australia/Sydney',
    hour: 'numeric',
    hour12: false,
  });
  const start = new Date(Math.ceil(now.getTime() / 3_600_000) * 3_600_000);
  while (hour.format(start) !== '22') start.setTime(start.getTime() + 3_600_000);
  return start;
}

/** Enough that somebody always acts, few enough that a night's acts take seconds. */
const visitors = 6;

/** Starts a local AWS with the world of the plan in it; when that fails, nothing of it is left. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { onFault = () => {} } = options;
  const clock = new Clock(options.time ?? 'skip', tonight(), (error, name) => onFault(name, error));
  const closers: (() => unknown)[] = [];
  const stop = async () => {
    // Before anything is closed: nothing is due any more.
    clock.stop();
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    return { ...(await start({ ...options, onFault }, clock, closers)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** `closers` end what was started; the last one first. */
async function start(
  options: SandboxOptions & Required<Pick<SandboxOptions, 'onFault'>>,
  clock: Clock,
  closers: (() => unknown)[],
): Promise<Omit<Sandbox, 'stop'>> {
  const { plan, onFault } = options;
  const folder = mkdtempSync(path.join(tmpdir(), 'sandbox-'));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  const built = await build(options, clock, folder, closers);
  const { world, beanstalk } = built;
  const server = await startServer({
    services: built.services,
    region: plan.region,
    now: () => clock.date(),
    secretOf: built.sts.secretOf,
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.onCall ? { onCall: options.onCall } : {}),
    onFault: (call, error) => onFault(`${call.service} ${call.action}`, error),
  });
  closers.push(() => server.close());
  const dns = await startDnsServer(built.route53.zones);
  closers.push(() => dns.close());
  const proxy = await startProxy(world);
  closers.push(() => proxy.close());
  const clockServer = await startClockServer(clock);
  closers.push(() => clockServer.close());
  if (options.actors !== false) {
    const { hosts, stripeWebhookSecret } = plan;
    const browse = createBrowser(world);
    const actors = startActors(world, { hosts, browse, accounts: built.accounts, stripeWebhookSecret });
    closers.push(() => actors.stop());
  }
  return {
    ...built,
    beanstalk: {
      ...beanstalk,
      replaceLoadBalancer: (environment) => {
        beanstalk.replaceLoadBalancer(environment);
        world.happened('loadBalancer.replaced', { environment });
      },
    },
    origin: server.origin,
    dns: `127.0.0.1:${dns.port}`,
    proxy: proxy.origin,
    clock: `127.0.0.1:${clockServer.port}`,
  };
}

/** With real PostgreSQL servers and this machine's shell. */
function build(
  options: SandboxOptions,
  clock: Clock,
  folder: string,
  closers: (() => unknown)[],
): Promise<Built> {
  const { plan, python, size, loadProduction } = options;
  const { releasesBefore, known } = plan.application;
  const machinery: Machinery = {
    ...{ clock, folder, files: realFiles, python },
    seed: (world, rds) =>
      seedDatabases(world, rds, {
        databases: plan.databases,
        ...{ size, loadProduction, checkout: python, visitors },
      }),
    application: (world, lacking) =>
      lacking.length === 0
        ? createApplication(world, { releasesBefore })
        : createPlainApplication(world, known),
  };
  return buildWorld(options, machinery, closers);
}
