import type { DatabaseInstance, DatabaseSnapshot, RdsState, Tag } from './state';

const iso = (ms: number) => new Date(ms).toISOString();
const listOf = (element: string, items: unknown[]) => (items.length === 0 ? '' : { [element]: items });

export const tagList = (tags: Tag[]) => listOf('Tag', tags);

/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html */
export function describeInstance(state: RdsState, instance: DatabaseInstance, nowMs: number): object {
  const { settings } = instance;
  const insights = settings.EnablePerformanceInsights;
  const backedUp = settings.BackupRetentionPeriod > 0 && instance.status === 'available';
  return {
    DBInstanceIdentifier: instance.id,
    DBInstanceClass: settings.DBInstanceClass,
    Engine: 'postgres',
    DBInstanceStatus: instance.status,
    MasterUsername: instance.masterUsername,
    DBName: instance.databaseName,
    Endpoint: instance.cluster && {
      Address: state.endpointOf(instance),
      Port: settings.Port,
      HostedZoneId: 'Z32T0VRHXEXS0V',
    },
    AllocatedStorage: settings.AllocatedStorage,
    InstanceCreateTime: iso(instance.createdAtMs),
    PreferredBackupWindow: settings.PreferredBackupWindow,
    BackupRetentionPeriod: settings.BackupRetentionPeriod,
    DBSecurityGroups: '',
    VpcSecurityGroups: listOf(
      'VpcSecurityGroupMembership',
      settings.VpcSecurityGroupIds.map((id) => ({ VpcSecurityGroupId: id, Status: 'active' })),
    ),
    DBParameterGroups: {
      DBParameterGroup: {
        DBParameterGroupName: settings.DBParameterGroupName,
        ParameterApplyStatus: instance.awaitsReboot ? 'pending-reboot' : 'in-sync',
      },
    },
    AvailabilityZone: settings.AvailabilityZone,
    DBSubnetGroup: describeSubnetGroup(state, settings.DBSubnetGroupName),
    PreferredMaintenanceWindow: settings.PreferredMaintenanceWindow,
    PendingModifiedValues: describePending(instance),
    LatestRestorableTime: backedUp ? iso(Math.max(instance.createdAtMs, nowMs - 5 * 60_000)) : undefined,
    MultiAZ: settings.MultiAZ,
    SecondaryAvailabilityZone: settings.MultiAZ ? otherZone(settings.AvailabilityZone) : undefined,
    EngineVersion: settings.EngineVersion,
    AutoMinorVersionUpgrade: settings.AutoMinorVersionUpgrade,
    ReadReplicaDBInstanceIdentifiers: '',
    LicenseModel: settings.LicenseModel,
    Iops: settings.Iops,
    StorageThroughput: settings.StorageThroughput,
    OptionGroupMemberships: {
      OptionGroupMembership: { OptionGroupName: settings.OptionGroupName, Status: 'in-sync' },
    },
    PubliclyAccessible: settings.PubliclyAccessible,
    StorageType: settings.StorageType,
    DbInstancePort: 0,
    StorageEncrypted: settings.StorageEncrypted,
    KmsKeyId: settings.KmsKeyId,
    DbiResourceId: instance.resourceId,
    CACertificateIdentifier: settings.CACertificateIdentifier,
    DomainMemberships: '',
    CopyTagsToSnapshot: settings.CopyTagsToSnapshot,
    MonitoringInterval: settings.MonitoringInterval,
    MonitoringRoleArn: settings.MonitoringRoleArn,
    DBInstanceArn: instance.arn,
    IAMDatabaseAuthenticationEnabled: settings.EnableIAMDatabaseAuthentication,
    DatabaseInsightsMode: 'standard',
    PerformanceInsightsEnabled: insights,
    PerformanceInsightsKMSKeyId: insights ? settings.PerformanceInsightsKMSKeyId : undefined,
    PerformanceInsightsRetentionPeriod: insights
      ? (settings.PerformanceInsightsRetentionPeriod ?? 7)
      : undefined,
    EnabledCloudwatchLogsExports:
      settings.EnableCloudwatchLogsExports.length > 0
        ? { member: settings.EnableCloudwatchLogsExports }
        : undefined,
    DeletionProtection: settings.DeletionProtection,
    AssociatedRoles: '',
    MaxAllocatedStorage: settings.MaxAllocatedStorage,
    TagList: tagList(instance.tags),
    CustomerOwnedIpEnabled: false,
    NetworkType: settings.NetworkType,
    ActivityStreamStatus: 'stopped',
    BackupTarget: 'region',
    CertificateDetails: instance.cluster && {
      CAIdentifier: settings.CACertificateIdentifier,
      ValidTill: iso(instance.createdAtMs + 365 * 24 * 60 * 60_000),
    },
    DedicatedLogVolume: false,
    IsStorageConfigUpgradeAvailable: false,
    EngineLifecycleSupport: 'open-source-rds-extended-support',
  };
}

