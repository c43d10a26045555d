import { arn, onAnything, type Right, type RightsTable, type RightsWorld } from './right';

const right = (world: RightsWorld, action: string, type: string, id: string): Right => ({
  action: `rds:${action}`,
  resource: arn(world, 'rds', `${type}:${id}`),
});

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html */
export const rdsRights: RightsTable = {
  DescribeAccountAttributes: onAnything('rds:DescribeAccountAttributes'),
  DescribeDBInstances: ({ DBInstanceIdentifier: id = '*' }, world) => [
    right(world, 'DescribeDBInstances', 'db', id),
  ],
  DescribeDBSnapshots: ({ DBInstanceIdentifier: id, DBSnapshotIdentifier: snapshot = '*' }, world) => [
    ...(id ? [right(world, 'DescribeDBSnapshots', 'db', id)] : []),
    right(world, 'DescribeDBSnapshots', 'snapshot', snapshot),
  ],
  CreateDBSnapshot: ({ DBInstanceIdentifier: id, DBSnapshotIdentifier: snapshot }, world) => [
    right(world, 'CreateDBSnapshot', 'db', id),
    right(world, 'CreateDBSnapshot', 'snapshot', snapshot),
  ],
  RestoreDBInstanceFromDBSnapshot: (asked, world) => [
    right(world, 'RestoreDBInstanceFromDBSnapshot', 'db', asked.DBInstanceIdentifier),
    right(world, 'RestoreDBInstanceFromDBSnapshot', 'snapshot', asked.DBSnapshotIdentifier),
    right(world, 'RestoreDBInstanceFromDBSnapshot', 'subgrp', asked.DBSubnetGroupName ?? 'default'),
    right(world, 'RestoreDBInstanceFromDBSnapshot', 'pg', asked.DBParameterGroupName ?? 'default'),
    right(world, 'RestoreDBInstanceFromDBSnapshot', 'og', asked.OptionGroupName ?? 'default'),
  ],
  ModifyDBInstance: ({ DBInstanceIdentifier: id }, world) => [right(world, 'ModifyDBInstance', 'db', id)],
  /** A final snapshot is made by the same call. */
  DeleteDBInstance: ({ DBInstanceIdentifier: id, FinalDBSnapshotIdentifier: snapshot }, world) => [
    right(world, 'DeleteDBInstance', 'db', id),
    ...(snapshot
      ? [right(world, 'CreateDBSnapshot', 'db', id), right(world, 'CreateDBSnapshot', 'snapshot', snapshot)]
      : []),
  ],
};
