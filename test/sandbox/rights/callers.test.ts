import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { ElasticBeanstalkClient, UpdateEnvironmentCommand } from '@aws-sdk/client-elastic-beanstalk';
import { CreateDBSnapshotCommand, RDSClient } from '@aws-sdk/client-rds';
import {
  ChangeResourceRecordSetsCommand,
  GetHostedZoneCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetParameterCommand, ListCommandsCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { GetWebACLForResourceCommand, WAFV2Client } from '@aws-sdk/client-wafv2';
import { Stage } from '../../support/stage';
import { cobalt } from '../../support/upgrade';

let stage: Stage;
const bucket = `cdk-hnb659fds-assets-${cobalt.account}-${cobalt.region}`;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

const allow = (Action: string | string[], Resource: string | string[] = '*', Condition?: object) => ({
  ...{ Effect: 'Allow', Action, Resource },
  ...(Condition ? { Condition } : {}),
});
const attach = (...Statement: object[]) =>
  stage.sandbox.callers.attach(process.env.AWS_ACCESS_KEY_ID!, [JSON.stringify({ Statement })]);

/** What a call is refused with; undefined when it is not. */
const refusal = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    ({ name, message, $metadata }) => ({ name, message, status: $metadata.httpStatusCode }),
  );

const change = (Name: string) =>
  new ChangeResourceRecordSetsCommand({
    HostedZoneId: cobalt.zone.id,
    ChangeBatch: {
      Changes: [
        {
          Action: 'UPSERT',
          ResourceRecordSet: { Name, Type: 'TXT', TTL: 60, ResourceRecords: [{ Value: '"x"' }] },
        },
      ],
    },
  });

const calls: [service: string, call: () => Promise<unknown>, name: string, status: number][] = [
  [
    'RDS',
    () =>
      new RDSClient({}).send(
        new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'production-blue', DBSnapshotIdentifier: 'x' }),
      ),
    'AccessDenied',
    403,
  ],
  [
    'CloudFormation',
    () => new CloudFormationClient({}).send(new DescribeStacksCommand({})),
    'AccessDenied',
    403,
  ],
  [
    'Elastic Beanstalk',
    () =>
      new ElasticBeanstalkClient({}).send(
        new UpdateEnvironmentCommand({ EnvironmentName: 'cobalt-production-blue' }),
      ),
    'AccessDenied',
    403,
  ],
  [
    'Route 53',
    () => new Route53Client({}).send(new GetHostedZoneCommand({ Id: cobalt.zone.id })),
    'AccessDenied',
    403,
  ],
  [
    'S3',
    () => new S3Client({}).send(new PutObjectCommand({ Bucket: bucket, Key: 'x', Body: 'x' })),
    'AccessDenied',
    403,
  ],
  [
    'Systems Manager',
    () => new SSMClient({}).send(new GetParameterCommand({ Name: '/cobalt/production/upgrade/posture' })),
    'AccessDeniedException',
    400,
  ],
  [
    'WAF',
    () =>
      new WAFV2Client({}).send(
        new GetWebACLForResourceCommand({
          ResourceArn:
            'arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:loadbalancer/app/awseb--AWSEB-1/1',
        }),
      ),
    'AccessDeniedException',
    400,
  ],
];

test.each(calls)('%s refuses what is not allowed, in its own form', async (_, call, name, status) => {
  attach(allow('sts:AssumeRole'));
  expect(await refusal(call())).toEqual({
    name,
    status,
    message: expect.stringMatching(
      /^User: arn:aws:iam::123456789012:user\/operator is not authorized to perform: [\w-]+:\w+ on resource: \S+ because no identity-based policy allows the [\w-]+:\w+ action$/,
    ),
  });
});

test('whoever has no policy may do everything, and anybody is told who they are', async () => {
  attach(allow('sts:AssumeRole'));
  expect(await refusal(new STSClient({}).send(new GetCallerIdentityCommand({})))).toBeUndefined();
  stage.sandbox.callers.attach(process.env.AWS_ACCESS_KEY_ID!, undefined);
  expect(
    await refusal(new Route53Client({}).send(new GetHostedZoneCommand({ Id: cobalt.zone.id }))),
  ).toBeUndefined();
});

test('an explicit Deny wins, and says so', async () => {
  attach(allow('*'), { Effect: 'Deny', Action: 'route53:GetHostedZone', Resource: '*' });
  const refused = await refusal(new Route53Client({}).send(new GetHostedZoneCommand({ Id: cobalt.zone.id })));
  expect(refused?.message).toMatch(/with an explicit deny in an identity-based policy$/);
});

test('a condition is met by every name of a change or by none', async () => {
  attach(
    allow('route53:ChangeResourceRecordSets', `arn:aws:route53:::hostedzone/${cobalt.zone.id}`, {
      'ForAllValues:StringEquals': {
        'route53:ChangeResourceRecordSetsNormalizedRecordNames': ['allowed.myabf.com.au'],
      },
    }),
  );
  const route53 = new Route53Client({});
  expect(await refusal(route53.send(change('Allowed.myabf.com.au.')))).toBeUndefined();
  expect((await refusal(route53.send(change('mail.myabf.com.au'))))?.name).toBe('AccessDenied');
});

test('whoever may not list a bucket is not told that an object is missing', async () => {
  const get = () => refusal(new S3Client({}).send(new GetObjectCommand({ Bucket: bucket, Key: 'missing' })));
  attach(allow('s3:GetObject', `arn:aws:s3:::${bucket}/*`));
  expect((await get())?.name).toBe('AccessDenied');
  attach(allow('s3:GetObject', `arn:aws:s3:::${bucket}/*`), allow('s3:ListBucket', `arn:aws:s3:::${bucket}`));
  expect((await get())?.name).toBe('NoSuchKey');
});

test('a call whose needs are not known here is refused by name', async () => {
  attach(allow('*'));
  const refused = await refusal(new SSMClient({}).send(new ListCommandsCommand({})));
  expect(refused?.message).toContain(
    'The sandbox does not model what ssm ListCommands needs of a caller with a policy',
  );
});

test.each([
  ['the condition key aws:SourceIp', { StringEquals: { 'aws:SourceIp': '203.0.113.1' } }],
  ['the operator IpAddress', { IpAddress: { 'iam:PassedToService': '203.0.113.1' } }],
  ['StringEquals for aws:CalledVia', { StringEquals: { 'aws:CalledVia': 'cloudformation.amazonaws.com' } }],
])('a policy with %s is refused when it is attached', (what, condition) => {
  expect(() => attach(allow('*', '*', condition))).toThrow(`the sandbox does not model ${what}`);
});
