import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { templateOf } from '../../../../lib/app';
import { cname } from '../../../../lib/names';
import { posture, resolveWords, type Words } from '../../../../lib/posture';
import type { Settings, Side } from '../../../../lib/settings';
import { poll } from '../../../../lib/upgrade/poll';
import type { Ports } from '../../../../lib/upgrade/ports';
import { status } from '../../../../lib/upgrade/side/status';
import { ownedOptions } from '../../../../lib/upgrade/stacks/owned-options';
import { repairNames, repairSide } from '../../../../lib/upgrade/stacks/repair';
import type { BeanstalkInstance } from '../../../../sandbox/beanstalk/instance';
import { withVariables } from '../../../support/aws';
import { ByHand } from '../../../support/by-hand';
import { inProcess } from '../../../support/night';
import { FakeWorld, fakePorts } from '../../../support/ports';
import { quick } from '../../../support/quick';
import { Stage } from '../../../support/stage';
import { at, cobalt, directions, readied, sixPostures } from '../../../support/upgrade';

const variables = 'aws:elasticbeanstalk:application:environment';
const secrets = `${variables}secrets`;
const notSet = 'arn:aws:ssm:ap-southeast-2:123456789012:parameter/cobalt/production/secrets/not-set';
const web = 'cobalt-production-blue';
const ses = 'cobalt-ses-production-green';

const frozen = { live: 'blue', access: 'frozen' } as const;
const worldAt = (words: Omit<Words, 'reassert'> = frozen, settings: Settings = cobalt) =>
  new FakeWorld(settings, at(settings, words, readied));
const declaredOf = ({ settings, record }: FakeWorld) =>
  posture(settings, record, resolveWords(record.posture, {}));
const repair = (world: FakeWorld, side: Side = 'blue') =>
  repairSide(fakePorts(world), side, declaredOf(world).sides[side]);
const differencesOf = async (ports: Ports) => (await status(ports)).differences;
const differ = (world: FakeWorld) => differencesOf(fakePorts(world));
const set = (world: FakeWorld, name: string, option: string, value: string) => {
  world.environments.get(name)!.options[option] = value;
};

describe.each(directions)('%s', (_, settings) => {
  test.each(sixPostures(settings))('nothing is done where $live/$access is as declared', async (words) => {
    const world = worldAt(words, settings);
    expect([...(await repair(world, 'blue')), ...(await repair(world, 'green'))]).toEqual([]);
    expect(await repairNames(fakePorts(world), declaredOf(world))).toEqual([]);
    expect(world.changes).toEqual([]);
  });

  test.each(sixPostures(settings))('what is repaired at $live/$access is what is deployed', (words) => {
    const record = at(settings, words, readied);
    const whole: Words = { ...words, reassert: false };
    const old = settings.upgrade.from;
    const stack = old === 'blue' ? 'CobaltBlue' : 'CobaltGreen';
    const { Resources } = JSON.parse(templateOf({ settings, record, words: whole }, stack)) as {
      Resources: Record<string, { Properties: { EnvironmentName: string; OptionSettings: object[] } }>;
    };
    for (const declared of Object.values(posture(settings, record, whole).sides[old].environments)) {
      const stated = Object.values(Resources).find(
        ({ Properties }) => Properties.EnvironmentName === declared.name,
      )!;
      const owned = ownedOptions(settings, declared).map(({ namespace, name, value }) => ({
        Namespace: namespace,
        OptionName: name,
        Value: value,
      }));
      expect(owned).toEqual(stated.Properties.OptionSettings);
    }
  });
});

describe('a side', () => {
  test('gets back the options that were changed or removed by hand, and no other is touched', async () => {
    const world = worldAt();
    set(world, web, `${variables}:MAINTENANCE_MODE`, 'OFF');
    set(world, web, `${secrets}:STRIPE_SECRET_KEY`, notSet.replace('not-set', 'STRIPE_SECRET_KEY'));
    set(world, web, 'aws:autoscaling:asg:MaxSize', '4');
    set(world, web, `${variables}:LOG_LEVEL`, 'debug');
    delete world.environments.get(web)!.options[`${variables}:RDS_PORT`];
    world.obey(web);
    const [sentence, ...others] = await repair(world);
    expect(others).toEqual([]);
    expect(sentence).toMatch(
      /^cobalt-production-blue: set MaxSize, MAINTENANCE_MODE, RDS_PORT, STRIPE_SECRET_KEY;/,
    );
    expect(world.changes).toEqual([
      `update ${web}: MaxSize=1 MAINTENANCE_MODE=ON RDS_PORT=5432 STRIPE_SECRET_KEY=${notSet}`,
    ]);
    expect(world.environments.get(web)!.options[`${variables}:LOG_LEVEL`]).toBe('debug');
    expect(await differ(world)).toEqual([]);
  });

  test('loses what must be absent, and what exists in both namespaces', async () => {
    const world = worldAt();
    set(world, web, `${variables}:MP_USE_DJANGO`, 'NO');
    set(world, web, `${variables}:STRIPE_SECRET_KEY`, 'sk_live_typed_in');
    set(world, web, `${secrets}:RDS_USERNAME`, notSet);
    world.obey(web);
    await repair(world);
    expect(world.changes).toEqual([`update ${web}: -MP_USE_DJANGO -STRIPE_SECRET_KEY -RDS_USERNAME`]);
    expect(await differ(world)).toEqual([]);
  });

  test('is restarted where the options are right and a process obeys others', async () => {
    const world = worldAt();
    world.instances.get(`i-${ses}-1`)!.processes[1]!.environ.UPGRADE_POSTURE = 'open@1';
    expect(await repair(world)).toEqual([expect.stringContaining(`${ses}: restarted`)]);
    expect(world.changes).toEqual([`restart ${ses}`]);
    expect(await differ(world)).toEqual([]);
  });

  test('gets one act for each environment at a time', async () => {
    const world = worldAt();
    for (const name of [web, ses]) set(world, name, `${variables}:DISABLE_PLAYPEN`, 'ON');
    world.instances.get(`i-${web}-1`)!.processes[0]!.environ = {};
    expect(await repair(world)).toHaveLength(2);
    expect(world.changes.map((change) => change.split(':')[0])).toEqual([`update ${web}`, `update ${ses}`]);
  });

  test('is left alone where an environment is not Ready or is not there, and the other one is mended', async () => {
    const world = worldAt();
    for (const name of [web, ses]) set(world, name, `${variables}:MAINTENANCE_MODE`, 'OFF');
    world.environments.get(web)!.status = 'Updating';
    expect(await repair(world)).toEqual([expect.stringContaining(ses)]);
    world.environments.delete(web);
    expect(await repair(world)).toEqual([]);
    expect(world.changes).toEqual([`update ${ses}: MAINTENANCE_MODE=ON`]);
  });

  test('is not restarted for its jobs, nor for an instance that cannot be asked', async () => {
    const world = worldAt();
    const instance = world.instances.get(`i-${web}-1`)!;
    instance.cron.running = true;
    instance.commands = 1;
    world.suspended.clear();
    world.instances.get(`i-${ses}-1`)!.reachable = false;
    expect((await differ(world)).length).toBeGreaterThan(0);
    expect(await repair(world)).toEqual([]);
  });
});

