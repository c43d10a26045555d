import type { Network } from '../ec2/service';
import { notModelled } from '../errors';
import type { World } from '../world';
import { Configuration, type OptionName, type OptionSetting } from './configuration';
import { type Deployment, DeploymentFailed } from './deployment';
import type { Environment } from './environment';
import type { Inventory } from './inventory';
import { checkNetwork } from './network';
import type { Effect } from './options';

/** Why an operation failed, in AWS's words; undefined when it did not. */
export type Outcome = string | undefined;

/** An operation that was accepted; whoever asked for it runs it inside an activity of the clock. */
export type Accepted = () => Promise<Outcome>;

export interface CreateRequest {
  name: string;
  application: string;
  cnamePrefix?: string;
  description?: string;
  platformArn: string;
  versionLabel: string;
  settings: OptionSetting[];
  tags: Map<string, string>;
  requestId: string;
}

export interface UpdateRequest {
  settings: OptionSetting[];
  removals: OptionName[];
  versionLabel?: string;
  platformArn?: string;
  description?: string;
  tags?: Map<string, string>;
  requestId: string;
}

interface Plan {
  next: Configuration;
  effects: Set<Effect>;
  platformArn: string;
  versionLabel: string | undefined;
}

const command = 'aws:elasticbeanstalk:command';
const group = 'aws:autoscaling:asg';
const pollMs = 10_000;

/** The operations that take time. Each is checked at once and either refused or accepted. */
export class Lifecycle {
  constructor(
    private readonly world: World,
    private readonly inventory: Inventory,
    private readonly deployment: Deployment,
    private readonly network?: Network,
  ) {}

  create(request: CreateRequest): { environment: Environment; run: Accepted } {
    const configuration = Configuration.empty.with(request.settings);
    checkNetwork(this.network, request.settings);
    checkFixed(configuration);
    this.inventory.checkApplication(request.application);
    this.inventory.checkVersion(request.versionLabel);
    this.inventory.checkPlatform(request.platformArn);
    const environment = this.inventory.add({ ...request, configuration });
    environment.requestId = request.requestId;
    return { environment, run: () => this.launch(environment) };
  }

  update(environment: Environment, request: UpdateRequest): Accepted {
    const next = environment.configuration.with(request.settings, request.removals);
    checkNetwork(this.network, request.settings);
    const effects = environment.configuration.effectsOf(next);
    if (effects.has('fixed'))
      throw notModelled(`a change of what is fixed at the creation of an environment (${environment.name})`);
    if (request.versionLabel) this.inventory.checkVersion(request.versionLabel);
    if (request.platformArn) this.inventory.checkPlatform(request.platformArn);
    const platformArn = request.platformArn ?? environment.platformArn;
    if (platformArn !== environment.platformArn) effects.add('replace');
    environment.leaveReady('Updating', request.requestId);
    environment.description = request.description ?? environment.description;
    for (const [key, value] of request.tags ?? []) environment.tags.set(key, value);
    return () =>
      this.carryOut(environment, { next, effects, platformArn, versionLabel: request.versionLabel });
  }

  restartServers(environment: Environment, requestId: string): Accepted {
    environment.leaveReady('Updating', requestId);
    return async () => {
      environment.record('INFO', 'restartAppServer is starting.');
      const failure = await attempt(() => this.deployment.configure(environment));
      if (failure) environment.record('ERROR', failure);
      else environment.record('INFO', 'restartAppServer completed successfully.');
      environment.settle('Ready');
      return failure;
    };
  }

  changeTags(
    environment: Environment,
    change: (tags: Map<string, string>) => void,
    requestId: string,
  ): Accepted {
    environment.leaveReady('Updating', requestId);
    return async () => {
      environment.record('INFO', 'Environment tag update is starting.');
      await this.world.clock.sleep(this.world.durations.resourceMs);
      change(environment.tags);
      environment.record('INFO', 'Environment tag update completed successfully.');
      environment.settle('Ready');
      return undefined;
    };
  }

