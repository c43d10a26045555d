import { DeleteRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import { DisassociateWebACLCommand, WAFV2Client } from '@aws-sdk/client-wafv2';
import type { WebRequest } from '../../sandbox/world';
import { form, member } from '../support/browser';
import { ByHand } from '../support/by-hand';
import { night } from '../support/night';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';
import { cobalt } from '../support/upgrade';

jest.setTimeout(180_000);
const host = 'myabf.com.au';
const old = 'cobalt-production-blue';
const { username, password, cookie } = member(0);
const tester = cobalt.door.testers[0]!.split('/')[0]!;
let stage: Stage;
let byHand: ByHand;
/** What a browser that asked before the names moved goes on using. */
let staleAddress: string;

beforeAll(async () => {
  stage = await Stage.open(undefined, { durations: quick });
  byHand = new ByHand(stage.settings);
  staleAddress = stage.addressOf(host)!;
});
afterAll(() => stage.close());

/** Where money was taken while this was done. */
async function chargedBy(act: () => Promise<unknown>): Promise<unknown[]> {
  const before = stage.happenings('charged').length;
  await act();
  return stage
    .happenings('charged')
    .slice(before)
    .map(({ environment }) => environment);
}
const pay = (session: string) => form('/payments/pay', { amount: '50' }, session);
const payAtOldSide = () => stage.ask(staleAddress, host, pay(cookie));
const keysOfOldSide = () => [
  ...new Set(stage.processes(old).map(({ STRIPE_SECRET_KEY }) => STRIPE_SECRET_KEY)),
];

/** The old side as it was, by hand: it serves, it writes, and its key is the real parameter. */
const open = { MAINTENANCE_MODE: 'OFF', RDS_USERNAME: 'postgres' };
const writer = { RDS_PASSWORD: 'RDS_PASSWORD' };
const key = { STRIPE_SECRET_KEY: 'STRIPE_SECRET_KEY' };

describe('a payment at an address that a browser remembers', () => {
  test('before the upgrade, it is charged', async () => {
    expect(await chargedBy(payAtOldSide)).toEqual([old]);
  });

  test('as we do it, once the new side is tested, it is charged on the new side alone', async () => {
    await night(stage, { brief: true, until: 'npx cdk deploy --all -c live=green' });
    await stage.sandbox.world.clock.skip(60_000);
    const asTester = (request: Partial<WebRequest>) =>
      stage.visit(host, { ...request, clientAddress: tester });
    const answer = await asTester(form('/accounts/login/', { username, password }));
    const session = answer!.headers['set-cookie']!.split(';')[0]!;
    expect(await chargedBy(() => stage.visit(host, pay(session)))).toEqual([]);
    expect(await chargedBy(() => asTester(pay(session)))).toEqual(['cobalt-production-green']);
    expect((await payAtOldSide())?.status).toBe(503);
    expect(await chargedBy(payAtOldSide)).toEqual([]);
  });

  test('nor when somebody takes its door away and lets it write again: the key is gone too', async () => {
    const { loadBalancers } = (await (await stage.ports()).environments.find(old))!;
    await new WAFV2Client({}).send(new DisassociateWebACLCommand({ ResourceArn: loadBalancers[0] }));
    await stage.sandbox.world.clock.skip(60_000);
    expect(await byHand.set(old, open, writer)).toEqual([]);
    expect((await payAtOldSide())?.status).toBe(200);
    expect(await chargedBy(payAtOldSide)).toEqual([]);
    expect(keysOfOldSide()).toEqual(['not-set']);
  });

  test('nor when somebody gives it the real parameter: its role is denied, and the deployment fails', async () => {
    const errors = await byHand.set(old, {}, key);
    expect(errors.join(' ')).toContain('failed to get one or more secrets');
    expect(keysOfOldSide()).toEqual(['not-set']);
    expect(await chargedBy(payAtOldSide)).toEqual([]);
  });

  test('naively, without that denial: the same setting makes both sides charge', async () => {
    await new IAMClient({}).send(
      new DeleteRolePolicyCommand({ RoleName: `${old}-web`, PolicyName: 'upgrade-fence' }),
    );
    expect(await byHand.set(old, {}, key)).toEqual([]);
    expect(await chargedBy(payAtOldSide)).toEqual([old]);
  });
});
