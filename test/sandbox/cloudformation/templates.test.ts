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

function put(name: string, value: string, type: 'String' | 'SecureString' = 'String', version = 1) {
  site.store.set(name, { name, type, value, version, lastModifiedMs: 0 });
}

async function create(template: object | string, more: Partial<CreateStackCommandInput> = {}) {
  const TemplateBody = typeof template === 'string' ? template : JSON.stringify(template);
  await site.client.send(new CreateStackCommand({ StackName, TemplateBody, ...more }));
  const { Stacks } = await site.client.send(new DescribeStacksCommand({ StackName }));
  return Stacks![0]!;
}

/** The value that an expression in a property comes to. */
async function valueFrom(
  expression: unknown,
  more: object = {},
  options: Partial<CreateStackCommandInput> = {},
) {
  const template = {
    ...more,
    Resources: {
      One: topic({ TopicName: 'one' }),
      Value: topic({ TopicName: 'value', DisplayName: expression }),
    },
  };
  expect((await create(template, options)).StackStatus).toBe('CREATE_COMPLETE');
  return site.topic.living.get('value')?.DisplayName;
}

describe('functions', () => {
  const mappings = { Mappings: { Sizes: { live: { Count: '2', Zones: ['a', 'b'] } } } };
  const conditions = {
    Parameters: { Live: { Type: 'String', Default: 'green' } },
    Conditions: {
      IsGreen: { 'Fn::Equals': [{ Ref: 'Live' }, 'green'] },
      Neither: { 'Fn::Not': [{ 'Fn::Or': [{ Condition: 'IsGreen' }, { 'Fn::Equals': ['a', 'b'] }] }] },
      Both: { 'Fn::And': [{ Condition: 'IsGreen' }, { 'Fn::Not': [{ Condition: 'Neither' }] }] },
    },
  };
  test.each<[string, unknown, object, unknown]>([
    ['Ref', { Ref: 'One' }, {}, 'one'],
    ['GetAtt', { 'Fn::GetAtt': ['One', 'Arn'] }, {}, 'arn:fake:one'],
    [
      'Sub',
      { 'Fn::Sub': '${AWS::Region}/${One}/${One.Arn}/${!Kept}' },
      {},
      'ap-southeast-2/one/arn:fake:one/${Kept}',
    ],
    [
      'Sub with names of its own',
      { 'Fn::Sub': ['${A}-${One}', { A: { Ref: 'AWS::AccountId' } }] },
      {},
      '111122223333-one',
    ],
    ['Join', { 'Fn::Join': [':', ['a', { Ref: 'One' }]] }, {}, 'a:one'],
    [
      'Select and Split',
      { 'Fn::Select': ['1', { 'Fn::Split': [':', { 'Fn::GetAtt': ['One', 'Arn'] }] }] },
      {},
      'fake',
    ],
    ['Base64', { 'Fn::Base64': 'text' }, {}, 'dGV4dA=='],
    ['FindInMap', { 'Fn::FindInMap': ['Sizes', 'live', 'Count'] }, mappings, '2'],
    [
      'FindInMap of a list',
      { 'Fn::Join': ['+', { 'Fn::FindInMap': ['Sizes', 'live', 'Zones'] }] },
      mappings,
      'a+b',
    ],
    ['If', { 'Fn::If': ['Both', 'yes', 'no'] }, conditions, 'yes'],
    ['If to no value', { 'Fn::If': ['Neither', 'yes', { Ref: 'AWS::NoValue' }] }, conditions, undefined],
  ])('%s', async (_name, expression, more, expected) => {
    expect(await valueFrom(expression, more)).toEqual(expected);
  });

  test.each([
    [{ 'Fn::ImportValue': 'x' }, /does not model the intrinsic function Fn::ImportValue/],
    [{ 'Fn::GetAZs': '' }, /does not model the intrinsic function Fn::GetAZs/],
    [{ Ref: 'Nobody' }, /Unresolved resource dependencies \[Nobody\] in the Resources block of the template/],
    [{ 'Fn::FindInMap': ['No', 'such', 'map'] }, /Unable to get mapping for No::such::map/],
  ])('refuses %j', async (expression, fault) => {
    await expect(valueFrom(expression)).rejects.toThrow(fault);
    expect(site.cloudformation.stacks.all()).toEqual([]);
  });

  test('leaves out a resource and an output whose condition does not hold', async () => {
    const stack = await create({
      ...conditions,
      Resources: {
        One: topic({ TopicName: 'one' }),
        Two: { ...topic({ TopicName: 'two' }), Condition: 'Neither' },
      },
      Outputs: {
        Shown: { Value: { Ref: 'One' }, Condition: 'IsGreen' },
        Hidden: { Value: { Ref: 'Two' }, Condition: 'Neither' },
      },
    });
    expect([...site.topic.living.keys()]).toEqual(['one']);
    expect(stack.Outputs).toMatchObject([{ OutputKey: 'Shown', OutputValue: 'one' }]);
  });
});

