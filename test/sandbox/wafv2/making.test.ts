import {
  AssociateWebACLCommand,
  CreateIPSetCommand,
  CreateWebACLCommand,
  type CreateWebACLCommandInput,
  DeleteIPSetCommand,
  DeleteWebACLCommand,
  DisassociateWebACLCommand,
  GetIPSetCommand,
  ListIPSetsCommand,
  ListTagsForResourceCommand,
  ListWebACLsCommand,
  UpdateIPSetCommand,
} from '@aws-sdk/client-wafv2';
import { type Gate, openGate, rule, visibility } from './support';

let gate: Gate;
beforeEach(async () => {
  gate = await openGate();
});
afterEach(() => gate.close());

const scope = { Scope: 'REGIONAL' } as const;
const crewAddress = { clientAddress: '192.0.2.7' };

async function makeAcl(more: Partial<CreateWebACLCommandInput> = {}) {
  const { Summary } = await gate.waf.send(
    new CreateWebACLCommand({
      Name: 'by-hand',
      ...scope,
      DefaultAction: { Block: {} },
      VisibilityConfig: visibility('by-hand'),
      ...more,
    }),
  );
  const { Name, Id, LockToken, ARN } = Summary!;
  return { Name, Id, LockToken, ARN };
}

const Tags = [{ Key: 'door', Value: 'web' }];

async function makeSet(Addresses: string[], Name = 'crew') {
  const { Summary } = await gate.waf.send(
    new CreateIPSetCommand({ Name, ...scope, IPAddressVersion: 'IPV4', Addresses, Tags }),
  );
  const { Id, LockToken, ARN } = Summary!;
  return { Name, Id, LockToken, ARN };
}

async function tagsOf(ResourceARN: string | undefined) {
  const { TagInfoForResource } = await gate.waf.send(new ListTagsForResourceCommand({ ResourceARN }));
  return TagInfoForResource?.TagList;
}

const letIn = (ARN: string | undefined, more: object = {}) =>
  rule({ IPSetReferenceStatement: { ARN } }, more) as NonNullable<CreateWebACLCommandInput['Rules']>[number];

async function close(more: Partial<CreateWebACLCommandInput> = {}) {
  const made = await makeAcl(more);
  const association = { WebACLArn: made.ARN, ResourceArn: gate.loadBalancer() };
  await gate.waf.send(new AssociateWebACLCommand(association));
  await gate.propagate();
  return made;
}

test('a door is made, closed and taken away by hand', async () => {
  const { Name, Id, LockToken, ARN } = await close();
  expect(ARN).toMatch(/^arn:aws:wafv2:ap-southeast-2:111122223333:regional\/webacl\/by-hand\//);
  expect((await gate.ask())?.status).toBe(403);
  const remove = () => gate.waf.send(new DeleteWebACLCommand({ Name, Id, LockToken, ...scope }));
  await expect(remove()).rejects.toMatchObject({ name: 'WAFAssociatedItemException' });
  await gate.waf.send(new DisassociateWebACLCommand({ ResourceArn: gate.loadBalancer() }));
  await remove();
  expect((await gate.waf.send(new ListWebACLsCommand(scope))).WebACLs).toEqual([]);
  expect(new Set(await gate.run(5))).toEqual(new Set([200, 403]));
  await gate.propagate();
  expect((await gate.ask())?.status).toBe(200);
});

test('a name is given once, with its tags', async () => {
  expect(await tagsOf((await makeAcl({ Tags })).ARN)).toEqual(Tags);
  await expect(makeAcl()).rejects.toMatchObject({ name: 'WAFDuplicateItemException' });
});

test('an address that is added to a set in use is let in by one node after the other', async () => {
  const { Name, Id, LockToken, ARN } = await makeSet([]);
  await close({ Rules: [letIn(ARN)] });
  const update = () =>
    gate.waf.send(
      new UpdateIPSetCommand({
        Name,
        Id,
        LockToken,
        ...scope,
        Addresses: ['192.0.2.7/32'],
        Description: 'all',
      }),
    );
  const { NextLockToken } = await update();
  const found = await gate.waf.send(new GetIPSetCommand({ Name, Id, ...scope }));
  expect(found).toMatchObject({
    LockToken: NextLockToken,
    IPSet: { Addresses: ['192.0.2.7/32'], Description: 'all', IPAddressVersion: 'IPV4' },
  });
  expect(await tagsOf(ARN)).toEqual(Tags);
  expect(await gate.run(5, crewAddress)).toEqual([200, 403, 403, 403, 403]);
  await gate.propagate();
  expect(await gate.run(5, crewAddress)).toEqual(Array(5).fill(200));
  await expect(update()).rejects.toMatchObject({ name: 'WAFOptimisticLockException' });
});

test('a set goes when no web ACL refers to it', async () => {
  const set = await makeSet([]);
  const made = await makeAcl({ Rules: [letIn(set.ARN)] });
  const remove = () => {
    const { Name, Id, LockToken } = set;
    return gate.waf.send(new DeleteIPSetCommand({ Name, Id, LockToken, ...scope }));
  };
  await expect(remove()).rejects.toMatchObject({ name: 'WAFAssociatedItemException' });
  const { Name, Id, LockToken } = made;
  await gate.waf.send(new DeleteWebACLCommand({ Name, Id, LockToken, ...scope }));
  await remove();
  expect((await gate.waf.send(new ListIPSetsCommand(scope))).IPSets).toEqual([]);
});

test('what was changed meanwhile is not deleted by what was seen before', async () => {
  const { Name, Id, LockToken } = await makeSet([]);
  const seen = { Name, Id, LockToken, ...scope };
  await gate.waf.send(new UpdateIPSetCommand({ ...seen, Addresses: ['192.0.2.7/32'] }));
  await expect(gate.waf.send(new DeleteIPSetCommand(seen))).rejects.toMatchObject({
    name: 'WAFOptimisticLockException',
  });
});

describe('quotas', () => {
  const over = { name: 'WAFLimitsExceededException' };
  const block = (headers: number, Priority: number) => {
    const ResponseHeaders = [...Array(headers).keys()].map((n) => ({ Name: `X-${n}`, Value: 'x' }));
    const Action = { Block: { CustomResponse: { ResponseCode: 503, ResponseHeaders } } };
    return { Name: `rule-${Priority}`, Priority, Action };
  };

  test('a hundred IP sets', async () => {
    for (const n of Array(100).keys()) await makeSet([], `set-${n}`);
    await expect(makeSet([], 'one-more')).rejects.toMatchObject(over);
  });

  test('fifty references, ten headers in a response and a hundred in all', async () => {
    const { ARN } = await makeSet([]);
    const rules = (count: number, headers: number) => ({
      Rules: [...Array(count).keys()].map((n) => letIn(ARN, block(headers, n))),
    });
    await expect(makeAcl(rules(51, 1))).rejects.toMatchObject(over);
    await expect(makeAcl(rules(1, 11))).rejects.toMatchObject(over);
    await expect(makeAcl(rules(11, 10))).rejects.toMatchObject(over);
    expect((await makeAcl(rules(10, 10))).Name).toBe('by-hand');
  });
});
