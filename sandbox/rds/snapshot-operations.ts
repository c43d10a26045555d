import { z } from 'zod';
import { input, tags, text } from '../protocol/shapes';
import { type Operation, operation } from '../service';
import type { World } from '../world';
import { filtered, filters, page, paging, skipToNextChange } from './asking';
import { describeSnapshot } from './describe';
import type { Lifecycle } from './lifecycle';
import type { DatabaseSnapshot } from './state';
import type { Validation } from './validation';

export function snapshotOperations(
  world: World,
  lifecycle: Lifecycle,
  validation: Validation,
): Record<string, Operation> {
  const { state } = lifecycle;
  const answer = (snapshot: DatabaseSnapshot) => ({
    DBSnapshot: describeSnapshot(state, snapshot, world.clock.nowMs()),
  });
  return {
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

    CreateDBSnapshot: operation(
      input({ DBInstanceIdentifier: text, DBSnapshotIdentifier: text, Tags: tags.optional() }),
      async ({ DBInstanceIdentifier, DBSnapshotIdentifier: id, Tags = [] }) => {
        const source = state.instance(DBInstanceIdentifier);
        validation.newSnapshot(id);
        return answer((await lifecycle.snapshot(source, id, Tags)).subject);
      },
    ),

    DeleteDBSnapshot: operation(input({ DBSnapshotIdentifier: text }), async ({ DBSnapshotIdentifier }) => {
      const snapshot = state.snapshot(DBSnapshotIdentifier);
      await lifecycle.deleteSnapshot(snapshot);
      const { DBSnapshot } = answer(snapshot);
      return { DBSnapshot: { ...DBSnapshot, Status: 'deleted' } };
    }),
  };
}
