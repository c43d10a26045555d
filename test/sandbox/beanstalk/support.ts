import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticBeanstalkClient } from '@aws-sdk/client-elastic-beanstalk';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  type BeanstalkOptions,
  createBeanstalk,
  type SandboxBeanstalk,
  type Seed,
} from '../../../sandbox/beanstalk/beanstalk';
import { Clock } from '../../../sandbox/clock';
import { realFiles } from '../../../sandbox/files';
import { startServer } from '../../../sandbox/server';
import {
  type Application,
  defaultDurations,
  defaultSwitches,
  type Happening,
  type Process,
  type StoredParameter,
  type WebRequest,
  type World,
} from '../../../sandbox/world';

export const account = '111122223333';
export const region = 'ap-southeast-2';
export const platformArn = `arn:aws:elasticbeanstalk:${region}::platform/Python 3.11 running on 64bit Amazon Linux 2023/4.5.0`;
export const newerPlatformArn = platformArn.replace('4.5.0', '4.6.0');
export const variables = 'aws:elasticbeanstalk:application:environment';
export const secrets = 'aws:elasticbeanstalk:application:environmentsecrets';
export const sizes = 'aws:autoscaling:asg';
export const secretArn = (name: string) => `arn:aws:ssm:${region}:${account}:parameter/${name}`;

/** An application whose answers the tests choose. */
export class FakeApplication implements Application {
  crontab: Application['crontab'] = [];
  status = 200;
  migrateExitCode = 0;
  commands: { args: string[]; environ: Record<string, string>; atMs: number; killed?: AbortSignal }[] = [];
  closed: number[] = [];
  constructor(private readonly clock: Clock) {}
  async serve(web: Process, request: WebRequest) {
    const body = JSON.stringify({ color: web.environ.COLOR ?? null, path: request.path });
    return { status: this.status, headers: {}, body };
  }
  async manage(args: string[], environ: Record<string, string>, _print: unknown, killed?: AbortSignal) {
    this.commands.push({ args, environ, atMs: this.clock.nowMs(), killed });
    if (args[0] === 'send_emails') await this.clock.sleep(90_000);
    return args[0] === 'migrate' ? this.migrateExitCode : 0;
  }
  async close(process: Process) {
    this.closed.push(process.pid);
  }
}

export interface Rig {
  world: World;
  application: FakeApplication;
  eb: SandboxBeanstalk;
  parameters: Map<string, string>;
  /** Parameters that no role may read. */
  denied: Set<string>;
  beanstalk: ElasticBeanstalkClient;
  autoscaling: AutoScalingClient;
  ec2: EC2Client;
  elb: ElasticLoadBalancingV2Client;
  happened: (kind: string) => Happening[];
  stop: () => Promise<void>;
  origin: string;
}

export async function startRig(
  options: Partial<Pick<BeanstalkOptions, 'hookIgnoresFailures' | 'network'>> = {},
): Promise<Rig> {
  const clock = new Clock('skip', new Date('2026-06-01T12:00:00Z'));
  const application = new FakeApplication(clock);
  const parameters = new Map<string, string>();
  const denied = new Set<string>();
  const folder = mkdtempSync(join(tmpdir(), 'beanstalk-'));
  const world = makeWorld(clock, application, parameters, denied, folder);
  const eb = createBeanstalk(world, {
    application: 'cobalt',
    versions: ['v1', 'v2'],
    platformArns: [platformArn, newerPlatformArn],
    hostNamePart: 'myabf.com.au',
    ...options,
  });
  world.beanstalk = eb.beanstalk;
  const faults: unknown[] = [];
  const server = await startServer({
    services: eb.services,
    region,
    now: () => clock.date(),
    onFault: (_, error) => faults.push(error),
  });
  const client = {
    region,
    endpoint: server.origin,
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 'x' },
  };
  return {
    world,
    application,
    eb,
    parameters,
    denied,
    beanstalk: new ElasticBeanstalkClient(client),
    autoscaling: new AutoScalingClient(client),
    ec2: new EC2Client(client),
    elb: new ElasticLoadBalancingV2Client(client),
    happened: (kind) => world.happenings.filter((each) => each.kind === kind),
    origin: server.origin,
    async stop() {
      await server.close();
      eb.stop();
      clock.stop();
      rmSync(folder, { recursive: true, force: true });
      expect(faults).toEqual([]);
    },
  };
}

function makeWorld(
  clock: Clock,
  application: Application,
  parameters: Map<string, string>,
  denied: Set<string>,
  folder: string,
): World {
  const happenings: Happening[] = [];
  const stored = (name: string): StoredParameter | undefined => {
    const value = parameters.get(name);
    return value === undefined
      ? undefined
      : { name, type: 'SecureString', value, version: 1, lastModifiedMs: 0 };
  };
  return {
    account,
    region,
    clock,
    folder,
    files: realFiles,
    durations: defaultDurations,
    switches: { ...defaultSwitches },
    happenings,
    happened: (kind: string, facts = {}) => {
      happenings.push({ atMs: clock.nowMs(), kind, ...facts });
    },
    iam: {
      decide: (_role: string, _action: string, resource: string) =>
        [...denied].some((name) => secretArn(name) === resource) ? 'explicitDeny' : 'allowed',
      roleOfProfile: (profile: string) => (profile.startsWith('web') ? `${profile}-role` : undefined),
    },
    parameters: { read: (arn: string) => stored(arn.split(':parameter/')[1] ?? '') },
    buckets: { get: (_: string, key: string) => (key === 'v3.zip' ? Buffer.from('x') : undefined) },
    door: { refusal: () => undefined },
    application,
  } as unknown as World;
}

export const option = (Namespace: string, OptionName: string, Value: string) => ({
  Namespace,
  OptionName,
  Value,
});

export const baseOptions = [
  option('aws:elasticbeanstalk:environment', 'LoadBalancerType', 'application'),
  option('aws:elasticbeanstalk:healthreporting:system', 'SystemType', 'enhanced'),
  option('aws:elasticbeanstalk:environment:process:default', 'HealthCheckPath', '/accounts/login/'),
];

export function seedOf(name: string, more: Partial<Seed> = {}): Seed {
  return {
    name,
    profile: 'web-profile',
    versionLabel: 'v1',
    platformArn,
    ...more,
    options: [...baseOptions, option(variables, 'COLOR', 'blue'), ...(more.options ?? [])],
  };
}
