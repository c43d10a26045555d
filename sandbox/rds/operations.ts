import { z } from 'zod';
import { AwsError } from '../errors';
import { flag, input, integer, list, tags, text } from '../protocol/shapes';
import { type Operation, operation } from '../service';
import type { World } from '../world';
import { filtered, page, skipToNextChange } from './asking';
import { describeInstance, describeSnapshot, tagList } from './describe';
import { type Lifecycle, mergeTags } from './lifecycle';
import type { DatabaseInstance, DatabaseSnapshot } from './state';
import type { Validation } from './validation';
import { createSettings, modifySettings, restoreSettings } from './wire';

const paging = { MaxRecords: integer.optional(), Marker: text.optional() };
const filters = list(input({ Name: text, Values: list(text) })).optional();

/** The operations of RDS that the sandbox has, for instances of PostgreSQL. */
export function rdsOperations(
  world: World,
  lifecycle: Lifecycle,
  validation: Validation,
): Record<string, Operation> {
  const { state } = lifecycle;
  const answer = (instance: DatabaseInstance) => ({
    DBInstance: describeInstance(state, instance, world.clock.nowMs()),
  });
  const answerSnapshot = (snapshot: DatabaseSnapshot) => ({
    DBSnapshot: describeSnapshot(state, snapshot, world.clock.nowMs()),
  });
  const tagged = (arn: string): { tags: { Key: string; Value: string }[] } =>
    arn.includes(':snapshot:') ? state.snapshot(arn) : state.instance(arn);

  return {
    DescribeDBInstances: operation(
      input({ DBInstanceIdentifier: text.optional(), Filters: filters, ...paging }),
      async ({ DBInstanceIdentifier: id, Filters, ...where }) => {
        const asked = () => (id === undefined ? [...state.instances.values()] : [state.instance(id)]);
        await skipToNextChange(world.clock, state.instances, asked());
        const found = filtered(asked(), Filters, {
          'db-instance-id': (instance) => [instance.id, instance.arn],
          'dbi-resource-id': (instance) => [instance.resourceId],
          engine: () => ['postgres'],
        });
        const { items, Marker } = page(found, where);
        const nowMs = world.clock.nowMs();
        return {
          DBInstances: { DBInstance: items.map((instance) => describeInstance(state, instance, nowMs)) },
          Marker,
        };
      },
    ),

    DescribeDBSnapshots: operation(
      input({
        DBInstanceIdentifier: text.optional(),
        DBSnapshotIdentifier: text.optional(),
        SnapshotType: z.enum(['manual']).optional(),
        IncludeShared: z.literal('false').optional(),
        IncludePublic: z.literal('false').optional(),
        Filters: filters,
        ...paging,
      }),
      async ({ DBInstanceIdentifier: source, DBSnapshotIdentifier: id, Filters, ...where }) => {
        const asked = () =>
          (id === undefined ? [...state.snapshots.values()] : [state.snapshot(id)]).filter(
            (snapshot) => source === undefined || snapshot.source.id === source.toLowerCase(),
          );
        await skipToNextChange(world.clock, state.snapshots, asked());
        const found = filtered(asked(), Filters, {
          'db-instance-id': (snapshot) => [snapshot.source.id, state.arnOf('db', snapshot.source.id)],
          'db-snapshot-id': (snapshot) => [snapshot.id],
          'dbi-resource-id': (snapshot) => [snapshot.source.resourceId],
          'snapshot-type': () => ['manual'],
          engine: () => ['postgres'],
        });
        const { items, Marker } = page(found, where);
        const nowMs = world.clock.nowMs();
        return {
          DBSnapshots: { DBSnapshot: items.map((snapshot) => describeSnapshot(state, snapshot, nowMs)) },
          Marker,
        };
      },
    ),

    CreateDBInstance: operation(
      createSettings.extend({
        DBInstanceIdentifier: text,
        Engine: text,
        MasterUsername: text.optional(),
        MasterUserPassword: text.optional(),
        DBName: text.optional(),
        Tags: tags.optional(),
      }),
      (request) => answer(lifecycle.create(validation.creation(request)).subject),
    ),

    RestoreDBInstanceFromDBSnapshot: operation(
      restoreSettings.extend({
        DBInstanceIdentifier: text,
        DBSnapshotIdentifier: text,
        Engine: z.literal('postgres').optional(),
        Tags: tags.optional(),
      }),
      ({ DBInstanceIdentifier: id, DBSnapshotIdentifier, Engine: _, Tags = [], ...stated }) => {
        const snapshot = state.snapshot(DBSnapshotIdentifier);
        validation.restore(snapshot, id, stated);
        return answer(lifecycle.restore(snapshot, id, stated, Tags).subject);
      },
    ),

    ModifyDBInstance: operation(
      modifySettings.extend({
        DBInstanceIdentifier: text,
        MasterUserPassword: text.optional(),
        ApplyImmediately: flag.default(false),
        AllowMajorVersionUpgrade: z.literal('false').optional(),
        CloudwatchLogsExportConfiguration: input({
          EnableLogTypes: list(text).default([]),
          DisableLogTypes: list(text).default([]),
        }).optional(),
      }),
      ({
        DBInstanceIdentifier,
        MasterUserPassword: password,
        ApplyImmediately,
        AllowMajorVersionUpgrade: _,
        CloudwatchLogsExportConfiguration: logs,
        ...stated
      }) => {
        const instance = state.instance(DBInstanceIdentifier);
        const { EnableCloudwatchLogsExports: exported } = instance.settings;
        const EnableCloudwatchLogsExports =
          logs &&
          [...new Set([...exported, ...logs.EnableLogTypes])].filter(
            (log) => !logs.DisableLogTypes.includes(log),
          );
        const changes = { ...stated, EnableCloudwatchLogsExports };
        validation.modification(instance, changes, password);
        return answer(lifecycle.modify(instance, changes, password, ApplyImmediately).subject);
      },
    ),

    RebootDBInstance: operation(
      input({ DBInstanceIdentifier: text, ForceFailover: z.literal('false').optional() }),
      ({ DBInstanceIdentifier }) => answer(lifecycle.reboot(state.instance(DBInstanceIdentifier)).subject),
    ),

    DeleteDBInstance: operation(
      input({
        DBInstanceIdentifier: text,
        SkipFinalSnapshot: flag.default(false),
        FinalDBSnapshotIdentifier: text.optional(),
        DeleteAutomatedBackups: flag.optional(),
      }),
      ({ DBInstanceIdentifier, SkipFinalSnapshot, FinalDBSnapshotIdentifier: final }) => {
        const instance = state.instance(DBInstanceIdentifier);
        validation.deletion(instance, SkipFinalSnapshot, final);
        return answer(lifecycle.remove(instance, final).subject);
      },
    ),

    CreateDBSnapshot: operation(
      input({ DBInstanceIdentifier: text, DBSnapshotIdentifier: text, Tags: tags.optional() }),
      async ({ DBInstanceIdentifier, DBSnapshotIdentifier: id, Tags = [] }) => {
        const source = state.instance(DBInstanceIdentifier);
        validation.newSnapshot(id);
        return answerSnapshot((await lifecycle.snapshot(source, id, Tags)).subject);
      },
    ),

    DeleteDBSnapshot: operation(input({ DBSnapshotIdentifier: text }), async ({ DBSnapshotIdentifier }) => {
      const snapshot = state.snapshot(DBSnapshotIdentifier);
      await lifecycle.deleteSnapshot(snapshot);
      const { DBSnapshot } = answerSnapshot(snapshot);
      return { DBSnapshot: { ...DBSnapshot, Status: 'deleted' } };
    }),

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

    ListTagsForResource: operation(input({ ResourceName: text, Filters: filters }), ({ ResourceName }) => ({
      TagList: tagList(tagged(ResourceName).tags),
    })),

    DescribeDBEngineVersions: operation(
      input({
        Engine: z.literal('postgres').optional(),
        EngineVersion: text.optional(),
        DBParameterGroupFamily: text.optional(),
        DefaultOnly: flag.optional(),
        ...paging,
      }),
      ({ EngineVersion, DBParameterGroupFamily: family }) => {
        const matches =
          (EngineVersion === undefined || '17.10' === EngineVersion || '17' === EngineVersion) &&
          (family === undefined || family === 'postgres17');
        return { DBEngineVersions: matches ? { DBEngineVersion: engineVersion } : '' };
      },
    ),
  };
}

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
