import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { Clock } from '../../../sandbox/clock';
import type { Listening } from '../../../sandbox/listening';
import { startServer } from '../../../sandbox/server';
import { createSts } from '../../../sandbox/sts/sts';

const region = 'ap-southeast-2';
const account = '111122223333';
const clock = new Clock('skip', new Date('2026-11-23T11:00:00Z'));
const sts = createSts({ world: { account, clock }, accessKeyIds: ['AKIAOPERATOR'] });
let server: Listening;

beforeAll(async () => {
  server = await startServer({ services: [sts.guarded(sts.service)], region, now: () => clock.date() });
});

afterAll(async () => {
  await server.close();
  clock.stop();
});

function client(accessKeyId: string): STSClient {
  return new STSClient({
    region,
    endpoint: server.origin,
    credentials: { accessKeyId, secretAccessKey: 'secret' },
  });
}

const role = `arn:aws:iam::${account}:role/cdk-hnb659fds-deploy-role-${account}-${region}`;
const assume = (RoleArn: string) =>
  client('AKIAOPERATOR').send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'aws-cdk-ada' }));

test('tells an operator who they are', async () => {
  expect(await client('AKIAOPERATOR').send(new GetCallerIdentityCommand({}))).toMatchObject({
    Account: account,
    Arn: `arn:aws:iam::${account}:user/operator`,
  });
});

test('lends a role, whose key then names the session', async () => {
  const { Credentials } = await assume(role);
  expect(Credentials?.Expiration?.getTime()).toBeGreaterThan(Date.parse('2030-01-01'));
  const identity = await client(Credentials!.AccessKeyId!).send(new GetCallerIdentityCommand({}));
  expect(identity.Arn).toBe(
    `arn:aws:sts::${account}:assumed-role/cdk-hnb659fds-deploy-role-${account}-${region}/aws-cdk-ada`,
  );
});

test('lends no role of another account', async () => {
  await expect(assume('arn:aws:iam::999999999999:role/other')).rejects.toMatchObject({
    name: 'AccessDenied',
  });
});

test('lends no role but those of cdk bootstrap: whom others trust is not looked at', async () => {
  await expect(assume(`arn:aws:iam::${account}:role/cobalt-production-blue-web`)).rejects.toMatchObject({
    name: 'SandboxDoesNotModel',
  });
});

test('refuses a key that it never handed out', async () => {
  await expect(client('AKIASTRANGER').send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
    name: 'InvalidClientTokenId',
    $metadata: { httpStatusCode: 403 },
  });
});

test('refuses a key whose session has ended', async () => {
  const { Credentials } = await assume(role);
  sts.expire(Credentials!.AccessKeyId!);
  await expect(
    client(Credentials!.AccessKeyId!).send(new GetCallerIdentityCommand({})),
  ).rejects.toMatchObject({
    name: 'ExpiredToken',
  });
});
