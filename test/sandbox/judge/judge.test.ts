import {
  DescribeEnvironmentResourcesCommand,
  ElasticBeanstalkClient,
} from '@aws-sdk/client-elastic-beanstalk';
import { DeleteRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import { DeleteDBInstanceCommand, DeleteDBSnapshotCommand, RDSClient } from '@aws-sdk/client-rds';
import {
  AssociateWebACLCommand,
  CreateWebACLCommand,
  DisassociateWebACLCommand,
  WAFV2Client,
} from '@aws-sdk/client-wafv2';
import { manage } from '../../../lib/upgrade/database/manage';
import type { Invariant } from '../../../sandbox/judge/verdict';
import { form, member } from '../../support/browser';
import { ByHand } from '../../support/by-hand';
import { night } from '../../support/night';
import { quick } from '../../support/quick';
import { Stage } from '../../support/stage';

jest.setTimeout(180_000);
const minuteMs = 60_000;
const [blue, green] = ['cobalt-production-blue', 'cobalt-production-green'];
const copy = 'cobalt-production-green';
const snapshot = `${copy}-from-production-blue`;
let stage: Stage;
let byHand: ByHand;

beforeAll(async () => {
  stage = await Stage.open(undefined, { actors: true, durations: quick });
  byHand = new ByHand(stage.settings);
  // What waits in the queue is in the snapshot too, and is due soon after the night.
  await stage.query(
    'production-blue',
    'UPDATE post_office_email SET scheduled_time = $1 WHERE scheduled_time IS NOT NULL',
    [new Date(stage.sandbox.world.clock.nowMs() + 15 * minuteMs)],
  );
  await night(stage, { brief: true });
  await stage.sandbox.world.clock.skip(10 * minuteMs);
});
afterAll(() => stage.close());

/** The evidence that an invariant is broken, as of now. */
async function evidence(invariant: Invariant): Promise<string[]> {
  const { judge } = stage.sandbox;
  await judge.settle();
  return judge
    .verdict()
    .broken.filter((each) => each.invariant === invariant)
    .map((each) => each.evidence);
}

/** Runs a command of the application on a machine of an environment, against a database. */
async function run(environment: string, database: string, command: string): Promise<void> {
  const { beanstalk } = stage.sandbox.world;
  const machines = beanstalk.instances().filter(({ state }) => state === 'running');
  const instance = machines.find((each) => each.environment === environment)!.id;
  const endpoint = stage.sandbox.rds.endpointOf(database);
  await manage(await stage.ports(), { instance, endpoint }, [command]);
}

const everywhere = () => stage.sandbox.world.clock.skip(stage.sandbox.world.durations.webAclPropagationMs);
const loadBalancerOf = async (environment: string) => {
  const asked = new DescribeEnvironmentResourcesCommand({ EnvironmentName: environment });
  const { EnvironmentResources } = await new ElasticBeanstalkClient({}).send(asked);
  return EnvironmentResources!.LoadBalancers![0]!.Name!;
};

/** Puts a door before an environment through which nobody comes, and waits until it is everywhere. */
async function shutOut(environment: string): Promise<void> {
  const waf = new WAFV2Client({});
  const { Summary } = await waf.send(
    new CreateWebACLCommand({
      Name: `shut-${environment}`,
      Scope: 'REGIONAL',
      DefaultAction: { Block: { CustomResponse: { ResponseCode: 503 } } },
      VisibilityConfig: {
        SampledRequestsEnabled: false,
        CloudWatchMetricsEnabled: false,
        MetricName: 'shut',
      },
    }),
  );
  const ResourceArn = await loadBalancerOf(environment);
  await waf.send(new AssociateWebACLCommand({ ResourceArn, WebACLArn: Summary!.ARN! }));
  await everywhere();
}

/** Takes the door away, whatever it is. */
async function letIn(environment: string): Promise<void> {
  const ResourceArn = await loadBalancerOf(environment);
  await new WAFV2Client({}).send(new DisassociateWebACLCommand({ ResourceArn }));
}

describe('a night that nothing disturbs', () => {
  test('breaks nothing', async () => {
    await stage.sandbox.judge.settle();
    const { broken, missing, checked } = stage.sandbox.judge.verdict();
    expect([broken, missing]).toEqual([[], []]);
    expect(checked).toBeGreaterThan(stage.happenings('process.started').length);
  });

  test('turns visitors away from before the restore until the new side is open', () => {
    const { fromMs, untilMs } = stage.sandbox.judge.verdict().outage!;
    const restoredMs = stage.happenings('database.restored')[0]!.atMs;
    expect(fromMs).toBeLessThan(restoredMs);
    expect(untilMs).toBeGreaterThan(restoredMs);
  });
});

describe('what is done by hand after it', () => {
  test('the old side’s keys given back: two environments can charge', async () => {
    expect(await evidence('never two environments able to charge')).toEqual([]);
    const iam = new IAMClient({});
    await iam.send(new DeleteRolePolicyCommand({ RoleName: `${blue}-web`, PolicyName: 'upgrade-fence' }));
    await letIn(blue);
    expect(await byHand.set(blue, {}, { STRIPE_SECRET_KEY: 'STRIPE_SECRET_KEY' })).toEqual([]);
    expect(await evidence('never two environments able to charge')).toEqual([
      `${blue} and ${green} can charge`,
    ]);
  });

  test('payments that are due taken on both sides: charged twice, each of them', async () => {
    await run(green, copy, 'auto_pay_batch');
    expect(await evidence('no automatic payment charged twice')).toEqual([]);
    await run(blue, 'production-blue', 'auto_pay_batch');
    expect(await evidence('no automatic payment charged twice')).toEqual([
      `the membership 1 was charged by ${green} and again by ${blue}`,
      `the membership 2 was charged by ${green} and again by ${blue}`,
    ]);
  });

  test('and whoever was charged on the side that is not live was told so: that is missing', async () => {
    expect(await evidence('no acknowledged write missing from the live side')).toEqual([
      `organisations_membermembershiptype 1, 2, acknowledged on production-blue: not on ${copy}`,
    ]);
  });

  test('the queue sent on both sides: mailed twice', async () => {
    expect(await evidence('no e-mail sent twice')).toEqual([]);
    await run(blue, 'production-blue', 'post_office_email_sender_cron');
    const twice = await evidence('no e-mail sent twice');
    const waiting =
      /^the e-mail <seed-10\d\d@myabf.com.au> was sent by .* and again by cobalt-production-blue$/;
    expect(twice.filter((each) => waiting.test(each))).toHaveLength(6);
  });

  test('the old side opened again: two are open, once its door lets people through', async () => {
    await shutOut(blue);
    await byHand.set(blue, { MAINTENANCE_MODE: 'OFF' });
    expect(await evidence('never two open sides')).toEqual([]);
    await letIn(blue);
    expect(await evidence('never two open sides')).toEqual([
      `blue (${blue}) and green (cobalt-production-green, cobalt-ses-production-blue) are open`,
    ]);
  });

  test('the open side pointed at a copy as it is, and a load balancer that lost its door: it lacks everything, and what people did since', async () => {
    expect(await evidence('never an open side on an unready database')).toEqual([]);
    const endpoint = await byHand.restore(snapshot, 'restored-by-hand');
    await shutOut(green);
    await byHand.point(green, endpoint);
    expect(await evidence('never an open side on an unready database')).toEqual([]);
    // The new one has no door.
    stage.sandbox.beanstalk.replaceLoadBalancer(green);

    const unready = await evidence('never an open side on an unready database');
    const where = `${green} is open on restored-by-hand, `;
    expect(unready).toEqual([
      expect.stringContaining(`${where}which lacks the migrations accounts.0074_`),
      `${where}where 149 people are still to be converted`,
      `${where}which has 20 sessions of its source`,
    ]);
    const missing = stage.sandbox.judge.verdict().missing.map(({ table, database }) => [table, database]);
    expect(missing).toContainEqual(['accounts_user', copy]);
    expect(missing).not.toContainEqual(['accounts_user', 'production-blue']);
    expect((await evidence('no acknowledged write missing from the live side')).join()).toContain(
      `acknowledged on ${copy}: not on restored-by-hand`,
    );
  });

  test('and back again: only what was written to that copy is missing, and what was charged on the other side', async () => {
    await byHand.point(green, stage.sandbox.rds.endpointOf(copy));
    await stage.sandbox.judge.settle();
    const { missing } = stage.sandbox.judge.verdict();
    expect(missing.filter(({ database }) => database !== 'restored-by-hand')).toMatchObject([
      { database: 'production-blue', table: 'organisations_membermembershiptype' },
    ]);
  });

  test('a row deleted that somebody was told was written: it is missing', async () => {
    const { username, password } = member(0);
    const welcome = await stage.visit('myabf.com.au', form('/accounts/login/', { username, password }));
    const cookie = welcome!.headers['set-cookie']!.split(';')[0];
    await stage.visit('myabf.com.au', form('/events/enter', { event: '1' }, cookie));
    const { id } = stage
      .happenings('write.acknowledged')
      .findLast(({ table }) => table === 'events_eventlog')!;
    await stage.query(copy, 'DELETE FROM events_eventlog WHERE id = $1', [id]);
    expect(await evidence('no acknowledged write missing from the live side')).toContainEqual(
      expect.stringMatching(`^events_eventlog ${id}, acknowledged on .*: not on ${copy}$`),
    );
  });

  test('databases deleted: with a final snapshot nothing is lost, without one it is', async () => {
    const rds = new RDSClient({});
    await rds.send(
      new DeleteDBInstanceCommand({
        DBInstanceIdentifier: 'cobalt-preparation',
        FinalDBSnapshotIdentifier: 'preparation-final',
      }),
    );
    expect(await evidence('nothing holding data deleted')).toEqual([]);
    await rds.send(
      new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'restored-by-hand', SkipFinalSnapshot: true }),
    );
    await rds.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: snapshot }));
    expect(await evidence('nothing holding data deleted')).toEqual([
      'the database restored-by-hand was deleted without a final snapshot',
      `the snapshot ${snapshot} was deleted, the only one of production-blue`,
    ]);
  });
});
