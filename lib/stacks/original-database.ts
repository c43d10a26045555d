import { RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnDBInstance } from 'aws-cdk-lib/aws-rds';
import type { Construct } from 'constructs';
import { giveUp } from '../constructs/removal';
import { provisioned } from '../constructs/restored-database';
import type { DatabaseDescription } from '../record';

/** The logical id that the database has in it. */
export const originalDatabaseId = 'Database';

/**
 * A database that no stack made, in a stack that takes it with it: an import gives the live instance whatever the template
 * says otherwise, so it says what is so. What only a creation takes, such as the master user, is left out.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources.html
 */
export class OriginalDatabaseStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps & { database: DatabaseDescription }) {
    super(scope, id, props);
    const { database } = props;
    const instance = new CfnDBInstance(this, originalDatabaseId, {
      dbInstanceIdentifier: database.instance,
      engine: database.engine,
      engineVersion: database.engineVersion,
      dbInstanceClass: database.instanceClass,
      port: String(database.port),
      dbSubnetGroupName: database.subnetGroup,
      vpcSecurityGroups: database.securityGroups,
      dbParameterGroupName: database.parameterGroup,
      optionGroupName: database.optionGroup,
      licenseModel: database.licenseModel,
      storageType: database.storageType,
      allocatedStorage: String(database.storageGib),
      ...provisioned(database),
      maxAllocatedStorage: database.maxStorageGib,
      storageEncrypted: database.encrypted,
      kmsKeyId: database.kmsKey,
      multiAz: database.multiAz,
      // A database in two zones has no zone of its own to state.
      availabilityZone: database.multiAz ? undefined : database.availabilityZone,
      networkType: database.networkType,
      publiclyAccessible: database.publiclyAccessible,
      backupRetentionPeriod: database.backupRetentionDays,
      preferredBackupWindow: database.backupWindow,
      preferredMaintenanceWindow: database.maintenanceWindow,
      copyTagsToSnapshot: database.copyTagsToSnapshot,
      autoMinorVersionUpgrade: database.autoMinorVersionUpgrade,
      caCertificateIdentifier: database.caCertificate,
      enableIamDatabaseAuthentication: database.iamAuthentication,
      monitoringInterval: database.monitoringSeconds,
      monitoringRoleArn: database.monitoringRole,
      enablePerformanceInsights: database.performanceInsights,
      performanceInsightsKmsKeyId: database.performanceInsightsKey,
      performanceInsightsRetentionPeriod: database.performanceInsightsDays,
      enableCloudwatchLogsExports: database.logExports.length > 0 ? database.logExports : undefined,
      deletionProtection: database.deletionProtection,
    });
    giveUp(instance, RemovalPolicy.SNAPSHOT);
  }
}
