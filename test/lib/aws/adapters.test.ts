import type { CreateStackCommandInput } from '@aws-sdk/client-cloudformation';
import type { PutParameterCommandInput } from '@aws-sdk/client-ssm';
import { Clients } from '../../../lib/aws/clients';
import { RdsDatabases } from '../../../lib/aws/databases';
import { BeanstalkEnvironments } from '../../../lib/aws/environments';
import { Route53Names } from '../../../lib/aws/names';
import { AutoScalingGroups } from '../../../lib/aws/scaling-groups';
import { ParameterSecrets } from '../../../lib/aws/secrets';
import { CloudFormationStacks } from '../../../lib/aws/stacks';
import { toXml } from '../../../sandbox/protocol/query';
import type { RestService, Service } from '../../../sandbox/service';
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

describe('environments', () => {
  const described = (Status: string, EnvironmentId: string) => ({
    EnvironmentName: 'web',
    EnvironmentId,
    Status,
    Health: 'Green',
    HealthStatus: 'Ok',
    CNAME: 'Web.ap-southeast-2.elasticbeanstalk.com',
    VersionLabel: 'v1',
    PlatformArn: 'arn:platform',
  });
  const beanstalk = (environments: object[], asked: unknown[] = []) =>
    answering('elasticbeanstalk', 'query', {
      DescribeEnvironments: ({ EnvironmentNames }: { EnvironmentNames: unknown }) => {
        asked.push(EnvironmentNames);
        return { Environments: { member: environments } };
      },
      DescribeEnvironmentResources: () => ({
        EnvironmentResources: {
          AutoScalingGroups: { member: [{ Name: 'awseb-web' }] },
          Instances: { member: [{ Id: 'i-1' }, { Id: 'i-2' }] },
        },
      }),
      DescribeConfigurationSettings: () => ({
        ConfigurationSettings: {
          member: [
            {
              DeploymentStatus: 'deployed',
              OptionSettings: {
                member: [
                  { Namespace: 'aws:autoscaling:asg', OptionName: 'MinSize', Value: '2' },
                  { Namespace: 'aws:autoscaling:asg', OptionName: 'Custom Availability Zones' },
                ],
              },
            },
          ],
        },
      }),
      UpdateEnvironment: notReady,
      RestartAppServer: notReady,
    });
  const notReady = () =>
    refuse(
      'InvalidParameterValue',
      'Environment named web is in an invalid state for this operation. Must be Ready.',
    );

  test('an environment comes with its options, group and instances', async () => {
    const clients = await clientsOf(
      beanstalk([described('Terminating', 'e-old'), described('Ready', 'e-new')]),
    );
    expect(await new BeanstalkEnvironments('cobalt', clients).find('web')).toEqual({
      name: 'web',
      id: 'e-new',
      status: 'Ready',
      health: 'Ok',
      cname: 'web.ap-southeast-2.elasticbeanstalk.com',
      versionLabel: 'v1',
      platformArn: 'arn:platform',
      autoScalingGroup: 'awseb-web',
      loadBalancers: [],
      instances: ['i-1', 'i-2'],
      options: { 'aws:autoscaling:asg:MinSize': '2' },
    });
  });

  test('environments that are looked for at once are described by one call, each for whoever asked', async () => {
    const asked: unknown[] = [];
    const named = (name: string) => ({ ...described('Ready', `e-${name}`), EnvironmentName: name });
    const clients = await clientsOf(beanstalk([named('web'), named('ses')], asked));
    const environments = new BeanstalkEnvironments('cobalt', clients);
    const found = await Promise.all(['web', 'ses', 'gone'].map((name) => environments.find(name)));
    expect(found.map((each) => each?.id)).toEqual(['e-web', 'e-ses', undefined]);
    expect((await environments.find('ses'))?.id).toBe('e-ses');
    expect(asked).toEqual([['web', 'ses', 'gone'], ['ses']]);
  });

  test('a terminated environment does not exist', async () => {
    const clients = await clientsOf(beanstalk([described('Terminated', 'e-old')]));
    expect(await new BeanstalkEnvironments('cobalt', clients).find('web')).toBeUndefined();
  });

  test('an environment that is not Ready has an error of its own', async () => {
    const environments = new BeanstalkEnvironments('cobalt', await clientsOf(beanstalk([])));
    const update = environments.update('web', [{ namespace: 'n', name: 'o', value: 'v' }]);
    await expect(update).rejects.toMatchObject({ code: 'ENVIRONMENT_NOT_READY', exitCode: 3 });
    const restart = environments.restart('web');
    await expect(restart).rejects.toMatchObject({ code: 'ENVIRONMENT_NOT_READY', exitCode: 3 });
  });

  test('options are set and removed in one update, and neither list is sent empty', async () => {
    const asked: object[] = [];
    const note = (input: object) => {
      asked.push(input);
    };
    const updating = answering('elasticbeanstalk', 'query', { UpdateEnvironment: note });
    const environments = new BeanstalkEnvironments('cobalt', await clientsOf(updating));
    const option = { namespace: 'n', name: 'o', value: 'v' };
    await environments.update('web', [option], [{ namespace: 'n', name: 'p' }]);
    await environments.update('web', [option]);
    await environments.update('web', [], [{ namespace: 'n', name: 'p' }]);
    const named = { ApplicationName: 'cobalt', EnvironmentName: 'web' };
    const OptionSettings = [{ Namespace: 'n', OptionName: 'o', Value: 'v' }];
    const OptionsToRemove = [{ Namespace: 'n', OptionName: 'p' }];
    expect(asked).toEqual([
      { ...named, OptionSettings, OptionsToRemove },
      { ...named, OptionSettings },
      { ...named, OptionsToRemove },
    ]);
  });
});

