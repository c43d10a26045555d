import { botocoreFolder, botocoreModel } from './models/botocore';
import { schemaModel } from './models/schemas';
import { statusFaults } from './statuses';
import type { Answer } from './tap';
import { faultsOfAnswer, refusalIn } from './validate';

const databases = `<DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances><DBInstance>
  <DBInstanceIdentifier>blue</DBInstanceIdentifier>
  <AllocatedStorage>20</AllocatedStorage>
  <MultiAZ>false</MultiAZ>
  <InstanceCreateTime>2026-11-27T11:00:00.000Z</InstanceCreateTime>
  <VpcSecurityGroups><VpcSecurityGroupMembership><Status>active</Status></VpcSecurityGroupMembership></VpcSecurityGroups>
</DBInstance></DBInstances></DescribeDBInstancesResult><ResponseMetadata/></DescribeDBInstancesResponse>`;
const stacks = `<DescribeStacksResponse><DescribeStacksResult><Stacks><member>
  <StackName>Blue</StackName><CreationTime>2026-11-27T11:00:00.000Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus>
</member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
const zones = `<ListHostedZonesResponse><HostedZones><HostedZone><Id>/hostedzone/Z1</Id><Name>a.example.</Name>
  <CallerReference>x</CallerReference></HostedZone></HostedZones><Marker>m</Marker><IsTruncated>false</IsTruncated>
  <MaxItems>100</MaxItems></ListHostedZonesResponse>`;
const objects = `<ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated>
  <Contents><Key>a</Key><Size>1</Size></Contents><Contents><Key>b</Key><Size>2</Size></Contents></ListBucketResult>`;
const instances = `<DescribeInstancesResponse><requestId>r</requestId><reservationSet><item><instancesSet><item>
  <instanceId>i-1</instanceId></item></instancesSet></item></reservationSet></DescribeInstancesResponse>`;
const parameter = JSON.stringify({
  Parameter: { Name: '/a', Type: 'String', Version: 1, LastModifiedDate: 1.5, DataType: 'text' },
});
const acl = JSON.stringify({
  WebACL: {
    Name: 'door',
    Id: '00000000-0000-4000-8000-000000000000',
    ARN: 'arn:aws:wafv2:ap-southeast-2:1:x',
    DefaultAction: { Allow: {} },
    VisibilityConfig: {
      SampledRequestsEnabled: true,
      CloudWatchMetricsEnabled: false,
      MetricName: 'door',
    },
  },
});

const answers: Record<string, [service: string, operation: string, body: string]> = {
  databases: ['rds', 'DescribeDBInstances', databases],
  stacks: ['cloudformation', 'DescribeStacks', stacks],
  zones: ['route53', 'ListHostedZones', zones],
  objects: ['s3', 'ListObjectsV2', objects],
  instances: ['ec2', 'DescribeInstances', instances],
  parameter: ['ssm', 'GetParameter', parameter],
  acl: ['wafv2', 'GetWebACL', acl],
};

/** An answer, what is put in place of what, and the fault that is to be found. */
type Mutation = [answer: string, before: string, after: string, fault: string];

const mutations: Mutation[] = [
  ['databases', 'DBInstanceIdentifier', 'DbInstanceIdentifier', 'no member is named DbInstanceIdentifier'],
  ['databases', '>20<', '>twenty<', 'twenty is no number'],
  ['databases', '>false<', '>no<', 'no is no boolean'],
  ['databases', '2026-11-27T11:00:00.000Z', '1795777200', '1795777200 is no timestamp'],
  ['databases', 'VpcSecurityGroupMembership>', 'member>', 'an entry is named member'],
  ['databases', '<MultiAZ>false</MultiAZ>', '<MultiAZ>false</MultiAZ><MultiAZ>true</MultiAZ>', '2 times'],
  ['stacks', '<StackName>Blue</StackName>', '', 'StackName is missing'],
  ['zones', '<IsTruncated>false</IsTruncated>', '', 'IsTruncated is missing'],
  ['zones', '<CallerReference>x</CallerReference>', '', 'CallerReference is missing'],
  ['objects', '<Key>b</Key>', '<Name>b</Name>', 'no member is named Name'],
  ['objects', '<Size>2</Size>', '<Size><Bytes>2</Bytes></Size>', 'holds elements'],
  ['instances', 'instanceId', 'InstanceId', 'no member is named InstanceId'],
  ['parameter', '1.5', '"2026-11-27T11:00:00Z"', 'is no timestamp'],
  ['parameter', '"Version":1', '"Version":"1"', 'is no number'],
  ['parameter', '"Name"', '"name"', 'no member is named name'],
  ['acl', '{"Allow":{}}', '"Allow"', 'is no structure'],
  ['acl', 'true', '"true"', 'is no boolean'],
  ['acl', '"Id":"00000000-0000-4000-8000-000000000000",', '', 'Id is missing'],
];
/** What only botocore's models tell: closed lists, lengths and patterns. */
const finer: Mutation[] = [
  ['stacks', 'CREATE_COMPLETE', 'CREATED', 'CREATED is none of its values'],
  ['parameter', '"Type":"String"', '"Type":"Text"', 'Text is none of its values'],
  ['acl', '"Name":"door"', '"Name":"a door"', 'a door does not match'],
  ['acl', 'arn:aws:wafv2:ap-southeast-2:1:x', 'arn', 'has a length of 3, not from 20 to 2048'],
];

const replied = (body: string, status = 200): Answer => ({ status, headers: {}, body: Buffer.from(body) });

describe.each([
  ['the AWS SDK', schemaModel, mutations] as const,
  ...(botocoreFolder
    ? [
        [
          'botocore',
          (service: string) => botocoreModel(botocoreFolder!, service),
          [...mutations, ...finer],
        ] as const,
      ]
    : []),
])('by the models of %s', (_, modelOf, all) => {
  const faultsIn = (name: string, change: (body: string) => string = (body) => body) => {
    const [service, operation, body] = answers[name]!;
    const model = modelOf(service);
    return faultsOfAnswer(model, model.operation(operation), replied(change(body)));
  };

  test.each(Object.keys(answers))('an answer as AWS gives it has no fault (%s)', (name) => {
    expect(faultsIn(name)).toEqual([]);
  });

  test.each(all.map((each) => [...each]))('%s: %s become %s is found', (name, before, after, fault) => {
    const faults = faultsIn(name, (body) => body.replaceAll(before, after));
    expect(faults).toContainEqual(expect.stringContaining(fault));
  });

  test('a refusal that is not declared, or comes with another status, is found', () => {
    const model = modelOf('rds');
    const faultsFor = (code: string, status: number) =>
      statusFaults('rds', model, model.operation('DescribeDBInstances'), code, status);
    expect(faultsFor('DBInstanceNotFound', 404)).toEqual([]);
    expect(faultsFor('DBInstanceNotFound', 400)).toEqual(['comes with status 400, not 404']);
    expect(faultsFor('DBInstanceMissing', 404)).toEqual([expect.stringContaining('neither declared')]);
  });
});

test('the code of a refusal is read in the form of each protocol', () => {
  const code = (protocol: 'query' | 'ec2' | 'json' | 'rest-xml', body: string) =>
    refusalIn(protocol, replied(body, 400)).code;
  expect(code('query', '<ErrorResponse><Error><Code>A</Code></Error></ErrorResponse>')).toBe('A');
  expect(code('ec2', '<Response><Errors><Error><Code>A</Code></Error></Errors></Response>')).toBe('A');
  expect(code('rest-xml', '<Error><Code>A</Code></Error>')).toBe('A');
  expect(code('json', '{"__type":"com.amazonaws.ssm#A"}')).toBe('A');
});
