import { z } from 'zod';
import { AwsError } from '../errors';
import { flag, input, list, tags, text } from '../protocol/shapes';
import { type Operation, operation } from '../service';
import type { World } from '../world';
import { page, paging } from './asking';
import { tagList } from './describe';
import { instanceOperations } from './instance-operations';
import { type Lifecycle, mergeTags } from './lifecycle';
import { snapshotOperations } from './snapshot-operations';
import type { RdsState, Tag } from './state';
import type { Validation } from './validation';

/** The operations of RDS that the sandbox has, for instances of PostgreSQL. */
export function rdsOperations(
  world: World,
  lifecycle: Lifecycle,
  validation: Validation,
): Record<string, Operation> {
  return {
    ...instanceOperations(world, lifecycle, validation),
    ...snapshotOperations(world, lifecycle, validation),
    ...tagOperations(lifecycle.state),
    DescribeDBEngineVersions: describeEngineVersions,
    DescribeAccountAttributes: accountAttributes(lifecycle.state),
  };
}

function tagOperations(state: RdsState): Record<string, Operation> {
  const tagged = (arn: string): { tags: Tag[] } => {
    if (arn.startsWith(state.arnOf('snapshot', ''))) return state.snapshot(arn);
    if (arn.startsWith(state.arnOf('db', ''))) return state.instance(arn);
    throw new AwsError(
      'InvalidParameterValue',
      'The specified resource name does not match an RDS resource in this region.',
    );
  };
  return {
    AddTagsToResource: operation(input({ ResourceName: text, Tags: tags }), ({ ResourceName, Tags }) => {
      if (Tags.some(({ Key }) => Key.startsWith('aws:')))
        throw new AwsError('InvalidParameterValue', 'Tag keys that begin with aws: are reserved.');
      const resource = tagged(ResourceName);
      resource.tags = mergeTags(resource.tags, Tags);
    }),

    RemoveTagsFromResource: operation(
      input({ ResourceName: text, TagKeys: list(text) }),
      ({ ResourceName, TagKeys }) => {
        const resource = tagged(ResourceName);
        resource.tags = resource.tags.filter(({ Key }) => !TagKeys.includes(Key));
      },
    ),

    ListTagsForResource: operation(input({ ResourceName: text }), ({ ResourceName }) => ({
      TagList: tagList(tagged(ResourceName).tags),
    })),
  };
}

/** The quotas that instances and their snapshots use up, as an account has them at first. */
function accountAttributes({ instances, snapshots }: RdsState): Operation {
  const gib = () =>
    [...instances.values()].reduce((sum, { settings }) => sum + (settings.AllocatedStorage ?? 0), 0);
  return operation(input({}), () => ({
    AccountQuotas: {
      AccountQuota: [
        { AccountQuotaName: 'DBInstances', Used: instances.size, Max: 40 },
        { AccountQuotaName: 'ManualSnapshots', Used: snapshots.size, Max: 100 },
        { AccountQuotaName: 'AllocatedStorage', Used: gib(), Max: 100_000 },
      ],
    },
  }));
}

const describeEngineVersions = operation(
  input({
    Engine: z.literal('postgres').optional(),
    EngineVersion: text.optional(),
    DBParameterGroupFamily: text.optional(),
    DefaultOnly: flag.optional(),
    ...paging,
  }),
  ({ EngineVersion, DBParameterGroupFamily: family, ...where }) => {
    const matches =
      (EngineVersion === undefined || '17.10' === EngineVersion || '17' === EngineVersion) &&
      (family === undefined || family === 'postgres17');
    const { items } = page(matches ? [engineVersion] : [], where);
    return { DBEngineVersions: { DBEngineVersion: items } };
  },
);

const engineVersion = {
  Engine: 'postgres',
  MajorEngineVersion: '17',
  EngineVersion: '17.10',
  DBParameterGroupFamily: 'postgres17',
  DBEngineDescription: 'PostgreSQL',
  DBEngineVersionDescription: 'PostgreSQL 17.10-R1',
  Status: 'available',
  ExportableLogTypes: { member: ['postgresql', 'upgrade', 'iam-db-auth-error'] },
};