  terminate(environment: Environment, requestId: string): Accepted {
    environment.leaveReady('Terminating', requestId);
    return async () => {
      environment.record('INFO', 'terminateEnvironment is starting.');
      environment.group.close();
      await this.world.clock.sleep(this.world.durations.environmentTerminateMs);
      environment.record('INFO', `Deleted Auto Scaling group named: ${environment.group.name}`);
      environment.record('INFO', `Deleted load balancer named: ${environment.loadBalancer.name}`);
      environment.record('INFO', 'terminateEnvironment completed successfully.');
      environment.settle('Terminated');
      return undefined;
    };
  }

  private async launch(environment: Environment): Promise<Outcome> {
    const { clock, durations } = this.world;
    const doneMs = clock.nowMs() + durations.environmentCreateMs;
    environment.record('INFO', 'createEnvironment is starting.');
    const missing = this.missingProfile(environment.configuration);
    if (missing) {
      environment.record('ERROR', missing);
      return this.giveUp(environment);
    }
    environment.record('INFO', `Created load balancer named: ${environment.loadBalancer.name}`);
    environment.record('INFO', `Created Auto Scaling group named: ${environment.group.name}`);
    environment.group.resize({});
    const failure = await attempt(() => this.capacity(environment));
    await clock.sleep(Math.max(0, doneMs - clock.nowMs()));
    const failed = environment.group.serving().filter((instance) => instance.deployment === 'failed');
    if (failure) environment.record('ERROR', failure);
    if (failure || failed.length > 0) {
      const text =
        'Create environment operation is complete, but with errors. For more information, see troubleshooting documentation.';
      environment.record('ERROR', text);
      environment.settle('Ready');
      return failure ?? text;
    }
    environment.record('INFO', `Application available at ${environment.cname}.`);
    environment.record('INFO', `Successfully launched environment: ${environment.name}`);
    environment.settle('Ready');
    return undefined;
  }

  private missingProfile(configuration: Configuration): string | undefined {
    const profile = configuration.value('aws:autoscaling:launchconfiguration', 'IamInstanceProfile');
    if (!profile) return 'Environment must have instance profile associated with it.';
    if (this.inventory.roleOf(profile)) return undefined;
    return `The instance profile ${profile} associated with the environment does not exist.`;
  }

  private giveUp(environment: Environment): Outcome {
    environment.record('ERROR', 'Failed to launch environment.');
    environment.group.close();
    environment.settle('Terminated');
    return 'Environment failed to launch as it entered Terminated state';
  }

  private async carryOut(environment: Environment, plan: Plan): Promise<Outcome> {
    const { clock, durations } = this.world;
    const startMs = clock.nowMs();
    environment.record('INFO', 'Environment update is starting.');
    await clock.sleep(durations.environmentUpdateMs / 4);
    const before = environment.configuration;
    const failure = await attempt(() => this.deploy(environment, plan));
    if (failure) {
      environment.configuration = before;
      if (plan.effects.has('group'))
        environment.group.resize({
          min: before.number(group, 'MinSize'),
          max: before.number(group, 'MaxSize'),
        });
      const text = plan.versionLabel ? 'Failed to deploy application.' : 'Failed to deploy configuration.';
      environment.record('ERROR', failure);
      environment.record('ERROR', text);
      environment.settle('Ready');
      return `${text} ${failure}`;
    }
    await clock.sleep(Math.max(0, startMs + durations.environmentUpdateMs - clock.nowMs()));
    this.recordSuccess(environment, plan);
    environment.settle('Ready');
    return undefined;
  }

