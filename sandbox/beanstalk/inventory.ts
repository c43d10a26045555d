import { Group } from '../autoscaling/group';
import { AwsError } from '../errors';
import type { World } from '../world';
import type { Configuration } from './configuration';
import { runCron } from './cron';
import type { Deployment } from './deployment';
import { Environment } from './environment';
import { Health } from './health';
import { BeanstalkInstance } from './instance';

/** What AWS knows before any environment is made. */
export interface Application {
  name: string;
  versions: { label: string; createdMs: number; description?: string }[];
  platformArns: string[];
  /** When a version of a platform was released, where it was not when all were. */
  releasedMs: Map<string, number>;
}

export interface NewEnvironment {
  name: string;
  cnamePrefix?: string;
  description?: string;
  platformArn: string;
  versionLabel: string;
  configuration: Configuration;
  tags: Map<string, string>;
}

/** When the versions of platforms were released that are there at the beginning. */
const platformsReleasedMs = Date.parse('2026-03-31T00:00:00Z');

/** A terminated environment is still described for about this long. */
const rememberedMs = 60 * 60_000;
const names = /^[a-zA-Z0-9][a-zA-Z0-9-]{2,38}[a-zA-Z0-9]$/;

/** Everything that exists: the application, its environments and their instances. */
export class Inventory {
  readonly environments: Environment[] = [];
  readonly instances: BeanstalkInstance[] = [];
  private readonly rolesOfProfiles = new Map<string, string>();
  private number = 0;

  constructor(
    private readonly world: World,
    readonly application: Application,
    private readonly deployment: Deployment,
  ) {}

  add(request: NewEnvironment): Environment {
    const { name } = request;
    if (!names.test(name))
      throw new AwsError(
        'ValidationError',
        `1 validation error detected: Value '${name}' at 'environmentName' failed to satisfy constraint: Member must have length between 4 and 40 and hold letters, digits and hyphens only`,
      );
    if (this.live(name)) throw new AwsError('InvalidParameterValue', `Environment ${name} already exists.`);
    const cname = this.cnameOf(request);
    if (!this.cnameFree(cname))
      throw new AwsError('InvalidParameterValue', `DNS name (${cname}) is not available.`);
    const number = ++this.number;
    const environment = new Environment(this.world, {
      ...request,
      id: `e-${code(number, 10)}`,
      application: this.application.name,
      cname,
      loadBalancer: this.loadBalancer(number),
    });
    this.environments.push(environment);
    environment.health = new Health(this.world, environment);
    environment.group = this.groupOf(environment);
    return environment;
  }

  /** A new load balancer in the old one's place, with another name, ARN and addresses; the CNAME leads to it. */
  replaceLoadBalancer(environment: Environment): void {
    environment.record('INFO', `Deleted load balancer named: ${environment.loadBalancer.name}`);
    environment.loadBalancer = this.loadBalancer(++this.number);
    environment.record('INFO', `Created load balancer named: ${environment.loadBalancer.name}`);
  }

  /** A machine of an environment as its options are now. */
  makeInstance(environment: Environment): BeanstalkInstance {
    const launch = 'aws:autoscaling:launchconfiguration';
    const { configuration } = environment;
    const number = this.instances.length + 1;
    const profile = configuration.value(launch, 'IamInstanceProfile') ?? '';
    const types = configuration.value('aws:ec2:instances', 'InstanceTypes')?.split(',')[0]?.trim();
    const instance = new BeanstalkInstance(this.world, {
      id: `i-0${hex(number, 16)}`,
      environment: environment.name,
      profile: profileName(profile),
      role: this.roleOf(profile) ?? '',
      type: types || configuration.value(launch, 'InstanceType') || 't3.micro',
      zone: `${this.world.region}${'abc'[number % 3]}`,
      privateAddress: `172.31.${10 + Math.floor(number / 250)}.${1 + (number % 250)}`,
      publicAddress: `192.0.2.${1 + (number % 250)}`,
    });
    this.instances.push(instance);
    runCron(this.world, instance);
    return instance;
  }

  /** For seeded environments whose profile IAM has not been told of. */
  knowProfile(profile: string, role: string): void {
    this.rolesOfProfiles.set(profileName(profile), role);
  }

