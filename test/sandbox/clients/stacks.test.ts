import {
  CreateChangeSetCommand,
  CreateStackCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { type Site, startSite } from '../cloudformation/support';

let site: Site;
beforeEach(async () => {
  site = await startSite();
});
afterEach(() => site.close());

const create = (template: string) =>
  site.client.send(new CreateStackCommand({ StackName: 'Green', TemplateBody: template }));

test('a client that waits for all stacks at once sees them done', async () => {
  await create('{"Resources": {"One": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "one"}}}}');
  const { Stacks } = await site.client.send(new DescribeStacksCommand({}));
  expect(Stacks!.map(({ StackStatus }) => StackStatus)).toEqual(['CREATE_COMPLETE']);
});

test('names in YAML stay what they are, even where their letters mean yes or no', async () => {
  await create(`
Resources:
  One:
    Type: AWS::SNS::Topic
    Properties: {TopicName: one, DisplayName: y}
Outputs:
  N: {Value: a}
  404: {Value: b}
`);
  const { Stacks } = await site.client.send(new DescribeStacksCommand({ StackName: 'Green' }));
  expect(Stacks![0]!.Outputs!.map(({ OutputKey }) => OutputKey)).toEqual(
    expect.arrayContaining(['N', '404']),
  );
  expect(site.topic.living.get('one')).toMatchObject({ DisplayName: 'y' });
});

test('an allowed pattern that is no regular expression is the template’s fault', async () => {
  await expect(
    create(`{
      "Parameters": {"Name": {"Type": "String", "Default": "a", "AllowedPattern": "[("}},
      "Resources": {"One": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "one"}}}
    }`),
  ).rejects.toMatchObject({ name: 'ValidationError', message: expect.stringContaining('AllowedPattern') });
});

test('a record cannot be imported, as the toolkit asks for it: without an identifier', async () => {
  const record = { Type: 'AWS::Route53::RecordSet', Properties: {}, DeletionPolicy: 'Retain' };
  await expect(
    site.client.send(
      new CreateChangeSetCommand({
        StackName: 'Green',
        ChangeSetName: 'import',
        ChangeSetType: 'IMPORT',
        TemplateBody: JSON.stringify({ Resources: { Record: record } }),
        ResourcesToImport: [
          { ResourceType: record.Type, LogicalResourceId: 'Record', ResourceIdentifier: {} },
        ],
      }),
    ),
  ).rejects.toThrow('ResourceTypes [AWS::Route53::RecordSet] are not supported for Import');
});
