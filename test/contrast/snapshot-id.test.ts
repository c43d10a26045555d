import {
  CloudFormationClient,
  DescribeStacksCommand,
  RollbackStackCommand,
  SetStackPolicyCommand,
} from '@aws-sdk/client-cloudformation';
import { CliCredentialsStackSynthesizer, Stack } from 'aws-cdk-lib';
import { CfnDBInstance } from 'aws-cdk-lib/aws-rds';
import { ByHand } from '../support/by-hand';
import { night } from '../support/night';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';

const ours = 'cobalt-production-green';
const snapshot = 'cobalt-production-green-from-production-blue';
let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open(undefined, { durations: quick });
  await night(stage, { until: 'npm run restore' });
  await new ByHand(stage.settings).beginSnapshot('production-blue', 'another');
});
afterAll(() => stage.close());

/** People enter an event; answers how many entries there are. */
async function enter(database: string): Promise<number> {
  await stage.query(
    database,
    "INSERT INTO events_evententry (event_id, entry_status, primary_entrant_id, first_created_date) VALUES (1, 'Complete', 10, now())",
  );
  return entries(database);
}
const entries = async (database: string) =>
  (await stage.query(database, 'SELECT count(*)::int AS n FROM events_evententry'))[0].n as number;

const deleted = () => stage.happenings('database.deleted').map(({ id }) => id);

describe('naively, in a stack like any other', () => {
  /** What somebody writes who wants a database from a snapshot. */
  const deploy = (properties: Partial<CfnDBInstance['cfnProperties']> & object) =>
    stage.deploy(
      {},
      {
        stacks: ['Naive'],
        rollback: true,
        change: (app) => {
          const { account, region } = stage.settings;
          const synthesizer = new CliCredentialsStackSynthesizer();
          const stack = new Stack(app, 'Naive', { env: { account, region }, synthesizer });
          new CfnDBInstance(stack, 'Database', { dbInstanceClass: 'db.t3.small', ...properties });
        },
      },
    );
  const database = () =>
    stage.sandbox.cloudFormation.stacks.get('Naive').resources.get('Database')!.physicalId!;

  test('another snapshot restores another database, and what people did since is deleted', async () => {
    await deploy({ dbSnapshotIdentifier: snapshot });
    const old = database();
    const before = await entries(old);
    expect(await enter(old)).toBe(before + 1);
    await deploy({ dbSnapshotIdentifier: 'another' });
    expect(deleted()).toEqual([old]);
    expect(database()).not.toBe(old);
    expect(await entries(database())).toBe(before);
  });

  test('no snapshot: as documented an empty database takes its place; by the type’s source nothing happens', async () => {
    const old = database();
    const after = await enter(old);
    stage.sandbox.world.switches.droppedSnapshotReplaces = false;
    await deploy({ dbInstanceClass: 'db.t3.medium' });
    expect([database(), await entries(old)]).toEqual([old, after]);

    stage.sandbox.world.switches.droppedSnapshotReplaces = true;
    await deploy({ dbSnapshotIdentifier: 'another' });
    const filled = database();
    await deploy({
      engine: 'postgres',
      allocatedStorage: '20',
      dbName: 'ebdb',
      masterUsername: 'postgres',
      masterUserPassword: 'a-password-of-its-own',
    });
    expect(deleted()).toContain(filled);
    expect(await stage.query(database(), "SELECT to_regclass('events_evententry') AS entries")).toEqual([
      { entries: null },
    ]);
  });
});

describe('as we do it, in a stack that no update may touch', () => {
  const stack = 'CobaltDatabaseGreen';
  const refused = 'Action denied by stack policy';
  const cloudFormation = new CloudFormationClient({});
  const deploy = (override: (database: CfnDBInstance) => void, rollback = true) =>
    stage.deploy(
      {},
      {
        stacks: [stack],
        rollback,
        change: (app) =>
          override(
            app.node.findChild(stack).node.findChild('Database').node.findChild('Resource') as CfnDBInstance,
          ),
      },
    );
  const another = (database: CfnDBInstance) => {
    database.dbSnapshotIdentifier = 'another';
  };
  const none = (database: CfnDBInstance) => {
    database.dbSnapshotIdentifier = undefined;
  };

  test.each([
    ['another snapshot', another, true],
    ['no snapshot, as documented', none, true],
    ['no snapshot, by the type’s source', none, false],
  ])('%s: the stack policy refuses it, and nothing is lost', async (_, override, replaces) => {
    stage.sandbox.world.switches.droppedSnapshotReplaces = replaces;
    const after = await enter(ours);
    await expect(deploy(override)).rejects.toThrow(refused);
    expect(await entries(ours)).toBe(after);
    expect(deleted()).not.toContain(ours);
  });

  test('deployed without rollback its stack stays failed and holds up the others, until it is taken back', async () => {
    await expect(deploy(another, false)).rejects.toThrow(refused);
    await expect(stage.deploy()).rejects.toThrow(refused);
    await cloudFormation.send(new RollbackStackCommand({ StackName: stack }));
    await cloudFormation.send(new DescribeStacksCommand({ StackName: stack }));
    await stage.deploy();
    expect(deleted()).not.toContain(ours);
  });

  test('without the policy its fixed name refuses it; under another name the old database is kept', async () => {
    const after = await enter(ours);
    const policy = { Statement: [{ Effect: 'Allow', Action: 'Update:*', Principal: '*', Resource: '*' }] };
    await cloudFormation.send(
      new SetStackPolicyCommand({ StackName: stack, StackPolicyBody: JSON.stringify(policy) }),
    );
    await expect(deploy(another)).rejects.toThrow('custom-named resource requires replacing');
    await deploy((database) => {
      another(database);
      database.dbInstanceIdentifier = 'a-name-of-its-own';
    });
    expect(await entries('a-name-of-its-own')).toBeLessThan(after);
    expect(await entries(ours)).toBe(after);
    expect(deleted()).not.toContain(ours);
  });
});
