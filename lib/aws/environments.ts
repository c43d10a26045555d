import {
  DescribeConfigurationSettingsCommand,
  DescribeEnvironmentHealthCommand,
  DescribeEnvironmentResourcesCommand,
  DescribeEnvironmentsCommand,
  ElasticBeanstalkClient,
  type EnvironmentDescription,
  RestartAppServerCommand,
  type StatusCodes,
  UpdateEnvironmentCommand,
} from '@aws-sdk/client-elastic-beanstalk';
import { PreconditionError } from '../runbook/errors';
import type {
  Environment,
  EnvironmentHealth,
  EnvironmentOption,
  EnvironmentSettings,
  EnvironmentState,
  Environments,
  OptionName,
} from '../upgrade/ports';
import type { Clients } from './clients';
import { stated } from './stated';
import { together } from './together';

/** Environments of one application of Elastic Beanstalk, with their option values and instances. */
export class BeanstalkEnvironments implements Environments {
  private readonly beanstalk: ElasticBeanstalkClient;
  private readonly describedOf = together((names: string[]) => this.described(names));

  constructor(
    private readonly application: string,
    clients: Clients,
  ) {
    this.beanstalk = clients.make(ElasticBeanstalkClient);
  }

  async find(name: string): Promise<Environment | undefined> {
    const description = await this.describe(name);
    if (!description) return undefined;
    const [state, options] = await Promise.all([this.stateOf(name, description), this.options(name)]);
    return { ...state, options };
  }

  async state(name: string): Promise<EnvironmentState | undefined> {
    const description = await this.describe(name);
    return description && this.stateOf(name, description);
  }

  private async stateOf(name: string, description: EnvironmentDescription): Promise<EnvironmentState> {
    return {
      name,
      id: stated(description.EnvironmentId, `EnvironmentId of ${name}`),
      status: stated(description.Status, `Status of ${name}`),
      health: stated(description.HealthStatus ?? description.Health, `Health of ${name}`),
      cname: (description.CNAME ?? '').toLowerCase(),
      versionLabel: description.VersionLabel ?? '',
      platformArn: description.PlatformArn ?? '',
      ...(await this.resources(name)),
    };
  }

  /**
   * Environments with basic health are refused, and have a colour only.
   * https://docs.aws.amazon.com/elasticbeanstalk/latest/api/API_DescribeEnvironmentHealth.html
   */
  async health(name: string): Promise<EnvironmentHealth | undefined> {
    const description = await this.describe(name);
    if (!description) return undefined;
    if (!description.HealthStatus)
      return {
        status: stated(description.Health, `Health of ${name}`),
        causes: [],
        failedPercent: undefined,
      };
    const { HealthStatus, Causes, ApplicationMetrics } = await this.beanstalk.send(
      new DescribeEnvironmentHealthCommand({
        EnvironmentName: name,
        AttributeNames: ['HealthStatus', 'Causes', 'ApplicationMetrics'],
      }),
    );
    const status = stated(HealthStatus, `HealthStatus of ${name}`);
    return { status, causes: Causes ?? [], failedPercent: failedPercent(ApplicationMetrics?.StatusCodes) };
  }

  async settingsOf(names: string[]): Promise<EnvironmentSettings[]> {
    const living = (await this.described(names)).filter(({ Status }) => !Status?.startsWith('Terminat'));
    return Promise.all(
      living.map(async ({ EnvironmentName, Status, VersionLabel = '' }) => {
        const name = stated(EnvironmentName, 'EnvironmentName');
        const status = stated(Status, `Status of ${name}`);
        return { name, status, versionLabel: VersionLabel, options: await this.options(name) };
      }),
    );
  }

  /** https://docs.aws.amazon.com/elasticbeanstalk/latest/api/API_UpdateEnvironment.html */
  async update(name: string, options: EnvironmentOption[], removals: OptionName[] = []): Promise<void> {
    const named = ({ namespace, name: option }: OptionName) => ({ Namespace: namespace, OptionName: option });
    await whenReady(name, () =>
      this.beanstalk.send(
        new UpdateEnvironmentCommand({
          ApplicationName: this.application,
          EnvironmentName: name,
          ...(options.length > 0
            ? { OptionSettings: options.map((option) => ({ ...named(option), Value: option.value })) }
            : {}),
          ...(removals.length > 0 ? { OptionsToRemove: removals.map(named) } : {}),
        }),
      ),
    );
  }

