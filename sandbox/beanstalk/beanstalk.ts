import { autoScalingService } from '../autoscaling/service';
import type { AnyResourceType } from '../cloudformation/resource-type';
import { ec2Service, type Network } from '../ec2/service';
import { loadBalancingService } from '../elb/service';
import type { Service } from '../service';
import type { Beanstalk, LoadBalancers, World } from '../world';
import { Configuration, type OptionSetting } from './configuration';
import { Deployment } from './deployment';
import type { Environment } from './environment';
import { type Application, Inventory } from './inventory';
import { Lifecycle } from './lifecycle';
import { LoadBalancing } from './load-balancer';
import { environmentType } from './resource-type';
import { beanstalkService } from './service';

export interface BeanstalkOptions {
  application: string;
  /** The labels of the application's versions, oldest first. */
  versions: string[];
  platformArns: string[];
  /** nginx closes the connection for host names without this part, such as `myabf.com.au`. */
  hostNamePart: string;
  /** The `manage.py` commands of the postdeploy hook before it installs the crontab. */
  postdeploy?: string[][];
  /** True for a hook that does not look at their exit codes; otherwise the first that fails fails the deployment. */
  hookIgnoresFailures?: boolean;
  network?: Network;
}

export interface Seed {
  name: string;
  /** The whole CNAME is made of this prefix; without one it is a unique name. */
  cnamePrefix?: string;
  profile: string;
  /** Used when IAM does not know the profile. */
  role?: string;
  options: OptionSetting[];
  versionLabel: string;
  platformArn: string;
  description?: string;
  tags?: Record<string, string>;
  /** How many run; without it as many as MinSize. */
  instances?: number;
}

export interface SandboxBeanstalk {
  services: Service[];
  resourceTypes: AnyResourceType[];
  beanstalk: Beanstalk;
  loadBalancers: LoadBalancers;
  /** Gives an environment a new load balancer, as RebuildEnvironment would. */
  replaceLoadBalancer(environmentName: string): void;
  /** The name of the environment whose load balancer has this address. */
  environmentAt(address: string): string | undefined;
  /** Says when a version of a platform was released; one that is not known yet is there from now on. */
  releasePlatform(arn: string, releasedMs: number): void;
  /** All there are, for tests that let one get stuck. */
  environments(): Environment[];
  /** Makes a Ready environment whose instances have run since before the sandbox began. */
  seed(seed: Seed): Environment;
  stop(): void;
}

/** Elastic Beanstalk with the parts of Auto Scaling, EC2 and Elastic Load Balancing that belong to environments. */
export function createBeanstalk(world: World, options: BeanstalkOptions): SandboxBeanstalk {
  const createdMs = world.clock.nowMs();
  const application: Application = {
    name: options.application,
    versions: options.versions.map((label, index) => ({ label, createdMs: createdMs + index })),
    platformArns: [...options.platformArns],
    releasedMs: new Map(),
  };
  const deployment = new Deployment(
    world,
    options.postdeploy ?? [['migrate']],
    options.hookIgnoresFailures ?? false,
  );
  const inventory = new Inventory(world, application, deployment);
  const lifecycle = new Lifecycle(world, inventory, deployment, options.network);
  const loadBalancing = new LoadBalancing(world, inventory, options.hostNamePart);
  return {
    services: [
      beanstalkService(world, inventory, lifecycle),
      autoScalingService(world, inventory),
      ec2Service(world, inventory, options.network),
      loadBalancingService(world, inventory),
    ],
    resourceTypes: [environmentType(world, inventory, lifecycle)],
    beanstalk: {
      instances: () => inventory.instances,
      addressesOf: (name) => loadBalancing.addressesOf(name),
      serve: (address, request) => loadBalancing.serve(address, request),
    },
    loadBalancers: { arns: () => loadBalancing.arns() },
    replaceLoadBalancer: (name) => inventory.replaceLoadBalancer(inventory.find({ EnvironmentName: name })),
    releasePlatform: (arn, releasedMs) => {
      if (!application.platformArns.includes(arn)) application.platformArns.push(arn);
      application.releasedMs.set(arn, releasedMs);
    },
    environments: () => inventory.environments,
    environmentAt: (address) => loadBalancing.environmentAt(address)?.name,
    seed: (seed) => seedEnvironment(inventory, deployment, seed),
    stop: () => {
      for (const instance of inventory.instances) instance.terminate();
    },
  };
}

function seedEnvironment(inventory: Inventory, deployment: Deployment, seed: Seed): Environment {
  if (seed.role) inventory.knowProfile(seed.profile, seed.role);
  inventory.checkVersion(seed.versionLabel);
  inventory.checkPlatform(seed.platformArn);
  const launch = 'aws:autoscaling:launchconfiguration';
  const profile = { Namespace: launch, OptionName: 'IamInstanceProfile', Value: seed.profile };
  const environment = inventory.add({
    name: seed.name,
    cnamePrefix: seed.cnamePrefix,
    description: seed.description,
    platformArn: seed.platformArn,
    versionLabel: seed.versionLabel,
    configuration: Configuration.empty.with([profile, ...seed.options]),
    tags: new Map(Object.entries(seed.tags ?? {})),
  });
  const { group } = environment;
  group.desired = seed.instances ?? group.min;
  while (group.members.length < group.desired) {
    const instance = inventory.makeInstance(environment);
    instance.state = 'running';
    deployment.adopt(environment, instance);
    group.adopt(instance);
  }
  environment.settle('Ready');
  return environment;
}
