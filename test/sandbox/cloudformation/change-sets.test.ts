import {
  DeleteChangeSetCommand,
  DescribeChangeSetCommand,
  DescribeStackDriftDetectionStatusCommand,
  DescribeStackEventsCommand,
  DescribeStackResourceDriftsCommand,
  DescribeStacksCommand,
  DetectStackDriftCommand,
  ListChangeSetsCommand,
  UpdateStackCommand,
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

test('a change set for a new stack makes it, in review until executed', async () => {
  const changes = await green.prepare({ One: topic() }, { ChangeSetType: 'CREATE' });
  expect(changes).toMatchObject({ Status: 'CREATE_COMPLETE', ExecutionStatus: 'AVAILABLE' });
  expect(shown(changes)).toEqual(['Add One']);
  const { Stacks } = await site.client.send(new DescribeStacksCommand({ StackName }));
  expect(Stacks![0]!.StackStatus).toBe('REVIEW_IN_PROGRESS');
  expect((await green.execute()).StackStatus).toBe('CREATE_COMPLETE');
});

test('was created after the event that put the stack in review', async () => {
  const { CreationTime } = await green.prepare({ One: topic() }, { ChangeSetType: 'CREATE' });
  const { StackEvents } = await site.client.send(new DescribeStackEventsCommand({ StackName }));
  expect(StackEvents!.map((event) => event.ResourceStatus)).toEqual(['REVIEW_IN_PROGRESS']);
  expect(CreationTime!.getTime()).toBeGreaterThan(StackEvents![0]!.Timestamp!.getTime());
});

test('shows what is added, changed, replaced, perhaps replaced and removed', async () => {
  const data = (DBSnapshotIdentifier: string) => ({
    Type: 'AWS::RDS::DBInstance',
    Properties: { DBSnapshotIdentifier },
  });
  await green.deploy(
    {
      Renamed: topic({ TopicName: 'old' }),
      Data: data('a'),
      Shown: topic({ DisplayName: 'x' }),
      Follows: topic({ DisplayName: { Ref: 'Renamed' } }),
      Same: topic({ DisplayName: 'same' }),
      Gone: topic(),
    },
    'CREATE',
  );
  const changes = await green.prepare({
    Renamed: topic({ TopicName: 'new' }),
    Data: data('b'),
    Shown: topic({ DisplayName: 'y' }),
    Follows: topic({ DisplayName: { Ref: 'Renamed' } }),
    Same: topic({ DisplayName: 'same' }),
    New: topic(),
  });
  expect(shown(changes).sort()).toEqual([
    'Add New',
    'Modify Data Conditional',
    'Modify Follows False',
    'Modify Renamed True',
    'Modify Shown False',
    'Remove Gone',
  ]);
  const of = (id: string) =>
    changes.Changes!.find(({ ResourceChange: change }) => change!.LogicalResourceId === id)!.ResourceChange!;
  expect(of('Renamed').PolicyAction).toBe('ReplaceAndDelete');
  expect(of('Shown').Details).toMatchObject([
    { Target: { Name: 'DisplayName', RequiresRecreation: 'Never', BeforeValue: 'x', AfterValue: 'y' } },
  ]);
  expect(of('Follows').Details).toMatchObject([{ Evaluation: 'Dynamic' }]);
});

test('a change of a nested property that the specification says replaces, replaces', async () => {
  const { updateBehaviour } = await import('../../../sandbox/cloudformation/specification');
  const type = 'AWS::ElasticBeanstalk::Environment';
  expect(
    updateBehaviour(type, 'Tier', { Name: 'WebServer', Version: '1' }, { Name: 'WebServer', Version: '2' }),
  ).toBe('no');
  expect(updateBehaviour(type, 'Tier', { Name: 'WebServer' }, { Name: 'Worker' })).toBe('yes');
});

test('without changes fails with the words that clients look for, whatever was changed by hand', async () => {
  await green.deploy({ One: topic({ TopicName: 'one' }) }, 'CREATE');
  site.topic.living.set('one', { TopicName: 'one', DisplayName: 'by hand' });
  const changes = await green.prepare({ One: topic({ TopicName: 'one' }) });
  expect(changes.Status).toBe('FAILED');
  expect(changes.StatusReason).toMatch(/^The submitted information didn't contain changes\./);
  await expect(green.execute()).rejects.toMatchObject({ name: 'InvalidChangeSetStatusException' });
});

test('is gone once deleted, and deleting it again succeeds', async () => {
  await green.prepare({ One: topic() }, { ChangeSetType: 'CREATE' });
  for (let time = 0; time < 2; time++)
    await site.client.send(new DeleteChangeSetCommand({ StackName, ChangeSetName }));
  await expect(
    site.client.send(new DescribeChangeSetCommand({ StackName, ChangeSetName })),
  ).rejects.toMatchObject({ name: 'ChangeSetNotFoundException' });
});

test('is out of date once the stack was updated otherwise', async () => {
  await green.deploy({ One: topic({ TopicName: 'one' }) }, 'CREATE');
  await green.prepare({ One: topic({ TopicName: 'one', DisplayName: 'x' }) });
  const TemplateBody = JSON.stringify({ Resources: { One: topic({ TopicName: 'one', DisplayName: 'y' }) } });
  await site.client.send(new UpdateStackCommand({ StackName, TemplateBody }));
  await site.client.send(new DescribeStacksCommand({ StackName }));
  await expect(green.execute()).rejects.toThrow(/execution status of \[OBSOLETE\]/);
  const { Summaries } = await site.client.send(new ListChangeSetsCommand({ StackName }));
  expect(Summaries).toMatchObject([{ ChangeSetName, ExecutionStatus: 'OBSOLETE' }]);
});

test('an update of a stack that is not there, or a creation of one that is, is refused', async () => {
  await expect(green.prepare({ One: topic() })).rejects.toThrow('Stack [Green] does not exist');
  await green.deploy({ One: topic() }, 'CREATE');
  await expect(green.prepare({ One: topic() }, { ChangeSetType: 'CREATE' })).rejects.toThrow(
    'Stack [Green] already exists and cannot be created again with the changeSet [next].',
  );
});

test('drift detection sees what the type shows, and nothing of a type that shows nothing', async () => {
  site.topic.live = (name) => site.topic.living.get(name);
  await green.deploy(
    {
      One: topic({ TopicName: 'one', DisplayName: 'declared' }),
      Two: topic({ TopicName: 'two' }),
      Data: { Type: 'AWS::RDS::DBInstance', Properties: { DBInstanceIdentifier: 'data' } },
    },
    'CREATE',
  );
  site.topic.living.set('one', { TopicName: 'one', DisplayName: 'by hand' });
  site.topic.living.delete('two');
  site.database.living.clear();
  const { StackDriftDetectionId } = await site.client.send(new DetectStackDriftCommand({ StackName }));
  const status = await site.client.send(
    new DescribeStackDriftDetectionStatusCommand({ StackDriftDetectionId }),
  );
  expect(status).toMatchObject({
    DetectionStatus: 'DETECTION_COMPLETE',
    StackDriftStatus: 'DRIFTED',
    DriftedStackResourceCount: 2,
  });
  const { StackResourceDrifts } = await site.client.send(
    new DescribeStackResourceDriftsCommand({ StackName }),
  );
  expect(StackResourceDrifts).toMatchObject([
    {
      LogicalResourceId: 'One',
      StackResourceDriftStatus: 'MODIFIED',
      PropertyDifferences: [
        { PropertyPath: '/DisplayName', ExpectedValue: 'declared', ActualValue: 'by hand' },
      ],
    },
    { LogicalResourceId: 'Two', StackResourceDriftStatus: 'DELETED' },
  ]);
});
