import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startActors } from './actors/actors';
import { createApplication } from './application/cobalt';
import { type DataSize, loadPreparation, loadProduction, seededSession } from './application/production';
import { createBeanstalk, type SandboxBeanstalk } from './beanstalk/beanstalk';
import { Clock, type TimeMode } from './clock';
import { type CloudFormation, createCloudFormation } from './cloudformation/service';
import { createIam } from './iam/iam';
import { createBrowser } from './network/browse';
import { startDnsServer } from './network/dns';
import { startProxy } from './network/proxy';
import type { PlannedDatabase, WorldPlan } from './plan';
import { createRds, type Rds } from './rds/rds';
import { createRoute53 } from './route53/route53';
import { createS3 } from './s3/s3';
import { type ServerOptions, startServer } from './server';
import type { RealPython } from './shell/stand-ins';
import { createSsm } from './ssm/ssm';
import { createSts } from './sts/sts';
import { type Durations, defaultDurations, defaultSwitches, type Switches, type World } from './world';

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
  /** A real checkout that takes the place of the stand-in's commands. */
  python?: RealPython;
  /** Loads the old side's database in place of the stand-in's data. */
  loadProduction?: (database: {
    host: string;
    port: number;
    user: string;
    password: string;
    name: string;
  }) => Promise<void>;
  onCall?: ServerOptions['onCall'];
  onFault?: (what: string, error: unknown) => void;
}

export interface Sandbox {
  world: World;
  rds: Rds;
  beanstalk: SandboxBeanstalk;
  cloudFormation: CloudFormation;
  origin: string;
  dns: string;
  proxy: string;
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

/** Starts a local AWS with the world of the plan in it. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { plan, onFault = () => {} } = options;
  const folder = mkdtempSync(path.join(tmpdir(), 'sandbox-'));
  const clock = new Clock(options.time ?? 'skip', tonight(), (error, name) => onFault(name, error));
  const world = {
    account: plan.account,
    region: plan.region,
    clock,
    folder,
    durations: { ...defaultDurations, ...options.durations },
    switches: { ...defaultSwitches, ...options.switches },
    happenings: [],
    happened: (kind, facts = {}) => void world.happenings.push({ atMs: clock.nowMs(), kind, ...facts }),
  } as Partial<World> as World;

  const iam = createIam(world);
  world.iam = iam.iam;
  const s3 = createS3(world);
  world.buckets = s3.buckets;
  const ssm = createSsm(world, options.python ? { python: options.python } : {});
  world.parameters = ssm.parameters;
  const rds = createRds(world);
  world.databases = rds.databases;
  const application = createApplication(world, { releasesBefore: plan.application.releasesBefore });
  world.application = application;
  const beanstalk = createBeanstalk(world, {
    application: plan.application.name,
    versions: plan.application.versions,
    platformArns: [plan.application.platformArn],
    hostNamePart: plan.zone.name,
    network: plan.network,
    postdeploy: application.hookCommands,
  });
  world.beanstalk = beanstalk.beanstalk;
  const route53 = createRoute53(world);
  world.zones = route53.zones;
  const sts = createSts({ world, accessKeyIds: [options.accessKeyId] });
  const parts = [iam, s3, ssm, rds, beanstalk, route53];
  const cloudFormation = createCloudFormation({
    world,
    resourceTypes: parts.flatMap((part) => part.resourceTypes),
  });

  for (const { name, managedPolicies } of plan.roles) seedRole(iam, name, managedPolicies);
  for (const { name, value, type } of plan.parameters) world.parameters.put(name, value, type);
  await Promise.all(plan.databases.map((database) => seedDatabase(world, rds, database, options)));
  for (const { cname, role, ...environment } of plan.environments)
    beanstalk.seed({
      ...environment,
      cnamePrefix: cname.replace(`.${plan.region}.elasticbeanstalk.com`, ''),
      profile: role,
      platformArn: plan.application.platformArn,
    });
  route53.seedZone(plan.zone);
  for (const record of plan.records) route53.seedRecord(record);
  for (const stack of plan.stacks) cloudFormation.register(stack);

  const services = [
    sts.service,
    ...[iam, s3, ssm, rds, route53, cloudFormation].map((part) => part.service),
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
  const dns = await startDnsServer(route53.zones);
  const proxy = await startProxy(world);
  const actors =
    options.actors === false
      ? undefined
      : startActors(world, {
          hosts: plan.hosts,
          browse: createBrowser(world),
          accounts: Array.from({ length: visitors }, (_, index) => seededSession(index)),
          stripeWebhookSecret: plan.stripeWebhookSecret,
        });
  return {
    world,
    rds,
    beanstalk,
    cloudFormation,
    origin: server.origin,
    dns: `127.0.0.1:${dns.port}`,
    proxy: proxy.origin,
    async stop() {
      actors?.stop();
      clock.stop();
      await Promise.all([server.close(), dns.close(), proxy.close(), ssm.close()]);
      beanstalk.stop();
      await rds.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function seedRole(iam: ReturnType<typeof createIam>, name: string, managedPolicies: string[]): void {
  const trustPolicy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  });
  iam.entities.createRole({ name, trustPolicy });
  for (const policy of managedPolicies) iam.entities.attach(name, policy);
  iam.entities.createProfile(name);
  iam.entities.addRole(name, name);
}

async function seedDatabase(
  world: World,
  rds: Rds,
  planned: PlannedDatabase,
  options: SandboxOptions,
): Promise<void> {
  const { id, databaseName, masterUsername, instanceClass, passwordParameter } = planned;
  const password = world.parameters.read(passwordParameter)!.value;
  const foreign = planned.data === 'production' ? options.loadProduction : undefined;
  const at = world.clock.date();
  await rds.seed({
    id,
    masterUsername,
    masterPassword: password,
    databaseName,
    settings: {
      DBInstanceClass: instanceClass,
      ...(planned.data === 'production' ? productionSettings : {}),
    },
    ...(foreign
      ? {}
      : {
          load: (client) =>
            planned.data === 'production'
              ? loadProduction(client, options.size, at)
              : loadPreparation(client, at),
        }),
  });
  if (!foreign) return;
  const server = world.databases.connectionTo(rds.endpointOf(id));
  if (server) await foreign({ ...server, user: masterUsername, password, name: databaseName });
}

/** What a production has and a restore would drop. */
const productionSettings = {
  DBSubnetGroupName: 'cobalt-database',
  VpcSecurityGroupIds: ['sg-0c0ba170000000db'],
  DBParameterGroupName: 'cobalt-postgres17',
  BackupRetentionPeriod: 14,
  DeletionProtection: true,
  AllocatedStorage: 100,
};
