import type { World } from '../world';
import type { Configuration } from './configuration';
import type { Environment } from './environment';
import type { BeanstalkInstance } from './instance';

/** A deployment that AWS gives up, in the words of the event that ends it. */
export class DeploymentFailed extends Error {}

/** How long nothing answers while the web server is started again. */
const restartMs = 2_000;

/** Deploys an environment's variables and versions on its instances. */
export class Deployment {
  constructor(
    private readonly world: World,
    /** The `manage.py` commands of the application's postdeploy hook, before it installs the crontab. */
    private readonly postdeploy: string[][],
    private readonly hookIgnoresFailures: boolean,
  ) {}

  /**
   * What comes before the first request on a new instance: everything, the application's hooks included.
   * https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/platforms-linux-extend.hooks.html
   */
  async bootstrap(environment: Environment, instance: BeanstalkInstance): Promise<void> {
    try {
      const resolved = this.resolve(environment.configuration, instance, environment);
      instance.versionLabel = environment.versionLabel;
      instance.writeEnvironment(resolved.values, resolved.secretNames);
      instance.startWeb(wsgiPath(environment.configuration));
      await this.runHooks(environment, instance);
      instance.deployment = 'succeeded';
    } catch (error) {
      if (!(error instanceof DeploymentFailed)) throw error;
      instance.deployment = 'failed';
    }
  }

  /** Puts an instance into the state that a deployment of long ago left it in. */
  adopt(environment: Environment, instance: BeanstalkInstance): void {
    const resolved = this.resolve(environment.configuration, instance, environment);
    instance.versionLabel = environment.versionLabel;
    instance.writeEnvironment(resolved.values, resolved.secretNames);
    instance.startWeb(wsgiPath(environment.configuration));
    Object.assign(instance.cron, { installed: true, enabled: true, running: true });
    instance.deployment = 'succeeded';
  }

  /**
   * Gives the variables to the instances that there are and starts their web servers again; no hook of the
   * application runs and cron is left alone. A secret that cannot be read stops it before anything is touched.
   */
  async configure(environment: Environment): Promise<void> {
    await this.inBatches(environment, (instance) => this.restart(environment, instance));
  }

  /** Deploys a version on the instances that there are, hooks included. */
  async deployVersion(environment: Environment, versionLabel: string): Promise<void> {
    await this.inBatches(environment, async (instance) => {
      try {
        await this.restart(environment, instance);
        instance.versionLabel = versionLabel;
        await this.runHooks(environment, instance);
        instance.deployment = 'succeeded';
      } catch (error) {
        instance.deployment = 'failed';
        throw error;
      }
    });
  }

  private async restart(environment: Environment, instance: BeanstalkInstance): Promise<void> {
    const resolved = this.resolve(environment.configuration, instance, environment);
    instance.writeEnvironment(resolved.values, resolved.secretNames);
    instance.stopWeb();
    await this.world.clock.sleep(restartMs);
    if (instance.state !== 'running') throw new DeploymentFailed(`The instance ${instance.id} is gone.`);
    if (!instance.web) instance.startWeb(wsgiPath(environment.configuration));
  }

  private async inBatches(
    environment: Environment,
    work: (instance: BeanstalkInstance) => Promise<void>,
  ): Promise<void> {
    const instances = environment.group.serving();
    const size = batchSize(environment.configuration, instances.length);
    const failed: string[] = [];
    for (let done = 0; done < instances.length && failed.length === 0; done += size) {
      const batch = instances.slice(done, done + size);
      await Promise.all(
        batch.map((instance) =>
          this.world.clock
            .run(`deployment on ${instance.id}`, () => work(instance))
            .catch((error) => {
              if (!(error instanceof DeploymentFailed)) throw error;
              failed.push(instance.id);
            }),
        ),
      );
    }
    if (failed.length > 0)
      throw new DeploymentFailed(
        `Unsuccessful command execution on instance id(s) '${failed.join(',')}'. Aborting the operation.`,
      );
  }

  /**
   * The variables of a process: plain ones, and the values that the secrets have at this moment for this instance.
   * https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/AWSHowTo.secrets.env-vars.html
   */
  private resolve(
    configuration: Configuration,
    instance: BeanstalkInstance,
    environment: Environment,
  ): { values: Record<string, string>; secretNames: Set<string> } {
    const plain = configuration.variables();
    const fetched: Record<string, string> = {};
    for (const [name, arn] of Object.entries(configuration.secrets())) {
      const allowed = this.world.iam.decide(instance.role, 'ssm:GetParameter', arn) === 'allowed';
      const parameter = allowed ? this.world.parameters.read(arn) : undefined;
      if (!parameter) {
        const event = 'Instance deployment failed to get one or more secrets.';
        environment.record('ERROR', event);
        this.recordFailure(environment, instance);
        throw new DeploymentFailed(event);
      }
      fetched[name] = parameter.value;
    }
    const secretWins = this.world.switches.duplicateVariableWins === 'environmentsecrets';
    const values = secretWins ? { ...plain, ...fetched } : { ...fetched, ...plain };
    const secretNames = Object.keys(fetched).filter((name) => secretWins || !Object.hasOwn(plain, name));
    return { values, secretNames: new Set(secretNames) };
  }

  /** The crontab is the last thing that the hook installs. */
  private async runHooks(environment: Environment, instance: BeanstalkInstance): Promise<void> {
    for (const args of this.postdeploy) {
      const process = instance.start(['python', 'manage.py', ...args], instance.deployed);
      const exitCode = await this.world.application.manage(
        args,
        instance.deployed,
        () => {},
        instance.killed(process),
      );
      instance.end(process);
      if (instance.state !== 'running') throw new DeploymentFailed(`The instance ${instance.id} is gone.`);
      if (exitCode === 0) continue;
      const facts = { environment: environment.name, instance: instance.id };
      this.world.happened('hook.failed', { ...facts, command: args.join(' '), exitCode });
      if (this.hookIgnoresFailures) continue;
      this.recordFailure(environment, instance);
      throw new DeploymentFailed('The postdeploy hook failed.');
    }
    Object.assign(instance.cron, { installed: true, enabled: true, running: true });
    environment.record('INFO', 'Instance deployment completed successfully.');
  }

  private recordFailure(environment: Environment, instance: BeanstalkInstance): void {
    environment.record('ERROR', "Instance deployment failed. For details, see 'eb-engine.log'.");
    environment.record(
      'ERROR',
      `[Instance: ${instance.id}] Command failed on instance. Return code: 1 Output: Engine execution has encountered an error..`,
    );
  }
}

function wsgiPath(configuration: Configuration): string {
  return configuration.value('aws:elasticbeanstalk:container:python', 'WSGIPath') ?? 'application';
}

function batchSize(configuration: Configuration, instances: number): number {
  const command = 'aws:elasticbeanstalk:command';
  if (configuration.value(command, 'DeploymentPolicy') === 'AllAtOnce') return Math.max(1, instances);
  const size = configuration.number(command, 'BatchSize');
  const fixed = configuration.value(command, 'BatchSizeType') === 'Fixed';
  return Math.max(1, fixed ? size : Math.ceil((instances * size) / 100));
}
