import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { Clock } from '../../../sandbox/clock';
import { createIam } from '../../../sandbox/iam/iam';
import type { Listening } from '../../../sandbox/listening';
import { createRoute53 } from '../../../sandbox/route53/route53';
import { createS3 } from '../../../sandbox/s3/s3';
import { startServer } from '../../../sandbox/server';
import { createSsm } from '../../../sandbox/ssm/ssm';
import { createSts } from '../../../sandbox/sts/sts';
import { defaultDurations, type World } from '../../../sandbox/world';

const region = 'ap-southeast-2';
const account = '111122223333';
const bucket = `/cdk-hnb659fds-assets-${account}-${region}`;
const folder = mkdtempSync(path.join(tmpdir(), 'wire-'));
const clock = new Clock('skip', new Date('2026-11-23T11:00:00Z'));
const faults: unknown[] = [];
let server: Listening;
let closeSsm: () => void | Promise<void>;

beforeAll(async () => {
  const world = { account, region, clock, folder, durations: defaultDurations } as World;
  const sts = createSts({ world, accessKeyIds: ['AKIATEST'] });
  const ssm = createSsm(world, {});
  closeSsm = ssm.close;
  const parts = [createS3(world), createIam(world), createRoute53(world), ssm];
  server = await startServer({
    services: [sts.service, ...parts.map(({ service }) => sts.guarded(service))],
    region,
    now: () => clock.date(),
    onFault: (_, error) => faults.push(error),
  });
});
afterAll(async () => {
  await server.close();
  await closeSsm();
  clock.stop();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => expect(faults).toEqual([]));

interface Sent {
  service?: string;
  region?: string;
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

/** A request as no client would send it: by hand, with only the credential scope of a signature. */
function send(sent: Sent): Promise<{ status: number; headers: http.IncomingHttpHeaders; body: string }> {
  const scope = `AKIATEST/20261123/${sent.region ?? region}/${sent.service}/aws4_request`;
  const authorization = sent.service ? { authorization: `AWS4-HMAC-SHA256 Credential=${scope}` } : {};
  return new Promise((resolve, reject) => {
    const request = http.request({
      port: server.port,
      host: '127.0.0.1',
      method: sent.method ?? 'POST',
      path: sent.path ?? '/',
      headers: { ...authorization, ...sent.headers },
    });
    request.on('error', reject).on('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }));
    });
    request.end(sent.body);
  });
}
const codeIn = (body: string) => /<Code>(.*?)<\/Code>/.exec(body)?.[1] ?? JSON.parse(body).__type;
const form = (body: string, service = 'sts'): Sent => ({
  service,
  body,
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
});
const whoAmI = form('Action=GetCallerIdentity&Version=2011-06-15');

/** What is sent, and the code of the refusal. */
const malformed: [string, Sent, string][] = [
  ['an operation that every object has', form('Action=constructor'), 'InvalidAction'],
  ['no operation', form(''), 'MissingAction'],
  ['a parameter deeper than any', form(`Action=x&${'a.'.repeat(5000)}a=1`), 'MalformedQueryString'],
  ['a parameter without a name', form('Action=x&..=1'), 'MalformedQueryString'],
  ['bytes that are no form', { ...form(''), body: Buffer.from([0xff, 0xfe, 0x00, 0x3d]) }, 'MissingAction'],
  ['JSON that is none', { service: 'ssm', body: '{"Name":' }, 'SerializationException'],
  [
    'JSON of another kind',
    { service: 'ssm', body: '[1]', headers: { 'x-amz-target': 'AmazonSSM.GetParameter' } },
    'ValidationException',
  ],
  ['a path that cannot be decoded', { service: 's3', method: 'GET', path: '/%zz' }, 'InvalidURI'],
  ['an object without a key', { service: 's3', path: `${bucket}?delete`, body: '<Delete/>' }, 'MalformedXML'],
  ['XML that is none', { service: 's3', path: `${bucket}?delete`, body: '<Delete' }, 'MalformedXML'],
  [
    'XML without an end',
    { service: 's3', path: `${bucket}?delete`, body: '<a>'.repeat(50_000) },
    'MalformedXML',
  ],
  [
    'a condition on a deletion',
    {
      service: 's3',
      path: `${bucket}?delete`,
      body: '<Delete><Object><Key>a</Key><ETag>b</ETag></Object></Delete>',
    },
    'SandboxDoesNotModel',
  ],
  [
    'another encoding of keys',
    { service: 's3', method: 'GET', path: `${bucket}?list-type=2&encoding-type=base64` },
    'InvalidArgument',
  ],
  [
    'half a page of keys',
    { service: 's3', method: 'GET', path: `${bucket}?list-type=2&max-keys=1.5` },
    'InvalidArgument',
  ],
  [
    'a token that was never given out',
    {
      service: 'ssm',
      body: '{"NextToken":"x"}',
      headers: { 'x-amz-target': 'AmazonSSM.DescribeParameters' },
    },
    'InvalidNextToken',
  ],
  [
    'a pattern that is none',
    {
      service: 'ssm',
      body: '{"Name":"/a","Type":"String","Value":"a","AllowedPattern":"[("}',
      headers: { 'x-amz-target': 'AmazonSSM.PutParameter' },
    },
    'InvalidAllowedPatternException',
  ],
  ['an empty page', form('Action=ListRoles&Version=2010-05-08&MaxItems=0', 'iam'), 'ValidationError'],
  [
    'an operation of JSON that is none',
    { service: 'ssm', body: '{}', headers: { 'x-amz-target': 'AmazonSSM.constructor' } },
    'UnknownOperationException',
  ],
  [
    'JSON that says it is something else',
    { service: 'ssm', body: '{}', headers: { 'content-type': 'text/xml' } },
    'SerializationException',
  ],
  [
    'a form that says it is JSON',
    { ...whoAmI, headers: { 'content-type': 'application/json' } },
    'MissingAction',
  ],
  ['no signature', { body: 'Action=GetCallerIdentity' }, 'MissingAuthenticationToken'],
];

test.each(malformed)('%s is refused, and nothing else happens', async (_, sent, code) => {
  const answer = await send(sent);
  expect([answer.status >= 400 && answer.status < 500, codeIn(answer.body)]).toEqual([true, code]);
  expect((await send(whoAmI)).status).toBe(200);
});

// First: what is sent at random may delete the bucket.
test('keys keep the dots that a path would lose', async () => {
  await send({ service: 's3', method: 'PUT', path: `${bucket}/a/../b`, body: 'with dots' });
  await send({ service: 's3', method: 'PUT', path: `${bucket}/b`, body: 'without' });
  expect((await send({ service: 's3', method: 'GET', path: `${bucket}/a/../b` })).body).toBe('with dots');
});

describe('whatever is sent is refused or done, and never breaks the sandbox', () => {
  const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.string({ unit: 'binary', maxLength: 40 }));
  const json = fc.record(
    {
      Name: value,
      Names: value,
      Value: value,
      Type: value,
      NextToken: value,
      MaxResults: value,
      Path: value,
    },
    { requiredKeys: [] },
  );
  const jsonOperation = fc.constantFrom('PutParameter', 'GetParameter', 'GetParametersByPath', 'SendCommand');
  const name = fc.constantFrom(
    'RoleName',
    'Tags.member.1.Key',
    'MaxItems',
    'Marker',
    'PolicyDocument',
    'Tags',
  );
  const formOperation = fc.constantFrom('CreateRole', 'ListRoles', 'PutRolePolicy', 'GetRole', '');
  const answered = async (sent: Sent) => {
    const { status } = await send(sent);
    expect(status).toBeGreaterThanOrEqual(200);
    expect(status).toBeLessThan(500);
    expect(faults).toEqual([]);
  };
  const some = { numRuns: 60 };

  test('JSON', async () => {
    const property = fc.asyncProperty(jsonOperation, json, (operation, body) =>
      answered({
        service: 'ssm',
        body: JSON.stringify(body),
        headers: { 'x-amz-target': `AmazonSSM.${operation}` },
      }),
    );
    await fc.assert(property, some);
  });

  test('forms', async () => {
    const pairs = fc.array(fc.tuple(name, fc.string({ maxLength: 40 })), { maxLength: 5 });
    const property = fc.asyncProperty(formOperation, pairs, (operation, given) =>
      answered(form(String(new URLSearchParams([['Action', operation], ...given])), 'iam')),
    );
    await fc.assert(property, some);
  });

  test('paths, queries and bytes', async () => {
    const service = fc.constantFrom('s3', 'route53');
    const method = fc.constantFrom('GET', 'PUT', 'POST', 'DELETE');
    const place = fc.constantFrom(
      '/',
      bucket,
      `${bucket}/a`,
      '/2013-04-01/hostedzone',
      '/2013-04-01/hostedzone/Z1/rrset',
    );
    const query = fc.webQueryParameters();
    const property = fc.asyncProperty(
      fc.record({ service, method, place, query, body: fc.uint8Array({ maxLength: 60 }) }),
      ({ place: at, query: asked, body, ...sent }) =>
        answered({ ...sent, path: `${at}?${asked}`, body: Buffer.from(body) }),
    );
    await fc.assert(property, some);
  });
});

