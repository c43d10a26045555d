import { RemovalPolicy } from 'aws-cdk-lib';
import { CfnDBInstance } from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import type { SourceAttributes } from '../record';
import { giveUp } from './removal';

export interface RestoredDatabaseProps {
  id: string;
  snapshot: string;
  instanceClass: string;
  source: SourceAttributes;
  /** Whether it goes with its stack, leaving a final snapshot. */
  retiring: boolean;
}

/**
 * A database restored from one snapshot, for ever that one: a changed snapshot identifier makes a new instance and
 * deletes the old, and a removed one makes an empty instance.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html
 *
 * Every attribute that a restore sets back to a default is stated as the source had it.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RestoreFromSnapshot.html
 */
export class RestoredDatabase extends Construct {
  constructor(scope: Construct, id: string, { source, ...props }: RestoredDatabaseProps) {
    super(scope, id);
    const instance = new CfnDBInstance(this, 'Resource', {
      dbInstanceIdentifier: props.id,
      dbSnapshotIdentifier: props.snapshot,
      dbInstanceClass: props.instanceClass,
      dbSubnetGroupName: source.subnetGroup,
      vpcSecurityGroups: source.securityGroups,
      dbParameterGroupName: source.parameterGroup,
      optionGroupName: source.optionGroup,
      storageType: source.storageType,
      allocatedStorage: String(source.storageGib),
      ...provisioned(source),
      multiAz: source.multiAz,
      backupRetentionPeriod: source.backupRetentionDays,
      preferredBackupWindow: source.backupWindow,
      preferredMaintenanceWindow: source.maintenanceWindow,
      copyTagsToSnapshot: source.copyTagsToSnapshot,
      publiclyAccessible: source.publiclyAccessible,
      caCertificateIdentifier: source.caCertificate,
      enablePerformanceInsights: source.performanceInsights,
      enableIamDatabaseAuthentication: source.iamAuthentication,
      autoMinorVersionUpgrade: source.autoMinorVersionUpgrade,
      deletionProtection: !props.retiring,
    });
    giveUp(instance, props.retiring ? RemovalPolicy.SNAPSHOT : RemovalPolicy.RETAIN);
  }
}

/** Below this size gp3 has a fixed rate, which AWS reports but refuses to be told. */
const gp3FixedBelowGib = 400;

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html */
export function provisioned({ storageType, storageGib, iops, storageThroughput }: SourceAttributes) {
  return storageType === 'gp3' && storageGib < gp3FixedBelowGib ? {} : { iops, storageThroughput };
}
