import { ElasticBeanstalkClient, UpdateEnvironmentCommand } from '@aws-sdk/client-elastic-beanstalk';
import { inProcess, type Outcome } from '../support/night';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';
import { cobalt } from '../support/upgrade';

jest.setTimeout(120_000);

const [web, ses] = ['cobalt-production-blue', 'cobalt-ses-production-green'];
const { variable } = cobalt.sync!;
let stage: Stage;
let synced: Outcome;

const held = (environment: string) => [
  ...new Set(stage.processes(environment).map((environ) => environ[variable.name])),
];
const typed = (command = 'npm run sync -- --yes') => inProcess(stage, command);

/** The live side has had the new release for days, as after a cutover. */
beforeAll(async () => {
  const size = { users: 60, unregistered: 0, blockedEmails: 0, entries: 5, payments: 5 };
  stage = await Stage.open(cobalt, {
    durations: quick,
    size: { ...size, queuedEmails: 0, sessions: 2, duePayments: 0 },
  });
  await stage.deploy({}, { stacks: ['CobaltOperations'] });
  const client = new ElasticBeanstalkClient({});
  for (const EnvironmentName of [web, ses])
    await client.send(
      new UpdateEnvironmentCommand({ EnvironmentName, VersionLabel: cobalt.environment.versionLabel }),
    );
  await stage.sandbox.world.clock.skip(quick.environmentUpdateMs! * 2);
  synced = await typed();
});
afterAll(() => stage.close());

test('it is carried out on the live side and recorded with its database', async () => {
  expect([synced.code, synced.said]).toEqual([0, synced.said]);
  expect(synced.said).toContain('mpc_sync: syncing MP Trans...');
  const [{ count }] = await stage.query('production-blue', 'SELECT count(*) FROM masterpoints_mptran');
  expect(Number(count)).toBeGreaterThan(40);
  const { databases } = await stage.record();
  expect(databases).toMatchObject([{ id: 'production-blue', synced: { rows: expect.any(Number) } }]);
});

test('then the application uses it, in every process of the live side', async () => {
  expect(held(web)).toEqual([variable.on]);
  expect(held(ses)).toEqual([variable.on]);
  // Carried over by the template: a plain deploy changes nothing.
  await stage.deploy({}, { stacks: ['CobaltBlue'] });
  expect(held(web)).toEqual([variable.on]);
});

test('typed again it says so and does nothing', async () => {
  const commands = () => stage.happenings('command.started').length;
  const before = commands();
  const again = await typed();
  expect([again.code, again.said]).toEqual([0, expect.stringContaining('done already')]);
  expect(stage.happenings('command.started').length - before).toBeLessThan(6);
  expect((await typed('npm run sync -- --end')).said).toContain('No sync goes on.');
});
