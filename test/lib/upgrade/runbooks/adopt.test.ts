import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { readSettings } from '../../../../lib/settings';
import { status } from '../../../../lib/upgrade/side/status';
import { handMade, openByHand } from '../../../support/hand-made';
import { inProcess } from '../../../support/night';
import type { Stage } from '../../../support/stage';

jest.setTimeout(240_000);

const web = 'cobalt-production-blue';
const ses = 'cobalt-ses-production-green';
const hosts = ['myabf.com.au', 'www.myabf.com.au', 'ses.myabf.com.au'];
const canaries = /canary/;

let stage: Stage;
let said = '';
/** Moments, one a second, in which a name had no answer. */
const silent: string[] = [];

beforeAll(async () => {
  stage = await openByHand({ actors: true });
  watchNames();
});
afterAll(() => stage?.close());

function watchNames(): void {
  const { clock, zones } = stage.sandbox.world;
  const look = () => {
    for (const host of hosts)
      if (!zones.resolve(host, 'A').some(({ type }) => type === 'A')) silent.push(host);
    clock.at(clock.nowMs() + 1_000, 'a look at the names', look);
  };
  look();
}

async function run(command: string, settingsFile?: string) {
  const outcome = settingsFile
    ? await inProcess({ ...stage, settingsFile } as Stage, command)
    : await inProcess(stage, command);
  said += outcome.said;
  return outcome;
}

/** All that a change of production would show in. */
async function production() {
  const ports = await stage.ports();
  const environments = stage.sandbox.beanstalk.environments().filter(({ name }) => [web, ses].includes(name));
  const options = Object.fromEntries(
    await Promise.all(
      environments.map(async ({ name }) => [name, (await ports.environments.find(name))!.options] as const),
    ),
  );
  return {
    options,
    events: environments.map(({ events }) => events.length),
    processes: stage.sandbox.world.beanstalk
      .instances()
      .filter(({ environment, state }) => state === 'running' && [web, ses].includes(environment))
      .map(({ id, web: process }) => [id, process?.pid, process?.environ]),
  };
}

const refusals = () =>
  stage.happenings('visitor.asked').filter(({ status }) => status === undefined || Number(status) >= 500);

describe('the settings', () => {
  const command = (file: string) => `npm run adopt -- --write ${file} --environments web=${web},ses=${ses}`;

  test('are written from what AWS knows, without a value of a secret, and never over others', async () => {
    const folder = path.dirname(stage.settingsFile);
    const file = path.join(folder, 'written.yaml');
    const { code, said: words } = await run(command(file));
    expect(code).toBe(0);
    expect(words).toContain('Taken for secrets: SECRET_KEY, EMAIL_HOST_PASSWORD.');
    const text = readFileSync(file, 'utf8');
    expect(text).not.toMatch(canaries);
    const written = readSettings(file);
    expect(written.sides.blue.environments.web).toEqual({
      name: web,
      instanceRole: `${web}-instances`,
      adoptedCname: handMade.sides.blue.environments.web!.adoptedCname,
      ownRole: true,
    });
    for (const part of ['account', 'zone', 'roles', 'variables', 'database'] as const)
      expect(written[part]).toEqual(handMade[part]);
    expect((await run(command(file))).said).toContain('is written already');
    expect((await run(command(stage.settingsFile))).said).toContain('FILE_EXISTS');
  });
});

describe('the import', () => {
  test('refuses a world that differs from the settings, lists every difference and changes nothing', async () => {
    const other = structuredClone(handMade);
    other.roles.web!.open = { min: 3, max: 4 };
    other.variables.email!.on = 'YES';
    other.roles.ses!.hosts = ['mail.myabf.com.au'];
    other.sides.blue.environments.ses!.adoptedCname = 'elsewhere.ap-southeast-2.elasticbeanstalk.com';
    const file = path.join(path.dirname(stage.settingsFile), 'other.yaml');
    writeFileSync(file, stringify(other));
    const { code, said: words } = await run('npm run adopt -- --yes', file);
    expect(code).toBe(3);
    for (const part of [
      `${web}: MinSize: 2, not 3`,
      `${web}: MaxSize: 2, not 4`,
      `${web}: DISABLE_PLAYPEN: ON, not YES`,
      `${ses}: CNAME: `,
      'mail.myabf.com.au: record: no record',
    ])
      expect(words).toContain(part);
    expect(stage.sandbox.cloudFormation.stacks.all()).toEqual([]);
  });

  test('refuses when an environment is missing', async () => {
    const other = structuredClone(handMade);
    other.sides.blue.environments.ses!.name = 'cobalt-ses-production-red';
    const file = path.join(path.dirname(stage.settingsFile), 'missing.yaml');
    writeFileSync(file, stringify(other));
    const { code, said: words } = await run('npm run adopt -- --yes', file);
    expect(code).toBe(3);
    expect(words).toContain('cobalt-ses-production-red: environment: does not exist, not Ready');
  });

  test('changes nothing of production', async () => {
    const before = await production();
    expect((await run('npm run adopt -- --yes')).code).toBe(0);
    expect(await production()).toEqual(before);
    await (await stage.ports()).clock.sleep(120_000);
    expect(refusals()).toEqual([]);
    expect(stage.happenings('visitor.asked').length).toBeGreaterThan(0);
    const options = Object.values(stage.template('CobaltBlue').Resources).flatMap(
      ({ Properties }) => Properties.OptionSettings as { OptionName: string }[],
    );
    expect(options.map(({ OptionName }) => OptionName)).not.toContain('UPGRADE_POSTURE');
  });

  test('says "already" when it is done, and changes nothing', async () => {
    const { code, said: words } = await run('npm run adopt -- --yes');
    expect(code).toBe(0);
    expect(words).toContain('done already');
  });

  test('leaves a deploy nothing to go by until everything is sealed', async () => {
    await expect(stage.record()).rejects.toMatchObject({ code: 'RECORD_MISSING' });
  });
});

