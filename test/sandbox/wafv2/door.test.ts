import { acl, addresses, association, closed, type Gate, openGate, rule } from './support';

let gate: Gate;
beforeEach(async () => {
  gate = await openGate();
});
afterEach(() => gate.close());

/** Deploys a door that blocks with 403 whatever the statement does not let in, and waits until it is everywhere. */
async function letIn(Statement: object) {
  const Acl = acl({ DefaultAction: { Block: {} }, Rules: [rule(Statement)] });
  const { status } = await gate.deploy({
    Crew: addresses(['198.51.100.0/30', '192.0.2.7/32']),
    Acl,
    Door: association(gate.loadBalancer()),
  });
  expect(status).toMatch(/_COMPLETE$/);
  await gate.propagate();
}
const crew = { IPSetReferenceStatement: { Arn: { 'Fn::GetAtt': ['Crew', 'Arn'] } } };
const match = (FieldToMatch: object, more: object = {}) => ({
  ByteMatchStatement: {
    FieldToMatch,
    SearchString: 'open',
    PositionalConstraint: 'EXACTLY',
    TextTransformations: [{ Priority: 0, Type: 'NONE' }],
    ...more,
  },
});
const cookies = (MatchPattern: object, MatchScope = 'VALUE', OversizeHandling = 'NO_MATCH') => ({
  Cookies: { MatchPattern, MatchScope, OversizeHandling },
});
const agent = { SingleHeader: { Name: 'User-Agent' } };
const lowercase = { TextTransformations: [{ Priority: 0, Type: 'LOWERCASE' }] };
const passes = async (request: Parameters<Gate['ask']>[0]) => (await gate.ask(request))?.status === 200;
const withHeader = (name: string, value: string) => passes({ headers: { [name]: value } });

test('a plain Block is the load balancer’s 403, and counts for no instance’s health', async () => {
  await letIn(crew);
  const answer = await gate.ask();
  expect(answer).toMatchObject({ status: 403, headers: { server: 'awselb/2.0' } });
  expect(answer?.body).toContain('403 Forbidden');
  const blue = gate.rig.eb.environments()[0]!;
  expect(await blue.health.passes(blue.group.members[0]!.instance)).toBe(true);
});

test('an IP set lets in the addresses of its blocks', async () => {
  await letIn(crew);
  expect(await passes({ clientAddress: '198.51.100.3' })).toBe(true);
  expect(await passes({ clientAddress: '198.51.100.4' })).toBe(false);
  expect(await passes({ clientAddress: '192.0.2.7' })).toBe(true);
});

test('a header is compared whole, whatever the capitals of its name', async () => {
  await letIn(match(agent));
  expect(await withHeader('user-agent', 'open')).toBe(true);
  expect(await withHeader('user-agent', 'open sesame')).toBe(false);
  expect(await withHeader('user-agent', 'Open')).toBe(false);
  expect(await passes({})).toBe(false);
});

test('a header can be compared from its start, anywhere, and in small letters', async () => {
  await letIn(match(agent, { PositionalConstraint: 'STARTS_WITH', ...lowercase }));
  expect(await withHeader('user-agent', 'OPEN sesame')).toBe(true);
  expect(await withHeader('user-agent', 'an open one')).toBe(false);
  await letIn(match(agent, { PositionalConstraint: 'CONTAINS' }));
  expect(await withHeader('user-agent', 'an open one')).toBe(true);
});

test('the path is compared without its query; the search may be written in base64', async () => {
  const SearchStringBase64 = Buffer.from('/health').toString('base64');
  await letIn(match({ UriPath: {} }, { SearchString: undefined, SearchStringBase64 }));
  expect(await passes({ path: '/health?x=1' })).toBe(true);
  expect(await passes({ path: '/?x=/health' })).toBe(false);
});

test('a query argument is found among others by its name, and compared as it was sent', async () => {
  await letIn(match({ SingleQueryArgument: { Name: 'door' } }));
  expect(await passes({ path: '/?a=b&DOOR=open' })).toBe(true);
  expect(await passes({ path: '/?a=open&door=shut' })).toBe(false);
  expect(await passes({ path: '/?door=op%65n' })).toBe(false);
  expect(await passes({ path: '/door=open' })).toBe(false);
});

