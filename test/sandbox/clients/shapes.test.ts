import { execFile, spawnSync } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { quick } from '../../support/quick';
import { Stage } from '../../support/stage';

const boto3 = spawnSync('python3', ['-c', 'import boto3']).status === 0;
if (!boto3)
  console.log('Skipped: python3 on this machine has no boto3, whose models tell what answers look like.');

const template = {
  Parameters: { Value: { Type: 'String', Default: 'a', AllowedValues: ['a'] } },
  Resources: {
    Parameter: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: { Ref: 'Value' } } },
  },
  Outputs: { Name: { Value: { Ref: 'Parameter' }, Description: 'Where it is' } },
};

/** Where AWS itself answers otherwise than its models say. */
const asAwsDoes = [
  'cloudformation DescribeStackEvents .StackEvents[].ResourceStatus: unknown value REVIEW_IN_PROGRESS',
  'elasticbeanstalk DescribeApplicationVersions .ApplicationVersions[].Status: unknown value UNPROCESSED',
  'elasticbeanstalk DescribeEnvironmentHealth .Status: unknown value Ready',
  'route53 ListHostedZones : Marker is missing',
];

(boto3 ? describe : describe.skip)('boto3', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open(undefined, { durations: quick });
  });
  afterAll(() => stage.close());

  test('finds in every answer what its models describe; its waiters and paginators end', async () => {
    const { account, region, zone, sides } = stage.settings;
    const script = path.join(__dirname, 'shapes.py');
    const bucket = `cdk-hnb659fds-assets-${account}-${region}`;
    const environment = sides.blue.environments.web!.name;
    const words = [account, environment, 'production-blue', zone.id, bucket, JSON.stringify(template)];
    const { stdout } = await promisify(execFile)('python3', [script, ...words], {
      env: { ...process.env, AWS_DEFAULT_REGION: region },
    });
    expect(JSON.parse(stdout)).toEqual(asAwsDoes);
  });
});
