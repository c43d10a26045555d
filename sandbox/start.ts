import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createAcm } from './acm/acm';
import { startActors } from './actors/actors';
import { createApplication } from './application/cobalt';
import { createPlainApplication } from './application/plain';
import type { DataSize } from './application/production';
import { createBeanstalk, type SandboxBeanstalk } from './beanstalk/beanstalk';
import { loadBalancerArn } from './beanstalk/load-balancer';
import { Clock, type TimeMode } from './clock';
import { type CloudFormation, createCloudFormation } from './cloudformation/service';
import { createIam } from './iam/iam';
import { Judge } from './judge/judge';
import { createBrowser } from './network/browse';
import { startClockServer } from './network/clock-server';
import { startDnsServer } from './network/dns';
import { startProxy } from './network/proxy';
import type { WorldPlan } from './plan';
import { createRds, type Rds } from './rds/rds';
import { createRoute53 } from './route53/route53';
import { createS3 } from './s3/s3';
import { type LoadProduction, seedDatabases } from './seed-databases';
import { type ServerOptions, startServer } from './server';
import type { RealPython } from './shell/stand-ins';
import { createSsm } from './ssm/ssm';
import { createSts } from './sts/sts';
import { createWafv2 } from './wafv2/wafv2';
import {
  type Durations,
  defaultDurations,
  defaultSwitches,
  type Happening,
  type Switches,
  type World,
} from './world';

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
  sts: Pick<ReturnType<typeof createSts>, 'expire'>;
  acm: Pick<ReturnType<typeof createAcm>, 'certificates'>;
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
  const watches: ((happening: Happening) => void)[] = [];
  const world = {
    account: plan.account,
    region: plan.region,
    clock,
    folder,
    durations: { ...defaultDurations, ...options.durations },
    switches: { ...defaultSwitches, ...options.switches },
    happenings: [],
    happened: (kind, facts = {}) => {
      const happening = { atMs: clock.nowMs(), kind, ...facts };
      world.happenings.push(happening);
      for (const watch of watches) watch(happening);
    },
  } as Partial<World> as World;

  const iam = createIam(world);
  world.iam = iam.iam;
  const s3 = createS3(world);
  world.buckets = s3.buckets;
  const { releasesBefore, known } = plan.application;
  const ssm = createSsm(world, options.python ? { python: { ...options.python, releasesBefore } } : {});
  world.parameters = ssm.parameters;
  const rds = createRds(world);
  closers.push(() => rds.stop());
  closers.push(() => ssm.close());
  world.databases = rds.databases;
  for (const { name, value, type } of plan.parameters) world.parameters.put(name, value, type);
  const { accounts, lacking } = await seedDatabases(world, rds, {
    databases: plan.databases,
    size: options.size,
    loadProduction: options.loadProduction,
    checkout: options.python,
    visitors,
  });
  const application =
    lacking.length === 0
      ? createApplication(world, { releasesBefore })
      : createPlainApplication(world, known);
  world.application = application;
  const beanstalk = createBeanstalk(world, {
    application: plan.application.name,
    versions: plan.application.versions,
    platformArns: [plan.application.platformArn],
    hostNamePart: plan.zone.name,
    network: plan.network,
    // The stand-in's migrations are not those of a real checkout.
    postdeploy: options.python ? [] : application.hookCommands,
    // A list of commands without `set -e`, whose exit code is that of the last: crontab.
    hookIgnoresFailures: true,
  });
  closers.push(() => beanstalk.stop());
  world.beanstalk = beanstalk.beanstalk;
  world.loadBalancers = beanstalk.loadBalancers;
  const wafv2 = createWafv2(world);
  world.door = wafv2.door;
  const acm = createAcm(world);
  const route53 = createRoute53(world);
  world.zones = route53.zones;
  // A checkout's migrations are not known here.
  const migrations = options.python ? [] : application.migrations;
  const judge = new Judge(world, {
    ...{ plan, rds, migrations },
    environmentAt: beanstalk.environmentAt,
    loadBalancerOf: (name) => {
      const alive = beanstalk.environments().filter(({ status }) => status !== 'Terminated');
      const environment = alive.find((each) => each.name === name);
      return environment && loadBalancerArn(world, environment);
    },
  });
  watches.push((happening) => judge.note(happening));
  closers.push(() => judge.stop());
  const sts = createSts({ world, accessKeyIds: [options.accessKeyId] });
  const parts = [iam, s3, ssm, rds, beanstalk, route53, wafv2];
  const cloudFormation = createCloudFormation({
    world,
    resourceTypes: parts.flatMap((part) => part.resourceTypes),
  });

  for (const { name, managedPolicies } of plan.roles) seedRole(iam, name, managedPolicies);
  for (const { cname, role, ...environment } of plan.environments)
    beanstalk.seed({
      ...environment,
      cnamePrefix: cname.replace(`.${plan.region}.elasticbeanstalk.com`, ''),
      profile: role,
      platformArn: plan.application.platformArn,
    });
  for (const zone of [plan.zone, ...(plan.otherZones ?? [])]) route53.seedZone(zone);
  for (const record of plan.records) route53.seedRecord(record);
  for (const certificate of plan.certificates) acm.seed(certificate);
  for (const stack of plan.stacks) cloudFormation.register(stack);

  const services = [
    sts.service,
    ...[acm, iam, s3, ssm, rds, route53, wafv2, cloudFormation].map((part) => part.service),
    ...beanstalk.services,
  ];
  const server = await startServer({
    services: services.map((service) => (service === sts.service ? service : sts.guarded(service))),
    region: plan.region,
    now: () => clock.date(),
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.onCall ? { onCall: options.onCall } : {}),
    onFault: (call, error) => onFault(`${call.service} ${call.action}`, error),
  });
  closers.push(() => server.close());
  const dns = await startDnsServer(route53.zones);
  closers.push(() => dns.close());
  const proxy = await startProxy(world);
  closers.push(() => proxy.close());
  const clockServer = await startClockServer(clock);
  closers.push(() => clockServer.close());
  const actors =
    options.actors === false
      ? undefined
      : startActors(world, {
          hosts: plan.hosts,
          browse: createBrowser(world),
          accounts,
          stripeWebhookSecret: plan.stripeWebhookSecret,
        });
  closers.push(() => actors?.stop());
  return {
    world,
    rds,
    beanstalk: {
      ...beanstalk,
      replaceLoadBalancer: (environment) => {
        beanstalk.replaceLoadBalancer(environment);
        world.happened('loadBalancer.replaced', { environment });
      },
    },
    cloudFormation,
    sts,
    acm,
    judge,
    lacking,
    origin: server.origin,
    dns: `127.0.0.1:${dns.port}`,
    proxy: proxy.origin,
    clock: `127.0.0.1:${clockServer.port}`,
  };
}

function seedRole(iam: ReturnType<typeof createIam>, name: string, managedPolicies: string[]): void {
  const trustPolicy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  });
  iam.entities.createRole({ name, trustPolicy });
  for (const policy of managedPolicies) iam.entities.attach(name, policy);
  iam.entities.settle(name);
  iam.entities.createProfile(name);
  iam.entities.addRole(name, name);
}
