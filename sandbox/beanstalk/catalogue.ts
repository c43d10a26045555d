import { z } from 'zod';
import { AwsError } from '../errors';
import { pageOf } from '../protocol/paging';
import { input, list, text } from '../protocol/shapes';
import { type Operation, operation } from '../service';
import type { World } from '../world';
import { applicationName, pageAsked, paging } from './asking';
import { platformDescription, versionDescription } from './describe';
import type { Inventory } from './inventory';

const branchFilter = z.strictObject({
  Attribute: z.literal('BranchName'),
  Operator: z.literal('='),
  Values: list(text),
});

/** The operations about what environments are made of: the application, its versions, the platforms. */
export function catalogueOperations(world: World, inventory: Inventory): Record<string, Operation> {
  const { application } = inventory;
  return {
    DescribeApplications: operation(input({ ApplicationNames: list(text).default([]) }), (asked) => {
      const wanted = asked.ApplicationNames.length === 0 || asked.ApplicationNames.includes(application.name);
      const described = {
        ApplicationArn: `arn:aws:elasticbeanstalk:${world.region}:${world.account}:application/${application.name}`,
        ApplicationName: application.name,
        Versions: { member: application.versions.map((version) => version.label) },
        ConfigurationTemplates: '',
      };
      return { Applications: { member: wanted ? [described] : [] } };
    }),
    DescribeApplicationVersions: operation(
      input({
        ApplicationName: applicationName.optional(),
        VersionLabels: list(text).default([]),
        ...paging,
      }),
      (asked) => {
        const versions = application.versions
          .filter(() => !asked.ApplicationName || asked.ApplicationName === application.name)
          .filter(({ label }) => asked.VersionLabels.length === 0 || asked.VersionLabels.includes(label))
          .sort((a, b) => b.createdMs - a.createdMs);
        const { items, next } = pageOf(versions, pageAsked(asked));
        const member = items.map(({ label }) => versionDescription(world, application, label));
        return { ApplicationVersions: { member }, NextToken: next };
      },
    ),
    CreateApplicationVersion: operation(
      input({
        ApplicationName: applicationName,
        VersionLabel: text.min(1).max(100),
        Description: text.optional(),
        SourceBundle: z.strictObject({ S3Bucket: text, S3Key: text }),
        Process: z.literal('false').optional(),
      }),
      (asked) => {
        inventory.checkApplication(asked.ApplicationName);
        const { VersionLabel: label, SourceBundle: bundle, Description: description } = asked;
        if (application.versions.some((version) => version.label === label))
          throw new AwsError('InvalidParameterValue', `Application Version ${label} already exists.`);
        if (!isThere(world, bundle))
          throw new AwsError(
            'InvalidParameterCombination',
            `Unable to download from S3 location (Bucket: ${bundle.S3Bucket}  Key: ${bundle.S3Key}). Reason: Not Found`,
          );
        application.versions.push({ label, description, createdMs: world.clock.nowMs() });
        return { ApplicationVersion: versionDescription(world, application, label) };
      },
    ),
    DescribePlatformVersion: operation(input({ PlatformArn: text }), ({ PlatformArn: arn }) => {
      inventory.checkPlatform(arn);
      const released = new Date(inventory.platformReleasedMs(arn)).toISOString();
      const dates = { DateCreated: released, DateUpdated: released };
      return { PlatformDescription: { ...platformDescription(arn), ...dates } };
    }),
    ListPlatformVersions: operation(input({}), () => ({
      PlatformSummaryList: { member: application.platformArns.map(platformSummary) },
    })),
    ListPlatformBranches: operation(input({ Filters: list(branchFilter).default([]) }), (asked) => {
      const names = new Set(application.platformArns.map((arn) => arn.split('/')[1] ?? ''));
      const wanted = [...names].filter((name) =>
        asked.Filters.every((filter) => filter.Values.includes(name)),
      );
      const member = wanted.map((name) => ({
        PlatformName: name.split(' ')[0],
        BranchName: name,
        LifecycleState: 'Supported',
        BranchOrder: 1,
        SupportedTierList: { member: ['WebServer/Standard'] },
      }));
      return { PlatformBranchSummaryList: { member } };
    }),
  };
}

/** Neither a bucket nor a key that does not exist is told apart here. */
function isThere({ buckets }: World, { S3Bucket, S3Key }: { S3Bucket: string; S3Key: string }): boolean {
  try {
    return buckets.get(S3Bucket, S3Key) !== undefined;
  } catch {
    return false;
  }
}

function platformSummary(arn: string): object {
  const {
    PlatformName: _,
    SolutionStackName: __,
    ...summary
  } = platformDescription(arn) as Record<string, unknown>;
  return summary;
}
