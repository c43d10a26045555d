import { readFileSync } from 'node:fs';
import path from 'node:path';
import { previewHost } from '../../../../lib/names';
import type { Report } from '../../../../lib/report/report';
import { prep } from '../../../../lib/upgrade/runbooks/prep';
import { logInEverywhere } from '../../../../lib/upgrade/side/log-in';
import { withVariables } from '../../../support/aws';
import { ByHand } from '../../../support/by-hand';
import { inProcess, type Outcome } from '../../../support/night';
import { quick } from '../../../support/quick';
import { Stage } from '../../../support/stage';
import { directions } from '../../../support/upgrade';

jest.setTimeout(200_000);

const password = 'trumps';

describe.each(directions)('prep of an upgrade from %s', (_, settings) => {
  const { from, to } = settings.upgrade;
  const environmentsOf = (side: typeof to) => Object.values(settings.sides[side].environments);
  const host = 'www.myabf.com.au';
  const calls: string[] = [];
  let stage: Stage;
  let first: Outcome;
  let report: Report;
  let before: Record<string, string>[];

  const typed = (superuser?: string, words = '--yes'): Promise<Outcome> => {
    const restore = withVariables({
      UPGRADE_SUPERUSER: superuser && 'Mark',
      UPGRADE_SUPERUSER_PASSWORD: superuser,
    });
    const file = path.join(path.dirname(stage.settingsFile), 'report.json');
    return inProcess(stage, `npm run prep -- ${words} --report ${file}`.replace('  ', ' ')).finally(restore);
  };
  const processes = (side: typeof to) => environmentsOf(side).flatMap(({ name }) => stage.processes(name));

  beforeAll(async () => {
    stage = await Stage.open(settings, {
      durations: quick,
      // One direction is enough for people to notice something.
      actors: from === 'blue',
      onCall: ({ service, action }) => calls.push(`${service} ${action}`),
    });
    const [web] = environmentsOf(from);
    await new ByHand(settings).keep(host, web!.adoptedCname!, 300);
    before = processes(from);
    first = await typed(password);
    report = JSON.parse(readFileSync(path.join(path.dirname(stage.settingsFile), 'report.json'), 'utf8'));
  });
  afterAll(() => stage.close());

  test('is carried out whole', () => {
    expect([first.code, first.said]).toEqual([0, first.said]);
    const seeds = new Set(report.steps.flatMap(({ seed }) => seed));
    for (const seed of ['P1', 'P2', 'P3', 'P4', 'P5', 'P6']) expect(seeds).toContain(seed);
    expect(report).toMatchObject({ result: 'done', posture: { live: from, access: 'open' } });
  });

  test('the new side is in maintenance on the database for preparation, without payment keys and jobs', () => {
    const environs = processes(to);
    expect(environs).toHaveLength(2);
    for (const environ of environs)
      expect(environ).toMatchObject({
        UPGRADE_POSTURE: 'prepared@1',
        MAINTENANCE_MODE: 'ON',
        RDS_HOSTNAME: settings.preparationDatabase.host,
        STRIPE_SECRET_KEY: 'not-set',
      });
    const machines = stage.sandbox.world.beanstalk.instances();
    const crons = environmentsOf(to).flatMap(({ name }) =>
      machines.filter(({ environment }) => environment === name).map(({ cron }) => cron.running),
    );
    expect(crons).toEqual([false, false]);
  });

  test('visitors of the old side noticed nothing, and none of its processes was restarted', () => {
    expect(processes(from)).toEqual(before);
    expect(stage.sandbox.judge.verdict()).toMatchObject({ broken: [], outage: undefined });
  });

  test('the superuser is logged in on both databases, by the names that people use and those of the new side', async () => {
    const evidence = report.steps.find(({ id }) => id === 'login')!.evidence;
    expect(evidence).toHaveLength(4);
    for (const { name } of environmentsOf(to))
      expect(evidence.map(({ what }) => what)).toContain(
        `what Mark gets at https://${previewHost(settings, name)}`,
      );
    const logins = (database: string) =>
      stage.query(
        database,
        "SELECT last_login FROM accounts_user WHERE username = 'Mark' AND last_login IS NOT NULL",
      );
    expect(await logins(`production-${from}`)).toHaveLength(1);
    expect(await logins('cobalt-preparation')).toHaveLength(1);
  });

  test('the password is told nowhere', async () => {
    const { objects } = await stage.ports();
    const written = await Promise.all((await objects.list('runs/')).map((key) => objects.read(key)));
    const texts = [first.said, JSON.stringify(report), ...written.map((each) => each?.text)];
    expect(texts.filter((text) => text?.includes(password))).toEqual([]);
  });

  test('a live name that was kept for five minutes is kept for one, and leads where it led', async () => {
    const { names } = await stage.ports();
    const records = (await names.records(settings.zone.id)).filter(({ name }) => name === host);
    expect(records).toEqual([expect.objectContaining({ type: 'CNAME', ttlSeconds: 60 })]);
    expect(stage.addressOf(host)).toBe(stage.addressOf('myabf.com.au'));
  });

  test('afterwards nothing stands in the way, and the same command changes nothing', async () => {
    calls.length = 0;
    const again = await typed(password);
    expect([again.code, again.said]).toEqual([
      0,
      expect.stringContaining(`done already. ${to} is prepared since`),
    ]);
    expect(calls.filter((call) => !/ (Describe|Get|List|Check|Head|SendCommand)/.test(call))).toEqual([]);
    expect(stage.happenings('snapshot.started')).toHaveLength(1);
  });

  test('whoever gives no superuser is asked to log in everywhere, with the link that passes the door', async () => {
    const step = prep(await stage.ports()).steps.find(({ id }) => id === 'login')!;
    const told = (await step.gate!())!.check.join(' ');
    for (const { name } of environmentsOf(to))
      expect(told).toContain(`https://${previewHost(settings, name)}/`);
    expect(told).toContain('https://myabf.com.au/accounts/login/');
    expect(told).toContain('?upgrade_tester=');
    expect(step.act).toBeUndefined();
  });

  test('a wrong password lets nobody in, and is not told', async () => {
    const ports = await stage.ports();
    const tried = logInEverywhere(ports, settings.loginForm!, { name: 'Mark', password: 'wrong-one' });
    await expect(tried).rejects.toMatchObject({ code: 'LOGIN_FAILED', exitCode: 4 });
    await expect(tried).rejects.toThrow(/200 to the form, which lets nobody in/);
    await expect(tried).rejects.not.toThrow('wrong-one');
  });

  test('nothing is built on a database that people use', async () => {
    const ports = await stage.ports();
    const { endpoint } = (await ports.record.read()).databases[0]!;
    const preparationDatabase = { ...settings.preparationDatabase, host: endpoint! };
    const [fence] = prep({ ...ports, settings: { ...settings, preparationDatabase } }).steps;
    const asked = fence!.preconditions.map(({ look }) => look());
    await expect(Promise.all(asked)).rejects.toThrow(new RegExp(`which is that of production-${from}`));
  });

  test('a version that is installed on one environment alone is told', async () => {
    const [, ses] = environmentsOf(to);
    const environment = stage.sandbox.beanstalk.environments().find(({ name }) => name === ses!.name)!;
    const { versionLabel } = environment;
    environment.versionLabel = 'cobalt-6.3.20';
    const { code, said } = await typed(password);
    environment.versionLabel = versionLabel;
    expect([code, said]).toEqual([3, expect.stringContaining('cobalt-6.4.0 and cobalt-6.3.20')]);
  });
});
