import { CreateDBSnapshotCommand, RDSClient } from '@aws-sdk/client-rds';
import { parseSettings } from '../../lib/settings';
import { restingEvidence } from '../../lib/upgrade/database/at-rest';
import { status } from '../../lib/upgrade/side/status';
import { visitorsRefused } from '../../lib/upgrade/side/visitors';
import { readsUntilEverywhere } from '../../lib/upgrade/steps/night';
import { form, member } from '../support/browser';
import { inProcess } from '../support/night';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';
import { at, cobalt } from '../support/upgrade';

jest.setTimeout(180_000);
const page = '<h1>The bridge club is being upgraded</h1>';
const settings = parseSettings(
  { ...cobalt, door: { testers: ['203.0.113.10/32'], retryAfterSeconds: 1800, page } },
  'the test',
);
const [blue, green] = ['cobalt-production-blue', 'cobalt-production-green'];
const host = 'myabf.com.au';
const { cookie, userId } = member(0);

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open(settings, { durations: quick });
  await stage.deploy();
});
afterAll(() => stage.close());

const enter = () => stage.visit(host, form('/events/enter', { event: '1' }, cookie));
const entries = async () => {
  const text = 'SELECT count(*)::int AS count FROM events_evententry WHERE primary_entrant_id = $1';
  return (await stage.query('production-blue', text, [userId]))[0].count as number;
};
const processes = (environment: string) =>
  stage.sandbox.world.beanstalk
    .instances()
    .filter((instance) => instance.environment === environment)
    .map(({ id, web }) => [id, web?.environ]);
const doors = async () =>
  Object.fromEntries(
    (await status(await stage.ports())).observed.environments.map(({ name, found }) => [name, found?.door]),
  );
const everywhere = () => stage.sandbox.world.clock.skip(60_000);
const ask = (environment: string, from: string, path = '/', headers = {}) =>
  stage.ask(stage.addressOf(`${environment}.myabf.com.au`)!, `${environment}.myabf.com.au`, {
    path,
    headers,
    clientAddress: from,
  });

test('an environment that was just made gets its door with the next deploy', async () => {
  expect(await doors()).toMatchObject({ [blue]: 'open', [green]: 'none' });
  await stage.deploy();
  expect(await doors()).toMatchObject({ [blue]: 'open', [green]: 'testers' });
  await everywhere();
  expect((await enter())?.status).toBe(200);
});

describe('a side that closes while its processes still write', () => {
  test('as we do it, by the door first: mixed answers for a while, then no request reaches it, and nothing restarts', async () => {
    const before = processes(blue);
    await stage.deploy({ access: 'frozen' }, { stacks: ['CobaltDoor'] });
    const answers: (number | undefined)[] = [];
    for (let request = 0; request < 10; request++) answers.push((await stage.visit(host))?.status);
    expect(new Set(answers)).toEqual(new Set([200, 503]));

    await everywhere();
    const count = await entries();
    for (let request = 0; request < 10; request++) {
      const answer = await enter();
      expect(answer).toMatchObject({ status: 503, body: page });
      expect(answer!.headers).toMatchObject({ 'retry-after': '1800' });
    }
    expect(await entries()).toBe(count);
    expect(processes(blue)).toEqual(before);
    expect(await doors()).toMatchObject({ [blue]: 'closed' });
  });

  test('it opens again as quickly', async () => {
    await stage.deploy({}, { stacks: ['CobaltDoor'] });
    await everywhere();
    expect((await enter())?.status).toBe(200);
  });
});

