import { z } from 'zod';
import { AwsError, notModelled } from '../errors';
import { pageOf } from '../protocol/paging';
import { flag, input, list, tags, text, timestamp } from '../protocol/shapes';
import { type Operation, type OperationService, operation } from '../service';
import type { World } from '../world';
import { applicationName, environmentName, named, pageAsked, paging } from './asking';
import { catalogueOperations } from './catalogue';
import type { OptionName } from './configuration';
import {
  configurationDescription,
  environmentDescription,
  eventDescription,
  resourcesDescription,
} from './describe';
import type { Environment, Severity } from './environment';
import { healthOperations } from './health-operations';
import type { Inventory } from './inventory';
import type { Accepted, Lifecycle } from './lifecycle';

const optionName = z.strictObject({ Namespace: text, OptionName: text });
const optionSetting = z.strictObject({ Namespace: text, OptionName: text, Value: text.default('') });
const tier = z.strictObject({
  Name: z.literal('WebServer'),
  Type: z.literal('Standard').optional(),
  Version: text.optional(),
});
const severities: Severity[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

export function beanstalkService(world: World, inventory: Inventory, lifecycle: Lifecycle): OperationService {
  const describe = (environment: Environment) => environmentDescription(world, environment);
  const settled = (environments: Environment[]) =>
    world.clock.skipUntil(() => environments.every((environment) => !environment.inTransition));
  /** Runs what was accepted, as an activity of its own. */
  const begin = (name: string, run: Accepted) => {
    world.clock.at(world.clock.nowMs(), name, async () => {
      await run();
    });
  };
  const find = async (asked: { EnvironmentName?: string; EnvironmentId?: string }) => {
    const environment = inventory.find(asked);
    await settled([environment]);
    return environment;
  };
  const byArn = (arn: string) => {
    const found = inventory.environments.find((each) => each.arn === arn && each.status !== 'Terminated');
    if (found) return found;
    throw new AwsError('ResourceNotFoundException', `Resource not found for arn: ${arn}`);
  };

  const operations: Record<string, Operation> = {
    DescribeEnvironments: operation(
      input({
        ApplicationName: applicationName.optional(),
        VersionLabel: text.optional(),
        EnvironmentIds: list(text).default([]),
        EnvironmentNames: list(environmentName).default([]),
        IncludeDeleted: flag.default(true),
        IncludedDeletedBackTo: timestamp.optional(),
        ...paging,
      }),
      async (asked) => {
        const chosen = () =>
          inventory
            .described(asked.IncludeDeleted)
            .filter(
              (each) => each.status !== 'Terminated' || each.updatedMs >= (asked.IncludedDeletedBackTo ?? 0),
            )
            .filter((each) => !asked.ApplicationName || each.application === asked.ApplicationName)
            .filter((each) => !asked.VersionLabel || each.versionLabel === asked.VersionLabel)
            .filter((each) => asked.EnvironmentIds.length === 0 || asked.EnvironmentIds.includes(each.id))
            .filter(
              (each) => asked.EnvironmentNames.length === 0 || asked.EnvironmentNames.includes(each.name),
            );
        await settled(chosen());
        const { items, next } = pageOf(chosen(), pageAsked(asked));
        return { Environments: { member: await Promise.all(items.map(describe)) }, NextToken: next };
      },
    ),
    DescribeConfigurationSettings: operation(
      input({ ApplicationName: applicationName, EnvironmentName: environmentName }),
      async (asked) => {
        inventory.checkApplication(asked.ApplicationName);
        const environment = await find({ EnvironmentName: asked.EnvironmentName });
        return { ConfigurationSettings: { member: [configurationDescription(environment)] } };
      },
    ),
    DescribeEnvironmentResources: operation(input(named), async (asked) => {
      const environment = await find(asked);
      await world.clock.skipUntil(() => !environment.group.busy);
      return { EnvironmentResources: resourcesDescription(world, environment) };
    }),
    DescribeEvents: operation(
      input({
        ...named,
        ApplicationName: applicationName.optional(),
        RequestId: text.optional(),
        Severity: z.enum(severities).optional(),
        StartTime: timestamp.optional(),
        EndTime: timestamp.optional(),
        ...paging,
      }),
      async (asked) => {
        const environments = inventory.environments
          .filter((each) => !asked.EnvironmentName || each.name === asked.EnvironmentName)
          .filter((each) => !asked.EnvironmentId || each.id === asked.EnvironmentId)
          .filter((each) => !asked.ApplicationName || each.application === asked.ApplicationName);
        await settled(environments);
        const least = severities.indexOf(asked.Severity ?? 'TRACE');
        const events = environments
          .flatMap((environment) => environment.events.map((event) => ({ environment, event })))
          .filter(({ event }) => !asked.RequestId || event.requestId === asked.RequestId)
          .filter(({ event }) => severities.indexOf(event.severity) >= least)
          .filter(({ event }) => event.atMs >= (asked.StartTime ?? 0))
          .filter(({ event }) => event.atMs < (asked.EndTime ?? Number.POSITIVE_INFINITY))
          .reverse()
          .sort((a, b) => b.event.atMs - a.event.atMs);
        const { items, next } = pageOf(events, pageAsked(asked));
        return {
          Events: { member: items.map(({ environment, event }) => eventDescription(environment, event)) },
          NextToken: next,
        };
      },
    ),
    UpdateEnvironment: operation(
      input({
        ...named,
        ApplicationName: applicationName.optional(),
        Description: text.optional(),
        OptionSettings: list(optionSetting).default([]),
        OptionsToRemove: list(optionName).default([]),
        VersionLabel: text.optional(),
        PlatformArn: text.optional(),
      }),
      async (asked, call) => {
        if (asked.ApplicationName) inventory.checkApplication(asked.ApplicationName);
        const environment = inventory.find(asked);
        const run = lifecycle.update(environment, {
          settings: asked.OptionSettings,
          removals: asked.OptionsToRemove as OptionName[],
          versionLabel: asked.VersionLabel,
          platformArn: asked.PlatformArn,
          description: asked.Description,
          requestId: call.requestId,
        });
        begin(`update of ${environment.name}`, run);
        return describe(environment);
      },
    ),
    CreateEnvironment: operation(
      input({
        ApplicationName: applicationName,
        EnvironmentName: text,
        CNAMEPrefix: text.optional(),
        Description: text.optional(),
        Tier: tier.optional(),
        Tags: tags.default([]),
        VersionLabel: text.optional(),
        PlatformArn: text.optional(),
        OptionSettings: list(optionSetting).default([]),
      }),
      async (asked, call) => {
        const { environment, run } = lifecycle.create({
          name: asked.EnvironmentName,
          application: asked.ApplicationName,
          cnamePrefix: asked.CNAMEPrefix,
          description: asked.Description,
          platformArn: requirePlatform(asked.PlatformArn),
          versionLabel: requireVersion(asked.VersionLabel),
          settings: asked.OptionSettings,
          tags: new Map(asked.Tags.map((tag) => [tag.Key, tag.Value])),
          requestId: call.requestId,
        });
        begin(`creation of ${environment.name}`, run);
        return describe(environment);
      },
    ),
    TerminateEnvironment: operation(
      input({ ...named, TerminateResources: z.literal('true').optional(), ForceTerminate: flag.optional() }),
      async (asked, call) => {
        const environment = inventory.find(asked);
        begin(`termination of ${environment.name}`, lifecycle.terminate(environment, call.requestId));
        return describe(environment);
      },
    ),
    RestartAppServer: operation(input(named), async (asked, call) => {
      const environment = inventory.find(asked);
      begin(`restart of ${environment.name}`, lifecycle.restartServers(environment, call.requestId));
    }),
    CheckDNSAvailability: operation(input({ CNAMEPrefix: text.regex(/^[a-zA-Z0-9-]{4,63}$/) }), (asked) => {
      const cname = `${asked.CNAMEPrefix.toLowerCase()}.${world.region}.elasticbeanstalk.com`;
      return { Available: inventory.cnameFree(cname), FullyQualifiedCNAME: cname };
    }),
    ...healthOperations(world, find),
    ...catalogueOperations(world, inventory),
    ListTagsForResource: operation(input({ ResourceArn: text }), async (asked) => {
      const environment = byArn(asked.ResourceArn);
      await settled([environment]);
      const member = [...allTags(environment)].map(([Key, Value]) => ({ Key, Value }));
      return { ResourceArn: asked.ResourceArn, ResourceTags: { member } };
    }),
    UpdateTagsForResource: operation(
      input({ ResourceArn: text, TagsToAdd: tags.default([]), TagsToRemove: list(text).default([]) }),
      (asked, call) => {
        const environment = byArn(asked.ResourceArn);
        const change = (all: Map<string, string>) => {
          for (const tag of asked.TagsToAdd) all.set(tag.Key, tag.Value);
          for (const key of asked.TagsToRemove) all.delete(key);
        };
        const run = lifecycle.changeTags(environment, change, call.requestId);
        begin(`tags of ${environment.name}`, run);
      },
    ),
  };
  return {
    name: 'elasticbeanstalk',
    protocol: 'query',
    namespace: 'http://elasticbeanstalk.amazonaws.com/docs/2010-12-01/',
    operations,
  };
}

/** An environment's own tags and those that Elastic Beanstalk puts beside them. */
export function allTags(environment: Environment): Map<string, string> {
  return new Map([
    ['elasticbeanstalk:environment-id', environment.id],
    ['elasticbeanstalk:environment-name', environment.name],
    ['Name', environment.name],
    ...environment.tags,
  ]);
}

function requirePlatform(arn: string | undefined): string {
  if (arn) return arn;
  throw notModelled('platforms that are not given by PlatformArn');
}

function requireVersion(label: string | undefined): string {
  if (label) return label;
  throw notModelled('environments without a VersionLabel (the sample application)');
}
