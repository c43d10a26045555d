import { RegionInfo } from 'aws-cdk-lib/region-info';
import { cnamePrefix, parameterArn, parameterNames } from '../../lib/names';
import type { Settings } from '../../lib/settings';
import type { WorldPlan } from '../../sandbox/plan';

/** The release that the world has before its first upgrade. */
export const versionBefore = 'cobalt-6.3.20';

/** The options of an environment that was made by hand, but for what a posture owns. */
export function optionsByHand(settings: Settings, plain: Record<string, string>) {
  const option =
    (namespace: string) =>
    ([name, value]: [string, string]) => ({ Namespace: namespace, OptionName: name, Value: value });
  return [
    ...Object.entries({ EnvironmentType: 'LoadBalanced', LoadBalancerType: 'application' }).map(
      option('aws:elasticbeanstalk:environment'),
    ),
    option('aws:elasticbeanstalk:environment:process:default')([
      'HealthCheckPath',
      settings.environment.healthCheckPath,
    ]),
    ...Object.entries(plain).map(option('aws:elasticbeanstalk:application:environment')),
    ...settings.variables.secrets
      .map((name): [string, string] => [name, parameterArn(settings, parameterNames(settings).secret(name))])
      .map(option('aws:elasticbeanstalk:application:environmentsecrets')),
  ];
}

type Parts = Pick<WorldPlan, 'databases' | 'environments' | 'records'>;

/** The test system as somebody made it by hand: an old release, on a database of its own, its password a plain value. */
export function testSystemBefore(settings: Settings, endpointOf: (databaseId: string) => string): Parts {
  const { testSystem, variables, database, zone } = settings;
  if (!testSystem) return { databases: [], environments: [], records: [] };
  const { name, instanceRole } = testSystem.environment;
  const password = 'canary-test-password';
  const cname = `${cnamePrefix(settings, name)}.${settings.region}.elasticbeanstalk.com`;
  const plain = {
    ...variables.plain,
    [testSystem.hostVariable]: testSystem.host,
    [variables.database.host]: endpointOf(testSystem.databases),
    [variables.database.port]: String(database.port),
    [variables.database.name]: database.name,
    [variables.database.user]: database.writer.user,
    [variables.database.password]: password,
  };
  const group = ([OptionName, Value]: [string, string]) => ({
    Namespace: 'aws:autoscaling:asg',
    OptionName,
    Value,
  });
  return {
    databases: [
      {
        id: testSystem.databases,
        instanceClass: testSystem.instanceClass,
        databaseName: database.name,
        masterUsername: database.writer.user,
        password,
        data: 'preparation',
      },
    ],
    environments: [
      {
        name,
        cname,
        role: instanceRole,
        options: [
          ...optionsByHand(settings, plain),
          ...Object.entries({ MinSize: '1', MaxSize: '1' }).map(group),
        ],
        versionLabel: versionBefore,
      },
    ],
    records: [
      {
        zoneId: zone.id,
        name: testSystem.host,
        type: 'A',
        alias: { hostedZoneId: RegionInfo.get(settings.region).ebsEnvEndpointHostedZoneId!, dnsName: cname },
      },
    ],
  };
}
