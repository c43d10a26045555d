import { releaseJobs, startJobs, stopJobs } from '../../lib/upgrade/side/jobs';
import { ByHand } from '../support/by-hand';
import { night } from '../support/night';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';

jest.setTimeout(180_000);
const minuteMs = 60_000;
let stage: Stage;
const open = async () => {
  stage = await Stage.open(undefined, { durations: quick });
};
beforeAll(open);
afterAll(() => stage.close());

const blue = ['cobalt-production-blue', 'cobalt-ses-production-green'];

/** Four e-mails that wait in the queue of the old side's database: like one that is there, but for what is said. */
async function queue(topic: string, dueInMs = 0): Promise<void> {
  const now = stage.sandbox.world.clock.nowMs();
  await stage.query(
    'production-blue',
    `INSERT INTO post_office_email
     SELECT (jsonb_populate_record(known, jsonb_build_object('id', nextval(pg_get_serial_sequence('post_office_email', 'id')),
       'to', $1::text || n || '@example.com', 'message_id', '<' || $1::text || n || '>', 'status', 2,
       'created', $2::timestamptz, 'scheduled_time', $3::timestamptz))).*
     FROM (SELECT email AS known FROM post_office_email email ORDER BY id LIMIT 1) one, generate_series(1, 4) n`,
    [topic, new Date(now), new Date(now + dueInMs)],
  );
}

const mails = (topic: string) =>
  stage.happenings('email.sent').filter(({ to }) => String(to).startsWith(topic));

/** How often each e-mail went to each address. */
function times(topic: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { messageId, to } of mails(topic)) {
    const mail = `${messageId} to ${to}`;
    counts[mail] = (counts[mail] ?? 0) + 1;
  }
  return counts;
}

const each = (topic: string, counts: number[]) =>
  Object.fromEntries(
    counts.map((count, index) => [`<${topic}${index + 1}> to ${topic}${index + 1}@example.com`, count]),
  );

const machines = () =>
  stage.sandbox.world.beanstalk
    .instances()
    .filter((instance) => blue.includes(instance.environment) && instance.state === 'running');

describe('stopping the sender in the middle of a batch', () => {
  beforeAll(() => stage.deploy({}, { stacks: ['CobaltOperations'] }));
  const inTheMiddle = (topic: string) => stage.sandbox.world.clock.skipUntil(() => mails(topic).length === 2);

  test('naively, by killing it: once cron runs again, what was sent is sent again', async () => {
    await queue('killed');
    await inTheMiddle('killed');
    for (const instance of machines()) {
      instance.cron.running = false;
      for (const process of [...instance.processes.values()])
        if (process.argv.includes('manage.py')) instance.end(process);
    }
    expect(times('killed')).toEqual(each('killed', [1, 1]));

    for (const { cron } of machines()) cron.running = true;
    // The killed one still holds the application's lock, for a quarter of an hour.
    await stage.sandbox.world.clock.skip(16 * minuteMs);
    expect(times('killed')).toEqual(each('killed', [2, 2, 1, 1]));
  });

  test('as we do it, by letting it end: each is sent once', async () => {
    const ports = await stage.ports();
    await queue('ended');
    await inTheMiddle('ended');
    await stopJobs(ports, 'blue');
    expect(times('ended')).toEqual(each('ended', [1, 1, 1, 1]));

    await releaseJobs(ports, 'blue');
    await startJobs(ports, 'blue');
    await stage.sandbox.world.clock.skip(16 * minuteMs);
    expect(times('ended')).toEqual(each('ended', [1, 1, 1, 1]));
  });
});

describe('e-mails that wait while the database is copied', () => {
  test('naively, with jobs on both sides: everybody gets them twice', async () => {
    const byHand = new ByHand(stage.settings);
    await stage.deploy({}, { stacks: ['CobaltFence', 'CobaltGreen'] });
    await queue('twice', 10 * minuteMs);
    await byHand.beginSnapshot('production-blue', 'by-hand');
    const endpoint = await byHand.restore('by-hand', 'restored-by-hand');
    await byHand.point('cobalt-production-green', endpoint);
    await stage.sandbox.world.clock.skip(12 * minuteMs);

    expect(times('twice')).toEqual(each('twice', [2, 2, 2, 2]));
    expect(new Set(mails('twice').map(({ environment }) => environment)).size).toBe(2);
  });

  test('as we do it, with jobs on the open side alone: everybody gets them once, after it opened', async () => {
    await stage.close();
    await open();
    const { clock } = stage.sandbox.world;
    await night(stage, { brief: true, until: 'npm run jobs -- stop --side blue' });
    const stoppedAtMs = clock.nowMs();
    await queue('once');
    await night(stage, { brief: true, from: 'npm run reader', until: 'npm run jobs -- release' });
    expect(times('once')).toEqual({});

    await night(stage, { brief: true, from: 'npx cdk deploy --all -c live=green -c access=open' });
    await clock.skip(3 * minuteMs);
    expect(times('once')).toEqual(each('once', [1, 1, 1, 1]));
    const ran = stage
      .happenings('process.started')
      .filter(({ atMs, argv }) => atMs >= stoppedAtMs && (argv as string[]).includes('manage.py'));
    expect(ran.filter(({ environment }) => blue.includes(String(environment)))).toEqual([]);
    expect(ran).not.toEqual([]);
  });
});
