import { DescribeDBSnapshotsCommand, RDSClient } from '@aws-sdk/client-rds';
import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { parameterNames, stackNames } from '../../../../lib/names';
import { parseSettings } from '../../../../lib/settings';
import type { Assemble } from '../../../../lib/upgrade/retire/give-up-stack';
import { tidyUp as runbookOf } from '../../../../lib/upgrade/runbooks/tidy-up';
import { status } from '../../../../lib/upgrade/side/status';
import { endpointOf } from '../../../../sandbox/rds/state';
import { worldBefore } from '../../../../scripts/rehearsal/world-before';
import { ByHand } from '../../../support/by-hand';
import { driven } from '../../../support/driven';
import { inProcess } from '../../../support/night';
import { quick } from '../../../support/quick';
import { Stage } from '../../../support/stage';
import { cobalt } from '../../../support/upgrade';

jest.setTimeout(300_000);
const settings = parseSettings({ ...cobalt, tidyUp: { afterDays: 7 } }, 'the test');
const [web, ses] = ['cobalt-production-blue', 'cobalt-ses-production-green'];
const restored = 'cobalt-production-blue';
const byHand = `${web}.myabf.com.au`;
const partners = { id: 'Z0PARTNERS', name: 'partners.example' };
let stage: Stage;
let oldAddress: string;

beforeAll(async () => {
  const world = worldBefore(settings, (id) => endpointOf(settings.account, settings.region, id));
  stage = await Stage.open(settings, { durations: quick, plan: { ...world, otherZones: [partners] } });
  oldAddress = stage.addressOf('myabf.com.au')!;
  await record('CREATE', byHand, settings.sides.blue.environments.web!.adoptedCname!);
  await stage.deploy();
  await cutOver();
  await minutes(20);
});
afterAll(() => stage.close());

/** The posture after a cutover, deployed at once: green is open, on a copy of blue's database. */
async function cutOver(): Promise<void> {
  const hands = new ByHand(settings);
  const id = settings.sides.green.databases;
  await hands.beginSnapshot('production-blue', 'of-the-night');
  await new RDSClient({}).send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: 'of-the-night' }));
  const endpoint = await hands.restore('of-the-night', id);
  await (await stage.ports()).record.writeDatabase({
    id,
    side: 'green',
    generation: 0,
    endpoint,
    migrated: true,
  });
  await restoredForBlue();
  const { posture } = await stage.record();
  const served = { blue: restored, green: id };
  const live = JSON.stringify({ ...posture, live: 'green', access: 'open', served });
  await inProcess(stage, 'npm run jobs -- stop --side blue');
  await inProcess(stage, 'npm run reader');
  stage.sandbox.world.parameters.put(parameterNames(settings).posture, live, 'String');
  await inProcess(stage, 'npm run jobs -- release --side green');
  await stage.deploy();
  await inProcess(stage, 'npm run jobs -- start --side green');
}

/** A database that the tool restored for blue, as after an earlier upgrade: its stack denies every update. */
async function restoredForBlue(): Promise<void> {
  const { databases, record, stacks } = await stage.ports();
  const source = (await databases.find('production-blue'))!.attributes;
  const made = { id: restored, side: 'blue', generation: 1, migrated: true } as const;
  const from = { snapshot: 'of-the-night', source };
  await record.writeDatabase({ ...made, ...from });
  await stage.deploy({}, { stacks: ['CobaltDatabaseBlue'] });
  await stacks.setPolicy(
    'CobaltDatabaseBlue',
    JSON.stringify({ Statement: [{ Effect: 'Deny', Action: 'Update:*', Principal: '*', Resource: '*' }] }),
  );
  const { endpoint } = (await databases.find(restored))!;
  await record.writeDatabase({ ...made, ...from, ...(endpoint ? { endpoint } : {}) });
}

