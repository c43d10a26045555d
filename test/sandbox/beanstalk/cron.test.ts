import { nextTimeMs } from '../../../sandbox/beanstalk/cron';
import { type Rig, seedOf, startRig } from './support';

const minuteMs = 60_000;

describe('the next time of an entry', () => {
  const next = (dailyAt: string, now: string) =>
    new Date(nextTimeMs({ command: 'x', dailyAt }, Date.parse(now))).toISOString();

  test('is Sydney time in winter', () => {
    expect(next('23:05', '2026-06-01T12:00:00Z')).toBe('2026-06-01T13:05:00.000Z');
  });
  test('is Sydney time in summer', () => {
    expect(next('23:05', '2026-12-01T11:00:00Z')).toBe('2026-12-01T12:05:00.000Z');
  });
  test('is tomorrow when today has passed', () => {
    expect(next('21:00', '2026-06-01T12:00:00Z')).toBe('2026-06-02T11:00:00.000Z');
  });
  test('follows the clocks when they change in the night', () => {
    expect(next('06:00', '2026-10-03T12:00:00Z')).toBe('2026-10-03T19:00:00.000Z');
  });
});

describe('on an instance', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await startRig();
    rig.application.crontab = [
      { command: 'send_emails', everyMs: minuteMs / 2 },
      { command: 'auto_pay', dailyAt: '23:05' },
    ];
  });
  afterEach(() => rig.stop());

  const ran = (command: string) => rig.application.commands.filter(({ args }) => args[0] === command);
  const seed = () => {
    rig.eb.seed(seedOf('cobalt-production-blue'));
    return rig.eb.beanstalk.instances()[0]!;
  };

  test('commands run by the clock, with the variables of the deployment and nothing else', async () => {
    seed();
    await rig.world.clock.skip(66 * minuteMs);
    expect(ran('auto_pay').map((each) => new Date(each.atMs).toISOString().slice(0, 16))).toEqual([
      '2026-06-01T13:05',
    ]);
    expect(ran('auto_pay')[0]?.environ).toEqual({ COLOR: 'blue' });
    expect(ran('send_emails').length).toBeGreaterThan(120);
  });

  test('stopping crond starts nothing more and lets running commands end', async () => {
    const instance = seed();
    await rig.world.clock.skip(minuteMs / 2);
    const commandLines = () => [...instance.processes.values()].map((each) => each.argv.join(' '));
    expect(commandLines()).toEqual(
      expect.arrayContaining([
        '/bin/bash /var/app/current/cron.sh send_emails',
        'python manage.py send_emails',
      ]),
    );
    instance.cron.running = false;
    const started = ran('send_emails').length;
    await rig.world.clock.skip(10 * minuteMs);
    expect(ran('send_emails')).toHaveLength(started);
    expect(commandLines().filter((line) => line.includes('send_emails'))).toEqual([]);
  });

  test('a command whose process is killed is told so', async () => {
    const instance = seed();
    await rig.world.clock.skip(minuteMs / 2);
    const child = [...instance.processes.values()].find((each) => each.argv[0] === 'python')!;
    instance.end(child);
    expect(ran('send_emails')[0]?.killed?.aborted).toBe(true);
  });

  test('a failed command is recorded', async () => {
    rig.application.crontab = [{ command: 'migrate', everyMs: minuteMs }];
    rig.application.migrateExitCode = 1;
    seed();
    await rig.world.clock.skip(minuteMs);
    expect(rig.happened('cron.failed')).toMatchObject([{ command: 'migrate', exitCode: 1 }]);
  });
});