describe('Auto Scaling groups', () => {
  test('suspending nothing asks nothing, for to AWS an empty list means every process', async () => {
    const groups = new AutoScalingGroups(await clientsOf());
    await groups.suspend('awseb-web', []);
    await groups.resume('awseb-web', []);
    expect(aws!.calls).toEqual([]);
  });

  const instance = (InstanceId: string, LifecycleState: string) => ({ InstanceId, LifecycleState });

  test('tells what is suspended, every instance, and a group that is missing', async () => {
    const described = {
      AutoScalingGroupName: 'awseb-web',
      MinSize: 1,
      MaxSize: 4,
      SuspendedProcesses: { member: [{ ProcessName: 'Launch', SuspensionReason: 'by hand' }] },
      Instances: { member: [instance('i-1', 'InService'), instance('i-2', 'Terminating')] },
    };
    const autoscaling = answering('autoscaling', 'query', {
      DescribeAutoScalingGroups: ({
        AutoScalingGroupNames: [name],
      }: {
        AutoScalingGroupNames: string[];
      }) => ({
        AutoScalingGroups: { member: name === 'awseb-web' ? [described] : [] },
      }),
    });
    const groups = new AutoScalingGroups(await clientsOf(autoscaling));
    expect(await groups.suspended('awseb-web')).toEqual(['Launch']);
    expect(await groups.instances('awseb-web')).toEqual(['i-1', 'i-2']);
    expect(await groups.sizes('awseb-web')).toEqual({ min: 1, max: 4 });
    await expect(groups.suspended('awseb-x')).rejects.toMatchObject({ code: 'SCALING_GROUP_MISSING' });
  });

  test('a group is emptied by all of its sizes, and filled by its limits; an ended instance leaves them as they are', async () => {
    const asked: object[] = [];
    const note = (input: object) => {
      asked.push(input);
    };
    const groups = new AutoScalingGroups(
      await clientsOf(
        answering('autoscaling', 'query', {
          UpdateAutoScalingGroup: note,
          TerminateInstanceInAutoScalingGroup: note,
        }),
      ),
    );
    await groups.empty('awseb-web');
    await groups.resize('awseb-web', { min: 1, max: 4 });
    await groups.terminate('i-1');
    expect(asked).toEqual([
      { AutoScalingGroupName: 'awseb-web', MinSize: '0', MaxSize: '0', DesiredCapacity: '0' },
      { AutoScalingGroupName: 'awseb-web', MinSize: '1', MaxSize: '4' },
      { InstanceId: 'i-1', ShouldDecrementDesiredCapacity: 'false' },
    ]);
  });
});

