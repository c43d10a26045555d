import { createAcm } from './acm/acm';
import type { Account } from './actors/visitor';
import { createBeanstalk, type SandboxBeanstalk } from './beanstalk/beanstalk';
import { loadBalancerArn } from './beanstalk/load-balancer';
import type { Clock } from './clock';
import type { AnyResourceType } from './cloudformation/resource-type';
import { type CloudFormation, createCloudFormation } from './cloudformation/service';
import { createIam } from './iam/iam';
import { Judge } from './judge/judge';
import type { WorldPlan } from './plan';
import type { Servers } from './postgres/servers';
import { createRds, type Rds } from './rds/rds';
import { Callers } from './rights/callers';
import { createRoute53 } from './route53/route53';
import { createS3 } from './s3/s3';
import type { Service } from './service';
import type { Scripts } from './shell/shell';
import type { RealPython } from './shell/stand-ins';
import { createSns } from './sns/sns';
import { createSsm } from './ssm/ssm';
import { createSts } from './sts/sts';
import { createWafv2 } from './wafv2/wafv2';
import type { Application } from './world';
import {
  type Durations,
  defaultDurations,
  defaultSwitches,
  type Files,
  type Happening,
  type Switches,
  type World,
} from './world';

/** An application, and what its deployments run. */
export interface DeployedApplication extends Application {
  hookCommands: string[][];
  migrations: string[];
}

/** What a world is made of besides its plan. */
export interface Machinery {
  clock: Clock;
  folder: string;
  files: Files;
  /** Real PostgreSQL servers, unless others are given. */
  servers?: () => Promise<Servers>;
  /** What carries scripts out on instances, if not this machine's shell. */
  shell?: (world: World) => Scripts;
  /** Fills the databases; whoever acts on them is returned, and what they lack for the stand-in's own pages. */
  seed(world: World, rds: Rds): Promise<{ accounts: Account[]; lacking: string[] }>;
  application(world: World, lacking: string[]): DeployedApplication;
  python?: Omit<RealPython, 'releasesBefore'> | undefined;
  /** What stands around each type of resource as CloudFormation drives it, such as one that fails when it is told to. */
  around?: (type: AnyResourceType) => AnyResourceType;
}

export interface BuildOptions {
  plan: WorldPlan;
  accessKeyId: string;
  durations?: Partial<Durations> | undefined;
  switches?: Partial<Switches> | undefined;
}

/** A world, and the services that answer for it. */
export interface Built {
  world: World;
  rds: Rds;
  beanstalk: SandboxBeanstalk;
  cloudFormation: CloudFormation;
  /** Whose policies decide what they may do. */
  callers: Callers;
  sts: ReturnType<typeof createSts>;
  acm: ReturnType<typeof createAcm>;
  sns: ReturnType<typeof createSns>;
  judge: Judge;
  services: Service[];
  route53: ReturnType<typeof createRoute53>;
  accounts: Account[];
  lacking: string[];
}

/**
 * Makes the world of a plan, which nothing outside of this process reaches yet.
 * @param closers end what was started; the last one first
 */
export async function buildWorld(
  options: BuildOptions,
  machinery: Machinery,
  closers: (() => unknown)[],
): Promise<Built> {
  const { plan } = options;
  const { clock } = machinery;
  const watches: ((happening: Happening) => void)[] = [];
  const world = {
    account: plan.account,
    region: plan.region,
    clock,
    folder: machinery.folder,
    files: machinery.files,
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
  const { releasesBefore } = plan.application;
  const { python } = machinery;
  const ssm = createSsm(world, {
    ...(python ? { python: { ...python, releasesBefore } } : {}),
    shell: machinery.shell?.(world),
  });
  world.parameters = ssm.parameters;
  const rds = createRds(world, machinery.servers);
  closers.push(() => rds.stop());
  closers.push(() => ssm.close());
  world.databases = rds.databases;
  for (const { name, value, type } of plan.parameters) world.parameters.put(name, value, type);
  const { accounts, lacking } = await machinery.seed(world, rds);
  const application = machinery.application(world, lacking);
  world.application = application;
  const beanstalk = createBeanstalk(world, {
    application: plan.application.name,
    versions: plan.application.versions,
    platformArns: [plan.application.platformArn],
    hostNamePart: plan.zone.name,
    network: plan.network,
    // The stand-in's migrations are not those of a real checkout.
    postdeploy: machinery.python ? [] : application.hookCommands,
    // A list of commands without `set -e`, whose exit code is that of the last: crontab.
    hookIgnoresFailures: true,
  });
  closers.push(() => beanstalk.stop());
  world.beanstalk = beanstalk.beanstalk;
  world.loadBalancers = beanstalk.loadBalancers;
  const wafv2 = createWafv2(world);
  world.door = wafv2.door;
  const acm = createAcm(world);
  const sns = createSns(world);
  const route53 = createRoute53(world);
  world.zones = route53.zones;
  // A checkout's migrations are not known here.
  const migrations = machinery.python ? [] : application.migrations;
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
  const callers = new Callers({
    ...world,
    application: plan.application.name,
    environments: () =>
      beanstalk.environments().map(({ id, name, application: applicationName, group }) => ({
        ...{ id, name, applicationName },
        groupName: group.name,
      })),
    stackOfChangeSet: (id) =>
      cloudFormation.stacks
        .all()
        .find(({ changeSets }) => [...changeSets.values()].some((each) => each.id === id))?.id,
  });
  const sts = createSts({
    world,
    accessKeyIds: [options.accessKeyId],
    check: (caller, service, operation, input) => callers.check(caller, service, operation, input),
  });
  const parts = [iam, s3, ssm, rds, beanstalk, route53, wafv2, sns];
  const cloudFormation = createCloudFormation({
    world,
    resourceTypes: parts.flatMap((part) => part.resourceTypes).map(machinery.around ?? ((type) => type)),
    permit: (accessKeyId, work) => callers.checkWork({ accessKeyId, arn: sts.arnOf(accessKeyId) }, work),
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

  const services: Service[] = [
    sts.service,
    ...[acm, iam, s3, ssm, rds, route53, wafv2, sns, cloudFormation].map((part) => part.service),
    ...beanstalk.services,
  ];
  return {
    ...{ world, rds, beanstalk, cloudFormation, callers, sts, acm, sns, judge, route53, accounts, lacking },
    services: services.map((service) => (service === sts.service ? service : sts.guarded(service))),
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
