import {
  CloudFormationClient,
  DescribeStackDriftDetectionStatusCommand,
  DetectStackDriftCommand,
} from '@aws-sdk/client-cloudformation';
import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { cname } from '../../lib/names';
import type { Side } from '../../lib/settings';
import { status } from '../../lib/upgrade/side/status';
import { ByHand } from '../support/by-hand';
import { inProcess } from '../support/night';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';

const green = 'cobalt-production-green';
const www = 'www.myabf.com.au';
const zoneOfBeanstalk = 'Z2PCDNR3VC2G1N';
let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open(undefined, { durations: quick });
  stage.sandbox.world.switches.duplicateVariableWins = 'environment';
  await stage.deploy();
  // Load balancers that were just made get their doors.
  await stage.deploy({}, { stacks: ['CobaltDoor'] });
  await inProcess(stage, 'npm run jobs -- stop --side green');
});
afterAll(() => stage.close());

const differences = async () => (await status(await stage.ports())).differences;
const held = (name: string) => new Set(stage.processes(green).map((environ) => environ[name]));

async function point(host: string, side: Side): Promise<void> {
  const target = { HostedZoneId: zoneOfBeanstalk, DNSName: cname(stage.settings, side, 'web') };
  await new Route53Client({}).send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: stage.settings.zone.id,
      ChangeBatch: {
        Changes: [
          {
            Action: 'UPSERT',
            ResourceRecordSet: {
              Name: host,
              Type: 'A',
              AliasTarget: { ...target, EvaluateTargetHealth: false },
            },
          },
        ],
      },
    }),
  );
}

async function driftOf(StackName: string): Promise<unknown> {
  const client = new CloudFormationClient({});
  const { StackDriftDetectionId } = await client.send(new DetectStackDriftCommand({ StackName }));
  const { StackDriftStatus, DriftedStackResourceCount } = await client.send(
    new DescribeStackDriftDetectionStatusCommand({ StackDriftDetectionId }),
  );
  return [StackDriftStatus, DriftedStackResourceCount];
}

const plainKey = {
  where: green,
  what: 'STRIPE_SECRET_KEY',
  declared: 'the parameter /cobalt/production/secrets/not-set',
  observed: 'a plain value and the parameter /cobalt/production/secrets/not-set',
};
const record = () => ({
  where: www,
  what: 'record',
  declared: `alias to ${cname(stage.settings, 'blue', 'web')}`,
  observed: `alias to ${cname(stage.settings, 'green', 'web')}`,
});
const instance = expect.stringMatching(`^i-\\w+ of ${green}$`);
const processes = (name: string, declared: string, observed: string) => ({
  where: instance,
  what: `${name} in 3 of 3 processes`,
  declared,
  observed,
});

describe('what somebody changed by hand', () => {
  test('naively: a deploy finds no change, and drift detection no drift', async () => {
    expect(await differences()).toEqual([]);
    await new ByHand(stage.settings).set(green, {
      MAINTENANCE_MODE: 'OFF',
      STRIPE_SECRET_KEY: 'sk_live_typed_in',
    });
    await point(www, 'green');
    const events = () => stage.sandbox.cloudFormation.stacks.all().map((stack) => stack.events.length);
    const before = events();
    await stage.deploy();
    expect(events()).toEqual(before);
    for (const stack of ['CobaltGreen', 'CobaltTraffic'])
      expect(await driftOf(stack)).toEqual(['IN_SYNC', 0]);
    expect(held('STRIPE_SECRET_KEY')).toEqual(new Set(['sk_live_typed_in']));
  });

  test('as we do it: status shows each difference, where it is set and where it is obeyed', async () => {
    expect(await differences()).toEqual([
      { where: green, what: 'MAINTENANCE_MODE', declared: 'ON', observed: 'OFF' },
      plainKey,
      processes('MAINTENANCE_MODE', 'ON', 'OFF'),
      processes('STRIPE_SECRET_KEY', 'not-set', 'armed'),
      record(),
    ]);
  });

  test('as we do it: reassert=yes repairs what a template can, and status says what remains', async () => {
    await stage.deploy({ reassert: true });
    expect(held('UPGRADE_POSTURE')).toEqual(new Set(['prepared@2']));
    expect(held('MAINTENANCE_MODE')).toEqual(new Set(['ON']));
    expect(await differences()).toEqual([
      plainKey,
      processes('STRIPE_SECRET_KEY', 'not-set', 'armed'),
      record(),
    ]);
  });

  test('as we do it: if the parameter wins over the plain value, its processes obey; status names it all the same', async () => {
    stage.sandbox.world.switches.duplicateVariableWins = 'environmentsecrets';
    await stage.deploy({ reassert: true });
    expect(held('STRIPE_SECRET_KEY')).toEqual(new Set(['not-set']));
    expect(await differences()).toEqual([plainKey, record()]);
  });

  test('as we do it: taken back by hand, nothing remains', async () => {
    await new ByHand(stage.settings).remove(green, ['STRIPE_SECRET_KEY']);
    await point(www, 'blue');
    expect(await differences()).toEqual([]);
  });
});