describe('stacks', () => {
  const resource = (LogicalResourceId: string, ResourceStatus: string, ResourceStatusReason: string) => ({
    LogicalResourceId,
    ResourceType: 'AWS::RDS::DBInstance',
    Timestamp: '2026-11-23T11:00:00Z',
    ResourceStatus,
    ResourceStatusReason,
  });

  test('tells why resources have failed, and nothing of the others', async () => {
    const cloudformation = answering('cloudformation', 'query', {
      DescribeStackResources: () => ({
        StackResources: {
          member: [
            resource('Database', 'CREATE_FAILED', 'Snapshot not found'),
            resource('Other', 'CREATE_IN_PROGRESS', 'Resource creation Initiated'),
          ],
        },
      }),
    });
    const stacks = new CloudFormationStacks(await clientsOf(cloudformation));
    expect(await stacks.failures('CobaltDatabaseGreen')).toEqual([
      'Database (AWS::RDS::DBInstance): Snapshot not found',
    ]);
  });

  test.each([
    ['JSON', '{"Resources":{"A":{"Properties":{"Value":"ON"}}}}'],
    ['YAML', 'Resources:\n  A:\n    Properties:\n      Value: "ON"\n'],
  ])('tells the template that was deployed last, sent in %s', async (_, TemplateBody) => {
    const cloudformation = answering('cloudformation', 'query', { GetTemplate: () => ({ TemplateBody }) });
    const stacks = new CloudFormationStacks(await clientsOf(cloudformation));
    expect(await stacks.template('CobaltX')).toEqual({ Resources: { A: { Properties: { Value: 'ON' } } } });
  });

  test('there is no template of a stack that does not exist', async () => {
    const cloudformation = answering('cloudformation', 'query', {
      GetTemplate: () => refuse('ValidationError', 'Stack with id CobaltX does not exist'),
    });
    const stacks = new CloudFormationStacks(await clientsOf(cloudformation));
    expect(await stacks.template('CobaltX')).toBeUndefined();
  });

  test('a new stack is protected from its first moment, and a failure deletes nothing', async () => {
    let asked: Partial<CreateStackCommandInput> = {};
    const cloudformation = answering('cloudformation', 'query', {
      CreateStack: (input: CreateStackCommandInput) => {
        asked = input;
        return { StackId: 'arn:stack' };
      },
      DescribeStacks: () => refuse('ValidationError', 'Stack with id CobaltX does not exist'),
    });
    const stacks = new CloudFormationStacks(await clientsOf(cloudformation));
    await stacks.create('CobaltX', '{}', '{"Statement":[]}', { a: 'b' });
    expect(asked).toMatchObject({
      StackName: 'CobaltX',
      StackPolicyBody: '{"Statement":[]}',
      EnableTerminationProtection: 'true',
      OnFailure: 'DO_NOTHING',
      Tags: [{ Key: 'a', Value: 'b' }],
    });
    expect(await stacks.find('CobaltX')).toBeUndefined();
  });
});

test('a secret is made once, as a SecureString, and never asked for; whether it is there may stand on any page', async () => {
  const asked: object[] = [];
  const pages: Record<string, object> = { first: { Parameters: [], NextToken: 'second' }, second: {} };
  const ssm = answering('ssm', 'json', {
    DescribeParameters: (input: { NextToken?: string }) => {
      asked.push(input);
      return pages[input.NextToken ?? 'first'];
    },
    PutParameter: (input: PutParameterCommandInput) => {
      asked.push(input);
      return { Version: 1 };
    },
  });
  const secrets = new ParameterSecrets(await clientsOf(ssm));
  const ParameterFilters = [{ Key: 'Name', Option: 'Equals', Values: ['/s'] }];
  expect(await secrets.exists('/s')).toBe(false);
  await secrets.create('/s', 'value');
  pages.second = { Parameters: [{ Name: '/s' }] };
  expect(await secrets.exists('/s')).toBe(true);
  expect(asked.slice(0, 3)).toEqual([
    { ParameterFilters },
    { ParameterFilters, NextToken: 'second' },
    { Name: '/s', Value: 'value', Type: 'SecureString', Overwrite: false },
  ]);
});

