import { ACMClient, DescribeCertificateCommand, ListCertificatesCommand } from '@aws-sdk/client-acm';
import { createAcm } from '../../../sandbox/acm/acm';
import { Clock } from '../../../sandbox/clock';
import type { Listening } from '../../../sandbox/listening';
import { startServer } from '../../../sandbox/server';

const region = 'ap-southeast-2';
const account = '111122223333';
const arn = `arn:aws:acm:${region}:${account}:certificate/0c0ba170-0000-4000-8000-000000000001`;
const begin = new Date('2026-11-23T11:00:00Z');
const clock = new Clock('skip', begin);
const acm = createAcm({ account, region, clock });
let server: Listening;
let client: ACMClient;

beforeAll(async () => {
  server = await startServer({ services: [acm.service], region, now: () => clock.date() });
  client = new ACMClient({
    region,
    endpoint: server.origin,
    credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
  });
});
beforeEach(() =>
  acm.seed({ arn, domainName: 'a.example', alternativeNames: ['a.example', '*.a.example'], validDays: 90 }),
);
afterAll(async () => {
  client.destroy();
  await server.close();
  clock.stop();
});

const describeIt = async (CertificateArn = arn) =>
  (await client.send(new DescribeCertificateCommand({ CertificateArn }))).Certificate!;

test('describes a certificate that is there, with its names and its end', async () => {
  const { NotAfter, NotBefore, ...found } = await describeIt();
  expect(found).toMatchObject({
    CertificateArn: arn,
    DomainName: 'a.example',
    SubjectAlternativeNames: ['a.example', '*.a.example'],
    Status: 'ISSUED',
  });
  expect(NotAfter!.getTime() - NotBefore!.getTime()).toBe(90 * 24 * 60 * 60_000);
});

test('one that waits to be validated has no end, and one past its end is expired', async () => {
  const certificate = acm.certificates.get(arn)!;
  certificate.status = 'PENDING_VALIDATION';
  const pending = await describeIt();
  expect([pending.Status, pending.NotAfter]).toEqual(['PENDING_VALIDATION', undefined]);
  Object.assign(certificate, { status: 'ISSUED', expiresAtMs: begin.getTime() });
  expect((await describeIt()).Status).toBe('EXPIRED');
});

test.each([
  ['one that is not there', arn.replace(/1$/, '2'), 'ResourceNotFoundException'],
  ['what is no ARN of a certificate', `arn:aws:iam::${account}:server-certificate/a`, 'ValidationException'],
  ['one of another account', arn.replace(account, '999999999999'), 'SandboxDoesNotModel'],
])('refuses %s', async (_, given, name) => {
  await expect(describeIt(given)).rejects.toMatchObject({ name });
});

test('refuses by its name what it does not model', async () => {
  await expect(client.send(new ListCertificatesCommand({}))).rejects.toMatchObject({
    name: 'UnknownOperationException',
    message: expect.stringContaining('acm ListCertificates'),
  });
});
