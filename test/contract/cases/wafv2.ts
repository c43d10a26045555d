import { casesOf } from './case';

const scope = { Name: 'contract-$me', Scope: 'REGIONAL' };
const visibility = {
  SampledRequestsEnabled: true,
  CloudWatchMetricsEnabled: false,
  MetricName: 'contract',
};
const search = {
  ByteMatchStatement: {
    SearchString: 'open',
    FieldToMatch: { UriPath: {} },
    PositionalConstraint: 'EXACTLY',
    TextTransformations: [{ Priority: 0, Type: 'NONE' }],
  },
};
const ruleFor = (arn: string) => ({
  Name: 'a',
  Priority: 0,
  Action: { Allow: {} },
  VisibilityConfig: visibility,
  Statement: { OrStatement: { Statements: [{ IPSetReferenceStatement: { ARN: arn } }, search] } },
});
const content = {
  DefaultAction: { Block: { CustomResponse: { ResponseCode: 503, CustomResponseBodyKey: 'page' } } },
  CustomResponseBodies: { page: { ContentType: 'TEXT_PLAIN', Content: 'closed' } },
  Rules: [ruleFor('$setArn')],
  VisibilityConfig: visibility,
};
const ipSet = { ...scope, IPAddressVersion: 'IPV4', Addresses: ['192.0.2.0/24'] };
const nobodyId = '00000000-0000-4000-8000-000000000000';
const nobody = { ...scope, Id: nobodyId };
const nobodyArn = `arn:aws:wafv2:$region:$account:regional/webacl/nobody/${nobodyId}`;
const noLoadBalancer = 'arn:aws:elasticloadbalancing:$region:$account:loadbalancer/app/nobody/0';
const noArn = 'the one in front of the web';
const acl = { ...scope, Id: '$aclId' };
const set = { ...scope, Id: '$setId' };
const longPage = { page: { ContentType: 'TEXT_PLAIN', Content: 'x'.repeat(4_097) } };
const never = 'never given out';
const samples = {
  WebAclArn: '$aclArn',
  RuleMetricName: 'contract',
  Scope: 'REGIONAL',
  TimeWindow: { StartTime: '2026-01-01T00:00:00Z', EndTime: '2026-01-02T00:00:00Z' },
  MaxItems: 10,
};
const manyAddresses = Array.from({ length: 10_001 }, (_, n) => `10.0.${n >> 8}.${n & 255}/32`);
const door = { ResourceArn: '$loadBalancer' };

