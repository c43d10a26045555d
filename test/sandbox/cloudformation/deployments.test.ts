import {
  DeleteStackCommand,
  DescribeStackEventsCommand,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import { database, GreenStack, StackName, topic } from './green-stack';
import { type Site, startSite } from './support';

let site: Site;
let green: GreenStack;
beforeEach(async () => {
  site = await startSite();
  green = new GreenStack(site);
});
afterEach(() => site.close());

async function destroy(StackId: string) {
  await site.client.send(new DeleteStackCommand({ StackName: StackId }));
  return green.settled(StackId);
}

describe('creating', () => {
  test('makes resources in the order of their references, independent ones side by side', async () => {
    const startMs = site.clock.nowMs();
    const stack = await green.create({
      Second: topic({ DisplayName: { 'Fn::GetAtt': ['First', 'Arn'] } }),
      First: topic(),
      Beside: topic(),
      Last: topic({}, { DependsOn: 'Second' }),
    });
    expect(stack.StackStatus).toBe('CREATE_COMPLETE');
    expect(site.topic.asked.map((line) => line.split('-')[0])).toEqual([
      'create First',
      'create Beside',
      'create Second',
      'create Last',
    ]);
    expect(site.topic.living.get('Second-3')).toEqual({ DisplayName: 'arn:fake:First-1' });
    const minutes = (site.clock.nowMs() - startMs) / 60_000;
    expect(minutes).toBeGreaterThanOrEqual(3);
    expect(minutes).toBeLessThan(3.5);
  });

  test('tells the history newest first, no two events at one moment', async () => {
    await green.create({ One: topic(), Two: topic() });
    const { StackEvents } = await site.client.send(new DescribeStackEventsCommand({ StackName }));
    const times = StackEvents!.map((event) => event.Timestamp!.getTime());
    expect(times).toEqual([...new Set(times)].sort((a, b) => b - a));
    expect(new Set(StackEvents!.map((event) => event.EventId)).size).toBe(times.length);
    expect(await green.history()).toEqual([
      'Green CREATE_IN_PROGRESS',
      'One CREATE_IN_PROGRESS',
      'Two CREATE_IN_PROGRESS',
      'One CREATE_IN_PROGRESS',
      'One CREATE_COMPLETE',
      'Two CREATE_IN_PROGRESS',
      'Two CREATE_COMPLETE',
      'Green CREATE_COMPLETE',
    ]);
  });

  test('that fails deletes what it made, and the stack can only be deleted then', async () => {
    site.topic.failing.add('create bad');
    const stack = await green.create({
      Good: topic({ TopicName: 'good' }),
      Bad: topic({ TopicName: 'bad' }, { DependsOn: 'Good' }),
    });
    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
    expect(site.topic.living.size).toBe(0);
    expect(await green.reasonFor('Green', 'ROLLBACK_IN_PROGRESS')).toBe(
      'The following resource(s) failed to create: [Bad]. Rollback requested by user.',
    );
    await expect(green.update({ Good: topic() })).rejects.toThrow(
      `Stack:${stack.StackId} is in ROLLBACK_COMPLETE state and can not be updated.`,
    );
    expect((await destroy(stack.StackId!)).StackStatus).toBe('DELETE_COMPLETE');
  });

  test('that fails cancels what is under way, and deletes that too', async () => {
    site.topic.failing.add('create bad');
    await green.create({ Bad: topic({ TopicName: 'bad' }), Slow: topic({ TopicName: 'slow' }) });
    expect(await green.reasonFor('Slow', 'CREATE_FAILED')).toBe('Resource creation cancelled');
    expect(site.topic.living.size).toBe(0);
  });

  test('rolled back keeps what is to be retained, but not what is to be retained except on create', async () => {
    site.topic.failing.add('create bad');
    await green.create({
      Kept: topic({ TopicName: 'kept' }, { DeletionPolicy: 'Retain' }),
      Gone: topic({ TopicName: 'gone' }, { DeletionPolicy: 'RetainExceptOnCreate' }),
      Bad: topic({ TopicName: 'bad' }, { DependsOn: ['Kept', 'Gone'] }),
    });
    expect([...site.topic.living.keys()]).toEqual(['kept']);
    expect(await green.history()).toContain('Kept DELETE_SKIPPED');
  });

  test('rolled back deletes a record that was there before and was silently adopted', async () => {
    const properties = { Name: 'myabf.com.au', Type: 'A', ResourceRecords: ['192.0.2.1'] };
    site.record.living.set('myabf.com.au', properties);
    site.topic.failing.add('create bad');
    const stack = await green.create({
      Names: { Type: 'AWS::Route53::RecordSet', Properties: properties },
      Bad: topic({ TopicName: 'bad' }, { DependsOn: 'Names' }),
    });
    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
    expect(site.record.living.has('myabf.com.au')).toBe(false);
  });

  test('without rollback leaves all that was made, goes on with what is independent, and is retried', async () => {
    site.topic.failing.add('create bad');
    const resources = {
      Bad: topic({ TopicName: 'bad' }),
      Good: topic({ TopicName: 'good' }),
      AfterGood: topic({ TopicName: 'after-good' }, { DependsOn: 'Good' }),
      AfterBad: topic({ TopicName: 'after-bad' }, { DependsOn: 'Bad' }),
    };
    const failed = await green.create(resources, { DisableRollback: true });
    expect(failed.StackStatus).toBe('CREATE_FAILED');
    expect([...site.topic.living.keys()]).toEqual(['good', 'after-good']);
    site.topic.failing.clear();
    const retried = await green.update(resources, { DisableRollback: true });
    expect(retried.StackStatus).toBe('UPDATE_COMPLETE');
    expect([...site.topic.living.keys()].sort()).toEqual(['after-bad', 'after-good', 'bad', 'good']);
  });

  test('with OnFailure DELETE leaves no stack', async () => {
    site.topic.failing.add('create bad');
    const stack = await green.create({ Bad: topic({ TopicName: 'bad' }) }, { OnFailure: 'DELETE' });
    expect(stack.StackStatus).toBe('DELETE_COMPLETE');
    await expect(green.settled()).rejects.toThrow('Stack with id Green does not exist');
  });
});

describe('deleting', () => {
  test('takes resources away in the reverse order of their references', async () => {
    const { StackId } = await green.create({
      First: topic({ TopicName: 'first' }),
      Second: topic({ TopicName: 'second', DisplayName: { Ref: 'First' } }),
    });
    expect((await destroy(StackId!)).StackStatus).toBe('DELETE_COMPLETE');
    expect(site.topic.asked.slice(2)).toEqual(['delete second', 'delete first']);
    await expect(green.settled()).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'Stack with id Green does not exist',
    });
  });

  test('retains, or takes a snapshot of a database, as the policy or its default says', async () => {
    const { StackId } = await green.create({
      Kept: topic({ TopicName: 'kept' }, { DeletionPolicy: 'Retain' }),
      Data: database({ DBInstanceIdentifier: 'data' }),
      Scratch: database({ DBInstanceIdentifier: 'scratch' }, { DeletionPolicy: 'Delete' }),
    });
    await destroy(StackId!);
    expect([...site.topic.living.keys()]).toEqual(['kept']);
    expect(site.database.asked.slice(2).sort()).toEqual(['delete scratch', 'snapshot and delete data']);
  });

  test('is refused while termination protection is on', async () => {
    const { StackId } = await green.create({ One: topic() }, { EnableTerminationProtection: true });
    await expect(destroy(StackId!)).rejects.toThrow(
      'Stack [Green] cannot be deleted while TerminationProtection is enabled',
    );
    await site.client.send(
      new UpdateTerminationProtectionCommand({ StackName, EnableTerminationProtection: false }),
    );
    expect((await destroy(StackId!)).StackStatus).toBe('DELETE_COMPLETE');
  });

  test('that fails can be repeated, retaining what cannot be deleted', async () => {
    const { StackId } = await green.create({
      One: topic({ TopicName: 'one' }),
      Two: topic({ TopicName: 'two' }),
    });
    await expect(
      site.client.send(new DeleteStackCommand({ StackName, RetainResources: ['One'] })),
    ).rejects.toThrow(/only when the stack is in the DELETE_FAILED state/);
    site.topic.failing.add('delete one');
    expect((await destroy(StackId!)).StackStatus).toBe('DELETE_FAILED');
    await site.client.send(new DeleteStackCommand({ StackName, RetainResources: ['One'] }));
    expect((await green.settled(StackId)).StackStatus).toBe('DELETE_COMPLETE');
    expect([...site.topic.living.keys()]).toEqual(['one']);
  });

  test('of a stack that does not exist succeeds', async () => {
    await expect(site.client.send(new DeleteStackCommand({ StackName: 'Nobody' }))).resolves.toBeDefined();
  });
});