describe('parameters', () => {
  const Parameters = {
    Name: { Type: 'String', AllowedPattern: '[a-z]+' },
    Listed: { Type: 'CommaDelimitedList', Default: 'a, b' },
  };

  test('take what is given, or their default, or their previous value', async () => {
    const value = { 'Fn::Join': ['+', [{ Ref: 'Name' }, { 'Fn::Select': [1, { Ref: 'Listed' }] }]] };
    const given = [{ ParameterKey: 'Name', ParameterValue: 'green' }];
    expect(await valueFrom(value, { Parameters }, { Parameters: given })).toBe('green+b');
    await expect(
      site.client.send(
        new UpdateStackCommand({
          StackName,
          UsePreviousTemplate: true,
          Parameters: [{ ParameterKey: 'Name', UsePreviousValue: true }],
        }),
      ),
    ).rejects.toThrow('No updates are to be performed.');
  });

  test('are checked', async () => {
    const given = (ParameterKey: string, ParameterValue: string) => ({
      Parameters: [{ ParameterKey, ParameterValue }],
    });
    await expect(create({ ...one, Parameters })).rejects.toThrow('Parameters: [Name] must have values');
    await expect(create({ ...one, Parameters }, given('Name', 'UPPER'))).rejects.toThrow(
      /must match pattern/,
    );
    await expect(create(one, given('Other', 'x'))).rejects.toThrow(
      'Parameters: [Other] do not exist in the template',
    );
  });

  test('of Systems Manager are read there, and a changed value is a change', async () => {
    const type = 'AWS::SSM::Parameter::Value<String>';
    const declared = { Parameters: { Posture: { Type: type, Default: '/cobalt/posture' } } };
    await expect(valueFrom({ Ref: 'Posture' }, declared)).rejects.toThrow(
      'Unable to fetch parameters [/cobalt/posture] from parameter store for this account.',
    );
    put('/cobalt/posture', 'blue');
    expect(await valueFrom({ Ref: 'Posture' }, declared)).toBe('blue');
    put('/cobalt/posture', 'green');
    await site.client.send(new UpdateStackCommand({ StackName, UsePreviousTemplate: true }));
    const { Stacks } = await site.client.send(new DescribeStacksCommand({ StackName }));
    expect(Stacks![0]!.Parameters).toMatchObject([
      { ParameterValue: '/cobalt/posture', ResolvedValue: 'green' },
    ]);
    expect(site.topic.living.get('value')?.DisplayName).toBe('green');
  });

  test('the rule of the bootstrap version is evaluated', async () => {
    const rule = (versions: string[]) => ({
      ...one,
      Parameters: { BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/version' } },
      Rules: {
        CheckBootstrapVersion: {
          Assertions: [
            {
              Assert: { 'Fn::Not': [{ 'Fn::Contains': [versions, { Ref: 'BootstrapVersion' }] }] },
              AssertDescription: 'Please run cdk bootstrap.',
            },
          ],
        },
      },
    });
    put('/version', '5');
    await expect(create(rule(['4', '5']))).rejects.toThrow(
      /CheckBootstrapVersion.*Please run cdk bootstrap\./,
    );
    expect((await create(rule(['1', '2']))).StackStatus).toBe('CREATE_COMPLETE');
  });
});

describe('dynamic references', () => {
  test('are resolved on the way to the resource; a changed value alone is no change', async () => {
    put('/name', 'value');
    expect(await valueFrom('{{resolve:ssm:/name:1}} and {{resolve:ssm:/name}}')).toBe('value and value');
    put('/name', 'other', 'String');
    await expect(
      site.client.send(new UpdateStackCommand({ StackName, UsePreviousTemplate: true })),
    ).rejects.toThrow('No updates are to be performed.');
  });

  test('to secure parameters are refused where AWS refuses them', async () => {
    put('/secret', 'hidden', 'SecureString');
    await expect(valueFrom('{{resolve:ssm-secure:/secret}}')).rejects.toThrow(
      'SSM Secure reference is not supported in: [AWS::SNS::Topic/Properties/DisplayName]',
    );
    await expect(valueFrom('{{resolve:ssm:/secret}}')).rejects.toThrow(/Non-secure ssm prefix/);
    await expect(valueFrom('{{resolve:secretsmanager:x}}')).rejects.toThrow(/does not model.*secretsmanager/);
    const Properties = { DBInstanceIdentifier: 'data', MasterUserPassword: '{{resolve:ssm-secure:/secret}}' };
    await create({ Resources: { Data: { Type: 'AWS::RDS::DBInstance', Properties } } });
    expect(site.database.living.get('data')?.MasterUserPassword).toBe('hidden');
  });
});

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
