import {
  type Change,
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  type Route53Client,
  waitUntilResourceRecordSetsChanged,
} from '@aws-sdk/client-route-53';
import type { Listening } from '../../../sandbox/listening';
import {
  a,
  alias,
  blue,
  clientOf,
  cname,
  green,
  startRoute53,
  type TestWorld,
  testWorld,
  zoneId,
} from './world';

let world: TestWorld;
let server: Listening;
let route53: Route53Client;

beforeEach(async () => {
  world = testWorld();
  server = await startRoute53(world);
  route53 = clientOf(server);
});
afterEach(async () => {
  await server.close();
  world.clock.stop();
});

const change = (...changes: [Change['Action'], ResourceRecordSet][]) =>
  route53.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: `/hostedzone/${zoneId}`,
      ChangeBatch: {
        Comment: 'a change',
        Changes: changes.map(([Action, record]) => ({ Action, ResourceRecordSet: record })),
      },
    }),
  );

const listed = async () => {
  const { ResourceRecordSets } = await route53.send(
    new ListResourceRecordSetsCommand({ HostedZoneId: zoneId }),
  );
  return ResourceRecordSets!.filter(({ Type }) => Type !== 'NS' && Type !== 'SOA');
};

const refused = async (...changes: [Change['Action'], ResourceRecordSet][]) => {
  const before = await listed();
  const error = await change(...changes).catch((caught) => caught);
  expect(error).toBeInstanceOf(Error);
  expect(error.$metadata.httpStatusCode).toBe(error.name === 'NoSuchHostedZone' ? 404 : 400);
  expect(await listed()).toEqual(before);
  return `${error.name}: ${error.message}`;
};

test('a change is PENDING when it is made and INSYNC when it is polled', async () => {
  const { ChangeInfo } = await change(['CREATE', a('www.myabf.com.au', '192.0.2.1')]);
  expect(ChangeInfo).toMatchObject({ Status: 'PENDING', Comment: 'a change' });
  expect(ChangeInfo!.Id).toMatch(/^\/change\/C/);
  const polled = await route53.send(new GetChangeCommand({ Id: ChangeInfo!.Id }));
  expect(polled.ChangeInfo).toEqual({ ...ChangeInfo, Status: 'INSYNC' });
  const passedMs = world.clock.nowMs() - ChangeInfo!.SubmittedAt!.getTime();
  expect(passedMs).toBeGreaterThanOrEqual(world.durations.recordsInSyncMs);
});

test("the SDK's own waiter is satisfied", async () => {
  const { ChangeInfo } = await change(['CREATE', a('www.myabf.com.au', '192.0.2.1')]);
  const outcome = await waitUntilResourceRecordSetsChanged(
    { client: route53, maxWaitTime: 60 },
    { Id: ChangeInfo!.Id },
  );
  expect(outcome.state).toBe('SUCCESS');
});

test('in real time a poll is answered at once with PENDING', async () => {
  const real = testWorld('real');
  const realServer = await startRoute53(real);
  const made = real.route53.zones.change(zoneId, [
    {
      action: 'CREATE',
      record: { name: 'www.myabf.com.au', type: 'A', ttlSeconds: 300, values: ['192.0.2.1'] },
    },
  ]);
  const { ChangeInfo } = await clientOf(realServer).send(new GetChangeCommand({ Id: made.id }));
  expect(ChangeInfo!.Status).toBe('PENDING');
  await realServer.close();
  real.clock.stop();
});

test('values and aliases come back as they were given, names absolute', async () => {
  await change(
    ['CREATE', a('WWW.myabf.com.au', '192.0.2.2', '192.0.2.1')],
    ['UPSERT', alias('myabf.com.au.', green)],
    [
      'CREATE',
      { Name: 'txt.myabf.com.au', Type: 'TXT', TTL: 60, ResourceRecords: [{ Value: '"a & b" "<c>"' }] },
    ],
  );
  expect(await listed()).toEqual([
    alias('myabf.com.au.', `${green}.`),
    { Name: 'txt.myabf.com.au.', Type: 'TXT', TTL: 60, ResourceRecords: [{ Value: '"a & b" "<c>"' }] },
    a('www.myabf.com.au.', '192.0.2.2', '192.0.2.1'),
  ]);
});