const dayMs = 24 * 60 * 60_000;
const minutes = (count: number) => stage.sandbox.world.clock.skip(count * 60_000);
const tidyUp = (words = '') => inProcess(stage, `npm run tidy-up -- ${words}`.trim());
const record = (Action: 'CREATE' | 'DELETE', Name: string, Value: string, zone = settings.zone) =>
  new Route53Client({}).send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: zone.id,
      ChangeBatch: {
        Changes: [
          { Action, ResourceRecordSet: { Name, Type: 'CNAME', TTL: 300, ResourceRecords: [{ Value }] } },
        ],
      },
    }),
  );
const everything = async () => {
  const { observed } = await status(await stage.ports());
  const { cloudFormation, world } = stage.sandbox;
  const running = world.beanstalk.instances().filter(({ state }) => state === 'running');
  return {
    environments: [...new Set(running.map(({ environment }) => environment))].sort(),
    stacks: cloudFormation.stacks
      .all()
      .filter((stack) => stack.status !== 'DELETE_COMPLETE')
      .map(({ name }) => name)
      .sort(),
    hosts: observed.hosts,
    handMade: stage.addressOf(byHand) !== undefined,
  };
};

describe('what must stay', () => {
  let before: Awaited<ReturnType<typeof everything>>;
  beforeAll(async () => {
    before = await everything();
  });
  afterEach(async () => expect(await everything()).toEqual(before));

  test('until the new side has been open for the set days', async () => {
    const { code, said } = await tidyUp();
    expect([code, said]).toEqual([
      3,
      expect.stringMatching(/how long green has been open is 0 days, since .*, not 7 days at least/),
    ]);
    stage.sandbox.world.clock.leap(6 * dayMs);
    expect((await tidyUp()).said).toContain('how long green has been open is 6 days');
    stage.sandbox.world.clock.leap(dayMs);
    await minutes(16);
  });

  test('while people still come to the old load balancers by our names', async () => {
    await stage.ask(oldAddress, 'www.myabf.com.au', { path: '/events' });
    const { code, said } = await tidyUp();
    expect([code, said]).toEqual([
      3,
      expect.stringContaining('1 requests, such as GET www.myabf.com.au/events'),
    ]);
    await minutes(16);
  });

  test('while another record leads to an old environment', async () => {
    const target = settings.sides.blue.environments.ses!.adoptedCname!;
    await record('CREATE', 'mail.myabf.com.au', target);
    const { code, said } = await tidyUp();
    expect([code, said]).toEqual([3, expect.stringContaining(`mail.myabf.com.au CNAME ${target}`)]);
    await record('DELETE', 'mail.myabf.com.au', target);
  });

  test('while a record of another zone of the account does', async () => {
    const target = settings.sides.blue.environments.web!.adoptedCname!;
    await record('CREATE', 'lottery.partners.example', target, partners);
    const { code, said } = await tidyUp();
    expect([code, said]).toEqual([
      3,
      expect.stringContaining(`lottery.partners.example CNAME ${target} (zone partners.example)`),
    ]);
    await record('DELETE', 'lottery.partners.example', target, partners);
  });

  test.each(['--yes', '--confirm cobalt-production-green.myabf.com.au'])(
    'with no word, or the wrong one: %s',
    async (words) => {
      const { code, said } = await tidyUp(words);
      expect([code, said]).toEqual([6, expect.stringContaining(`--confirm ${byHand}`)]);
    },
  );
});