test('a cookie is found among others by its name', async () => {
  await letIn(match(cookies({ IncludedCookies: ['door'] })));
  expect(await withHeader('cookie', 'sessionid=a; door=open')).toBe(true);
  expect(await withHeader('cookie', 'sessionid=open; door=a')).toBe(false);
  expect(await withHeader('cookie', 'door=a=b')).toBe(false);
});

test.each([
  ['KEY', false, true],
  ['VALUE', true, false],
  ['ALL', true, true],
])('all cookies, by %s', async (scope, value, key) => {
  await letIn(match(cookies({ All: {} }, scope)));
  expect(await withHeader('cookie', 'a=b; c=open')).toBe(value);
  expect(await withHeader('cookie', 'a=b; open=c')).toBe(key);
});

test.each([
  ['CONTINUE', true, false],
  ['MATCH', true, true],
  ['NO_MATCH', false, false],
])('cookies over 8 KB: %s', async (handling, early, late) => {
  await letIn(match(cookies({ All: {} }, 'VALUE', handling)));
  const long = `long=${'x'.repeat(8_192)}`;
  expect(await withHeader('cookie', `door=open; ${long}`)).toBe(early);
  expect(await withHeader('cookie', `${long}; door=open`)).toBe(late);
});

test('statements are combined', async () => {
  const path = match({ UriPath: {} }, { SearchString: '/stripe' });
  const either = { OrStatement: { Statements: [crew, match(agent)] } };
  await letIn({ AndStatement: { Statements: [either, { NotStatement: { Statement: path } }] } });
  expect(await passes({ clientAddress: '192.0.2.7' })).toBe(true);
  expect(await withHeader('user-agent', 'open')).toBe(true);
  expect(await passes({ clientAddress: '192.0.2.7', path: '/stripe' })).toBe(false);
  expect(await passes({})).toBe(false);
});

test('the rule with the lowest number decides', async () => {
  const block = rule(crew, {
    Name: 'block',
    Priority: 1,
    Action: { Block: { CustomResponse: { ResponseCode: 404 } } },
  });
  const Rules = [rule(crew, { Priority: 2 }), block];
  await gate.deploy({
    Crew: addresses(['192.0.2.7/32']),
    Acl: acl({ Rules }),
    Door: association(gate.loadBalancer()),
  });
  await gate.propagate();
  const answer = await gate.ask({ clientAddress: '192.0.2.7' });
  expect(answer).toEqual({ status: 404, headers: { server: 'awselb/2.0' }, body: '' });
  expect(await passes({})).toBe(true);
});

test('a change reaches the nodes one by one, and every client meets all of them', async () => {
  await gate.deploy({ Acl: acl(), Door: association(gate.loadBalancer()) });
  await gate.propagate();
  expect(await gate.run(10)).toEqual(Array(10).fill(200));
  gate.rig.world.durations.resourceMs = 0;
  await gate.deploy({ Acl: acl(closed), Door: association(gate.loadBalancer()) });
  const { clock, durations } = gate.rig.world;
  for (const current of [1, 2, 3, 4]) {
    for (const clientAddress of ['192.0.2.1', '192.0.2.2']) {
      const statuses = await gate.run(5, { clientAddress });
      expect(statuses).toEqual([...Array(current).fill(503), ...Array(5 - current).fill(200)]);
    }
    await clock.skip(durations.webAclPropagationMs / 4);
  }
  expect(await gate.run(10)).toEqual(Array(10).fill(503));
});

test('so does an association, and its end', async () => {
  gate.rig.world.durations.resourceMs = 0;
  await gate.deploy({ Acl: acl(closed) });
  await gate.propagate();
  await gate.deploy({ Acl: acl(closed), Door: association(gate.loadBalancer()) });
  expect(new Set(await gate.run(5))).toEqual(new Set([200, 503]));
  await gate.propagate();
  expect(await gate.run(5)).toEqual(Array(5).fill(503));
  await gate.deploy({ Acl: acl(closed) });
  expect(new Set(await gate.run(5))).toEqual(new Set([200, 503]));
  await gate.propagate();
  expect(await gate.run(5)).toEqual(Array(5).fill(200));
});
