import {
  CreateDBSnapshotCommand,
  type DBInstance,
  DBInstanceNotFoundFault,
  DBSnapshotNotFoundFault,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  InvalidDBInstanceStateFault,
  RDSClient,
} from '@aws-sdk/client-rds';
import type { SourceAttributes } from '../record';
import { PreconditionError } from '../runbook/errors';
import type { Database, Databases, Snapshot } from '../upgrade/ports';
import type { Clients } from './clients';
import { stated } from './stated';

/** Databases and their snapshots in RDS. */
export class RdsDatabases implements Databases {
  private readonly rds: RDSClient;

  constructor(clients: Clients) {
    this.rds = clients.make(RDSClient);
  }

  async find(id: string): Promise<Database | undefined> {
    try {
      const { DBInstances } = await this.rds.send(
        new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }),
      );
      return DBInstances?.[0] && database(DBInstances[0]);
    } catch (error) {
      if (error instanceof DBInstanceNotFoundFault) return undefined;
      throw error;
    }
  }

  async findSnapshot(id: string): Promise<Snapshot | undefined> {
    try {
      const { DBSnapshots } = await this.rds.send(
        new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: id }),
      );
      const found = DBSnapshots?.[0];
      if (!found) return undefined;
      return {
        id,
        status: stated(found.Status, `Status of ${id}`),
        percent: found.PercentProgress ?? 0,
        source: stated(found.DBInstanceIdentifier, `DBInstanceIdentifier of ${id}`),
        createdAt: found.SnapshotCreateTime,
      };
    } catch (error) {
      if (error instanceof DBSnapshotNotFoundFault) return undefined;
      throw error;
    }
  }

  async startSnapshot(databaseId: string, snapshotId: string): Promise<void> {
    try {
      await this.rds.send(
        new CreateDBSnapshotCommand({ DBInstanceIdentifier: databaseId, DBSnapshotIdentifier: snapshotId }),
      );
    } catch (error) {
      if (!(error instanceof InvalidDBInstanceStateFault)) throw error;
      throw new PreconditionError('DATABASE_NOT_AVAILABLE', {
        so: `The database ${databaseId} cannot be snapshotted now: ${error.message}`,
        next: 'Wait until it is available, then run the same command again.',
      });
    }
  }
}

function database(instance: DBInstance): Database {
  const id = stated(instance.DBInstanceIdentifier, 'DBInstanceIdentifier');
  return {
    id,
    status: stated(instance.DBInstanceStatus, `DBInstanceStatus of ${id}`),
    endpoint: instance.Endpoint?.Address,
    attributes: attributes(id, instance),
  };
}

function attributes(id: string, instance: DBInstance): SourceAttributes {
  const must = <T>(value: T | undefined, field: string) => stated(value, `${field} of ${id}`);
  return {
    instance: id,
    engine: must(instance.Engine, 'Engine'),
    engineVersion: must(instance.EngineVersion, 'EngineVersion'),
    subnetGroup: must(instance.DBSubnetGroup?.DBSubnetGroupName, 'DBSubnetGroup'),
    securityGroups: must(instance.VpcSecurityGroups, 'VpcSecurityGroups').map((group) =>
      must(group.VpcSecurityGroupId, 'VpcSecurityGroupId'),
    ),
    parameterGroup: must(instance.DBParameterGroups?.[0]?.DBParameterGroupName, 'DBParameterGroups'),
    optionGroup: must(instance.OptionGroupMemberships?.[0]?.OptionGroupName, 'OptionGroupMemberships'),
    storageType: must(instance.StorageType, 'StorageType'),
    storageGib: must(instance.AllocatedStorage, 'AllocatedStorage'),
    ...(instance.Iops ? { iops: instance.Iops } : {}),
    ...(instance.StorageThroughput ? { storageThroughput: instance.StorageThroughput } : {}),
    multiAz: must(instance.MultiAZ, 'MultiAZ'),
    backupRetentionDays: must(instance.BackupRetentionPeriod, 'BackupRetentionPeriod'),
    backupWindow: must(instance.PreferredBackupWindow, 'PreferredBackupWindow'),
    maintenanceWindow: must(instance.PreferredMaintenanceWindow, 'PreferredMaintenanceWindow'),
    copyTagsToSnapshot: must(instance.CopyTagsToSnapshot, 'CopyTagsToSnapshot'),
    publiclyAccessible: must(instance.PubliclyAccessible, 'PubliclyAccessible'),
    ...(instance.CACertificateIdentifier ? { caCertificate: instance.CACertificateIdentifier } : {}),
    performanceInsights: instance.PerformanceInsightsEnabled ?? false,
    iamAuthentication: must(instance.IAMDatabaseAuthenticationEnabled, 'IAMDatabaseAuthenticationEnabled'),
    autoMinorVersionUpgrade: must(instance.AutoMinorVersionUpgrade, 'AutoMinorVersionUpgrade'),
  };
}
