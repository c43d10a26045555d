import { z } from 'zod';
import type { ResourceState, ResourceType } from '../cloudformation/resource-type';
import { notModelled } from '../errors';
import type { World } from '../world';
import type { Environment } from './environment';
import type { Inventory } from './inventory';
import type { Accepted, Lifecycle } from './lifecycle';

const value = z.union([z.string(), z.number().transform(String), z.boolean().transform(String)]);

const properties = z.strictObject({
  ApplicationName: z.string(),
  EnvironmentName: z.string().optional(),
  CNAMEPrefix: z.string().optional(),
  Description: z.string().optional(),
  OptionSettings: z
    .array(z.strictObject({ Namespace: z.string(), OptionName: z.string(), Value: value.default('') }))
    .default([]),
  PlatformArn: z.string().optional(),
  Tier: z
    .strictObject({
      Name: z.literal('WebServer'),
      Type: z.literal('Standard').optional(),
      Version: z.string().optional(),
    })
    .optional(),
  VersionLabel: z.string().optional(),
  Tags: z.array(z.strictObject({ Key: z.string(), Value: z.string() })).default([]),
});
export type EnvironmentProperties = z.output<typeof properties>;

/**
 * AWS::ElasticBeanstalk::Environment. An update passes on what the template states and nothing else, so what
 * the template stops naming stays as it was.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticbeanstalk-environment.html
 */
export function environmentType(
  world: World,
  inventory: Inventory,
  lifecycle: Lifecycle,
): ResourceType<EnvironmentProperties> {
  /** Runs what was accepted and rejects with AWS's words when it failed. */
  const complete = async (name: string, run: Accepted) => {
    const failure = await world.clock.run(name, run);
    if (failure) throw new Error(failure);
  };
  return {
    typeName: 'AWS::ElasticBeanstalk::Environment',
    properties: properties as unknown as z.ZodType<EnvironmentProperties>,
    async create({ properties: wanted, stackName, logicalId }) {
      if (!wanted.PlatformArn) throw notModelled('environments without a PlatformArn');
      if (!wanted.VersionLabel) throw notModelled('environments without a VersionLabel');
      const { environment, run } = lifecycle.create({
        name: wanted.EnvironmentName ?? `${stackName}-${logicalId}`.slice(0, 40),
        application: wanted.ApplicationName,
        cnamePrefix: wanted.CNAMEPrefix,
        description: wanted.Description,
        platformArn: wanted.PlatformArn,
        versionLabel: wanted.VersionLabel,
        settings: wanted.OptionSettings,
        tags: tagsOf(wanted),
        requestId: '',
      });
      await complete(`creation of ${environment.name}`, run);
      return stateOf(environment);
    },
    async update({ properties: wanted, previous, physicalId }) {
      const environment = inventory.find({ EnvironmentName: physicalId });
      const removed = previous.Tags.filter(({ Key }) => !wanted.Tags.some((tag) => tag.Key === Key));
      const run = lifecycle.update(environment, {
        settings: wanted.OptionSettings,
        removals: [],
        versionLabel: versionToDeploy(world, environment, previous, wanted),
        platformArn: wanted.PlatformArn,
        description: wanted.Description,
        tags: tagsOf(wanted),
        requestId: '',
      });
      for (const { Key } of removed) environment.tags.delete(Key);
      await complete(`update of ${environment.name}`, run);
      return stateOf(environment);
    },
    async delete({ physicalId }) {
      const environment = inventory.live(physicalId);
      if (!environment) return;
      await complete(`termination of ${physicalId}`, lifecycle.terminate(environment, ''));
    },
    find(physicalId) {
      const environment = inventory.live(physicalId);
      return environment && stateOf(environment);
    },
    nameOf: (wanted) => wanted.EnvironmentName,
    async adopt({ physicalId, properties: wanted }) {
      const environment = inventory.find({ EnvironmentName: physicalId });
      if (world.switches.importUpdatesEnvironment) {
        const run = lifecycle.update(environment, {
          settings: wanted.OptionSettings,
          removals: [],
          requestId: '',
        });
        await complete(`import of ${physicalId}`, run);
      }
      return stateOf(environment);
    },
  };
}

/** Not established about AWS: whether an old label that the template still names is deployed again. */
function versionToDeploy(
  world: World,
  environment: Environment,
  previous: EnvironmentProperties,
  wanted: EnvironmentProperties,
): string | undefined {
  const label = wanted.VersionLabel;
  if (world.switches.templateRedeploysVersion) return label === environment.versionLabel ? undefined : label;
  return label === previous.VersionLabel ? undefined : label;
}

function tagsOf(wanted: EnvironmentProperties): Map<string, string> {
  return new Map(wanted.Tags.map((tag) => [tag.Key, tag.Value]));
}

function stateOf(environment: Environment): ResourceState {
  return {
    physicalId: environment.name,
    attributes: { EndpointURL: environment.loadBalancer.dnsName },
  };
}