test('refuses to create what exists, and UPSERT replaces it', async () => {
  await change(['CREATE', a('www.myabf.com.au', '192.0.2.1')]);
  expect(await refused(['CREATE', a('www.myabf.com.au', '192.0.2.1')])).toBe(
    "InvalidChangeBatch: [Tried to create resource record set [name='www.myabf.com.au.', type='A'] but it already exists]",
  );
  await change(['UPSERT', a('www.myabf.com.au', '192.0.2.9')]);
  expect(await listed()).toEqual([a('www.myabf.com.au.', '192.0.2.9')]);
});

test('a deletion must name every value as it is, in any order', async () => {
  await change(
    ['CREATE', a('www.myabf.com.au', '192.0.2.1', '192.0.2.2')],
    ['CREATE', alias('ses.myabf.com.au', blue)],
  );
  const mismatch = (name: string) =>
    `InvalidChangeBatch: [Tried to delete resource record set [name='${name}', type='A'] but the values provided do not match the current values]`;
  expect(await refused(['DELETE', a('www.myabf.com.au', '192.0.2.1')])).toBe(mismatch('www.myabf.com.au.'));
  expect(await refused(['DELETE', { ...a('www.myabf.com.au', '192.0.2.1', '192.0.2.2'), TTL: 60 }])).toBe(
    mismatch('www.myabf.com.au.'),
  );
  expect(await refused(['DELETE', alias('ses.myabf.com.au', green)])).toBe(mismatch('ses.myabf.com.au.'));
  expect(await refused(['DELETE', a('none.myabf.com.au', '192.0.2.1')])).toBe(
    "InvalidChangeBatch: [Tried to delete resource record set [name='none.myabf.com.au.', type='A'] but it was not found]",
  );
  await change(
    ['DELETE', a('www.myabf.com.au', '192.0.2.2', '192.0.2.1')],
    ['DELETE', alias('ses.myabf.com.au.', `${blue}.`)],
  );
  expect(await listed()).toEqual([]);
});

test('one call is all or nothing, and says everything that is wrong', async () => {
  await change(['CREATE', a('www.myabf.com.au', '192.0.2.1')]);
  const message = await refused(
    ['CREATE', a('new.myabf.com.au', '192.0.2.5')],
    ['CREATE', a('www.myabf.com.au', '192.0.2.5')],
    ['CREATE', a('www.example.org', '192.0.2.5')],
  );
  expect(message).toMatch(
    /^InvalidChangeBatch: \[Tried to create .*www.* but it already exists, RRSet with DNS name www\.example\.org\. is not permitted in zone myabf\.com\.au\.\]$/,
  );
});

test('a CNAME becomes an alias within one batch', async () => {
  await change(['CREATE', cname('www.myabf.com.au', blue)]);
  await change(['DELETE', cname('www.myabf.com.au', blue)], ['CREATE', alias('www.myabf.com.au', green)]);
  expect(await listed()).toEqual([alias('www.myabf.com.au.', `${green}.`)]);
});

test('a CNAME stands alone at its name, and never at the apex', async () => {
  await change(['CREATE', cname('www.myabf.com.au', blue)], ['CREATE', a('ses.myabf.com.au', '192.0.2.1')]);
  expect(await refused(['UPSERT', alias('www.myabf.com.au', green)])).toBe(
    'InvalidChangeBatch: [RRSet of type A with DNS name www.myabf.com.au. is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone myabf.com.au.]',
  );
  expect(await refused(['CREATE', cname('ses.myabf.com.au', blue)])).toBe(
    'InvalidChangeBatch: [RRSet of type CNAME with DNS name ses.myabf.com.au. is not permitted as it conflicts with other records with the same DNS name in zone myabf.com.au.]',
  );
  expect(await refused(['CREATE', cname('myabf.com.au', blue)])).toBe(
    'InvalidChangeBatch: [RRSet of type CNAME with DNS name myabf.com.au. is not permitted at apex in zone myabf.com.au.]',
  );
});

test('an alias must lie in its zone and have something at its end', async () => {
  const target = 'gone.ap-southeast-2.elasticbeanstalk.com';
  expect(await refused(['CREATE', alias('myabf.com.au', target)])).toBe(
    `InvalidChangeBatch: [Tried to create an alias that targets ${target}., type A in zone Z2PCDNR3VC2G1N, but that target was not found]`,
  );
  expect(await refused(['CREATE', alias('myabf.com.au', green, 'Z1GM3OXH4ZPM65')])).toMatch(
    /but the alias target name does not lie within the target zone/,
  );
  await change([
    'CREATE',
    alias('myabf.com.au', 'dualstack.awseb-green-1.ap-southeast-2.elb.amazonaws.com', 'Z1GM3OXH4ZPM65'),
  ]);
  expect(await listed()).toHaveLength(1);
});

