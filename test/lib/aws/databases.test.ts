import { Clients } from '../../../lib/aws/clients';
import { RdsDatabases } from '../../../lib/aws/databases';
import type { Service } from '../../../sandbox/service';
import { answering, refuse, startAws, type TestAws } from '../../support/aws';
import { cobalt } from '../../support/upgrade';

let aws: TestAws | undefined;
afterEach(async () => {
  await aws?.close();
  aws = undefined;
});

async function clientsOf(...services: Service[]): Promise<Clients> {
  aws = await startAws(services);
  return new Clients(cobalt);
}

describe('databases', () => {
  const instance = {
    DBInstanceIdentifier: 'production-blue',
    DBInstanceStatus: 'backing-up',
    Endpoint: { Address: 'production-blue.c0ba17.example', Port: 5432 },
    Engine: 'postgres',
    EngineVersion: '17.6',
    DBSubnetGroup: { DBSubnetGroupName: 'cobalt-database' },
    VpcSecurityGroups: { VpcSecurityGroupMembership: [{ VpcSecurityGroupId: 'sg-1', Status: 'active' }] },
    DBParameterGroups: { DBParameterGroup: [{ DBParameterGroupName: 'cobalt-postgres17' }] },
    OptionGroupMemberships: { OptionGroupMembership: [{ OptionGroupName: 'default:postgres-17' }] },
    StorageType: 'gp3',
    AllocatedStorage: 100,
    Iops: 3000,
    MultiAZ: false,
    BackupRetentionPeriod: 14,
    PreferredBackupWindow: '15:00-15:30',
    PreferredMaintenanceWindow: 'sun:16:00-sun:16:30',
    CopyTagsToSnapshot: true,
    PubliclyAccessible: false,
    IAMDatabaseAuthenticationEnabled: false,
    AutoMinorVersionUpgrade: true,
  };
  const rds = (described: object) =>
    answering('rds', 'query', {
      DescribeDBInstances: () => ({ DBInstances: { DBInstance: [described] } }),
      DescribeDBSnapshots: () => refuse('DBSnapshotNotFound', 'not found', 404),
      CreateDBSnapshot: () => refuse('InvalidDBInstanceState', 'The instance is not available.'),
    });

  test('a database comes with everything that a restore would drop', async () => {
    const databases = new RdsDatabases(await clientsOf(rds(instance)));
    expect(await databases.find('production-blue')).toEqual({
      id: 'production-blue',
      status: 'backing-up',
      endpoint: 'production-blue.c0ba17.example',
      attributes: {
        instance: 'production-blue',
        engine: 'postgres',
        engineVersion: '17.6',
        subnetGroup: 'cobalt-database',
        securityGroups: ['sg-1'],
        parameterGroup: 'cobalt-postgres17',
        optionGroup: 'default:postgres-17',
        storageType: 'gp3',
        storageGib: 100,
        iops: 3000,
        multiAz: false,
        backupRetentionDays: 14,
        backupWindow: '15:00-15:30',
        maintenanceWindow: 'sun:16:00-sun:16:30',
        copyTagsToSnapshot: true,
        publiclyAccessible: false,
        performanceInsights: false,
        iamAuthentication: false,
        autoMinorVersionUpgrade: true,
      },
    });
  });

  test('an attribute that AWS does not tell is an error, never a default', async () => {
    const { BackupRetentionPeriod: _, ...described } = instance;
    const databases = new RdsDatabases(await clientsOf(rds(described)));
    await expect(databases.find('production-blue')).rejects.toMatchObject({ code: 'ANSWER_INCOMPLETE' });
  });

  test('what does not exist is undefined', async () => {
    const gone = answering('rds', 'query', {
      DescribeDBInstances: () => refuse('DBInstanceNotFound', 'not found', 404),
      DescribeDBSnapshots: () => refuse('DBSnapshotNotFound', 'not found', 404),
    });
    const databases = new RdsDatabases(await clientsOf(gone));
    expect(await databases.find('x')).toBeUndefined();
    expect(await databases.findSnapshot('x')).toBeUndefined();
  });

  test('a snapshot of a database that is busy is refused before anything changes', async () => {
    const databases = new RdsDatabases(await clientsOf(rds(instance)));
    await expect(databases.startSnapshot('production-blue', 's')).rejects.toMatchObject({
      code: 'DATABASE_NOT_AVAILABLE',
      exitCode: 3,
    });
  });
});