  async deployVersion(name: string, versionLabel: string): Promise<void> {
    await whenReady(name, () =>
      this.beanstalk.send(
        new UpdateEnvironmentCommand({
          ApplicationName: this.application,
          EnvironmentName: name,
          VersionLabel: versionLabel,
        }),
      ),
    );
  }

  /**
   * Secrets are fetched again, too.
   * https://docs.aws.amazon.com/elasticbeanstalk/latest/api/API_RestartAppServer.html
   * https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/AWSHowTo.secrets.env-vars.html
   */
  async restart(name: string): Promise<void> {
    await whenReady(name, () => this.beanstalk.send(new RestartAppServerCommand({ EnvironmentName: name })));
  }

  /** While an environment is terminated, another of its name may exist already: that one is meant. */
  private async describe(name: string): Promise<EnvironmentDescription | undefined> {
    const own = (await this.describedOf(name)).filter(({ EnvironmentName }) => EnvironmentName === name);
    const left = own.filter(({ Status }) => Status !== 'Terminated');
    return left.find(({ Status }) => Status !== 'Terminating') ?? left[0];
  }

  private async described(names: string[]): Promise<EnvironmentDescription[]> {
    const { Environments: found = [] } = await this.beanstalk.send(
      new DescribeEnvironmentsCommand({
        ApplicationName: this.application,
        EnvironmentNames: names,
        IncludeDeleted: false,
      }),
    );
    return found;
  }

  private async resources(name: string) {
    const { EnvironmentResources } = await this.beanstalk.send(
      new DescribeEnvironmentResourcesCommand({ EnvironmentName: name }),
    );
    return {
      loadBalancers: (EnvironmentResources?.LoadBalancers ?? []).flatMap(({ Name }) => (Name ? [Name] : [])),
      autoScalingGroup: EnvironmentResources?.AutoScalingGroups?.[0]?.Name ?? '',
      instances: (EnvironmentResources?.Instances ?? []).flatMap(({ Id }) => (Id ? [Id] : [])),
    };
  }

  private async options(name: string): Promise<Record<string, string>> {
    const { ConfigurationSettings } = await this.beanstalk.send(
      new DescribeConfigurationSettingsCommand({ ApplicationName: this.application, EnvironmentName: name }),
    );
    // During a change there is a "pending" description beside the "deployed" one.
    const settings =
      ConfigurationSettings?.find(({ DeploymentStatus }) => DeploymentStatus === 'deployed') ??
      ConfigurationSettings?.[0];
    const found: Record<string, string> = {};
    for (const { Namespace, OptionName, Value } of settings?.OptionSettings ?? [])
      if (Value !== undefined) found[`${Namespace}:${OptionName}`] = Value;
    return found;
  }
}

/**
 * Documented as percentages, and elsewhere as numbers: the share of their sum is right for both.
 * https://docs.aws.amazon.com/elasticbeanstalk/latest/api/API_ApplicationMetrics.html
 * https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/health-enhanced-metrics.html
 */
function failedPercent(codes: StatusCodes = {}): number | undefined {
  const { Status2xx = 0, Status3xx = 0, Status4xx = 0, Status5xx = 0 } = codes;
  const all = Status2xx + Status3xx + Status4xx + Status5xx;
  return all === 0 ? undefined : Math.round((1000 * Status5xx) / all) / 10;
}

/** @throws PreconditionError ENVIRONMENT_NOT_READY */
async function whenReady(name: string, change: () => Promise<unknown>): Promise<void> {
  try {
    await change();
  } catch (error) {
    if (!/must be ready/i.test((error as Error).message)) throw error;
    throw new PreconditionError('ENVIRONMENT_NOT_READY', {
      so: `The environment ${name} cannot be updated now: ${(error as Error).message}`,
      next: 'Wait until npm run status shows it Ready, then run the same command again.',
    });
  }
}
