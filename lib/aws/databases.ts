import {
  CreateDBSnapshotCommand,
  type DBInstance,
  DBInstanceNotFoundFault,
  type DBSnapshot,
  DBSnapshotNotFoundFault,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  InvalidDBInstanceStateFault,
  paginateDescribeDBSnapshots,
  RDSClient,
  RestoreDBInstanceFromDBSnapshotCommand,
} from '@aws-sdk/client-rds';
import type { DatabaseDescription, SourceAttributes } from '../record';
import { PreconditionError } from '../runbook/errors';
import type { Database, Databases, LiveDatabase, Snapshot } from '../upgrade/ports';
import type { Clients } from './clients';
import { stated } from './stated';

/** Databases and their snapshots in RDS. */
export class RdsDatabases implements Databases {
  private readonly rds: RDSClient;

  constructor(clients: Clients) {
    this.rds = clients.make(RDSClient);
  }

  async find(id: string): Promise<Database | undefined> {
    const found = await this.instance(id);
    return found && database(found);
  }

  async describe(id: string): Promise<LiveDatabase | undefined> {
    const found = await this.instance(id);
    return (
      found && {
        status: stated(found.DBInstanceStatus, `DBInstanceStatus of ${id}`),
        description: description(id, found),
        pending: Object.keys(found.PendingModifiedValues ?? {}),
        unstated: unstated(found),
      }
    );
  }

  private async instance(id: string): Promise<DBInstance | undefined> {
    try {
      const { DBInstances } = await this.rds.send(
        new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }),
      );
      return DBInstances?.[0];
    } catch (error) {
      if (error instanceof DBInstanceNotFoundFault) return undefined;
      throw error;
    }
  }

  /** Of an instance that is gone too. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBSnapshots.html */
  async snapshotsOf(id: string): Promise<Snapshot[]> {
    const found: Snapshot[] = [];
    const pages = paginateDescribeDBSnapshots(
      { client: this.rds },
      { DBInstanceIdentifier: id, SnapshotType: 'manual' },
    );
    for await (const { DBSnapshots = [] } of pages) found.push(...DBSnapshots.map(snapshot));
    return found;
  }

  async findSnapshot(id: string): Promise<Snapshot | undefined> {
    try {
      const { DBSnapshots } = await this.rds.send(
        new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: id }),
      );
      return DBSnapshots?.[0] && snapshot(DBSnapshots[0]);
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

  /** Storage and login come from the snapshot. */
  async startRestore(
    snapshotId: string,
    databaseId: string,
    { instanceClass, like }: { instanceClass: string; like: SourceAttributes },
  ): Promise<void> {
    await this.rds.send(
      new RestoreDBInstanceFromDBSnapshotCommand({
        DBInstanceIdentifier: databaseId,
        DBSnapshotIdentifier: snapshotId,
        DBInstanceClass: instanceClass,
        DBSubnetGroupName: like.subnetGroup,
        VpcSecurityGroupIds: like.securityGroups,
        DBParameterGroupName: like.parameterGroup,
        OptionGroupName: like.optionGroup,
        MultiAZ: false,
        PubliclyAccessible: false,
        DeletionProtection: false,
        AutoMinorVersionUpgrade: like.autoMinorVersionUpgrade,
      }),
    );
  }
}

function snapshot(found: DBSnapshot): Snapshot {
  const id = stated(found.DBSnapshotIdentifier, 'DBSnapshotIdentifier');
  return {
    id,
    status: stated(found.Status, `Status of ${id}`),
    percent: found.PercentProgress ?? 0,
    source: stated(found.DBInstanceIdentifier, `DBInstanceIdentifier of ${id}`),
    createdAt: found.SnapshotCreateTime,
  };
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

/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html */
function description(id: string, instance: DBInstance): DatabaseDescription {
  const must = <T>(value: T | undefined, field: string) => stated(value, `${field} of ${id}`);
  return {
    ...attributes(id, instance),
    instanceClass: must(instance.DBInstanceClass, 'DBInstanceClass'),
    port: must(instance.Endpoint?.Port, 'Endpoint'),
    availabilityZone: instance.AvailabilityZone,
    networkType: instance.NetworkType,
    encrypted: must(instance.StorageEncrypted, 'StorageEncrypted'),
    kmsKey: instance.KmsKeyId,
    maxStorageGib: instance.MaxAllocatedStorage,
    licenseModel: must(instance.LicenseModel, 'LicenseModel'),
    logExports: instance.EnabledCloudwatchLogsExports ?? [],
    monitoringSeconds: instance.MonitoringInterval ?? 0,
    monitoringRole: instance.MonitoringRoleArn,
    performanceInsightsKey: instance.PerformanceInsightsKMSKeyId,
    performanceInsightsDays: instance.PerformanceInsightsRetentionPeriod,
    deletionProtection: must(instance.DeletionProtection, 'DeletionProtection'),
  };
}

/** What makes more of an instance than a template of one states. */
function unstated(instance: DBInstance): string[] {
  const { DBClusterIdentifier: cluster, ReadReplicaSourceDBInstanceIdentifier: source } = instance;
  const { ReadReplicaDBInstanceIdentifiers: replicas = [], DomainMemberships: domains = [] } = instance;
  return [
    ...(cluster ? [`it is an instance of the cluster ${cluster}`] : []),
    ...(source ? [`it is a replica of ${source}`] : []),
    ...replicas.map((replica) => `it has the replica ${replica}`),
    ...domains.map(({ Domain }) => `it is in the domain ${Domain}`),
    ...(instance.MasterUserSecret ? ['RDS keeps the password of its master user'] : []),
  ];
}