/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBSnapshot.html */
export function describeSnapshot(state: RdsState, snapshot: DatabaseSnapshot, nowMs: number): object {
  const { settings, source } = snapshot;
  const wholeMs = snapshot.availableAtMs - snapshot.createdAtMs;
  const share = wholeMs > 0 ? (nowMs - snapshot.createdAtMs) / wholeMs : 1;
  return {
    DBSnapshotIdentifier: snapshot.id,
    DBInstanceIdentifier: source.id,
    SnapshotCreateTime: iso(snapshot.createdAtMs),
    OriginalSnapshotCreateTime: iso(snapshot.createdAtMs),
    SnapshotDatabaseTime: iso(snapshot.createdAtMs),
    Engine: 'postgres',
    AllocatedStorage: settings.AllocatedStorage,
    Status: snapshot.status,
    Port: settings.Port,
    AvailabilityZone: settings.AvailabilityZone,
    VpcId: vpcOf(state),
    InstanceCreateTime: iso(source.createdAtMs),
    MasterUsername: source.masterUsername,
    EngineVersion: settings.EngineVersion,
    LicenseModel: settings.LicenseModel,
    SnapshotType: 'manual',
    Iops: settings.Iops,
    StorageThroughput: settings.StorageThroughput,
    OptionGroupName: settings.OptionGroupName,
    PercentProgress:
      snapshot.status === 'available' ? 100 : Math.min(99, Math.max(0, Math.floor(share * 100))),
    StorageType: settings.StorageType,
    Encrypted: settings.StorageEncrypted,
    KmsKeyId: settings.KmsKeyId,
    DBSnapshotArn: snapshot.arn,
    IAMDatabaseAuthenticationEnabled: settings.EnableIAMDatabaseAuthentication,
    ProcessorFeatures: '',
    DbiResourceId: source.resourceId,
    TagList: tagList(snapshot.tags),
    SnapshotTarget: 'region',
    BackupRetentionPeriod: settings.BackupRetentionPeriod,
    PreferredBackupWindow: settings.PreferredBackupWindow,
    DedicatedLogVolume: false,
  };
}

function describePending({ pending }: DatabaseInstance): object | string {
  const { EnableIAMDatabaseAuthentication, ...others } = pending;
  const values = { ...others, IAMDatabaseAuthenticationEnabled: EnableIAMDatabaseAuthentication };
  return Object.values(values).some((value) => value !== undefined) ? values : '';
}

function describeSubnetGroup(state: RdsState, name: string): object {
  return {
    DBSubnetGroupName: name,
    DBSubnetGroupDescription: name,
    VpcId: vpcOf(state),
    SubnetGroupStatus: 'Complete',
    Subnets: {
      Subnet: ['a', 'b', 'c'].map((zone) => ({
        SubnetIdentifier: `subnet-0${zone.repeat(16)}`,
        SubnetAvailabilityZone: { Name: `${state.region}${zone}` },
        SubnetOutpost: '',
        SubnetStatus: 'Active',
      })),
    },
  };
}

const vpcOf = (state: RdsState) => `vpc-0${state.account.padStart(16, '0').slice(-16)}`;

const otherZone = (zone: string) => `${zone.slice(0, -1)}${zone.endsWith('a') ? 'b' : 'a'}`;