export const wafv2 = casesOf('wafv2', (ok, no) => [
  ok('CreateIPSet', ipSet, {
    keep: { setId: 'Summary.Id', setArn: 'Summary.ARN', setLock: 'Summary.LockToken' },
  }),
  no('CreateIPSet', ipSet, 'WAFDuplicateItemException'),
  no('CreateIPSet', { ...ipSet, Addresses: ['192.0.2.7/24'] }, 'WAFInvalidParameterException'),
  no('CreateIPSet', { ...ipSet, Name: 'many-$me', Addresses: manyAddresses }, 'WAFLimitsExceededException'),
  ok('GetIPSet', set),
  no('GetIPSet', nobody, 'WAFNonexistentItemException'),
  ok('ListIPSets', { Scope: 'REGIONAL' }),
  no('ListIPSets', { Scope: 'REGIONAL', NextMarker: never }, 'WAFInvalidParameterException'),
  no('UpdateIPSet', { ...set, Addresses: [], LockToken: nobodyId }, 'WAFOptimisticLockException'),
  no('UpdateIPSet', { ...nobody, Addresses: [], LockToken: nobodyId }, 'WAFNonexistentItemException'),
  no(
    'UpdateIPSet',
    { ...set, Addresses: ['nowhere'], LockToken: '$setLock' },
    'WAFInvalidParameterException',
  ),
  no(
    'UpdateIPSet',
    { ...set, Addresses: manyAddresses, LockToken: '$setLock' },
    'WAFLimitsExceededException',
  ),
  ok('UpdateIPSet', { ...set, Addresses: [], LockToken: '$setLock' }, { keep: { setLock: 'NextLockToken' } }),

  ok(
    'CreateWebACL',
    { ...scope, ...content, Tags: [{ Key: 'a', Value: 'b' }] },
    { keep: { aclId: 'Summary.Id', aclArn: 'Summary.ARN', aclLock: 'Summary.LockToken' } },
  ),
  no('CreateWebACL', { ...scope, ...content }, 'WAFDuplicateItemException'),
  no('CreateWebACL', { ...scope, ...content, CustomResponseBodies: {} }, 'WAFInvalidParameterException'),
  no('CreateWebACL', { ...scope, ...content, Rules: [ruleFor(nobodyArn)] }, 'WAFNonexistentItemException'),
  no('CreateWebACL', { ...scope, ...content, CustomResponseBodies: longPage }, 'WAFLimitsExceededException'),
  ok('GetWebACL', acl),
  no('GetWebACL', nobody, 'WAFNonexistentItemException'),
  no('GetWebACL', { Name: 'contract-$me' }, 'WAFInvalidParameterException'),
  ok('ListWebACLs', { Scope: 'REGIONAL' }),
  no('ListWebACLs', { Scope: 'REGIONAL', NextMarker: never }, 'WAFInvalidParameterException'),
  ok('ListTagsForResource', { ResourceARN: '$aclArn' }),
  no('ListTagsForResource', { ResourceARN: nobodyArn }, 'WAFNonexistentItemException'),
  no('ListTagsForResource', { ResourceARN: '$aclArn', NextMarker: never }, 'WAFInvalidParameterException'),
  no('UpdateWebACL', { ...acl, ...content, LockToken: nobodyId }, 'WAFOptimisticLockException'),
  no('UpdateWebACL', { ...nobody, ...content, LockToken: nobodyId }, 'WAFNonexistentItemException'),
  no(
    'UpdateWebACL',
    { ...acl, ...content, CustomResponseBodies: {}, LockToken: '$aclLock' },
    'WAFInvalidParameterException',
  ),
  no(
    'UpdateWebACL',
    { ...acl, ...content, CustomResponseBodies: longPage, LockToken: '$aclLock' },
    'WAFLimitsExceededException',
  ),
  ok('UpdateWebACL', { ...acl, ...content, LockToken: '$aclLock' }, { keep: { aclLock: 'NextLockToken' } }),

  ok('GetWebACLForResource', door),
  no('GetWebACLForResource', { ResourceArn: noLoadBalancer }, 'WAFNonexistentItemException'),
  no('GetWebACLForResource', { ResourceArn: noArn }, 'WAFInvalidParameterException'),
  no('AssociateWebACL', { WebACLArn: '$aclArn', ...door }, 'WAFUnavailableEntityException', {
    newWebAclUnavailable: true,
  }),
  ok('AssociateWebACL', { WebACLArn: '$aclArn', ...door }),
  no('AssociateWebACL', { WebACLArn: nobodyArn, ...door }, 'WAFNonexistentItemException'),
  no('AssociateWebACL', { WebACLArn: noArn, ...door }, 'WAFInvalidParameterException'),
  ok('GetWebACLForResource', door),
  ok('ListResourcesForWebACL', { WebACLArn: '$aclArn' }),
  no('ListResourcesForWebACL', { WebACLArn: nobodyArn }, 'WAFNonexistentItemException'),
  no('ListResourcesForWebACL', { WebACLArn: noArn }, 'WAFInvalidParameterException'),
  ok('GetSampledRequests', samples),
  no('GetSampledRequests', { ...samples, WebAclArn: nobodyArn }, 'WAFNonexistentItemException'),
  no('GetSampledRequests', { ...samples, WebAclArn: noArn }, 'WAFInvalidParameterException'),
  ok(
    'CreateWebACL',
    { ...scope, ...content, Name: 'second-$me' },
    {
      keep: { second: 'Summary.ARN', secondId: 'Summary.Id', secondLock: 'Summary.LockToken' },
    },
  ),
  no('AssociateWebACL', { WebACLArn: '$second', ...door }, 'WAFInvalidOperationException', {
    associationReplaces: false,
  }),
  ok('DeleteWebACL', { ...scope, Name: 'second-$me', Id: '$secondId', LockToken: '$secondLock' }),
  no('DeleteWebACL', { ...acl, LockToken: '$aclLock' }, 'WAFAssociatedItemException'),
  no('DeleteIPSet', { ...set, LockToken: '$setLock' }, 'WAFAssociatedItemException'),
  ok('DisassociateWebACL', door),
  no('DisassociateWebACL', { ResourceArn: noLoadBalancer }, 'WAFNonexistentItemException'),
  no('DisassociateWebACL', { ResourceArn: noArn }, 'WAFInvalidParameterException'),
  no('DeleteWebACL', { ...acl, LockToken: nobodyId }, 'WAFOptimisticLockException'),
  ok('DeleteWebACL', { ...acl, LockToken: '$aclLock' }),
  no('DeleteWebACL', { ...acl, LockToken: '$aclLock' }, 'WAFNonexistentItemException'),
  no('DeleteIPSet', { ...set, LockToken: nobodyId }, 'WAFOptimisticLockException'),
  ok('DeleteIPSet', { ...set, LockToken: '$setLock' }),
  no('DeleteIPSet', { ...set, LockToken: '$setLock' }, 'WAFNonexistentItemException'),
]);
