import { z } from 'zod';

/** How values travel: as text in the forms of the API, or as JSON in a template. */
interface Kinds {
  text: z.ZodType<string>;
  integer: z.ZodType<number>;
  flag: z.ZodType<boolean>;
  texts: z.ZodType<string[]>;
}

/**
 * What can be stated of a DB instance, under the API's names.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
 */
export function settingsShape({ text, integer, flag, texts }: Kinds) {
  return z.strictObject({
    DBInstanceClass: text.optional(),
    EngineVersion: text.optional(),
    /** GiB. */
    AllocatedStorage: integer.optional(),
    MaxAllocatedStorage: integer.optional(),
    StorageType: text.optional(),
    Iops: integer.optional(),
    /** MiB per second. */
    StorageThroughput: integer.optional(),
    StorageEncrypted: flag.optional(),
    KmsKeyId: text.optional(),
    MultiAZ: flag.optional(),
    AvailabilityZone: text.optional(),
    PubliclyAccessible: flag.optional(),
    NetworkType: text.optional(),
    Port: integer.optional(),
    DBSubnetGroupName: text.optional(),
    VpcSecurityGroupIds: texts.optional(),
    DBParameterGroupName: text.optional(),
    OptionGroupName: text.optional(),
    /** Days. */
    BackupRetentionPeriod: integer.optional(),
    /** UTC. */
    PreferredBackupWindow: text.optional(),
    PreferredMaintenanceWindow: text.optional(),
    AutoMinorVersionUpgrade: flag.optional(),
    CopyTagsToSnapshot: flag.optional(),
    DeletionProtection: flag.optional(),
    EnableIAMDatabaseAuthentication: flag.optional(),
    CACertificateIdentifier: text.optional(),
    /** Seconds. */
    MonitoringInterval: integer.optional(),
    MonitoringRoleArn: text.optional(),
    EnablePerformanceInsights: flag.optional(),
    PerformanceInsightsKMSKeyId: text.optional(),
    /** Days. */
    PerformanceInsightsRetentionPeriod: integer.optional(),
    EnableCloudwatchLogsExports: texts.optional(),
    LicenseModel: text.optional(),
  });
}

export type Stated = z.output<ReturnType<typeof settingsShape>>;
export type SettingName = keyof Stated;

type Known =
  | 'DBInstanceClass'
  | 'EngineVersion'
  | 'AllocatedStorage'
  | 'StorageType'
  | 'StorageEncrypted'
  | 'MultiAZ'
  | 'AvailabilityZone'
  | 'PubliclyAccessible'
  | 'NetworkType'
  | 'Port'
  | 'DBSubnetGroupName'
  | 'VpcSecurityGroupIds'
  | 'DBParameterGroupName'
  | 'OptionGroupName'
  | 'BackupRetentionPeriod'
  | 'PreferredBackupWindow'
  | 'PreferredMaintenanceWindow'
  | 'AutoMinorVersionUpgrade'
  | 'CopyTagsToSnapshot'
  | 'DeletionProtection'
  | 'EnableIAMDatabaseAuthentication'
  | 'CACertificateIdentifier'
  | 'MonitoringInterval'
  | 'EnablePerformanceInsights'
  | 'EnableCloudwatchLogsExports'
  | 'LicenseModel';

/** What is so of an instance: everything that has a default has a value. */
export type Settings = Stated & Required<Pick<Stated, Known>>;

/** What an instance has when nothing else is said; a restore gets the same, apart from what its snapshot carries. */
export function defaultSettings(region: string): Settings {
  return {
    DBInstanceClass: 'db.t3.small',
    EngineVersion: '17.10',
    AllocatedStorage: 20,
    StorageType: 'gp2',
    StorageEncrypted: false,
    MultiAZ: false,
    AvailabilityZone: `${region}a`,
    PubliclyAccessible: false,
    NetworkType: 'IPV4',
    Port: 5432,
    DBSubnetGroupName: 'default',
    VpcSecurityGroupIds: [defaultSecurityGroup],
    DBParameterGroupName: 'default.postgres17',
    OptionGroupName: 'default:postgres-17',
    BackupRetentionPeriod: 1,
    PreferredBackupWindow: '16:10-16:40',
    PreferredMaintenanceWindow: 'sun:17:00-sun:17:30',
    AutoMinorVersionUpgrade: true,
    CopyTagsToSnapshot: false,
    DeletionProtection: false,
    EnableIAMDatabaseAuthentication: false,
    CACertificateIdentifier: 'rds-ca-rsa2048-g1',
    MonitoringInterval: 0,
    EnablePerformanceInsights: false,
    EnableCloudwatchLogsExports: [],
    LicenseModel: 'postgresql-license',
  };
}

/** The security group `default` of the VPC. */
export const defaultSecurityGroup = 'sg-0defa0170defa0170';

/**
 * What a restored instance has: from the snapshot its storage, class, version and port; the rest as a new instance.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceFromDBSnapshot.html
 */
export function restoredSettings(snapshot: Settings, region: string): Settings {
  const { DBInstanceClass, EngineVersion, AllocatedStorage, StorageType, Iops, StorageThroughput } = snapshot;
  const { StorageEncrypted, KmsKeyId, Port, LicenseModel, PreferredBackupWindow } = snapshot;
  return {
    ...defaultSettings(region),
    // Without a subnet group the instance goes to the default VPC, which has an internet gateway.
    PubliclyAccessible: true,
    ...{ DBInstanceClass, EngineVersion, AllocatedStorage, StorageType, Iops, StorageThroughput },
    ...{ StorageEncrypted, KmsKeyId, Port, LicenseModel, PreferredBackupWindow },
  };
}

/**
 * What is so once `stated` is added. General purpose storage comes with IOPS and throughput of its own;
 * `17` alone asks for no particular minor version.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html
 */
export function withStated(before: Settings, stated: Stated): Settings {
  const given = Object.fromEntries(Object.entries(stated).filter(([, value]) => value !== undefined));
  const after: Settings = { ...before, ...given };
  if (!after.EngineVersion.includes('.')) after.EngineVersion = before.EngineVersion;
  return { ...after, ...performanceOf(after) };
}

function performanceOf({ StorageType, AllocatedStorage, Iops, StorageThroughput }: Settings) {
  if (StorageType === 'gp2') return { Iops: undefined, StorageThroughput: undefined };
  if (StorageType !== 'gp3') return { Iops, StorageThroughput: undefined };
  if (AllocatedStorage < 400) return { Iops: 3_000, StorageThroughput: 125 };
  return { Iops: Math.max(Iops ?? 0, 12_000), StorageThroughput: Math.max(StorageThroughput ?? 0, 500) };
}

/** The settings that would change, with their new values. */
export function changesOf(before: Settings, stated: Stated): Stated {
  const after = withStated(before, stated);
  const names = Object.keys(after) as SettingName[];
  return Object.fromEntries(
    names
      .filter((name) => JSON.stringify(after[name]) !== JSON.stringify(before[name]))
      .map((name) => [name, after[name]]),
  );
}
