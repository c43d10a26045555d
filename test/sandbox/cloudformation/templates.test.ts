import {
  CreateStackCommand,
  type CreateStackCommandInput,
  DescribeStacksCommand,
  UpdateStackCommand,
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