test.each([
  [
    'an alias into another zone',
    alias('x.myabf.com.au', 'd1.cloudfront.net', 'Z2FDTNDATAQYW2'),
    /hosted zone Z2FDTNDATAQYW2/,
  ],
  ['an alias within the zone', alias('x.myabf.com.au', 'www.myabf.com.au', zoneId), new RegExp(zoneId)],
  ['an alias for IPv6', { ...alias('x.myabf.com.au', green), Type: 'AAAA' as const }, /aliases of type AAAA/],
  ['weights', { ...a('x.myabf.com.au', '192.0.2.1'), SetIdentifier: 'one', Weight: 1 }, /Weight/],
  [
    'latency',
    { ...a('x.myabf.com.au', '192.0.2.1'), SetIdentifier: 'one', Region: 'ap-southeast-2' as const },
    /Region/,
  ],
  [
    'failover',
    { ...a('x.myabf.com.au', '192.0.2.1'), SetIdentifier: 'one', Failover: 'PRIMARY' as const },
    /Failover/,
  ],
  ['health checks', { ...a('x.myabf.com.au', '192.0.2.1'), HealthCheckId: 'abc' }, /HealthCheckId/],
  ['multivalue answers', { ...a('x.myabf.com.au', '192.0.2.1'), MultiValueAnswer: true }, /MultiValueAnswer/],
  ['other types', { ...a('x.myabf.com.au', '10 mail.example.org'), Type: 'MX' as const }, /type MX/],
  ['wildcards', a('*.myabf.com.au', '192.0.2.1'), /wildcard/],
])('refuses %s by name', async (_what, record, words) => {
  const message = await refused(['CREATE', record as ResourceRecordSet]);
  expect(message).toMatch(/^SandboxDoesNotModel: The sandbox does not model /);
  expect(message).toMatch(words);
});

test.each([
  ['a wrong address', a('x.myabf.com.au', '192.0.2.256'), /ARRDATAIllegalIPv4Address/],
  [
    'one value twice',
    a('x.myabf.com.au', '192.0.2.1', '192.0.2.1'),
    /Duplicate Resource Record: '192\.0\.2\.1'/,
  ],
  [
    'a text without quotes',
    { ...a('x.myabf.com.au', 'text'), Type: 'TXT' as const },
    /enclosed in quotation marks/,
  ],
  ['an empty label', a('x..myabf.com.au', '192.0.2.1'), /DomainLabelEmpty/],
  [
    'two names in a CNAME',
    { ...a('x.myabf.com.au', 'a.example', 'b.example'), Type: 'CNAME' as const },
    /exactly one value/,
  ],
])('refuses %s', async (_what, record, words) => {
  const message = await refused(['CREATE', record]);
  expect(message).toMatch(/^InvalidChangeBatch: /);
  expect(message).toMatch(words);
});

test('refuses a record with neither values nor an alias, or with both', async () => {
  const neither = await refused(['CREATE', { Name: 'x.myabf.com.au', Type: 'A' }]);
  expect(neither).toBe(
    'InvalidInput: Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none in Change with [Action=CREATE, Name=x.myabf.com.au, Type=A, SetIdentifier=null]',
  );
  expect(
    await refused(['CREATE', { ...a('x.myabf.com.au', '192.0.2.1'), ...alias('x.myabf.com.au', green) }]),
  ).toMatch(/but found more than one/);
  expect(await refused(['CREATE', { Name: 'x.myabf.com.au', Type: 'A', TTL: 60 }])).toMatch(/but found none/);
});

test('refuses one record set twice in a batch', async () => {
  const message = await refused(
    ['UPSERT', a('x.myabf.com.au', '192.0.2.1')],
    ['UPSERT', a('x.myabf.com.au', '192.0.2.2')],
  );
  expect(message).toContain(
    "The request contains an invalid set of changes for a resource record set 'A x.myabf.com.au.'",
  );
});

test('an unknown change is NoSuchChange', async () => {
  await expect(route53.send(new GetChangeCommand({ Id: 'C404' }))).rejects.toMatchObject({
    name: 'NoSuchChange',
    message: 'Could not find resource with ID: C404',
  });
});
