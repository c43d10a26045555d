import {
  DeleteChangeSetCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { ChangeSetName, GreenStack, StackName, shown, topic } from './green-stack';
import { type Site, startSite } from './support';

let site: Site;
let green: GreenStack;
beforeEach(async () => {
  site = await startSite();
  green = new GreenStack(site);
});
afterEach(() => site.close());

const retained = { DeletionPolicy: 'Retain' };

describe('importing', () => {
  const toImport = (
    id: string,
    value: string,
    key = 'DBInstanceIdentifier',
    type = 'AWS::RDS::DBInstance',
  ) => [{ ResourceType: type, LogicalResourceId: id, ResourceIdentifier: { [key]: value } }];
  const data = (more: object = retained) => ({
    Type: 'AWS::RDS::DBInstance',
    Properties: { DBInstanceIdentifier: 'production-blue', DBInstanceClass: 'db.t3.small' },
    ...more,
  });
  beforeEach(() => {
    site.database.living.set('production-blue', {
      DBInstanceIdentifier: 'production-blue',
      DBInstanceClass: 'db.m5.large',
    });
  });
  const importing = (resources: Record<string, object>, given = toImport('Data', 'production-blue')) =>
    green.prepare(resources, { ChangeSetType: 'IMPORT', ResourcesToImport: given });

  test('takes a resource in without comparing it with the template, and touches nothing', async () => {
    expect(shown(await importing({ Data: data() }))).toEqual(['Import Data']);
    expect((await green.execute()).StackStatus).toBe('IMPORT_COMPLETE');
    expect(site.database.asked).toEqual([]);
    expect(site.database.living.get('production-blue')).toMatchObject({ DBInstanceClass: 'db.m5.large' });
    const { StackResources } = await site.client.send(new DescribeStackResourcesCommand({ StackName }));
    expect(StackResources).toMatchObject([
      { LogicalResourceId: 'Data', PhysicalResourceId: 'production-blue' },
    ]);
  });

  test('applies the difference where the type does so in AWS', async () => {
    site.database.adopt = async ({ physicalId, properties }) => {
      site.database.living.set(physicalId, properties);
      return { physicalId, attributes: {} };
    };
    await importing({ Data: data() });
    await green.execute();
    expect(site.database.living.get('production-blue')).toMatchObject({ DBInstanceClass: 'db.t3.small' });
  });

  test('wants a deletion policy, a supported type, the right identifier and a resource that exists', async () => {
    await expect(importing({ Data: data({}) })).rejects.toThrow(
      'The following resources to import [Data] must have DeletionPolicy attribute specified in the template.',
    );
    const names = { Type: 'AWS::Route53::RecordSet', Properties: { Name: 'x' }, ...retained };
    await expect(
      importing({ Names: names }, toImport('Names', 'x', 'Name', 'AWS::Route53::RecordSet')),
    ).rejects.toThrow('ResourceTypes [AWS::Route53::RecordSet] are not supported for Import');
    await expect(importing({ Data: data() }, toImport('Data', 'x', 'Arn'))).rejects.toThrow(
      /DBInstanceIdentifier/,
    );
    await expect(importing({ Data: data() }, toImport('Data', 'nobody'))).rejects.toThrow(
      /'nobody' was not found/,
    );
  });

  test('changes nothing else', async () => {
    await expect(importing({ Data: data(), More: topic() })).rejects.toThrow(
      /As part of the import operation, you cannot modify or add \[Resources\]/,
    );
  });

  test('refuses a resource that belongs to another stack', async () => {
    site.cloudformation.register({
      name: 'Blue',
      template: { Resources: { Data: data() } },
      resources: { Data: 'production-blue' },
    });
    await expect(importing({ Data: data() })).rejects.toThrow(/already exists in stack arn:/);
  });

  test('of existing resources by an ordinary deployment adopts those with fixed names', async () => {
    const changes = await green.prepare(
      { Data: data(), New: topic() },
      { ChangeSetType: 'CREATE', ImportExistingResources: true },
    );
    expect(shown(changes).sort()).toEqual(['Add New', 'Import Data']);
    expect((await green.execute()).StackStatus).toBe('CREATE_COMPLETE');
    expect(site.database.asked).toEqual([]);
  });

  test('of existing resources wants them retained', async () => {
    const changes = await green.prepare(
      { Data: data({ DeletionPolicy: 'Snapshot' }) },
      { ChangeSetType: 'CREATE', ImportExistingResources: true },
    );
    expect(changes.Status).toBe('FAILED');
    expect(changes.StatusReason).toMatch(
      /The affected resources are Data \(\{DBInstanceIdentifier=production-blue\}\)$/,
    );
  });

  test('that is rolled back lets the adopted resource go', async () => {
    site.topic.failing.add('create bad');
    await green.prepare(
      { Data: data(), Bad: topic({ TopicName: 'bad' }, { DependsOn: 'Data' }) },
      { ChangeSetType: 'CREATE', ImportExistingResources: true },
    );
    expect((await green.execute()).StackStatus).toBe('ROLLBACK_COMPLETE');
    expect(site.database.asked).toEqual([]);
    expect(site.database.living.has('production-blue')).toBe(true);
  });
});

describe('registering', () => {
  const template = {
    Resources: { One: topic({ TopicName: 'one' }) },
    Outputs: { Arn: { Value: { 'Fn::GetAtt': 'One.Arn' } } },
  };

  test('records a stack over what exists, ready for an update', async () => {
    site.topic.living.set('one', {});
    site.cloudformation.register({
      name: StackName,
      template,
      resources: { One: 'one' },
      terminationProtection: true,
    });
    const { Stacks } = await site.client.send(new DescribeStacksCommand({ StackName }));
    expect(Stacks![0]).toMatchObject({
      StackStatus: 'IMPORT_COMPLETE',
      EnableTerminationProtection: true,
      Outputs: [{ OutputKey: 'Arn', OutputValue: 'arn:fake:one' }],
    });
    expect((await green.prepare(template.Resources)).Changes).toEqual([]);
    await site.client.send(new DeleteChangeSetCommand({ StackName, ChangeSetName }));
    expect(
      (await green.deploy({ One: topic({ TopicName: 'one', DisplayName: 'x' }) }, 'UPDATE')).StackStatus,
    ).toBe('UPDATE_COMPLETE');
  });

  test('throws when a resource is missing, and records nothing', () => {
    const registration = { name: StackName, template, resources: { One: 'one' } };
    expect(() => site.cloudformation.register(registration)).toThrow(
      'Stack Green: One (AWS::SNS::Topic) does not exist as one.',
    );
    expect(() => site.cloudformation.register({ ...registration, resources: {} })).toThrow(
      /has no physical id/,
    );
    expect(site.cloudformation.stacks.all()).toEqual([]);
  });
});
