import { DescribeEnvironmentsCommand, ElasticBeanstalkClient } from '@aws-sdk/client-elastic-beanstalk';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { Clients } from '../../../lib/aws/clients';
import { generalFault } from '../../../lib/aws/faults';
import { exitCodes, type UpgradeError } from '../../../lib/runbook/errors';
import { isPassing, isUnanswered } from '../../../lib/upgrade/run/passing';
import { AwsError } from '../../../sandbox/errors';
import type { RestService } from '../../../sandbox/service';
import { answering, refuse, startAws, type TestAws } from '../../support/aws';
import { cobalt } from '../../support/upgrade';
import { rejection } from '../../support/upgrade-world';

let aws: TestAws | undefined;
afterEach(async () => {
  await aws?.close();
  aws = undefined;
});

/** What becomes of a refusal that has outlasted the library's own tries, of which there is one here. */
const asked = {
  ssm: async (code: string, status: number) => {
    aws = await startAws([answering('ssm', 'json', { GetParameter: () => refuse(code, 'So.', status) })]);
    const client = new Clients(cobalt).make(SSMClient, { maxAttempts: 1 });
    return rejection(client.send(new GetParameterCommand({ Name: '/x' })));
  },
  elasticbeanstalk: async (code: string, status: number) => {
    const DescribeEnvironments = () => refuse(code, 'So.', status);
    aws = await startAws([answering('elasticbeanstalk', 'query', { DescribeEnvironments })]);
    const client = new Clients(cobalt).make(ElasticBeanstalkClient, { maxAttempts: 1 });
    return rejection(client.send(new DescribeEnvironmentsCommand({})));
  },
  s3: async (code: string, status: number) => {
    const handle: RestService['handle'] = async () => {
      throw new AwsError(code, 'So.', status);
    };
    aws = await startAws([{ name: 's3', protocol: 'rest-xml', operations: {}, handle }]);
    const client = new Clients(cobalt).make(S3Client, { maxAttempts: 1 });
    return rejection(client.send(new GetObjectCommand({ Bucket: 'a-bucket', Key: 'x' })));
  },
};

test.each([
  ['ssm', 'ThrottlingException', 400, 'SSM GetParameter'],
  ['ssm', 'RequestLimitExceeded', 400, 'SSM GetParameter'],
  ['ssm', 'TooManyRequestsException', 429, 'SSM GetParameter'],
  ['ssm', 'SomethingNew', 429, 'SSM GetParameter'],
  ['elasticbeanstalk', 'Throttling', 400, 'ElasticBeanstalk DescribeEnvironments'],
  ['elasticbeanstalk', 'PriorRequestNotComplete', 400, 'ElasticBeanstalk DescribeEnvironments'],
  ['s3', 'SlowDown', 503, 'S3 GetObject'],
] as const)('%s: %s (%i) is told as a limit of AWS, which passes', async (service, code, status, call) => {
  const error = await asked[service](code, status);
  expect(error).toMatchObject({ code: 'RATE_EXCEEDED', exitCode: exitCodes.precondition });
  expect(error.text.so).toBe(`AWS limits how often ${call} may be called, and refused it: ${code}: So.`);
  expect(error.text.changed).toMatch(/^This call changed nothing; .* stays done/);
  expect(error.text.next).toMatch(/run the same command again/);
  expect([isPassing(error), isUnanswered(error)]).toEqual([true, true]);
});

test.each([
  ['ssm', 'InternalServerError', 500, 'SSM GetParameter'],
  ['elasticbeanstalk', 'InternalFailure', 500, 'ElasticBeanstalk DescribeEnvironments'],
  ['elasticbeanstalk', 'ServiceUnavailable', 503, 'ElasticBeanstalk DescribeEnvironments'],
  ['s3', 'InternalError', 500, 'S3 GetObject'],
  ['s3', 'ServiceUnavailable', 503, 'S3 GetObject'],
] as const)('%s: %s (%i) is told as a failure of AWS, which passes', async (service, code, status, call) => {
  const error = await asked[service](code, status);
  expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE', exitCode: exitCodes.stepFailed });
  expect(error.text.so).toMatch(
    new RegExp(`^${call} failed inside AWS: ${code}: So\\. \\(request [^)]+\\)\\.$`),
  );
  expect(error.text.changed).toMatch(/^Whether this call was carried out is not known; .* stays done/);
  expect(error.text.next).toMatch(/npm run status.* run the same command again/);
  expect([isPassing(error), isUnanswered(error)]).toEqual([true, true]);
});

test('what has no answer at all in AWS, such as a method it does not implement, does not pass', async () => {
  expect(await asked.s3('NotImplemented', 501)).toMatchObject({ name: 'NotImplemented' });
});

test('a limit of the account, such as the number of its stacks, is no limit of the rate', async () => {
  expect(await asked.ssm('LimitExceededException', 400)).toMatchObject({ name: 'LimitExceededException' });
});

test.each(['RequestTimeout', 'RequestTimeoutException'])(
  '%s is a lost answer, which passes',
  async (code) => {
    const error = await asked.s3(code, 400);
    expect(error).toMatchObject({ code: 'ANSWER_LOST', exitCode: exitCodes.stepFailed });
    expect(isUnanswered(error)).toBe(true);
  },
);

test.each([
  [{ name: 'Error', code: 'ENOTFOUND', message: 'getaddrinfo ENOTFOUND ssm' }],
  [{ name: 'Error', code: 'ENETDOWN', message: 'connect ENETDOWN 10.0.0.1:443' }],
  [{ name: 'CredentialsProviderError', message: 'getaddrinfo EAI_AGAIN portal.sso' }],
])('a network that is away is no fault of the credentials, and passes: %j', (fault) => {
  const error = generalFault(fault, 'SSM GetParameter') as UpgradeError;
  expect(error).toMatchObject({ code: 'ENDPOINT_UNREACHABLE', exitCode: exitCodes.precondition });
  expect([isPassing(error), isUnanswered(error)]).toEqual([true, true]);
});

test('credentials that are refused, expired or denied do not pass', () => {
  for (const name of ['ExpiredToken', 'InvalidClientTokenId', 'AccessDenied']) {
    const error = generalFault({ name, message: 'So.' }, 'SSM GetParameter') as UpgradeError;
    expect([isPassing(error), isUnanswered(error)]).toEqual([false, false]);
  }
});
