import { ElasticBeanstalkClient, UpdateEnvironmentCommand } from '@aws-sdk/client-elastic-beanstalk';
import { status } from '../../lib/upgrade/side/status';
import { form, member } from '../support/browser';
import { inProcess } from '../support/night';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';

const web = 'cobalt-production-blue';
const ses = 'cobalt-ses-production-green';
let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open(undefined, { durations: quick });
  await stage.deploy();
  await inProcess(stage, 'npm run reader');
});
afterAll(() => stage.close());

/** Somebody changes an environment; AWS has begun. */
const beginChange = (environment: string) =>
  new ElasticBeanstalkClient({}).send(
    new UpdateEnvironmentCommand({
      EnvironmentName: environment,
      OptionSettings: [
        {
          Namespace: 'aws:elasticbeanstalk:application:environment',
          OptionName: 'LOG_LEVEL',
          Value: 'debug',
        },
      ],
    }),
  );

const keys = () => new Set(stage.processes(web).map(({ STRIPE_SECRET_KEY }) => STRIPE_SECRET_KEY));
const stamps = (environment: string) =>
  new Set(stage.processes(environment).map(({ UPGRADE_POSTURE }) => UPGRADE_POSTURE));
const enter = () => stage.visit('myabf.com.au', form('/events/enter', { event: '1' }, member(0).cookie));
const statusOf = (stack: string) => stage.sandbox.cloudFormation.stacks.get(stack).status;
const notReady = /Environment named cobalt-ses-production-green is in an invalid state.*Must be Ready/s;

describe('freezing while one of the environments is being updated', () => {
  test('naively, with rollback on: the other one gets its keys and its open door back', async () => {
    // Read before, for a client that asks after the environment would wait until it is Ready.
    const record = await stage.record();
    await beginChange(ses);
    await expect(
      stage.deploy({ access: 'frozen' }, { stacks: ['CobaltBlue'], rollback: true, record }),
    ).rejects.toThrow(notReady);
    expect(statusOf('CobaltBlue')).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(
      stage.happenings('environment.updated').filter(({ environment }) => environment === web),
    ).toHaveLength(2);
    expect(keys()).toEqual(new Set(['sk_live_canary_STRIPE_SECRET_KEY']));
    expect((await enter())?.status).toBe(200);
  });

  test('as we do it: the deploy fails, says which one, and leaves the other fenced', async () => {
    const record = await stage.record();
    await beginChange(ses);
    await expect(stage.deploy({ access: 'frozen' }, { record })).rejects.toThrow(notReady);
    expect(statusOf('CobaltBlue')).toBe('UPDATE_FAILED');
    expect([stamps(web), stamps(ses)]).toEqual([new Set(['fenced@1']), new Set(['open@1'])]);
    expect(keys()).toEqual(new Set(['not-set']));
    expect((await enter())?.status).toBe(503);
    expect((await stage.record()).posture).toMatchObject({ live: 'blue', access: 'open' });
  });

  test('as we do it: the same deploy again, once it is Ready, goes on from there', async () => {
    await stage.deploy({ access: 'frozen' });
    expect([stamps(web), stamps(ses)]).toEqual([new Set(['fenced@1']), new Set(['fenced@1'])]);
    expect((await stage.record()).posture).toMatchObject({ live: 'blue', access: 'frozen' });
    await inProcess(stage, 'npm run jobs -- stop --side blue');
    await inProcess(stage, 'npm run jobs -- stop --side green');
    expect((await status(await stage.ports())).differences).toEqual([]);
  });
});
