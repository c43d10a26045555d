import { casesOf } from './case';

const DBInstanceIdentifier = 'contract-$me';
const restored = { DBInstanceIdentifier: 'contract-restored-$me' };
const DBSnapshotIdentifier = 'contract-$me';
const seeded = { DBInstanceIdentifier: '$database' };
const nobody = { DBInstanceIdentifier: 'nobody' };
const noSnapshot = { DBSnapshotIdentifier: 'nobody' };
const created = {
  DBInstanceIdentifier,
  Engine: 'postgres',
  DBInstanceClass: 'db.t3.small',
  AllocatedStorage: 20,
  MasterUsername: 'postgres',
  MasterUserPassword: 'a-password-of-a-test',
  BackupRetentionPeriod: 0,
};
const other = { ...created, DBInstanceIdentifier: 'contract-other' };
const available = (name: string) => ({ until: [name, 'available'] as [string, string] });
const tags = { Tags: [{ Key: 'a', Value: 'b' }] };

const groups: [string, string][] = [
  ['DBSubnetGroupName', 'DBSubnetGroupNotFoundFault'],
  ['DBParameterGroupName', 'DBParameterGroupNotFound'],
  ['OptionGroupName', 'OptionGroupNotFoundFault'],
  ['CACertificateIdentifier', 'CertificateNotFound'],
];

