import {
  AssociateWebACLCommand,
  DisassociateWebACLCommand,
  GetWebACLCommand,
  GetWebACLForResourceCommand,
  ListIPSetsCommand,
  ListResourcesForWebACLCommand,
  ListRuleGroupsCommand,
  ListTagsForResourceCommand,
  ListWebACLsCommand,
  UpdateWebACLCommand,
} from '@aws-sdk/client-wafv2';
import { acl, addresses, type Gate, openGate, visibility } from './support';

let gate: Gate;
let arns: Record<string, string>;
beforeEach(async () => {
  gate = await openGate();
  const made = await gate.deploy(
    { Acl: acl({ Description: 'the door' }), Other: acl({ Name: 'other' }), Crew: addresses([]) },
    { acl: { 'Fn::GetAtt': ['Acl', 'Arn'] }, other: { 'Fn::GetAtt': ['Other', 'Arn'] } },
  );
  arns = made.outputs;
});
afterEach(() => gate.close());

const scope = { Scope: 'REGIONAL' } as const;
const get = () => gate.waf.send(new GetWebACLCommand({ ARN: arns.acl }));
const associate = (WebACLArn: string | undefined, ResourceArn = gate.loadBalancer()) =>
  gate.waf.send(new AssociateWebACLCommand({ WebACLArn, ResourceArn }));
const aclOfLoadBalancer = async () =>
  (await gate.waf.send(new GetWebACLForResourceCommand({ ResourceArn: gate.loadBalancer() }))).WebACL?.Name;

async function update(LockToken: string | undefined, more: object = {}) {
  const { WebACL } = await get();
  const input = { Name: 'door', ...scope, Id: WebACL!.Id, VisibilityConfig: visibility('door'), LockToken };
  return gate.waf.send(new UpdateWebACLCommand({ ...input, DefaultAction: { Block: {} }, ...more }));
}

test('shows a web ACL whole, by ARN and by name and id', async () => {
  const { WebACL, LockToken } = await get();
  expect(WebACL).toMatchObject({
    Name: 'door',
    Description: 'the door',
    DefaultAction: { Allow: {} },
    Rules: [],
    Capacity: 0,
    LabelNamespace: 'awswaf:111122223333:webacl:door:',
  });
  const { Name, Id } = WebACL!;
  expect(await gate.waf.send(new GetWebACLCommand({ Name, Id, ...scope }))).toMatchObject({
    WebACL,
    LockToken,
  });
});

test('lists page by page', async () => {
  const first = await gate.waf.send(new ListWebACLsCommand({ ...scope, Limit: 1 }));
  const second = await gate.waf.send(
    new ListWebACLsCommand({ ...scope, Limit: 1, NextMarker: first.NextMarker }),
  );
  expect([first, second].flatMap(({ WebACLs }) => WebACLs?.map(({ Name }) => Name)).sort()).toEqual([
    'door',
    'other',
  ]);
  expect(second.NextMarker).toBeUndefined();
  expect((await gate.waf.send(new ListIPSetsCommand(scope))).IPSets).toMatchObject([{ Name: 'crew' }]);
});

test('an update needs the newest lock token and replaces the whole content', async () => {
  const { LockToken } = await get();
  const { NextLockToken } = await update(LockToken);
  expect(await get()).toMatchObject({
    LockToken: NextLockToken,
    WebACL: { DefaultAction: { Block: {} } },
  });
  expect((await get()).WebACL?.Description).toBeUndefined();
  await expect(update(LockToken)).rejects.toMatchObject({ name: 'WAFOptimisticLockException' });
});

test('what is searched for comes back as it was sent', async () => {
  const SearchString = Buffer.from('Grüße');
  const Rule = {
    Name: 'agent',
    Priority: 1,
    Action: { Block: {} },
    VisibilityConfig: visibility('agent'),
    Statement: {
      ByteMatchStatement: {
        SearchString,
        FieldToMatch: { SingleHeader: { Name: 'user-agent' } },
        PositionalConstraint: 'CONTAINS',
        TextTransformations: [{ Priority: 0, Type: 'LOWERCASE' }],
      },
    },
  } as const;
  await update((await get()).LockToken, { Rules: [Rule] });
  const { WebACL } = await get();
  const found = WebACL!.Rules![0]!.Statement!.ByteMatchStatement!.SearchString!;
  expect(Buffer.from(found)).toEqual(SearchString);
  expect(WebACL!.Capacity).toBe(20);
});

