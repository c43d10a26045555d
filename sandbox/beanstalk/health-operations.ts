import { z } from 'zod';
import { AwsError } from '../errors';
import { input, list } from '../protocol/shapes';
import { type Operation, operation } from '../service';
import type { World } from '../world';
import { named } from './asking';
import type { Environment } from './environment';
import type { BeanstalkInstance } from './instance';

const common = ['All', 'Causes', 'Color', 'HealthStatus'] as const;
const ofEnvironments = [...common, 'ApplicationMetrics', 'InstancesHealth', 'RefreshedAt', 'Status'] as const;
const ofInstances = [
  ...common,
  'ApplicationMetrics',
  'AvailabilityZone',
  'Deployment',
  'InstanceType',
  'LaunchedAt',
  'RefreshedAt',
  'System',
] as const;

type Find = (asked: { EnvironmentName?: string; EnvironmentId?: string }) => Promise<Environment>;

/** Enhanced health. https://docs.aws.amazon.com/elasticbeanstalk/latest/api/API_DescribeEnvironmentHealth.html */
export function healthOperations(world: World, find: Find): Record<string, Operation> {
  return {
    DescribeEnvironmentHealth: operation(
      input({ ...named, AttributeNames: list(z.enum(ofEnvironments)).default([]) }),
      async (asked, call) => {
        const environment = await find(asked);
        refuseBasic(environment, call.action);
        const { EnvironmentName, ...health } = await environmentHealth(environment, world.clock.date());
        return { EnvironmentName, ...only(health, asked.AttributeNames) };
      },
    ),
    DescribeInstancesHealth: operation(
      input({ ...named, AttributeNames: list(z.enum(ofInstances)).default([]) }),
      async (asked, call) => {
        const environment = await find(asked);
        refuseBasic(environment, call.action);
        await world.clock.skipUntil(() => !environment.group.busy);
        const member = await Promise.all(
          environment.group.serving().map(async (instance) => ({
            InstanceId: instance.id,
            ...only(await instanceHealth(environment, instance), asked.AttributeNames),
          })),
        );
        return {
          InstanceHealthList: { member },
          ...only({ RefreshedAt: world.clock.date() }, asked.AttributeNames),
        };
      },
    ),
  };
}

function refuseBasic(environment: Environment, action: string): void {
  const namespace = 'aws:elasticbeanstalk:healthreporting:system';
  if (environment.configuration.value(namespace, 'SystemType') !== 'enhanced')
    throw new AwsError('InvalidRequestException', `${action} is not supported.`);
}

function only(attributes: object, asked: readonly string[]): object {
  if (asked.includes('All')) return attributes;
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => asked.includes(name)));
}

async function environmentHealth(environment: Environment, now: Date) {
  const report = await environment.health.report();
  const instances = environment.group.serving();
  const causes = await Promise.all(instances.map((instance) => environment.health.causesAt(instance)));
  const severe = causes.filter((each) => each.length > 0).length;
  const { 2: two, 3: three, 4: four, 5: five } = environment.health.answered();
  return {
    EnvironmentName: environment.name,
    HealthStatus: report.status,
    Status: environment.status,
    Color: report.color,
    Causes: { member: report.causes },
    ApplicationMetrics: {
      RequestCount: two + three + four + five,
      StatusCodes: { Status2xx: two, Status3xx: three, Status4xx: four, Status5xx: five },
    },
    InstancesHealth: { Ok: instances.length - severe, Severe: severe },
    RefreshedAt: now,
  };
}

/** What of an instance can be told: it has no load, and the requests are counted for the environment alone. */
async function instanceHealth(environment: Environment, instance: BeanstalkInstance): Promise<object> {
  const causes = await environment.health.causesAt(instance);
  return {
    HealthStatus: causes.length === 0 ? 'Ok' : 'Severe',
    Color: causes.length === 0 ? 'Green' : 'Red',
    Causes: { member: causes },
    LaunchedAt: new Date(instance.launchedAtMs),
    Deployment: {
      VersionLabel: instance.versionLabel,
      Status: instance.deployment === 'failed' ? 'Failed' : 'Deployed',
    },
    AvailabilityZone: instance.zone,
    InstanceType: instance.type,
  };
}
