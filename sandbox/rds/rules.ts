import { AwsError, notModelled } from '../errors';
import { defaultSecurityGroup, type Settings, type Stated } from './settings';
import type { DatabaseInstance, RdsState } from './state';

/** The groups that exist, by name; whoever seeds an instance adds what it uses. */
export interface Groups {
  security: Set<string>;
  subnet: Set<string>;
  parameter: Set<string>;
  option: Set<string>;
}

export function defaultGroups(): Groups {
  return {
    security: new Set([defaultSecurityGroup]),
    subnet: new Set(['default']),
    parameter: new Set(['default.postgres17']),
    option: new Set(['default:postgres-17']),
  };
}

const invalidValue = (message: string) => new AwsError('InvalidParameterValue', message);
const invalidCombination = (message: string) => new AwsError('InvalidParameterCombination', message);

const identifier = /^[a-zA-Z](?!.*--)[a-zA-Z0-9-]{0,254}(?<!-)$/;

export function checkIdentifier(parameter: string, value: string, longest: number): void {
  if (identifier.test(value) && value.length <= longest) return;
  throw invalidValue(
    `The parameter ${parameter} is not a valid identifier. Identifiers must begin with a letter; must contain ` +
      'only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.',
  );
}

export function checkNewInstance(state: RdsState, id: string): void {
  checkIdentifier('DBInstanceIdentifier', id, 63);
  if (state.instances.has(id.toLowerCase()))
    throw new AwsError('DBInstanceAlreadyExists', 'DB instance already exists');
}

export function checkNewSnapshot(state: RdsState, id: string): void {
  checkIdentifier('DBSnapshotIdentifier', id, 255);
  if (state.snapshots.has(id.toLowerCase()))
    throw new AwsError(
      'DBSnapshotAlreadyExists',
      `Cannot create the snapshot because a snapshot with the identifier ${id} already exists.`,
    );
}

