import type { Instance } from '../../sandbox/world';
import { ByHand } from '../support/by-hand';
import { night } from '../support/night';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';

jest.setTimeout(180_000);
const minuteMs = 60_000;
const old = 'cobalt-production-blue';
const fresh = 'cobalt-production-green';
let stage: Stage;
let byHand: ByHand;
beforeAll(async () => {
  stage = await Stage.open(undefined, { durations: quick });
  byHand = new ByHand(stage.settings);
  await stage.deploy({}, { stacks: ['CobaltFence', 'CobaltGreen'] });
});
afterAll(() => stage.close());

const running = (environment: string) =>
  stage.sandbox.world.beanstalk
    .instances()
    .filter((instance) => instance.environment === environment && instance.state === 'running');

const stopCron = ({ cron }: Instance) => Object.assign(cron, { running: false, enabled: false });

/** Ends one machine of an environment. Resolves to the commands that were begun in it in the ten minutes after. */
async function commandsAfterAFault(environment: string): Promise<Set<unknown>> {
  const { clock } = stage.sandbox.world;
  const faultAtMs = clock.nowMs();
  await byHand.terminate(running(environment)[0]!.id);
  await clock.skip(10 * minuteMs);
  const began = stage
    .happenings('process.started')
    .filter((each) => each.atMs >= faultAtMs && each.environment === environment)
    .map(({ argv }) => argv as string[])
    .filter((argv) => argv.includes('manage.py'));
  return new Set(began.map((argv) => argv[argv.indexOf('manage.py') + 1]));
}

const migrations = async (database: string) =>
  (await stage.query(database, 'SELECT app, name FROM django_migrations ORDER BY app, name')).length;

describe('a machine that fails in the night', () => {
  test('naively, with cron stopped by hand on a side in maintenance: its successor sends e-mails', async () => {
    await byHand.set(old, { MAINTENANCE_MODE: 'ON' });
    running(old).forEach(stopCron);
    const began = await commandsAfterAFault(old);
    expect(began).toContain('migrate');
    expect(began).toContain('post_office_email_sender_cron');
    expect(running(old)).toHaveLength(2);
  });

  test('naively, with the new side on the copy: its successor migrates it, and sends the copied e-mails', async () => {
    await byHand.beginSnapshot('production-blue', 'by-hand');
    const endpoint = await byHand.restore('by-hand', 'restored-by-hand');
    await byHand.point(fresh, endpoint);
    running(fresh).forEach(stopCron);
    await stage.query('restored-by-hand', 'DELETE FROM notifications_unregisteredblockedemail');
    const before = await migrations('restored-by-hand');

    const began = await commandsAfterAFault(fresh);
    expect(began).toContain('post_office_email_sender_cron');
    expect(await migrations('restored-by-hand')).toBeGreaterThan(before);
  });

  test('as we do it, frozen or tested: it has no successor, and nothing is begun', async () => {
    await night(stage, { brief: true, until: 'npm run snapshot' });
    expect(await commandsAfterAFault(old)).toEqual(new Set());
    expect(running(old)).toEqual([]);

    await night(stage, { brief: true, from: 'npm run restore', until: 'npx cdk deploy --all -c live=green' });
    const before = await migrations(fresh);
    expect(await commandsAfterAFault(fresh)).toEqual(new Set());
    expect(running(fresh)).toEqual([]);
    expect(await migrations(fresh)).toBe(before);
  });
});
