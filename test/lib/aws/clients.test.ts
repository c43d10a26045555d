import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { Clients } from '../../../lib/aws/clients';
import { exitCodes, StepFailedError } from '../../../lib/runbook/errors';
import { answering, refuse, startAws, sts, type TestAws, withVariables } from '../../support/aws';
import { cobalt } from '../../support/upgrade';

let aws: TestAws | undefined;
let restore = () => {};
afterEach(async () => {
  restore();
  await aws?.close();
  aws = undefined;
});

test('asks once whose credentials these are', async () => {
  aws = await startAws([sts()]);
  const clients = new Clients(cobalt);
  await clients.checkAccount();
  await clients.checkAccount();
  expect(aws.calls).toEqual(['sts GetCallerIdentity']);
});

test('refuses another account and names both', async () => {
  aws = await startAws([sts('999999999999')]);
  const checked = new Clients(cobalt).checkAccount();
  await expect(checked).rejects.toMatchObject({ code: 'WRONG_ACCOUNT', exitCode: exitCodes.precondition });
  await expect(checked).rejects.toThrow(/999999999999.*123456789012/);
});

test('missing credentials are an error', async () => {
  restore = withVariables({
    AWS_ACCESS_KEY_ID: undefined,
    AWS_SECRET_ACCESS_KEY: undefined,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_CONFIG_FILE: '/dev/null',
  });
  await expect(new Clients(cobalt).checkAccount()).rejects.toMatchObject({ code: 'CREDENTIALS_MISSING' });
});

test.each([
  ['ExpiredToken', 'CREDENTIALS_EXPIRED'],
  ['InvalidClientTokenId', 'CREDENTIALS_REFUSED'],
  ['AccessDenied', 'ACCESS_DENIED'],
])('%s becomes %s', async (code, ours) => {
  aws = await startAws([answering('sts', 'query', { GetCallerIdentity: () => refuse(code) })]);
  await expect(new Clients(cobalt).checkAccount()).rejects.toMatchObject({
    code: ours,
    exitCode: exitCodes.precondition,
  });
});

test('credentials that expire in the middle of a night are told at whatever call it is', async () => {
  aws = await startAws([answering('ssm', 'json', { GetParameter: () => refuse('ExpiredTokenException') })]);
  const ssm = new Clients(cobalt).make(SSMClient);
  await expect(ssm.send(new GetParameterCommand({ Name: '/x' }))).rejects.toMatchObject({
    code: 'CREDENTIALS_EXPIRED',
  });
});

test('an endpoint where nothing listens is an error that names it', async () => {
  aws = await startAws([sts()]);
  const origin = process.env.AWS_ENDPOINT_URL;
  await aws.close();
  aws = undefined;
  restore = withVariables({
    AWS_ENDPOINT_URL: origin,
    AWS_ACCESS_KEY_ID: 'AKIATEST',
    AWS_SECRET_ACCESS_KEY: 'secret',
  });
  const checked = new Clients(cobalt).checkAccount();
  await expect(checked).rejects.toMatchObject({ code: 'ENDPOINT_UNREACHABLE' });
  await expect(checked).rejects.toThrow(new URL(origin!).host);
});

test('a refusal that belongs to one service stays what it is', async () => {
  aws = await startAws([answering('ssm', 'json', { GetParameter: () => refuse('ParameterNotFound') })]);
  const ssm = new Clients(cobalt).make(SSMClient);
  await expect(ssm.send(new GetParameterCommand({ Name: '/x' }))).rejects.toMatchObject({
    name: 'ParameterNotFound',
  });
});

test('throttling is waited out', async () => {
  let asked = 0;
  const GetParameter = () =>
    ++asked === 1 ? refuse('ThrottlingException', 'Rate exceeded') : { Parameter: { Value: 'x' } };
  aws = await startAws([answering('ssm', 'json', { GetParameter })]);
  const ssm = new Clients(cobalt).make(SSMClient);
  expect(await ssm.send(new GetParameterCommand({ Name: '/x' }))).toMatchObject({
    Parameter: { Value: 'x' },
  });
});

test('each attempt of a call is made only after what guards calls has said nothing against it', async () => {
  aws = await startAws([answering('ssm', 'json', { GetParameter: () => refuse('ThrottlingException') })]);
  const clients = new Clients(cobalt);
  const lost = new StepFailedError('LOCK_LOST', { so: 'Ben has it.', changed: '', next: '' });
  let asked = 0;
  clients.guardCalls(async () => {
    if (++asked === 2) throw lost;
  });
  const ssm = clients.make(SSMClient);
  await expect(ssm.send(new GetParameterCommand({ Name: '/x' }))).rejects.toBe(lost);
  expect(aws.calls).toEqual(['ssm GetParameter']);
});

test('what asks on behalf of the guard is not guarded', async () => {
  aws = await startAws([answering('ssm', 'json', { GetParameter: () => ({ Parameter: { Value: 'x' } }) })]);
  const clients = new Clients(cobalt);
  clients.guardCalls(() => Promise.reject(new Error('asked')));
  const ssm = clients.make(SSMClient, { isGuarded: false });
  await ssm.send(new GetParameterCommand({ Name: '/x' }));
  expect(aws.calls).toEqual(['ssm GetParameter']);
});
