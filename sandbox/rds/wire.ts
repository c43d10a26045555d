import { flag, integer, list, text } from '../protocol/shapes';
import { settingsShape } from './settings';

/** What each operation lets a caller state, as it travels in forms. */
const stated = settingsShape({ text, integer, flag, texts: list(text) });

export const createSettings = stated;

/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceFromDBSnapshot.html */
export const restoreSettings = stated.pick({
  DBInstanceClass: true,
  AllocatedStorage: true,
  StorageType: true,
  Iops: true,
  StorageThroughput: true,
  MultiAZ: true,
  AvailabilityZone: true,
  PubliclyAccessible: true,
  NetworkType: true,
  Port: true,
  DBSubnetGroupName: true,
  VpcSecurityGroupIds: true,
  DBParameterGroupName: true,
  OptionGroupName: true,
  BackupRetentionPeriod: true,
  PreferredBackupWindow: true,
  AutoMinorVersionUpgrade: true,
  CopyTagsToSnapshot: true,
  DeletionProtection: true,
  EnableIAMDatabaseAuthentication: true,
  CACertificateIdentifier: true,
  EnableCloudwatchLogsExports: true,
  LicenseModel: true,
});

/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html */
export const modifySettings = stated.omit({
  Port: true,
  StorageEncrypted: true,
  KmsKeyId: true,
  AvailabilityZone: true,
  NetworkType: true,
  DBSubnetGroupName: true,
  LicenseModel: true,
  EnableCloudwatchLogsExports: true,
});