describe('a snapshot of a side that is being closed', () => {
  // What cron writes is another contrast's.
  beforeAll(() => inProcess(stage, 'npm run jobs -- stop --side blue'));
  const snapshot = (id: string) =>
    new RDSClient({}).send(
      new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'production-blue', DBSnapshotIdentifier: id }),
    );
  const startedMs = () => stage.happenings('snapshot.started').at(-1)!.atMs;
  const acknowledgedMs = () => stage.happenings('write.acknowledged').at(-1)!.atMs;

  test('naively, as soon as the deploy says that it is closed: people enter events that the copy lacks', async () => {
    await stage.deploy({}, { stacks: ['CobaltDoor'] });
    await everywhere();
    await stage.deploy({ access: 'frozen' }, { stacks: ['CobaltDoor'] });
    expect(await doors()).toMatchObject({ [blue]: 'closed' });
    await snapshot('too-early');
    const answers = [];
    for (let request = 0; request < 5; request++) answers.push((await enter())?.status);
    expect(answers).toContain(200);
    expect(acknowledgedMs()).toBeGreaterThanOrEqual(startedMs());
    await stage.sandbox.world.clock.skip(20 * 60_000);
  });

  test('as we do it, after a run of refusals and with rows at rest: whoever tries is refused', async () => {
    await stage.deploy({}, { stacks: ['CobaltDoor'] });
    await everywhere();
    await stage.deploy({ access: 'frozen' }, { stacks: ['CobaltDoor'] });
    const ports = await stage.ports();
    for (let inARow = 0; inARow < readsUntilEverywhere; await ports.clock.sleep(3_000)) {
      await enter();
      inARow = (await visitorsRefused(ports)).every(({ holds }) => holds) ? inARow + 1 : 0;
    }
    expect((await restingEvidence(ports)).filter(({ holds }) => !holds)).toEqual([]);
    await snapshot('in-time');
    for (let second = 0; second < 60; second++) {
      expect((await enter())?.status).toBe(503);
      await ports.clock.sleep(1_000);
    }
    expect(acknowledgedMs()).toBeLessThan(startedMs());
  });
});

describe('while people test', () => {
  const testing = () => stage.deploy({}, { stacks: ['CobaltDoor'], record: recordAtTesting() });
  let observed: Awaited<ReturnType<Stage['record']>>;
  const recordAtTesting = () => ({
    ...at(settings, { live: 'green', access: 'testing' }),
    door: observed.door,
  });

  test('only those whose address is known are let through', async () => {
    observed = await stage.record();
    await testing();
    await everywhere();
    expect((await ask(green, '198.51.100.77'))?.body).toBe(page);
    expect((await ask(green, '203.0.113.10'))?.body).not.toBe(page);
  });

  test('and whoever followed the link of the night', async () => {
    const { code, said } = await inProcess(stage, 'npm run tester-link');
    expect([code, said]).toEqual([0, said]);
    const link = new URL(/https:\S+/.exec(said)![0]);
    observed = await stage.record();
    await testing();
    await everywhere();
    const followed = await ask(green, '198.51.100.77', `/${link.search}`);
    expect(followed).toMatchObject({ status: 302 });
    expect(followed!.headers).toMatchObject({ location: '/' });
    const given = followed!.headers['set-cookie']!.split(';')[0]!;
    expect((await ask(green, '198.51.100.77', '/', { cookie: `${given}x` }))?.body).toBe(page);
    expect((await ask(green, '198.51.100.77', '/', { cookie: given }))?.body).not.toBe(page);
    // The same token is told again, so that two testers' links agree.
    expect((await inProcess(stage, 'npm run tester-link')).said).toContain(link.search);
  });
});

describe('a load balancer that was replaced', () => {
  test('naively: nothing stands before it, and nobody is told', async () => {
    await stage.deploy({ access: 'frozen' }, { stacks: ['CobaltDoor'] });
    await everywhere();
    expect((await enter())?.status).toBe(503);
    stage.sandbox.beanstalk.replaceLoadBalancer(blue);
    expect((await enter())?.status).toBe(200);
  });

  test('as we do it: status names it, and the next deploy puts the door before it', async () => {
    const { differences } = await status(await stage.ports());
    expect(differences).toContainEqual({ where: blue, what: 'door', declared: 'open', observed: 'none' });
    await stage.deploy({ access: 'frozen' }, { stacks: ['CobaltDoor'] });
    await everywhere();
    expect((await enter())?.status).toBe(503);
  });
});
