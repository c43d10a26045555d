import {
  ContinueUpdateRollbackCommand,
  DeleteStackCommand,
  GetTemplateCommand,
  RollbackStackCommand,
  SetStackPolicyCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { body, database, GreenStack, StackName, topic } from './green-stack';
import { type Site, startSite } from './support';

let site: Site;
let green: GreenStack;
beforeEach(async () => {
  site = await startSite();
  green = new GreenStack(site);
});
afterEach(() => site.close());

describe('updating', () => {
  test('an equal template is no change, whatever was changed by hand', async () => {
    await green.create({ One: topic({ TopicName: 'one', DisplayName: 'declared' }) });
    site.topic.living.set('one', { TopicName: 'one', DisplayName: 'by hand' });
    await expect(green.update({ One: topic({ DisplayName: 'declared', TopicName: 'one' }) })).rejects.toThrow(
      'No updates are to be performed.',
    );
    expect(site.topic.living.get('one')).toMatchObject({ DisplayName: 'by hand' });
  });

  test('passes a removed property to the type as simply absent, with what it was', async () => {
    await green.create({ One: topic({ TopicName: 'one', DisplayName: 'shown' }) });
    await green.update({ One: topic({ TopicName: 'one' }) });
    expect(site.topic.living.get('one')).toEqual({ TopicName: 'one' });
    expect(site.topic.previous).toEqual([{ TopicName: 'one', DisplayName: 'shown' }]);
  });

  test('leaves alone what did not change', async () => {
    await green.create({ One: topic({ TopicName: 'one' }), Two: topic({ TopicName: 'two' }) });
    const before = (await green.history()).length;
    await green.update({
      One: topic({ TopicName: 'one' }),
      Two: topic({ TopicName: 'two', DisplayName: 'new' }),
    });
    expect(await green.history(before)).toEqual([
      'Green UPDATE_IN_PROGRESS',
      'Two UPDATE_IN_PROGRESS',
      'Two UPDATE_COMPLETE',
      'Green UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      'Green UPDATE_COMPLETE',
    ]);
  });

  test('replaces where the specification says so: makes the new one, then deletes the old', async () => {
    await green.create({
      One: topic({ TopicName: 'old' }),
      User: topic({ TopicName: 'user', DisplayName: { Ref: 'One' } }),
    });
    await green.update({
      One: topic({ TopicName: 'new' }),
      User: topic({ TopicName: 'user', DisplayName: { Ref: 'One' } }),
    });
    expect(site.topic.asked.slice(2)).toEqual(['create new', 'update user', 'delete old']);
    expect(site.topic.living.get('user')).toMatchObject({ DisplayName: 'new' });
  });

  test('keeps the old one of a replacement where UpdateReplacePolicy says so', async () => {
    await green.create({ One: topic({ TopicName: 'old' }) });
    await green.update({ One: topic({ TopicName: 'new' }, { UpdateReplacePolicy: 'Retain' }) });
    expect([...site.topic.living.keys()]).toEqual(['old', 'new']);
  });

  test('a dropped snapshot id makes another database and deletes the one in use', async () => {
    await green.create({ Data: database({ DBSnapshotIdentifier: 'before' }) });
    const stack = await green.update({ Data: database({}) });
    expect(stack.StackStatus).toBe('UPDATE_COMPLETE');
    expect(site.database.asked).toEqual(['create Data-1', 'create Data-2', 'delete Data-1']);
  });

  test('cannot replace a resource with a fixed name', async () => {
    await green.create({ Data: database({ DBInstanceIdentifier: 'data', DBSnapshotIdentifier: 'a' }) });
    const stack = await green.update({
      Data: database({ DBInstanceIdentifier: 'data', DBSnapshotIdentifier: 'b' }),
    });
    expect(stack.StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await green.reasonFor('Data', 'UPDATE_FAILED')).toBe(
      'CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename data and update the stack again.',
    );
    expect(site.database.asked).toEqual(['create data']);
  });

  test('with rollback disabled refuses a replacement', async () => {
    await green.create({ One: topic({ TopicName: 'old' }) });
    const stack = await green.update({ One: topic({ TopicName: 'new' }) }, { DisableRollback: true });
    expect(stack.StackStatus).toBe('UPDATE_FAILED');
    expect(await green.reasonFor('One', 'UPDATE_FAILED')).toBe(
      'Replacement type updates not supported on stack with disable-rollback.',
    );
    expect([...site.topic.living.keys()]).toEqual(['old']);
  });

  test('that fails applies the previous template again, and deletes what was new', async () => {
    await green.create({
      One: topic({ TopicName: 'one', DisplayName: 'first' }),
      Two: topic({ TopicName: 'two' }),
    });
    site.topic.failing.add('update two');
    const before = (await green.history()).length;
    const stack = await green
      .update({
        One: topic({ TopicName: 'one', DisplayName: 'second' }),
        New: topic({ TopicName: 'new' }),
        Two: topic({ TopicName: 'two', DisplayName: 'second' }, { DependsOn: ['One', 'New'] }),
      })
      .catch((error) => error);
    expect(stack.StackStatus).toBe('UPDATE_ROLLBACK_FAILED');
    site.topic.failing.clear();
    await site.client.send(new ContinueUpdateRollbackCommand({ StackName }));
    expect((await green.settled()).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect([...site.topic.living]).toEqual([
      ['one', { TopicName: 'one', DisplayName: 'first' }],
      ['two', { TopicName: 'two' }],
    ]);
    const seen = await green.history(before);
    expect(seen.filter((line) => line.startsWith('Green'))).toEqual([
      'Green UPDATE_IN_PROGRESS',
      'Green UPDATE_ROLLBACK_IN_PROGRESS',
      'Green UPDATE_ROLLBACK_FAILED',
      'Green UPDATE_ROLLBACK_IN_PROGRESS',
      'Green UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
      'Green UPDATE_ROLLBACK_COMPLETE',
    ]);
    const { TemplateBody } = await site.client.send(new GetTemplateCommand({ StackName }));
    expect(JSON.parse(TemplateBody!).Resources).not.toHaveProperty('New');
  });

  test('rolled back goes back to the old one of a replacement and deletes the new one', async () => {
    await green.create({ One: topic({ TopicName: 'old' }) });
    site.topic.failing.add('create bad');
    const stack = await green.update({
      One: topic({ TopicName: 'new' }),
      Bad: topic({ TopicName: 'bad' }, { DependsOn: 'One' }),
    });
    expect(stack.StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect([...site.topic.living.keys()]).toEqual(['old']);
  });

  test('skips what ContinueUpdateRollback is told to skip', async () => {
    await green.create({ One: topic({ TopicName: 'one' }) });
    site.topic.failing.add('update one');
    await green.update({ One: topic({ TopicName: 'one', DisplayName: 'x' }) });
    await site.client.send(new ContinueUpdateRollbackCommand({ StackName, ResourcesToSkip: ['One'] }));
    expect((await green.settled()).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
  });

  test('without rollback stays failed, and RollbackStack takes it back', async () => {
    await green.create({
      One: topic({ TopicName: 'one', DisplayName: 'first' }),
      Two: topic({ TopicName: 'two' }),
    });
    site.topic.failing.add('update two');
    const next = {
      One: topic({ TopicName: 'one', DisplayName: 'second' }),
      Two: topic({ TopicName: 'two', DisplayName: 'second' }),
    };
    const failed = await green.update(next, { DisableRollback: true });
    expect(failed.StackStatus).toBe('UPDATE_FAILED');
    expect(failed.StackStatusReason).toBe('The following resource(s) failed to update: [Two]. ');
    expect(site.topic.living.get('one')).toMatchObject({ DisplayName: 'second' });
    site.topic.failing.clear();
    await site.client.send(new RollbackStackCommand({ StackName }));
    expect((await green.settled()).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(site.topic.living.get('one')).toMatchObject({ DisplayName: 'first' });
  });

  test('without rollback is retried from where it stopped', async () => {
    await green.create({ One: topic({ TopicName: 'one' }), Two: topic({ TopicName: 'two' }) });
    site.topic.failing.add('update two');
    const next = {
      One: topic({ TopicName: 'one', DisplayName: 'second' }),
      Two: topic({ TopicName: 'two', DisplayName: 'second' }),
    };
    await green.update(next, { DisableRollback: true });
    site.topic.failing.clear();
    expect((await green.update(next, { DisableRollback: true })).StackStatus).toBe('UPDATE_COMPLETE');
    expect(site.topic.asked.slice(2)).toEqual(['update one', 'update two', 'update two']);
  });

  test('removes what left the template, and completes even if that fails', async () => {
    await green.create({ One: topic({ TopicName: 'one' }), Gone: topic({ TopicName: 'gone' }) });
    site.topic.failing.add('delete gone');
    const stack = await green.update({ One: topic({ TopicName: 'one' }) });
    expect(stack.StackStatus).toBe('UPDATE_COMPLETE');
    expect(stack.StackStatusReason).toBe('Update successful. One or more resources could not be deleted.');
  });

  test('is refused while another is under way', async () => {
    await green.create({ One: topic({ TopicName: 'one' }) });
    await site.client.send(
      new UpdateStackCommand({
        StackName,
        TemplateBody: body({ One: topic({ TopicName: 'one', DisplayName: '2' }) }),
      }),
    );
    await expect(
      site.client.send(new UpdateStackCommand({ StackName, TemplateBody: body({ One: topic() }) })),
    ).rejects.toThrow(
      /^Stack:arn:aws:cloudformation:.* is in UPDATE_IN_PROGRESS state and can not be updated\.$/,
    );
    await expect(site.client.send(new DeleteStackCommand({ StackName }))).rejects.toThrow(
      /cannot be deleted while in status UPDATE_IN_PROGRESS/,
    );
  });

  test('stays within what the stack policy allows', async () => {
    await green.create({ One: topic({ TopicName: 'one' }), Two: topic({ TopicName: 'two' }) });
    const policy = {
      Statement: [
        { Effect: 'Allow', Action: 'Update:*', Principal: '*', Resource: '*' },
        { Effect: 'Deny', Action: 'Update:*', Principal: '*', Resource: 'LogicalResourceId/One' },
      ],
    };
    await site.client.send(new SetStackPolicyCommand({ StackName, StackPolicyBody: JSON.stringify(policy) }));
    const changed = await green.update({
      One: topic({ TopicName: 'one' }),
      Two: topic({ TopicName: 'two', DisplayName: 'x' }),
    });
    expect(changed.StackStatus).toBe('UPDATE_COMPLETE');
    const denied = await green.update({
      One: topic({ TopicName: 'one', DisplayName: 'x' }),
      Two: topic({ TopicName: 'two', DisplayName: 'x' }),
    });
    expect(denied.StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await green.reasonFor('One', 'UPDATE_FAILED')).toBe(
      'Action denied by stack policy: Statement [#2] does not allow [Update:*] for resource [LogicalResourceId/One];',
    );
    const removed = await green.update({ Two: topic({ TopicName: 'two', DisplayName: 'x' }) });
    expect(removed.StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect([...site.topic.living.keys()]).toEqual(['one', 'two']);
  });

  test('refuses a stack policy that it could not evaluate', async () => {
    await green.create({ One: topic() });
    const policy = {
      Statement: { Effect: 'Deny', NotAction: 'Update:Delete', Principal: '*', Resource: '*' },
    };
    await expect(
      site.client.send(new SetStackPolicyCommand({ StackName, StackPolicyBody: JSON.stringify(policy) })),
    ).rejects.toThrow(/does not model.*NotAction/);
  });
});
