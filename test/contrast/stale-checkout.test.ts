import type { UpgradeRecord } from '../../lib/record';
import { status } from '../../lib/upgrade/side/status';
import { form, member } from '../support/browser';
import { inProcess, night } from '../support/night';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';

const blue = 'cobalt-production-blue';
const green = 'cobalt-production-green';
let stage: Stage;
/** What a checkout would hold that keeps the posture itself: green is live. */
let stale: UpgradeRecord;
beforeAll(async () => {
  stage = await Stage.open(undefined, { durations: quick });
  await night(stage, { brief: true });
  stale = await stage.record();
  await inProcess(stage, 'npm run jobs -- release --side blue');
  await stage.deploy({ live: 'blue' });
  await inProcess(stage, 'npm run jobs -- start --side blue');
});
afterAll(() => stage.close());

const host = 'myabf.com.au';
const { cookie, userId } = member(0);
const enter = () => stage.visit(host, form('/events/enter', { event: '1' }, cookie));
const entries = async (database: string) =>
  (await stage.query(database, 'SELECT id FROM events_evententry WHERE primary_entrant_id = $1', [userId]))
    .length;

const keys = (environment: string) =>
  new Set(stage.processes(environment).map(({ STRIPE_SECRET_KEY }) => STRIPE_SECRET_KEY));
const key = new Set(['sk_live_canary_STRIPE_SECRET_KEY']);
const none = new Set(['not-set']);
const pointsAt = async () => (await status(await stage.ports())).observed.hosts[host];

/** Everything a deploy could have touched: what stacks did, and every process. */
const traces = () => ({
  stacks: stage.sandbox.cloudFormation.stacks.all().map(({ name, events }) => [name, events.length]),
  processes: stage.sandbox.world.beanstalk.instances().map(({ id, web }) => [id, web?.pid]),
});

describe('a deploy from an old checkout, after the failback', () => {
  test('as we do it: the words come from AWS, and a deploy without any changes nothing', async () => {
    expect(await pointsAt()).toContain(blue);
    expect([keys(blue), keys(green)]).toEqual([key, none]);
    const before = traces();
    await stage.deploy();
    expect(traces()).toEqual(before);
  });

  test('as we do it: the side that lost is refused on every stack that the move touches', async () => {
    const before = traces();
    await expect(stage.deploy({ live: 'green' })).rejects.toThrow();
    const said = stage.warned.at(-1)!;
    expect(said).toContain('green cannot open');
    for (const stack of ['CobaltFence', 'CobaltBlue', 'CobaltGreen', 'CobaltTraffic'])
      expect(said).toContain(`   ${stack}\n`);
    expect(traces()).toEqual(before);
  });

  test('as we do it: freezing first does not help, for its database is spent', async () => {
    await inProcess(stage, 'npm run jobs -- stop --side blue');
    await stage.deploy({ access: 'frozen' });
    const before = traces();
    await expect(stage.deploy({ live: 'green', access: 'testing' })).rejects.toThrow();
    expect(stage.warned.at(-1)).toContain('npm run snapshot');
    expect(traces()).toEqual(before);
    await inProcess(stage, 'npm run jobs -- release --side blue');
    await stage.deploy({ access: 'open' });
  });

  test('naively, with the posture kept in the checkout: the cutover is repeated', async () => {
    const before = await entries('production-blue');
    expect((await enter())?.status).toBe(200);
    expect(await entries('production-blue')).toBe(before + 1);
    await stage.deploy({}, { record: stale });
    expect(await pointsAt()).toContain(green);
    expect([keys(blue), keys(green)]).toEqual([none, key]);
    expect(await entries(green)).toBe(before);
  });
});