  roleOf(profile: string): string | undefined {
    const name = profileName(profile);
    return this.world.iam.roleOfProfile(name) ?? this.rolesOfProfiles.get(name);
  }

  live(name: string): Environment | undefined {
    return this.environments.find((each) => each.name === name && each.status !== 'Terminated');
  }

  /** The environment an operation means, or AWS's refusal. */
  find(asked: { EnvironmentName?: string; EnvironmentId?: string }): Environment {
    const { EnvironmentName: name, EnvironmentId: id } = asked;
    if (!name && !id)
      throw new AwsError(
        'MissingParameter',
        'You must specify either an environment ID or an environment name.',
      );
    const found = this.environments.find(
      (each) => each.status !== 'Terminated' && (!name || each.name === name) && (!id || each.id === id),
    );
    if (found) return found;
    throw new AwsError(
      'InvalidParameterValue',
      name
        ? `No Environment found for EnvironmentName = '${name}'.`
        : `No Environment found for EnvironmentId = '${id}'.`,
    );
  }

  /** What DescribeEnvironments may show: terminated ones for a while. */
  described(includeDeleted: boolean): Environment[] {
    const sinceMs = this.world.clock.nowMs() - rememberedMs;
    return this.environments.filter(
      (each) => each.status !== 'Terminated' || (includeDeleted && each.updatedMs > sinceMs),
    );
  }

  cnameFree(cname: string): boolean {
    return !this.environments.some((each) => each.status !== 'Terminated' && each.cname === cname);
  }

  checkApplication(name: string): void {
    if (name !== this.application.name)
      throw new AwsError('InvalidParameterValue', `No Application named '${name}' found.`);
  }

  checkVersion(label: string): void {
    if (!this.application.versions.some((version) => version.label === label))
      throw new AwsError('InvalidParameterValue', `No Application Version named '${label}' found.`);
  }

  checkPlatform(arn: string): void {
    if (!this.application.platformArns.includes(arn))
      throw new AwsError('InvalidParameterValue', `No Platform named '${arn}' found.`);
  }

  platformReleasedMs(arn: string): number {
    return this.application.releasedMs.get(arn) ?? platformsReleasedMs;
  }

  private groupOf(environment: Environment): Group {
    const sizes = 'aws:autoscaling:asg';
    const min = environment.configuration.number(sizes, 'MinSize');
    const max = environment.configuration.number(sizes, 'MaxSize');
    const suffix = code(this.number + 7, 12).toUpperCase();
    const name = `awseb-${environment.id}-stack-AWSEBAutoScalingGroup-${suffix}`;
    return new Group(this.world, name, environment.name, min, max, min, {
      make: () => this.makeInstance(environment),
      ready: (instance) => this.deployment.bootstrap(environment, instance),
    });
  }

  private cnameOf({ name, cnamePrefix }: NewEnvironment): string {
    const domain = `${this.world.region}.elasticbeanstalk.com`;
    if (cnamePrefix) return `${cnamePrefix.toLowerCase()}.${domain}`;
    return `${name.toLowerCase()}.eba-${code(this.number + 1, 8)}.${domain}`;
  }

  private loadBalancer(number: number): Environment['loadBalancer'] {
    const name = `awseb--AWSEB-${code(number, 12).toUpperCase()}`;
    const dnsName = `${name}-${100000000 + number}.${this.world.region}.elb.amazonaws.com`;
    const addresses = [`203.0.113.${9 + number}`, `198.51.100.${9 + number}`];
    return { name, dnsName, addresses, arnSuffix: hex(number, 16) };
  }
}

const profileName = (profile: string) => profile.split('/').at(-1) ?? profile;

/** Codes that look like AWS's and are the same in every run. */
function code(number: number, length: number): string {
  let state = number * 2654435761 + length;
  let made = '';
  while (made.length < length) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    made += 'abcdefghijkmnpqrstuvwxyz23456789'[state >>> 27];
  }
  return made;
}

function hex(number: number, length: number): string {
  const digits = (Math.imul(number, 2654435761) >>> 0).toString(16).padStart(8, '0');
  return `${digits}${number.toString(16)}`.padStart(length, 'c');
}