describe('sealing', () => {
  test('waits for a person, before anything restarts', async () => {
    const before = await production();
    const { code, said: words } = await run('npm run adopt -- --seal');
    expect(code).toBe(6);
    expect(words).toContain('every instance of it is replaced at once');
    expect(await production()).toEqual(before);
  });

  test('gives every process the same secrets from parameters, and leaves no plain copy', async () => {
    const values = () =>
      stage
        .processes(web)
        .map(({ STRIPE_SECRET_KEY, RDS_PASSWORD, SECRET_KEY }) => [
          STRIPE_SECRET_KEY,
          RDS_PASSWORD,
          SECRET_KEY,
        ]);
    const before = values();
    // A batch is on its way at any moment.
    await stage.query('production-blue', 'UPDATE post_office_email SET status = 2');
    stage.sandbox.world.durations.sendBatchMs = 5 * 60_000;
    expect((await run('npm run adopt -- --seal --yes')).code).toBe(0);
    expect(values()).toEqual(before);
    for (const options of Object.values((await production()).options))
      expect(JSON.stringify(options)).not.toMatch(canaries);
    expect(stage.processes(web).map(({ UPGRADE_POSTURE }) => UPGRADE_POSTURE)).toEqual(['open@1', 'open@1']);
    expect(stage.processes(ses)[0]!.STRIPE_SECRET_KEY).toBe('not-set');
  });

  test('shows no value of a secret in what was said, in a template or in a bucket', () => {
    expect(said).not.toMatch(canaries);
    for (const { desired } of stage.sandbox.cloudFormation.stacks.all())
      expect(desired?.text ?? '').not.toMatch(canaries);
  });

  test('takes away what it needed for a while', async () => {
    const names = stage.sandbox.cloudFormation.stacks
      .all()
      .filter(({ deletedMs }) => deletedMs === undefined);
    expect(names.map(({ name }) => name).sort()).toEqual([
      'CobaltBlue',
      'CobaltDoor',
      'CobaltFence',
      'CobaltOperations',
      'CobaltTraffic',
    ]);
    const { world } = stage.sandbox;
    const secret = world.parameters.arnOf('/cobalt/production/secrets/NEW');
    for (const { role } of world.beanstalk.instances().filter(({ state }) => state === 'running'))
      expect(world.iam.decide(role, 'ssm:PutParameter', secret)).not.toBe('allowed');
    expect(world.zones.resolve('upgrade-probe.myabf.com.au', 'A')).toEqual([]);
  });

  test('lets jobs end before their instance goes: a sender that is killed sends its batch again', () => {
    expect(stage.happenings('email.sent')).not.toEqual([]);
    expect(stage.happenings('cron.failed').filter(({ exitCode }) => exitCode === 137)).toEqual([]);
    const running = stage.sandbox.world.beanstalk
      .instances()
      .filter(({ environment, state }) => state === 'running' && [web, ses].includes(environment));
    expect(running.map(({ cron }) => cron.running)).toEqual(running.map(() => true));
  });

  test('leaves no moment in which a name has no answer', () => {
    expect(silent).toEqual([]);
  });

  test('says "already" when it is done, and changes nothing', async () => {
    const before = await production();
    const { code, said: words } = await run('npm run adopt -- --seal --yes');
    expect(code).toBe(0);
    expect(words).toContain('done already');
    expect(await production()).toEqual(before);
  });
});

describe('an adopted production', () => {
  test('is not changed by a deploy of everything, and differs in nothing but the side that was not built', async () => {
    const { differences } = await status(await stage.ports());
    expect(differences.map(({ observed }) => observed)).toEqual(differences.map(() => 'does not exist'));
    const before = await production();
    const templates = ['CobaltBlue', 'CobaltTraffic', 'CobaltFence'].map((name) => stage.template(name));
    await stage.deploy();
    expect(await production()).toEqual(before);
    expect(['CobaltBlue', 'CobaltTraffic', 'CobaltFence'].map((name) => stage.template(name))).toEqual(
      templates,
    );
  });
});
