import { acl, addresses, association, closed, type Gate, openGate, rule } from '../wafv2/support';

let gate: Gate;
beforeEach(async () => {
  gate = await openGate();
  gate.rig.world.durations.resourceMs = 0;
});
afterEach(() => gate.close());

/** What a judge asks: whether anybody comes through, at whichever node. */
const open = (clientAddress?: string) =>
  gate.rig.world.door.letsThrough(gate.loadBalancer(), {
    method: 'GET',
    path: '/',
    host: 'myabf.com.au',
    headers: {},
    body: '',
    ...(clientAddress ? { clientAddress } : {}),
  });
const deploy = async (properties: object) =>
  expect(
    (await gate.deploy({ Acl: acl(properties), Door: association(gate.loadBalancer()) })).status,
  ).toMatch(/_COMPLETE$/);
/** The time until the next node learns of a change. */
const oneNode = () => gate.rig.world.clock.skip(gate.rig.world.durations.webAclPropagationMs / 4);

test('a load balancer without a door is open', () => expect(open()).toBe(true));

test('a door is closed when the last node has closed it, and open when the first has opened it', async () => {
  await deploy(closed);
  for (const _ of [1, 2, 3]) await oneNode();
  expect(open()).toBe(true);
  await oneNode();
  expect(open()).toBe(false);
  await deploy({});
  expect(open()).toBe(true);
});

test('testers come through, and nobody else', async () => {
  await gate.deploy({
    Crew: addresses(['192.0.2.7/32']),
    Acl: acl({
      ...closed,
      Rules: [rule({ IPSetReferenceStatement: { Arn: { 'Fn::GetAtt': ['Crew', 'Arn'] } } })],
    }),
    Door: association(gate.loadBalancer()),
  });
  await gate.propagate();
  expect([open(), open('192.0.2.7')]).toEqual([false, true]);
});

test('a look passes no client’s turn', async () => {
  await deploy(closed);
  open('192.0.2.7');
  // The first node alone has learned of it.
  expect(await gate.run(5, { clientAddress: '192.0.2.7' })).toEqual([503, 200, 200, 200, 200]);
});