test('names that lead elsewhere are pointed at the live side, whatever stands there', async () => {
  const world = worldAt();
  const astray = { name: 'www.myabf.com.au', type: 'CNAME', target: 'elsewhere.example.com', alias: false };
  const ofGreen = { ...world.names.find(({ name }) => name === 'ses.myabf.com.au')! };
  ofGreen.target = cname(cobalt, 'green', 'ses');
  world.names = [world.names.find(({ name }) => name === 'myabf.com.au')!, astray, ofGreen];
  expect(await repairNames(fakePorts(world), declaredOf(world))).toHaveLength(2);
  expect(world.changes).toEqual([
    `point www.myabf.com.au at ${cname(cobalt, 'blue', 'web')} in Z2PCDNR3VC2G1N`,
    `point ses.myabf.com.au at ${cname(cobalt, 'blue', 'ses')} in Z2PCDNR3VC2G1N`,
  ]);
  expect(await differ(world)).toEqual([]);
});

describe('after a deploy that saw none of it', () => {
  let stage: Stage;
  let ports: Ports;
  const green = 'cobalt-production-green';
  beforeAll(async () => {
    stage = await Stage.open(undefined, { durations: quick });
    await stage.deploy();
    await inProcess(stage, 'npm run jobs -- stop --side green');
    ports = await stage.ports();
  });
  afterAll(() => stage.close());
  const declared = async () => {
    const record = await stage.record();
    return posture(stage.settings, record, resolveWords(record.posture, {}));
  };
  const untilNothingDiffers = () =>
    poll(ports, { until: 'nothing differs', everyMs: 10_000, forMs: 600_000 }, async () =>
      (await differencesOf(ports)).length === 0 ? true : undefined,
    );
  const repairGreen = async () => repairSide(ports, 'green', (await declared()).sides.green);

  test('an environment that was changed by hand is as declared again', async () => {
    await new ByHand(stage.settings).set(
      green,
      { MAINTENANCE_MODE: 'OFF', STRIPE_SECRET_KEY: 'sk_live_typed_in', MP_USE_DJANGO: 'YES' },
      { RDS_PASSWORD: 'RDS_PASSWORD' },
    );
    await stage.deploy();
    expect((await differencesOf(ports)).length).toBeGreaterThan(3);
    expect(await repairGreen()).toHaveLength(1);
    await untilNothingDiffers();
    expect(await repairGreen()).toEqual([]);
  });

  test('processes that obey something else are restarted', async () => {
    const instance = stage.sandbox.world.beanstalk
      .instances()
      .find(({ environment }) => environment === green) as BeanstalkInstance;
    instance.writeEnvironment({ ...instance.deployed, MAINTENANCE_MODE: 'OFF' }, instance.deployedSecrets);
    instance.stopWeb();
    instance.startWeb('cobalt.wsgi');
    expect(await differencesOf(ports)).toHaveLength(1);
    expect(await repairGreen()).toEqual([expect.stringContaining('restarted')]);
    await untilNothingDiffers();
  });

  test('a name that became a CNAME is an alias at the live side again', async () => {
    const [HostedZoneId, Name] = [stage.settings.zone.id, 'www.myabf.com.au'];
    const alias = {
      HostedZoneId: 'Z2PCDNR3VC2G1N',
      DNSName: cname(stage.settings, 'blue', 'web'),
      EvaluateTargetHealth: false,
    };
    const elsewhere = [{ Value: cname(stage.settings, 'green', 'web') }];
    await new Route53Client({}).send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId,
        ChangeBatch: {
          Changes: [
            { Action: 'DELETE', ResourceRecordSet: { Name, Type: 'A', AliasTarget: alias } },
            {
              Action: 'CREATE',
              ResourceRecordSet: { Name, Type: 'CNAME', TTL: 300, ResourceRecords: elsewhere },
            },
          ],
        },
      }),
    );
    expect(await differencesOf(ports)).toEqual([expect.objectContaining({ where: Name, what: 'record' })]);
    expect(await repairNames(ports, await declared())).toHaveLength(1);
    await untilNothingDiffers();
  });
});

let restore: () => void;
beforeAll(() => {
  restore = withVariables({ CDK_VALIDATION: 'false' });
});
afterAll(() => restore());