describe('what goes', () => {
  const old = ['production-blue', restored];

  test('its names and environments, of which one was terminated by hand', async () => {
    await new ByHand(settings).terminateEnvironment(ses);
    const words = `--confirm ${byHand} --confirm ${web}`;
    const asked = await tidyUp(words);
    expect(asked.said).toMatch(new RegExp(`the version label of ${ses}: \\S+ before, absent now`));
    const { code, said } = await tidyUp(`${words} --confirm ${/changed-\w{4}/.exec(asked.said)![0]}`);
    expect([code, said]).toEqual([6, expect.stringMatching(/--confirm (database:|production)/)]);
    expect(stage.addressOf(byHand)).toBeUndefined();
    expect((await everything()).environments).toEqual([
      'cobalt-production-green',
      'cobalt-ses-production-blue',
    ]);
    const { databases } = await stage.ports();
    for (const id of old) expect(await databases.find(id)).toMatchObject({ status: 'available' });
  });

  test('no further database in a run that is cut off when one just begins to go', async () => {
    const ports = await stage.ports();
    const { deployments } = ports;
    const cutOff: typeof deployments = Object.assign(Object.create(deployments), {
      destroy: async (stack: string, assemble: Assemble) => {
        if (stack === stackNames(settings).database('blue', 0)) await deployments.destroy(stack, assemble);
        throw new Error('The connection is lost.');
      },
    });
    const runbook = await runbookOf({ ...ports, deployments: cutOff });
    const words = ['production-blue', `database:${restored}`];
    const { error } = await driven(stage, () => runbook, { words });
    expect(error).toEqual(new Error('The connection is lost.'));
    expect(await ports.databases.find(restored)).toMatchObject({ status: 'available' });
    expect((await stage.record()).databases.find(({ id }) => id === restored)!.gone).toEqual({});
  });

  test('the rest when the same command goes on, which asks nothing again: a final snapshot keeps each', async () => {
    const { code, said } = await tidyUp();
    expect([code, said]).toEqual([0, expect.stringContaining('Tidy up blue: done')]);
    const { databases } = await stage.ports();
    const { databases: recorded } = await stage.record();
    for (const id of old) {
      expect(await databases.find(id)).toBeUndefined();
      const snapshot = recorded.find((each) => each.id === id)!.gone!.finalSnapshot!;
      expect(await databases.findSnapshot(snapshot)).toMatchObject({ status: 'available', source: id });
    }
    expect((await stage.visit('myabf.com.au'))?.status).toBe(200);
  });

  test('and nothing else: what is observed is as declared, and a plain deploy changes nothing', async () => {
    expect((await status(await stage.ports())).differences).toEqual([]);
    const before = await everything();
    const { length } = stage.sandbox.world.happenings;
    await stage.deploy();
    expect(await everything()).toEqual(before);
    const changed = stage.sandbox.world.happenings
      .slice(length)
      .filter(({ kind }) => /stack|environment/.test(kind));
    expect(changed).toEqual([]);
    expect([web, ses].some((name) => before.environments.includes(name))).toBe(false);
  });

  test('a second time there is nothing to do', async () => {
    const { code, said } = await tidyUp();
    expect([code, said]).toEqual([0, expect.stringContaining('blue is tidied away')]);
  });
});

test('a failback to it is refused by the name of what keeps its data', async () => {
  await expect(stage.deploy({ live: 'blue' })).rejects.toThrow();
  expect(stage.warned.join()).toMatch(
    /tidied away, and its database cobalt-production-blue is gone, and kept as/,
  );
});

describe('the next upgrade', () => {
  const back = parseSettings(
    {
      ...settings,
      upgrade: { from: 'green', to: 'blue' },
      sides: {
        ...settings.sides,
        blue: {
          databases: settings.sides.blue.databases,
          environments: {
            web: { name: web, instanceRole: 'cobalt-production-blue-web-2' },
            ses: { name: ses, instanceRole: 'cobalt-production-blue-ses-2' },
          },
        },
      },
    },
    'the next upgrade',
  );

  test('builds the side anew, prepared, under the same names', async () => {
    await stage.deploy({}, { settings: back });
    await stage.deploy({}, { settings: back });
    const ports = { ...(await stage.ports()), settings: back };
    const { observed, differences } = await status(ports);
    const blue = observed.environments.filter(({ side }) => side === 'blue');
    expect(blue.map(({ name, found }) => [name, found?.door])).toEqual([
      [web, 'testers'],
      [ses, 'testers'],
    ]);
    expect(differences.filter(({ what }) => !/cron|Auto Scaling/.test(what))).toEqual([]);
  });
});