test('a parameter named after what every object inherits from changes no other request', async () => {
  await send(
    form('Action=GetCallerIdentity&Version=2011-06-15&__proto__.polluted=1&constructor.prototype.x=1'),
  );
  expect(Object.prototype).not.toHaveProperty('polluted');
  expect((await send(whoAmI)).status).toBe(200);
});

test('a body beyond every limit is refused once it has been read', async () => {
  const answer = await send({
    service: 's3',
    method: 'PUT',
    path: `${bucket}/a`,
    body: Buffer.alloc(65 * 1024 * 1024),
  });
  expect(codeIn(answer.body)).toBe('EntityTooLarge');
});

describe('what is not here is named', () => {
  test('another region, where AWS would show nothing of this one', async () => {
    const asked = { service: 's3', method: 'GET', path: bucket, region: 'us-east-1' };
    expect((await send(asked)).body).toContain('AuthorizationHeaderMalformed');
  });

  test('but services without a region are signed for us-east-1', async () => {
    const roles = form('Action=ListRoles&Version=2010-05-08', 'iam');
    expect((await send({ ...roles, region: 'us-east-1' })).status).toBe(200);
  });

  test('another version of an API that shares its name', async () => {
    const answer = await send(form('Action=GetCallerIdentity&Version=2009-01-01'));
    expect(answer.body).toContain('version 2009-01-01 of the API of sts, only 2011-06-15');
  });

  test.each([
    ['forms', form('Action=Publish', 'sns'), 'text/xml'],
    [
      'JSON',
      { service: 'logs', headers: { 'x-amz-target': 'Logs.Describe' }, body: '{}' },
      'application/x-amz-json-1.1',
    ],
    [
      'paths',
      { service: 'lambda', method: 'GET', path: '/2015-03-31/functions' },
      'application/x-amz-json-1.1',
    ],
  ])('another service, in the form of one that speaks %s', async (_, sent, type) => {
    const answer = await send(sent);
    expect(answer.headers['content-type']).toBe(type);
    expect(answer.body).toContain(`the service ${sent.service}`);
  });
});
