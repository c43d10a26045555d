import type { World } from '../world';
import type { Configuration, OptionSetting } from './configuration';
import type { Environment, Event } from './environment';
import type { Application } from './inventory';
import { loadBalancerArn } from './load-balancer';
import { variables } from './options';

const iso = (atMs: number) => new Date(atMs).toISOString();

export async function environmentDescription(world: World, environment: Environment): Promise<object> {
  const health = await environment.health.report();
  const reporting = 'aws:elasticbeanstalk:healthreporting:system';
  const enhanced = environment.configuration.value(reporting, 'SystemType') === 'enhanced';
  const reported = enhanced && environment.status !== 'Terminated';
  return {
    EnvironmentName: environment.name,
    EnvironmentId: environment.id,
    ApplicationName: environment.application,
    VersionLabel: environment.versionLabel,
    SolutionStackName: solutionStack(environment.platformArn),
    PlatformArn: environment.platformArn,
    Description: environment.description,
    EndpointURL: environment.loadBalancer.dnsName,
    CNAME: environment.cname,
    DateCreated: iso(environment.createdMs),
    DateUpdated: iso(environment.updatedMs),
    Status: environment.status,
    AbortableOperationInProgress: environment.status === 'Updating',
    Health: health.color,
    HealthStatus: reported ? health.status : undefined,
    Tier: tier,
    EnvironmentLinks: '',
    EnvironmentArn: environment.arn,
    Resources: {
      LoadBalancer: { LoadBalancerName: loadBalancerArn(world, environment), Domain: '', Listeners: '' },
    },
  };
}

/** AWS answers these with stars instead of their values. */
const masked = new Set(['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SECRET_KEY']);

/** The options of a configuration never change, and are asked for again and again. */
const told = new WeakMap<Configuration, readonly OptionSetting[]>();

function settingsTold(configuration: Configuration): readonly OptionSetting[] {
  const known = told.get(configuration);
  if (known) return known;
  const settings = Object.freeze(
    configuration.settings().map((setting) => ({
      ...setting,
      Value:
        setting.Namespace === variables && masked.has(setting.OptionName)
          ? '*'.repeat(setting.Value.length)
          : setting.Value,
    })),
  );
  told.set(configuration, settings);
  return settings;
}

/** The one tier that environments here have. */
const tier = { Name: 'WebServer', Type: 'Standard', Version: '1.0' };

export function configurationDescription(environment: Environment): object {
  return {
    SolutionStackName: solutionStack(environment.platformArn),
    PlatformArn: environment.platformArn,
    ApplicationName: environment.application,
    EnvironmentName: environment.name,
    Description: environment.description,
    Tier: tier,
    DeploymentStatus: 'deployed',
    DateCreated: iso(environment.createdMs),
    DateUpdated: iso(environment.updatedMs),
    OptionSettings: { member: settingsTold(environment.configuration) },
  };
}

export function resourcesDescription(world: World, environment: Environment): object {
  return {
    EnvironmentName: environment.name,
    AutoScalingGroups: { member: [{ Name: environment.group.name }] },
    Instances: { member: environment.group.serving().map((instance) => ({ Id: instance.id })) },
    LaunchConfigurations: '',
    LaunchTemplates: '',
    LoadBalancers: { member: [{ Name: loadBalancerArn(world, environment) }] },
    Triggers: '',
    Queues: '',
  };
}

export function eventDescription(environment: Environment, event: Event): object {
  return {
    EventDate: iso(event.atMs),
    Message: event.message,
    ApplicationName: environment.application,
    EnvironmentName: environment.name,
    PlatformArn: environment.platformArn,
    RequestId: event.requestId || undefined,
    Severity: event.severity,
  };
}

export function versionDescription(world: World, application: Application, label: string): object {
  const version = application.versions.find((each) => each.label === label);
  const created = iso(version?.createdMs ?? 0);
  return {
    ApplicationVersionArn: `arn:aws:elasticbeanstalk:${world.region}:${world.account}:applicationversion/${application.name}/${label}`,
    ApplicationName: application.name,
    Description: version?.description,
    VersionLabel: label,
    DateCreated: created,
    DateUpdated: created,
    Status: 'UNPROCESSED',
  };
}

/** `arn:aws:elasticbeanstalk:REGION::platform/NAME/VERSION` in the words of a solution stack. */
function solutionStack(platformArn: string): string {
  const [, name = '', version = ''] = platformArn.split('/');
  const match = /^(Python \S+) running on (64bit Amazon Linux \S+)$/.exec(name);
  return match ? `${match[2]} v${version} running ${match[1]}` : `${name} v${version}`;
}

export function platformDescription(platformArn: string): object {
  const [, name = '', version = ''] = platformArn.split('/');
  return {
    PlatformArn: platformArn,
    PlatformOwner: 'AWSElasticBeanstalk',
    PlatformName: name,
    PlatformVersion: version,
    SolutionStackName: solutionStack(platformArn),
    PlatformStatus: 'Ready',
    PlatformLifecycleState: 'Recommended',
    PlatformBranchName: name,
    PlatformBranchLifecycleState: 'Supported',
    SupportedTierList: { member: ['WebServer/Standard'] },
  };
}