test('records are read to the last page, their names as people write them', async () => {
  const page = (sets: object[], more: object) =>
    toXml({
      ListResourceRecordSetsResponse: {
        '@xmlns': 'https://route53.amazonaws.com/doc/2013-04-01/',
        ResourceRecordSets: { ResourceRecordSet: sets },
        MaxItems: 100,
        ...more,
      },
    });
  const alias = (Name: string, DNSName: string) => ({
    Name,
    Type: 'A',
    AliasTarget: { HostedZoneId: 'Z2', DNSName, EvaluateTargetHealth: false },
  });
  const values = (Name: string, Type: string, all: string[]) => ({
    Name,
    Type,
    TTL: 300,
    ResourceRecords: { ResourceRecord: all.map((Value) => ({ Value })) },
  });
  const route53: RestService = {
    name: 'route53',
    protocol: 'rest-xml',
    operations: {},
    handle: async ({ query }) => ({
      status: 200,
      headers: { 'content-type': 'text/xml' },
      body: query.has('name')
        ? page([values('\\052.myabf.com.au.', 'A', ['192.0.2.1', '192.0.2.2'])], { IsTruncated: false })
        : page([alias('myabf.com.au.', 'Web.ap-southeast-2.elasticbeanstalk.com.')], {
            IsTruncated: true,
            NextRecordName: '\\052.myabf.com.au.',
            NextRecordType: 'A',
          }),
    }),
  };
  expect(await new Route53Names(await clientsOf(route53)).records('Z1')).toEqual([
    { name: 'myabf.com.au', type: 'A', target: 'web.ap-southeast-2.elasticbeanstalk.com', alias: true },
    { name: '*.myabf.com.au', type: 'A', target: '192.0.2.1', alias: false, ttlSeconds: 300 },
    { name: '*.myabf.com.au', type: 'A', target: '192.0.2.2', alias: false, ttlSeconds: 300 },
  ]);
});

test('a name gets one alias in the place of whatever answers for it, in one batch', async () => {
  const record = (inside: string) =>
    `<ResourceRecordSet><Name>www.myabf.com.au.</Name>${inside}</ResourceRecordSet>`;
  const value = (type: string, data: string, more = '') =>
    record(
      `<Type>${type}</Type>${more}<TTL>300</TTL><ResourceRecords><ResourceRecord><Value>${data}</Value></ResourceRecord></ResourceRecords>`,
    );
  const sets = [
    value('A', '192.0.2.1'),
    value('AAAA', '2001:db8::1'),
    value('A', '192.0.2.2', '<SetIdentifier>second</SetIdentifier><Weight>1</Weight>'),
    value('TXT', '"kept"'),
    value('CNAME', 'elsewhere.example.com').replace('www', 'other'),
  ];
  let sent = '';
  const route53: RestService = {
    name: 'route53',
    protocol: 'rest-xml',
    operations: {},
    handle: async ({ method, body }) => {
      if (method === 'POST') sent = body.toString();
      const answer =
        method === 'POST'
          ? '<ChangeResourceRecordSetsResponse><ChangeInfo><Id>C1</Id><Status>PENDING</Status><SubmittedAt>2026-11-23T11:00:00Z</SubmittedAt></ChangeInfo></ChangeResourceRecordSetsResponse>'
          : `<ListResourceRecordSetsResponse><ResourceRecordSets>${sets.join('')}</ResourceRecordSets><IsTruncated>false</IsTruncated><MaxItems>300</MaxItems></ListResourceRecordSetsResponse>`;
      return { status: 200, headers: { 'content-type': 'text/xml' }, body: answer };
    },
  };
  const target = { name: 'web.ap-southeast-2.elasticbeanstalk.com', zoneId: 'Z2' };
  await new Route53Names(await clientsOf(route53)).point('Z1', 'www.myabf.com.au', target);
  const changes = [...sent.matchAll(/<Change>.*?<\/Change>/gs)].map(([change]) => {
    const [, action, , type] = /<Action>(\w+)<(.*?)<Type>(\w+)</s.exec(change)!;
    return `${action} ${type}${change.includes('second') ? ' second' : ''}`;
  });
  expect(changes).toEqual(['DELETE AAAA', 'DELETE A second', 'UPSERT A']);
  expect(sent).toContain('<EvaluateTargetHealth>false</EvaluateTargetHealth>');
  expect(sent).toContain(`<DNSName>${target.name}</DNSName>`);
});
