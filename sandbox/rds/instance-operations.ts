import { z } from 'zod';
import { flag, input, list, tags, text } from '../protocol/shapes';
import { type Operation, operation } from '../service';
import type { World } from '../world';
import { filtered, filters, page, paging, skipToNextChange } from './asking';
import { describeInstance } from './describe';
import type { Lifecycle } from './lifecycle';
import type { DatabaseInstance } from './state';
import type { Validation } from './validation';
import { createSettings, modifySettings, restoreSettings } from './wire';

type Operations = Record<string, Operation>;

export function instanceOperations(world: World, lifecycle: Lifecycle, validation: Validation): Operations {
  const answer = (instance: DatabaseInstance) => ({
    DBInstance: describeInstance(lifecycle.state, instance, world.clock.nowMs()),
  });
  return {
    ...asking(world, lifecycle),
    ...making(lifecycle, validation, answer),
    ...changing(lifecycle, validation, answer),
  };
}

type Answer = (instance: DatabaseInstance) => object;

function asking(world: World, { state }: Lifecycle): Operations {
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
  };
}

function making(lifecycle: Lifecycle, validation: Validation, answer: Answer): Operations {
  const { state } = lifecycle;
  return {
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
  };
}

function changing(lifecycle: Lifecycle, validation: Validation, answer: Answer): Operations {
  const { state } = lifecycle;
  return {
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
  };
}
