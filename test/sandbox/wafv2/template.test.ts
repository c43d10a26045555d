import {
  AssociateWebACLCommand,
  GetIPSetCommand,
  GetWebACLCommand,
  GetWebACLForResourceCommand,
  ListResourcesForWebACLCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-wafv2';
import {
  acl,
  addresses,
  association,
  closed,
  environment,
  type Gate,
  openGate,
  rule,
  visibility,
} from './support';

let gate: Gate;
beforeEach(async () => {
  gate = await openGate();
});
afterEach(() => gate.close());

const crew = { IPSetReferenceStatement: { Arn: { 'Fn::GetAtt': ['Crew', 'Arn'] } } };
const outputs = {
  ref: { Ref: 'Acl' },
  arn: { 'Fn::GetAtt': ['Acl', 'Arn'] },
  id: { 'Fn::GetAtt': ['Acl', 'Id'] },
  capacity: { 'Fn::GetAtt': ['Acl', 'Capacity'] },
};
const aclOfLoadBalancer = async () =>
  (await gate.waf.send(new GetWebACLForResourceCommand({ ResourceArn: gate.loadBalancer() }))).WebACL;

test('a template closes the door and lets one address in', async () => {
  const done = await gate.deploy(
    {
      Crew: addresses(['198.51.100.7/32']),
      Acl: acl({ ...closed, Rules: [rule(crew)], Tags: [{ Key: 'a', Value: 'b' }] }),
      Door: association(gate.loadBalancer()),
    },
    { ...outputs, crew: { Ref: 'Crew' }, door: { Ref: 'Door' } },
  );
  expect(done.status).toBe('CREATE_COMPLETE');
  const { arn, id } = done.outputs;
  expect(arn).toBe(`arn:aws:wafv2:ap-southeast-2:111122223333:regional/webacl/door/${id}`);
  expect(done.outputs).toMatchObject({
    ref: `door|${id}|REGIONAL`,
    capacity: '1',
    crew: expect.stringMatching(/^crew\|[\w-]+\|REGIONAL$/),
    door: `${gate.loadBalancer()}|${arn}`,
  });
  await gate.propagate();
  expect(await gate.ask()).toEqual({
    status: 503,
    headers: { server: 'awselb/2.0', 'content-type': 'text/html', 'retry-after': '3600' },
    body: '<h1>Back at six</h1>',
  });
  expect((await gate.ask({ clientAddress: '198.51.100.7' }))?.status).toBe(200);
  expect(await aclOfLoadBalancer()).toMatchObject({ ARN: arn, Rules: [{ Name: 'crew' }] });
  const listed = await gate.waf.send(new ListResourcesForWebACLCommand({ WebACLArn: arn }));
  expect(listed.ResourceArns).toEqual([gate.loadBalancer()]);
  const tagged = await gate.waf.send(new ListTagsForResourceCommand({ ResourceARN: arn }));
  expect(tagged.TagInfoForResource?.TagList).toEqual([{ Key: 'a', Value: 'b' }]);
});

test('an update changes them in place, and a changed name replaces the web ACL and its association', async () => {
  const before = await gate.deploy({ Acl: acl(), Door: association(gate.loadBalancer()) }, outputs);
  const changed = await gate.deploy({ Acl: acl(closed), Door: association(gate.loadBalancer()) }, outputs);
  expect(changed).toEqual({ ...before, status: 'UPDATE_COMPLETE' });
  const renamed = await gate.deploy(
    { Acl: acl({ ...closed, Name: 'gate' }), Door: association(gate.loadBalancer()) },
    outputs,
  );
  expect(renamed.status).toBe('UPDATE_COMPLETE');
  expect((await aclOfLoadBalancer())?.Name).toBe('gate');
  await expect(gate.waf.send(new GetWebACLCommand({ ARN: before.outputs.arn }))).rejects.toMatchObject({
    name: 'WAFNonexistentItemException',
  });
});

test('an IP set changes in place', async () => {
  const all = { Crew: addresses(['198.51.100.7/32']) };
  const { outputs: made } = await gate.deploy(all, { id: { 'Fn::GetAtt': ['Crew', 'Id'] } });
  await gate.deploy({ Crew: addresses(['198.51.100.0/24'], { Description: 'all' }) });
  const asked = { Name: 'crew', Scope: 'REGIONAL', Id: made.id } as const;
  expect((await gate.waf.send(new GetIPSetCommand(asked))).IPSet).toMatchObject({
    Addresses: ['198.51.100.0/24'],
    Description: 'all',
  });
});

test('a template that goes takes everything along and opens the door', async () => {
  await gate.deploy({
    Crew: addresses([]),
    Acl: acl({ ...closed, Rules: [rule(crew)] }),
    Door: association(gate.loadBalancer()),
  });
  await gate.propagate();
  await gate.destroy();
  await gate.propagate();
  expect((await gate.ask())?.status).toBe(200);
  expect(await aclOfLoadBalancer()).toBeUndefined();
});

test('a web ACL that is associated cannot be deleted', async () => {
  const { outputs: made } = await gate.deploy({ Acl: acl(), Crew: addresses([]) }, outputs);
  await gate.waf.send(new AssociateWebACLCommand({ WebACLArn: made.arn, ResourceArn: gate.loadBalancer() }));
  await gate.destroy();
  expect(await gate.reason()).toContain('it’s associated with another resource');
  expect((await aclOfLoadBalancer())?.ARN).toBe(made.arn);
});

test('a replaced load balancer has another ARN and no web ACL, until a template names it', async () => {
  const { outputs: made } = await gate.deploy(
    { Acl: acl(closed), Door: association(gate.loadBalancer()) },
    outputs,
  );
  await gate.propagate();
  const before = gate.loadBalancer();
  gate.rig.eb.replaceLoadBalancer(environment);
  expect(gate.loadBalancer()).not.toBe(before);
  expect((await gate.ask())?.status).toBe(200);
  expect(await aclOfLoadBalancer()).toBeUndefined();
  const listed = await gate.waf.send(new ListResourcesForWebACLCommand({ WebACLArn: made.arn }));
  expect(listed.ResourceArns).toEqual([]);
  await expect(gate.waf.send(new GetWebACLForResourceCommand({ ResourceArn: before }))).rejects.toMatchObject(
    { name: 'WAFNonexistentItemException' },
  );
  const { status } = await gate.deploy({ Acl: acl(closed), Door: association(gate.loadBalancer()) });
  expect(status).toBe('UPDATE_COMPLETE');
  await gate.propagate();
  expect((await gate.ask())?.status).toBe(503);
});

test('a web ACL whose load balancer is gone can be deleted', async () => {
  await gate.deploy({ Acl: acl(closed), Door: association(gate.loadBalancer()) });
  gate.rig.eb.replaceLoadBalancer(environment);
  await gate.destroy();
  expect(await gate.stands()).toBe(false);
});

test('where a new web ACL is not available at first, CloudFormation waits for it', async () => {
  gate.rig.world.switches.newWebAclUnavailable = true;
  const { status } = await gate.deploy({ Acl: acl(closed), Door: association(gate.loadBalancer()) });
  expect(status).toBe('CREATE_COMPLETE');
});

const match = (more: object) => ({
  ByteMatchStatement: {
    SearchString: 'x',
    FieldToMatch: { UriPath: {} },
    PositionalConstraint: 'EXACTLY',
    TextTransformations: [{ Priority: 0, Type: 'NONE' }],
    ...more,
  },
});

describe('refuses by name', () => {
  test.each([
    ['the scope of CloudFront', { Scope: 'CLOUDFRONT' }, 'Scope: Error reason: The scope is not valid.'],
    ['another property', { CaptchaConfig: {} }, 'does not model CaptchaConfig'],
    [
      'another statement',
      { Rules: [rule({ GeoMatchStatement: {} })] },
      'Rules.0.Statement.GeoMatchStatement',
    ],
    ['another action', { Rules: [rule(match({}), { Action: { Count: {} } })] }, 'Rules.0.Action.Count'],
    ['another part', { Rules: [rule(match({ FieldToMatch: { Body: {} } }))] }, 'FieldToMatch.Body'],
    [
      'another constraint',
      { Rules: [rule(match({ PositionalConstraint: 'ENDS_WITH' }))] },
      'does not model ENDS_WITH',
    ],
    [
      'another transformation',
      { Rules: [rule(match({ TextTransformations: [{ Priority: 0, Type: 'URL_DECODE' }] }))] },
      'does not model URL_DECODE',
    ],
    [
      'another statement inside',
      { Rules: [rule({ NotStatement: { Statement: { XssMatchStatement: {} } } })] },
      'NotStatement.Statement.XssMatchStatement',
    ],
  ])('%s', async (_, properties, words) => {
    await expect(gate.deploy({ Acl: acl(properties) })).rejects.toMatchObject({
      name: 'ValidationError',
      message: expect.stringContaining(words),
    });
  });
});

describe('refuses', () => {
  test.each([
    ['no VisibilityConfig', { VisibilityConfig: undefined }],
    ['a metric name that is reserved', { VisibilityConfig: visibility('Default_Action') }],
    ['a description that AWS refuses', { Description: 'the door (closed)' }],
    ['two default actions', { DefaultAction: { Allow: {}, Block: {} } }],
    ['no default action', { DefaultAction: {} }],
    ['a status that is none', { DefaultAction: { Block: { CustomResponse: { ResponseCode: 299 } } } }],
    [
      'a content type among the headers',
      {
        DefaultAction: {
          Block: {
            CustomResponse: { ResponseCode: 503, ResponseHeaders: [{ Name: 'Content-Type', Value: 'a/b' }] },
          },
        },
      },
    ],
    ['a search for nothing', { Rules: [rule(match({ SearchString: '' }))] }],
    ['a search in both forms', { Rules: [rule(match({ SearchStringBase64: 'eA==' }))] }],
    ['And of one', { Rules: [rule({ AndStatement: { Statements: [match({})] } })] }],
  ])('%s', async (_, properties) => {
    await expect(gate.deploy({ Acl: acl(properties) })).rejects.toMatchObject({ name: 'ValidationError' });
  });

  test.each([
    [
      'one priority twice',
      { Rules: [rule(match({})), rule(match({}), { Name: 'other' })] },
      'the same Priority',
    ],
    [
      'a body that is not there',
      { ...closed, CustomResponseBodies: undefined },
      'no custom response body with this key',
    ],
    [
      'a body over 4 KB',
      { CustomResponseBodies: { page: { ContentType: 'TEXT_PLAIN', Content: 'é'.repeat(2_049) } } },
      '4096 bytes in a custom response body',
    ],
    [
      'an IP set that is not there',
      { Rules: [rule({ IPSetReferenceStatement: { Arn: 'arn:x' } })] },
      'doesn’t exist',
    ],
  ])('%s', async (_, properties, words) => {
    const { status } = await gate.deploy({ Acl: acl(properties) });
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(await gate.reason()).toContain(words);
  });

  test.each(['0.0.0.0/0', '198.51.100.7', '198.51.100.7/24', '198.51.100.300/32', '2001:db8::/32'])(
    'the address %s',
    async (address) => {
      expect((await gate.deploy({ Crew: addresses([address]) })).status).toBe('ROLLBACK_COMPLETE');
      expect(await gate.reason()).toContain(`parameter: ${address}`);
    },
  );
});