export function checkPassword(password: string): void {
  if (password.length < 8)
    throw invalidValue(
      'The parameter MasterUserPassword is not a valid password because it is shorter than 8 characters.',
    );
  if (password.length > 128)
    throw invalidValue(
      'The parameter MasterUserPassword is not a valid password because it is longer than 128 characters.',
    );
  if (!/^[\x21-\x7e]+$/.test(password) || /[/@"]/.test(password))
    throw invalidValue(
      "The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides '/', '@', '\"', ' ' may be used.",
    );
}

export function checkMasterUsername(name: string): void {
  if (['rdsadmin', 'admin', 'rds_superuser', 'rdsrepladmin'].includes(name.toLowerCase()))
    throw invalidValue(`MasterUsername ${name} cannot be used as it is a reserved word used by the engine`);
  if (!/^[a-zA-Z][a-zA-Z0-9_]{0,62}$/.test(name))
    throw invalidValue(
      `The parameter MasterUsername must begin with a letter and contain only alphanumerics.`,
    );
}

export function checkFinalSnapshot(
  state: RdsState,
  instance: DatabaseInstance,
  skip: boolean,
  finalSnapshotId: string | undefined,
): void {
  if (instance.settings.DeletionProtection)
    throw invalidCombination(
      'Cannot delete protected DB Instance, please disable deletion protection and try again.',
    );
  if (skip && finalSnapshotId !== undefined)
    throw invalidCombination('FinalDBSnapshotIdentifier cannot be specified when SkipFinalSnapshot is true.');
  if (!skip && finalSnapshotId === undefined)
    throw invalidCombination('FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.');
  if (finalSnapshotId !== undefined) checkNewSnapshot(state, finalSnapshotId);
}

/** What was stated, alone and together with what is already so. */
export function checkSettings(stated: Stated, effective: Settings, groups: Groups): void {
  for (const check of [checkClass, checkVersion, checkStorage, checkBackup, checkMonitoring])
    check(stated, effective);
  checkPlace(stated);
  checkGroups(stated, groups);
}

const families = 't3|t4g|m5|m5d|m6g|m6gd|m6i|m7g|m7i|r5|r5b|r6g|r6gd|r6i|r7g|r7i|x2g';
const classes = new RegExp(`^db\\.(${families})\\.(micro|small|medium|large|\\d*xlarge)$`);

function checkClass({ DBInstanceClass, LicenseModel }: Stated, effective: Settings): void {
  if (LicenseModel !== undefined && LicenseModel !== 'postgresql-license')
    throw invalidCombination(`Invalid license model '${LicenseModel}' for engine 'postgres'.`);
  if (DBInstanceClass === undefined) return;
  const burstable = /^db\.t/.test(DBInstanceClass) || !/\.(micro|small|medium)$/.test(DBInstanceClass);
  if (!classes.test(DBInstanceClass) || !burstable)
    throw invalidCombination(
      `RDS does not support creating a DB instance with the following combination: DBInstanceClass=${DBInstanceClass}, ` +
        `Engine=postgres, EngineVersion=${effective.EngineVersion}, LicenseModel=postgresql-license. For supported ` +
        'combinations of instance class and database engine version, see the documentation.',
    );
}

function checkVersion({ EngineVersion }: Stated): void {
  if (EngineVersion !== undefined && !/^17(\.\d+)?$/.test(EngineVersion))
    throw notModelled(`PostgreSQL ${EngineVersion} (EngineVersion), only the 17 series`);
}

/**
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html: gp3 has 3,000 IOPS and 125 MiB/s below
 * 400 GiB, which cannot be chosen there, and at least 12,000 and 500 from there on.
 */
function checkStorage(stated: Stated, effective: Settings): void {
  const { StorageType: type, AllocatedStorage: size } = effective;
  if (!['gp2', 'gp3', 'io1', 'io2'].includes(type)) throw invalidValue(`Invalid storage type: ${type}`);
  const smallest = type.startsWith('io') ? 100 : 20;
  if (!Number.isInteger(size) || size < smallest || size > 65_536)
    throw invalidValue(`Invalid storage size for engine name postgres and storage type ${type}: ${size}`);
  const { Iops, StorageThroughput, MaxAllocatedStorage } = stated;
  const chosen = Iops !== undefined || StorageThroughput !== undefined;
  if (type === 'gp3' && size < 400 && chosen)
    throw invalidCombination(
      "You can't specify IOPS or storage throughput for engine postgres and a storage size less than 400.",
    );
  if (type === 'gp2' && chosen)
    throw invalidCombination("You can't specify IOPS or storage throughput for the storage type gp2.");
  if (type.startsWith('io') && StorageThroughput !== undefined)
    throw invalidCombination(`You can't specify storage throughput for the storage type ${type}.`);
  if (type.startsWith('io') && (effective.Iops ?? 0) < 1_000)
    throw invalidCombination(`You must specify at least 1000 IOPS for the storage type ${type}.`);
  if (type === 'gp3' && size >= 400 && (effective.Iops ?? 12_000) < 12_000)
    throw invalidCombination(
      'You must specify at least 12000 IOPS for engine postgres and this storage size.',
    );
  if (MaxAllocatedStorage !== undefined && MaxAllocatedStorage <= size)
    throw invalidCombination('Max storage size must be greater than storage size');
}

const clockTime = '([01]\\d|2[0-3]):[0-5]\\d';
const day = '(mon|tue|wed|thu|fri|sat|sun)';
const backupWindow = new RegExp(`^${clockTime}-${clockTime}$`);
const maintenanceWindow = new RegExp(`^${day}:${clockTime}-${day}:${clockTime}$`, 'i');

function checkBackup(stated: Stated): void {
  const { BackupRetentionPeriod, PreferredBackupWindow, PreferredMaintenanceWindow } = stated;
  if (BackupRetentionPeriod !== undefined && (BackupRetentionPeriod < 0 || BackupRetentionPeriod > 35))
    throw invalidValue(
      `Invalid backup retention period: ${BackupRetentionPeriod}. Retention period must be between 0 and 35.`,
    );
  if (PreferredBackupWindow !== undefined && !backupWindow.test(PreferredBackupWindow))
    throw invalidValue(
      `Invalid backup window: ${PreferredBackupWindow}. Must be of the form hh24:mi-hh24:mi.`,
    );
  if (PreferredMaintenanceWindow !== undefined && !maintenanceWindow.test(PreferredMaintenanceWindow))
    throw invalidValue(
      `Invalid maintenance window: ${PreferredMaintenanceWindow}. Must be of the form ddd:hh24:mi-ddd:hh24:mi.`,
    );
}

function checkMonitoring(stated: Stated, effective: Settings): void {
  if (![0, 1, 5, 10, 15, 30, 60].includes(effective.MonitoringInterval))
    throw invalidValue(`Invalid monitoring interval: ${effective.MonitoringInterval}`);
  if (effective.MonitoringInterval > 0 && !effective.MonitoringRoleArn)
    throw invalidCombination(
      'A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0.',
    );
  const days = stated.PerformanceInsightsRetentionPeriod;
  if (days !== undefined && days !== 7 && days !== 731 && (days % 31 !== 0 || days < 31 || days > 713))
    throw invalidValue(`Invalid Performance Insights retention period: ${days}`);
  if (days !== undefined && !effective.EnablePerformanceInsights)
    throw invalidCombination(
      'Performance Insights must be enabled to specify PerformanceInsightsRetentionPeriod.',
    );
  for (const log of stated.EnableCloudwatchLogsExports ?? [])
    if (!['postgresql', 'upgrade', 'iam-db-auth-error'].includes(log))
      throw invalidCombination(
        `You cannot use the log types '${log}' with engine version postgres ${effective.EngineVersion}. ` +
          'For supported log types, see the documentation.',
      );
}

function checkPlace({ CACertificateIdentifier, NetworkType, Port, AvailabilityZone, MultiAZ }: Stated): void {
  const authorities = ['rds-ca-rsa2048-g1', 'rds-ca-rsa4096-g1', 'rds-ca-ecc384-g1'];
  if (CACertificateIdentifier !== undefined && !authorities.includes(CACertificateIdentifier))
    throw new AwsError('CertificateNotFound', `Certificate not found: ${CACertificateIdentifier}`, 404);
  if (NetworkType !== undefined && NetworkType !== 'IPV4') throw notModelled(`NetworkType ${NetworkType}`);
  if (Port !== undefined && (Port < 1150 || Port > 65_535)) throw invalidValue(`Invalid port: ${Port}`);
  if (MultiAZ && AvailabilityZone !== undefined)
    throw invalidCombination('Requesting a specific availability zone is not valid for Multi-AZ instances.');
}

function checkGroups(stated: Stated, groups: Groups): void {
  for (const id of stated.VpcSecurityGroupIds ?? [])
    if (!groups.security.has(id)) throw invalidValue(`Invalid security group , groupId= ${id}, groupName=.`);
  const { DBSubnetGroupName, DBParameterGroupName, OptionGroupName } = stated;
  if (DBSubnetGroupName !== undefined && !groups.subnet.has(DBSubnetGroupName.toLowerCase()))
    throw new AwsError(
      'DBSubnetGroupNotFoundFault',
      `DB subnet group '${DBSubnetGroupName}' does not exist.`,
      404,
    );
  if (DBParameterGroupName !== undefined && !groups.parameter.has(DBParameterGroupName))
    throw new AwsError(
      'DBParameterGroupNotFound',
      `DBParameterGroup not found: ${DBParameterGroupName}`,
      404,
    );
  if (OptionGroupName !== undefined && !groups.option.has(OptionGroupName))
    throw new AwsError(
      'OptionGroupNotFoundFault',
      `Specified OptionGroupName: ${OptionGroupName} not found.`,
      404,
    );
}

/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html */
export function checkModification(stated: Stated, before: Settings): void {
  if (stated.AllocatedStorage !== undefined && stated.AllocatedStorage < before.AllocatedStorage)
    throw invalidCombination(
      `The allocated storage cannot be reduced from ${before.AllocatedStorage} to ${stated.AllocatedStorage}.`,
    );
  const grown = (stated.AllocatedStorage ?? before.AllocatedStorage) / before.AllocatedStorage;
  if (grown > 1 && grown < 1.1)
    throw invalidCombination('The allocated storage must be increased by at least 10 percent.');
  if (minorOf(stated.EngineVersion) < minorOf(before.EngineVersion))
    throw invalidCombination(
      `Cannot upgrade postgres from ${before.EngineVersion} to ${stated.EngineVersion}`,
    );
}

/** `17` alone asks for no particular minor version. */
function minorOf(version: string | undefined): number {
  return Number(version?.split('.')[1] ?? Number.POSITIVE_INFINITY);
}
