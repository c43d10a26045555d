import {
  CreateStackCommand,
  type CreateStackCommandInput,
  DescribeStacksCommand,
  GetTemplateCommand,
  GetTemplateSummaryCommand,
  UpdateStackCommand,
  ValidateTemplateCommand,
} from '@aws-sdk/client-cloudformation';
import { type Site, startSite } from './support';

let site: Site;
beforeEach(async () => {
  site = await startSite();
});
afterEach(() => site.close());

const StackName = 'Green';
const topic = (Properties: object = {}) => ({ Type: 'AWS::SNS::Topic', Properties });
const one = { Resources: { One: topic({ TopicName: 'one' }) } };

async function create(template: object | string, more: Partial<CreateStackCommandInput> = {}) {
  const TemplateBody = typeof template === 'string' ? template : JSON.stringify(template);
  await site.client.send(new CreateStackCommand({ StackName, TemplateBody, ...more }));
  const { Stacks } = await site.client.send(new DescribeStacksCommand({ StackName }));
  return Stacks![0]!;
}

describe('the text', () => {
  test('may be YAML with short forms; dates stay text', async () => {
    await create(
      [
        'Resources:',
        '  One: {Type: "AWS::SNS::Topic", Properties: {TopicName: one}}',
        '  Two:',
        '    Type: AWS::SNS::Topic',
        '    Properties:',
        '      TopicName: two',
        '      DisplayName: !Join [":", [!GetAtt One.Arn, !Sub "${One}-x", !Ref One]]',
        '      KmsMasterKeyId: 2012-10-17',
      ].join('\n'),
    );
    expect(site.topic.living.get('two')).toEqual({
      TopicName: 'two',
      DisplayName: 'arn:fake:one:one-x:one',
      KmsMasterKeyId: '2012-10-17',
    });
  });

  test('may lie in the sandbox’s own S3, and is given back as it was', async () => {
    const text = JSON.stringify(one, null, 1);
    site.objects.set('assets/dir/key.json', Buffer.from(text));
    await site.client.send(
      new CreateStackCommand({
        StackName,
        TemplateURL: `${site.server.origin}/assets/dir/key.json`,
      }),
    );
    const { TemplateBody } = await site.client.send(
      new GetTemplateCommand({ StackName, TemplateStage: 'Processed' }),
    );
    expect(TemplateBody).toBe(text);
  });

  test.each<[string, string | object, RegExp]>([
    [
      'an unknown resource type',
      { Resources: { A: { Type: 'AWS::EC2::Volume' } } },
      /does not model the resource type AWS::EC2::Volume/,
    ],
    [
      'an unknown property',
      { Resources: { A: topic({ FifoTopic: true }) } },
      /resource A \(AWS::SNS::Topic\): the sandbox does not model FifoTopic/,
    ],
    [
      'an unknown property beside unknown values',
      { Resources: { A: topic(), B: topic({ TopicName: { Ref: 'A' }, FifoTopic: true }) } },
      /does not model FifoTopic/,
    ],
    [
      'an unknown section',
      { ...one, Transform: 'AWS::Serverless' },
      /does not model Transform in a template/,
    ],
    [
      'an unknown attribute',
      { Resources: { A: { ...topic(), CreationPolicy: {} } } },
      /does not model Resources\/A\/CreationPolicy/,
    ],
    [
      'an export',
      { ...one, Outputs: { A: { Value: 'x', Export: { Name: 'n' } } } },
      /does not model Outputs\/A\/Export/,
    ],
    [
      'a snapshot of what has none',
      { Resources: { A: { ...topic(), DeletionPolicy: 'Snapshot' } } },
      /does not support deletion policy Snapshot/,
    ],
    [
      'a null',
      { Resources: { A: topic({ DisplayName: null }) } },
      /\[\/Resources\/A\/Properties\/DisplayName\] 'null' values are not allowed/,
    ],
    [
      'a circle',
      { Resources: { A: topic({ DisplayName: { Ref: 'B' } }), B: topic({ DisplayName: { Ref: 'A' } }) } },
      /Circular dependency between resources: \[A, B\]/,
    ],
    ['no resources', { Resources: {} }, /At least one Resources member must be defined/],
    ['broken JSON', '{', /JSON not well-formed/],
    ['more than fits', `{"Resources": ${' '.repeat(51_200)}{}}`, /length less than or equal to 51200/],
  ])('with %s is refused', async (_name, template, fault) => {
    await expect(create(template)).rejects.toThrow(fault);
  });

  test('with IAM in it wants to be acknowledged', async () => {
    const TemplateBody = JSON.stringify({
      Resources: { Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'r' } } },
    });
    const { Capabilities } = await site.client.send(new ValidateTemplateCommand({ TemplateBody }));
    expect(Capabilities).toEqual(['CAPABILITY_NAMED_IAM']);
  });

  test('is summarised with what identifies its resources', async () => {
    const summary = await site.client.send(
      new GetTemplateSummaryCommand({
        TemplateBody: JSON.stringify({ Resources: { E: { Type: 'AWS::ElasticBeanstalk::Environment' } } }),
      }),
    );
    expect(summary.ResourceIdentifierSummaries).toEqual([
      {
        ResourceType: 'AWS::ElasticBeanstalk::Environment',
        LogicalResourceIds: ['E'],
        ResourceIdentifiers: ['EnvironmentName'],
      },
    ]);
  });

  test('a request with something else in it is refused by name', async () => {
    await expect(create(one, { NotificationARNs: ['arn:x'] })).rejects.toThrow(
      /does not model NotificationARNs/,
    );
    await expect(create(one, { TimeoutInMinutes: 5 })).rejects.toThrow(/does not model TimeoutInMinutes/);
    await create(one, { Tags: [{ Key: 'a', Value: 'b' }] });
    await expect(
      site.client.send(new UpdateStackCommand({ StackName, UsePreviousTemplate: true, Tags: [] })),
    ).rejects.toThrow(/does not model a change of the tags of stack Green/);
  });
});