test('a load balancer has one web ACL: the next takes its place, or is refused', async () => {
  await associate(arns.acl);
  await associate(arns.other);
  expect(await aclOfLoadBalancer()).toBe('other');
  const listed = await gate.waf.send(new ListResourcesForWebACLCommand({ WebACLArn: arns.acl }));
  expect(listed.ResourceArns).toEqual([]);
  gate.rig.world.switches.associationReplaces = false;
  await expect(associate(arns.acl)).rejects.toMatchObject({ name: 'WAFInvalidOperationException' });
  await associate(arns.other);
  expect(await aclOfLoadBalancer()).toBe('other');
});

test('a load balancer can be left without one, more than once', async () => {
  await associate(arns.acl);
  for (const _ of [1, 2])
    await gate.waf.send(new DisassociateWebACLCommand({ ResourceArn: gate.loadBalancer() }));
  expect(await aclOfLoadBalancer()).toBeUndefined();
});

test('a new web ACL may be refused for a while', async () => {
  gate.rig.world.switches.newWebAclUnavailable = true;
  await expect(associate(arns.acl)).rejects.toMatchObject({ name: 'WAFUnavailableEntityException' });
  await gate.propagate();
  await associate(arns.acl);
});

describe('refuses', () => {
  test.each([
    [
      'another scope',
      () => new ListWebACLsCommand({ Scope: 'CLOUDFRONT' }),
      'WAFInvalidParameterException',
      'The scope is not valid., field: SCOPE_VALUE, parameter: CLOUDFRONT',
    ],
    [
      'an operation that is not modelled',
      () => new ListRuleGroupsCommand(scope),
      'UnknownOperationException',
      'ListRuleGroups',
    ],
    [
      'a load balancer that is no ARN',
      () => new GetWebACLForResourceCommand({ ResourceArn: 'cobalt-production-blue-load-balancer' }),
      'WAFInvalidParameterException',
      'field: RESOURCE_ARN',
    ],
    [
      'a web ACL that is no ARN',
      () => new GetWebACLCommand({ ARN: 'the-web-acl-that-is-the-door' }),
      'WAFInvalidParameterException',
      'field: RESOURCE_ARN',
    ],
    [
      'a web ACL that is not there',
      () => new GetWebACLCommand({ Name: 'none', Id: 'none', ...scope }),
      'WAFNonexistentItemException',
      '',
    ],
    [
      'a web ACL without its id',
      () => new GetWebACLCommand({ Name: 'door' }),
      'WAFInvalidParameterException',
      'Id',
    ],
    [
      'other resources than load balancers',
      () => new ListResourcesForWebACLCommand({ WebACLArn: arns.acl, ResourceType: 'API_GATEWAY' }),
      'SandboxDoesNotModel',
      'API_GATEWAY',
    ],
    [
      'an API',
      () =>
        new GetWebACLForResourceCommand({
          ResourceArn: 'arn:aws:apigateway:ap-southeast-2::/restapis/a/stages/b',
        }),
      'SandboxDoesNotModel',
      'restapis',
    ],
    [
      'tags of nothing',
      () => new ListTagsForResourceCommand({ ResourceARN: `${arns.acl}x` }),
      'WAFNonexistentItemException',
      '',
    ],
  ])('%s', async (_, command, name, words) => {
    await expect(gate.waf.send(command() as GetWebACLCommand)).rejects.toMatchObject({
      name,
      message: expect.stringContaining(words),
      $metadata: { httpStatusCode: 400 },
    });
  });

  test('a load balancer that is not there', async () => {
    await expect(associate(arns.acl, `${gate.loadBalancer()}x`)).rejects.toMatchObject({
      name: 'WAFNonexistentItemException',
    });
  });
});