  private async deploy(environment: Environment, plan: Plan): Promise<void> {
    if (plan.effects.size > 0)
      environment.record('INFO', `Updating environment ${environment.name}'s configuration settings.`);
    const missing = this.missingProfile(plan.next);
    if (plan.effects.has('replace') && missing) throw new DeploymentFailed(missing);
    const { configuration, platformArn } = environment;
    environment.configuration = plan.next;
    if (plan.effects.has('group')) await this.resize(environment, configuration);
    if (plan.versionLabel) environment.record('INFO', 'Deploying new version to instance(s).');
    if (plan.effects.has('replace')) await this.replace(environment, plan, platformArn);
    else if (plan.versionLabel) await this.deployment.deployVersion(environment, plan.versionLabel);
    else if (plan.effects.has('deploy')) await this.deployment.configure(environment);
    environment.versionLabel = plan.versionLabel ?? environment.versionLabel;
  }

  /** Only what the environment's options changed: sizes set by hand on the group stay otherwise. */
  private async resize(environment: Environment, before: Configuration): Promise<void> {
    const changed = (name: string) =>
      before.value(group, name) === environment.configuration.value(group, name)
        ? undefined
        : environment.configuration.number(group, name);
    environment.group.resize({ min: changed('MinSize'), max: changed('MaxSize') });
    await this.capacity(environment);
  }

  private async replace(environment: Environment, plan: Plan, platformBefore: string): Promise<void> {
    const versionBefore = environment.versionLabel;
    environment.platformArn = plan.platformArn;
    environment.versionLabel = plan.versionLabel ?? versionBefore;
    const rolling = 'aws:autoscaling:updatepolicy:rollingupdate';
    const old = environment.group.serving();
    const oneByOne =
      environment.configuration.value(rolling, 'RollingUpdateEnabled')?.toLowerCase() === 'true';
    const size = oneByOne ? environment.configuration.number(rolling, 'MaxBatchSize') || 1 : old.length || 1;
    try {
      for (let done = 0; done < Math.max(1, old.length); done += size) {
        for (const instance of old.slice(done, done + size))
          environment.group.terminate(instance, 'a changed launch configuration');
        environment.group.reconcile('a changed launch configuration');
        await this.capacity(environment);
        this.checkDeployments(environment);
      }
    } catch (error) {
      environment.platformArn = platformBefore;
      environment.versionLabel = versionBefore;
      throw error;
    }
  }

  private checkDeployments(environment: Environment): void {
    const failed = environment.group.serving().filter((instance) => instance.deployment === 'failed');
    if (failed.length > 0)
      throw new DeploymentFailed(
        `Unsuccessful command execution on instance id(s) '${failed.map((instance) => instance.id).join(',')}'. Aborting the operation.`,
      );
  }

  /** Waits until the group has what it wants. The words of the time-out are the sandbox's own. */
  private async capacity(environment: Environment): Promise<void> {
    const { clock } = this.world;
    const timeoutSeconds = environment.configuration.number(command, 'Timeout');
    const deadlineMs = clock.nowMs() + timeoutSeconds * 1000;
    while (!environment.group.settled) {
      if (clock.nowMs() >= deadlineMs && !environment.group.busy)
        throw new DeploymentFailed(
          `The Auto Scaling group has not reached its desired capacity of ${environment.group.desired} within ${timeoutSeconds} seconds.`,
        );
      await clock.sleep(pollMs);
    }
  }

  private recordSuccess(environment: Environment, plan: Plan): void {
    if (plan.versionLabel)
      environment.record('INFO', 'New application version was deployed to running EC2 instances.');
    else if (plan.effects.size > 0)
      environment.record('INFO', 'Successfully deployed new configuration to environment.');
    environment.record('INFO', 'Environment update completed successfully.');
    const { name: environmentName, versionLabel } = environment;
    this.world.happened('environment.updated', { environment: environmentName, versionLabel });
  }
}

async function attempt(work: () => Promise<void>): Promise<Outcome> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof DeploymentFailed) return error.message;
    throw error;
  }
}

/** AWS would make a classic load balancer, which the sandbox has not. */
function checkFixed(configuration: Configuration): void {
  const type = configuration.value('aws:elasticbeanstalk:environment', 'LoadBalancerType');
  if (type !== 'application') throw notModelled(`environments with a ${type} load balancer`);
}