export const rds = casesOf('rds', (ok, no) => [
  ok('DescribeAccountAttributes'),
  ok('DescribeDBEngineVersions', { Engine: 'postgres' }),
  no('DescribeDBEngineVersions', { Marker: 'never given out' }, 'InvalidParameterValue'),
  ok('DescribeDBInstances', { MaxRecords: 20 }),
  no('DescribeDBInstances', nobody, 'DBInstanceNotFound'),
  no('DescribeDBInstances', { Marker: 'never given out' }, 'InvalidParameterValue'),
  no('DescribeDBInstances', { MaxRecords: 1 }, 'InvalidParameterValue'),

  no('CreateDBInstance', { ...created, DBInstanceClass: 'db.t3.tiny' }, 'InvalidParameterCombination'),
  no('CreateDBInstance', { ...created, MasterUserPassword: 'short' }, 'InvalidParameterValue'),
  ...groups.map(([name, code]) => no('CreateDBInstance', { ...other, [name]: 'nobody' }, code)),
  ok('CreateDBInstance', { ...created, ...tags }),
  no('CreateDBInstance', created, 'DBInstanceAlreadyExists'),
  no('RebootDBInstance', { DBInstanceIdentifier }, 'InvalidDBInstanceState'),
  no('ModifyDBInstance', { DBInstanceIdentifier, MultiAZ: true }, 'InvalidDBInstanceState'),
  no('CreateDBSnapshot', { DBInstanceIdentifier, DBSnapshotIdentifier }, 'InvalidDBInstanceState'),
  no('DeleteDBInstance', { DBInstanceIdentifier, SkipFinalSnapshot: true }, 'InvalidDBInstanceState'),
  ok('DescribeDBInstances', { DBInstanceIdentifier }, available('DBInstances.0.DBInstanceStatus')),

  ok('CreateDBSnapshot', { DBInstanceIdentifier, DBSnapshotIdentifier, ...tags }),
  no('CreateDBSnapshot', { DBInstanceIdentifier, DBSnapshotIdentifier }, 'DBSnapshotAlreadyExists'),
  no('CreateDBSnapshot', { ...nobody, DBSnapshotIdentifier: 'contract-other' }, 'DBInstanceNotFound'),
  no('DeleteDBSnapshot', { DBSnapshotIdentifier }, 'InvalidDBSnapshotState'),
  no('RestoreDBInstanceFromDBSnapshot', { ...restored, DBSnapshotIdentifier }, 'InvalidDBSnapshotState'),
  ok('DescribeDBSnapshots', { DBSnapshotIdentifier }, available('DBSnapshots.0.Status')),
  ok('DescribeDBSnapshots', { DBInstanceIdentifier, SnapshotType: 'manual' }),
  no('DescribeDBSnapshots', noSnapshot, 'DBSnapshotNotFound'),
  no('DescribeDBSnapshots', { Marker: 'never given out' }, 'InvalidParameterValue'),
  ok('DescribeDBInstances', { DBInstanceIdentifier }, available('DBInstances.0.DBInstanceStatus')),

  no('RestoreDBInstanceFromDBSnapshot', { ...restored, ...noSnapshot }, 'DBSnapshotNotFound'),
  no('RestoreDBInstanceFromDBSnapshot', { ...seeded, DBSnapshotIdentifier }, 'DBInstanceAlreadyExists'),
  no(
    'RestoreDBInstanceFromDBSnapshot',
    { DBInstanceIdentifier: '9', DBSnapshotIdentifier },
    'InvalidParameterValue',
  ),
  no(
    'RestoreDBInstanceFromDBSnapshot',
    { ...restored, DBSnapshotIdentifier, DBInstanceClass: 'db.t3.tiny' },
    'InvalidParameterCombination',
  ),
  ...groups.map(([name, code]) =>
    no('RestoreDBInstanceFromDBSnapshot', { ...restored, DBSnapshotIdentifier, [name]: 'nobody' }, code),
  ),
  ok('RestoreDBInstanceFromDBSnapshot', { ...restored, DBSnapshotIdentifier, DeletionProtection: true }),
  ok('DescribeDBInstances', restored, available('DBInstances.0.DBInstanceStatus')),

  ok('ModifyDBInstance', { DBInstanceIdentifier, BackupRetentionPeriod: 3, ApplyImmediately: true }),
  no('ModifyDBInstance', nobody, 'DBInstanceNotFound'),
  no('ModifyDBInstance', { ...seeded, BackupRetentionPeriod: 99 }, 'InvalidParameterValue'),
  no('ModifyDBInstance', { ...seeded, DBInstanceClass: 'db.t3.tiny' }, 'InvalidParameterCombination'),
  ...groups
    .slice(1)
    .map(([name, code]) => no('ModifyDBInstance', { DBInstanceIdentifier, [name]: 'nobody' }, code)),
  ok('DescribeDBInstances', { DBInstanceIdentifier }, available('DBInstances.0.DBInstanceStatus')),
  ok('RebootDBInstance', { DBInstanceIdentifier }),
  no('RebootDBInstance', nobody, 'DBInstanceNotFound'),
  ok(
    'DescribeDBInstances',
    { DBInstanceIdentifier },
    {
      ...available('DBInstances.0.DBInstanceStatus'),
      keep: { databaseArn: 'DBInstances.0.DBInstanceArn' },
    },
  ),

  ok('AddTagsToResource', { ResourceName: '$databaseArn', Tags: [{ Key: 'c', Value: 'd' }] }),
  no('AddTagsToResource', { ResourceName: '$databaseArn-not', ...tags }, 'DBInstanceNotFound'),
  no('AddTagsToResource', { ResourceName: '$noSnapshotArn', ...tags }, 'DBSnapshotNotFound'),
  no(
    'AddTagsToResource',
    { ResourceName: '$databaseArn', Tags: [{ Key: 'aws:a', Value: 'b' }] },
    'InvalidParameterValue',
  ),
  ok('ListTagsForResource', { ResourceName: '$databaseArn' }),
  no('ListTagsForResource', { ResourceName: '$databaseArn-not' }, 'DBInstanceNotFound'),
  no('ListTagsForResource', { ResourceName: '$noSnapshotArn' }, 'DBSnapshotNotFound'),
  ok('RemoveTagsFromResource', { ResourceName: '$databaseArn', TagKeys: ['c'] }),
  no('RemoveTagsFromResource', { ResourceName: '$databaseArn-not', TagKeys: ['c'] }, 'DBInstanceNotFound'),
  no('RemoveTagsFromResource', { ResourceName: '$noSnapshotArn', TagKeys: ['c'] }, 'DBSnapshotNotFound'),

  no('DeleteDBInstance', { ...restored, SkipFinalSnapshot: true }, 'InvalidParameterCombination'),
  no(
    'DeleteDBInstance',
    { DBInstanceIdentifier, FinalDBSnapshotIdentifier: DBSnapshotIdentifier },
    'DBSnapshotAlreadyExists',
  ),
  no('DeleteDBInstance', { DBInstanceIdentifier, FinalDBSnapshotIdentifier: '9' }, 'InvalidParameterValue'),
  no('DeleteDBInstance', { ...nobody, SkipFinalSnapshot: true }, 'DBInstanceNotFound'),
  ok('DeleteDBInstance', { DBInstanceIdentifier, SkipFinalSnapshot: true }),
  ok('DeleteDBSnapshot', { DBSnapshotIdentifier }),
  no('DeleteDBSnapshot', { DBSnapshotIdentifier }, 'DBSnapshotNotFound'),
]);
