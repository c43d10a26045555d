import path from 'node:path';
import { DeleteDBSnapshotCommand, RDSClient } from '@aws-sdk/client-rds';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { parameterNames } from '../../lib/names';
import { reversed } from '../../lib/reversed';
import { acquire } from '../../lib/runbook/acquire';
import { UpgradeError } from '../../lib/runbook/errors';
import { beatMs } from '../../lib/runbook/lock';
import { readLock, unlock } from '../../lib/runbook/lock-file';
import type { Message } from '../../lib/runbook/messages';
import type { Settings } from '../../lib/settings';
import { drive } from '../../lib/upgrade/run/run';
import type { UpgradeRunbook } from '../../lib/upgrade/run/upgrade-runbook';
import { cutover } from '../../lib/upgrade/runbooks/cutover';
import type { Instance } from '../../sandbox/world';
import { commandLine } from '../../scripts/rehearsal/rehearsal';
import { withVariables } from '../support/aws';
import { ByHand } from '../support/by-hand';
import { inProcess, run as inProcessOfItsOwn } from '../support/night';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';
import { cobalt } from '../support/upgrade';

jest.setTimeout(300_000);

/** One night, in which one thing after another goes wrong; each is mended, and the same run goes on. */
let stage: Stage;
let byHand: ByHand;
beforeAll(async () => {
  stage = await Stage.open(cobalt, { actors: true, durations: quick });
  byHand = new ByHand(cobalt);
  await stage.deploy();
});
afterAll(() => stage.close());

interface Given {
  settings?: Settings;
  /** What goes wrong right before these steps act. */
  faults?: Record<string, () => unknown>;
}

/** How a run ended. */
interface Outcome {
  exitCode: number;
  code?: string;
  so: string;
  changed: string;
  next: string;
  /** The steps that it did or proved. */
  did: string[];
  waited: string[];
}

async function run({ settings = cobalt, faults = {} }: Given = {}): Promise<Outcome> {
  const told: Message[] = [];
  const driven = async () => {
    const ports = { ...(await stage.ports()), settings };
    return drive({
      ports,
      runbook: withFaults(cutover(ports), faults),
      operator: {
        tell: (message) => told.push(message),
        confirm: async () => true,
        stopped: new Promise(() => {}),
      },
      driver: { who: 'ada', host: 'laptop', pid: process.pid },
      alive: (host) => (host === 'laptop' ? false : undefined),
      modelled: true,
      callOff: false,
    });
  };
  const error = await driven().then(
    (ended) => ended.error,
    (fault) => fault,
  );
  const of = (wanted: Message['code']) =>
    told.flatMap(({ code, step }) => (code === wanted && step ? [step] : []));
  const steps = { did: of('STEP_DONE'), waited: of('STEP_WAITING') };
  if (error === undefined) return { exitCode: 0, so: '', changed: '', next: '', ...steps };
  if (!(error instanceof UpgradeError)) throw error;
  return { exitCode: error.exitCode, code: error.code, ...error.text, ...steps };
}

/** The command in a process of its own, without a terminal, as a person types it. */
async function typed(words: string, file = stage.settingsFile, variables: NodeJS.ProcessEnv = {}) {
  const command = commandLine(`npm run cutover ${words}`.trim(), file);
  const restore = withVariables(variables);
  return inProcessOfItsOwn(command).finally(restore);
}

function withFaults(runbook: UpgradeRunbook, faults: Given['faults'] = {}): UpgradeRunbook {
  const steps = runbook.steps.map((step) => {
    const fault = faults[step.id];
    if (!fault) return step;
    const act = async () => {
      await fault();
      return (await step.act?.()) ?? [];
    };
    return { ...step, act };
  });
  return { ...runbook, steps };
}

const environment = (name: string) =>
  stage.sandbox.beanstalk.environments().find((each) => each.name === name)!;

/** An instance with what can go wrong with it. */
type Machine = Instance & { managed: boolean; diskFreeMb?: number };

const machineOf = (name: string): Machine =>
  stage.sandbox.world.beanstalk
    .instances()
    .find((each) => each.environment === name && each.state === 'running')!;

/** Makes the secret that holds the database's password wrong. Returns what puts it right. */
function spoilPassword(): () => void {
  const { parameters } = stage.sandbox.world;
  const name = parameterNames(cobalt).secret('RDS_PASSWORD');
  const right = parameters.read(name)!.value;
  parameters.put(name, 'wrong', 'SecureString');
  return () => parameters.put(name, right, 'SecureString');
}

test('nothing is begun while an environment of the new side is not Ready', async () => {
  const busy = environment('cobalt-production-green');
  busy.leaveReady('Updating', 'somebody');
  const refused = await run();
  busy.settle('Ready');
  expect(refused).toMatchObject({ exitCode: 3, code: 'ENVIRONMENT_NOT_READY', did: [] });
  expect(refused.so).toMatch(/cobalt-production-green \(e-\w+\) is Updating, not Ready/);
  expect(refused.changed).toBe('Nothing was changed.');
  expect(refused.next).toMatch(/npm run status says that it is Ready, and run the same command again/);
});

test('nobody goes on with a run that somebody on another machine drives, and nobody deploys beside it', async () => {
  const { objects, clock } = await stage.ports();
  const { lock } = await acquire(objects, clock, {
    runbook: 'cutover',
    holder: { who: 'grace', host: 'desk', pid: 1 },
    newRunId: 'not used',
    reason: 'a test',
    alive: () => false,
  });
  const refused = await run();
  await lock.check();
  const deploy = await inProcessOfItsOwn(commandLine('npx cdk deploy --all', stage.settingsFile));
  await lock.keep('gone home');
  expect([deploy.code, deploy.said]).toEqual([
    1,
    expect.stringMatching(/CobaltDoor.*grace on desk .*holds/s),
  ]);
  expect(deploy.said).toMatch(
    /Nothing was changed\. Leave the stacks to that run, or stop it first \(Ctrl-C\)/,
  );
  expect(refused).toMatchObject({ exitCode: 5, code: 'LOCK_HELD', did: [] });
  expect(refused.so).toMatch(/grace on desk \(process 1\) holds the run .*the last sign of life was/);
  expect(refused.changed).toBe('Nothing was changed.');
  expect(refused.next).toMatch(/npm run unlock/);
});

test('the direction cannot be exchanged in the middle of a run', async () => {
  const refused = await run({ settings: reversed(cobalt) });
  expect(refused).toMatchObject({ exitCode: 3, code: 'RUN_OF_ANOTHER_DIRECTION', did: [] });
  expect(refused.so).toContain('from-blue-to-green, and the settings say from-green-to-blue');
  expect(refused.changed).toBe('Nothing was changed.');
  expect(refused.next).toMatch(/the settings it was begun with/);
});

test('what was done before a database refused the password is told', async () => {
  const mend = spoilPassword();
  const refused = await run();
  mend();
  expect(refused).toMatchObject({ exitCode: 4, code: 'DATABASE_REFUSES_PASSWORD' });
  expect(refused.did).toEqual(expect.arrayContaining(['rest-new-side', 'scale-down']));
  expect(refused.did).not.toContain('reader');
  expect(refused.changed).toContain('RDS_READER_PASSWORD exists; the login was left as it was');
  expect(refused.next).toMatch(/aws ssm put-parameter --overwrite.* run the same command again/);
});

describe('typed where it cannot be carried out', () => {
  const refusals: [string, number, string, { file?: string; variables?: NodeJS.ProcessEnv }, RegExp][] = [
    ['COMMAND_LINE', 2, '--yess', {}, /unknown option '--yess'.* npm run cutover -- --help/],
    ['SETTINGS_INVALID', 2, '--yes', { file: 'nowhere.yaml' }, /Mend nowhere\.yaml/],
    ['REPORT_NOT_WRITABLE', 2, '--report package.json/report', {}, /another file with --report/],
    [
      'ENDPOINT_UNREACHABLE',
      3,
      '--yes',
      { variables: { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' } },
      /Check the network/,
    ],
    ['CLOCK_UNREACHABLE', 3, '--yes', { variables: { UPGRADE_CLOCK: '127.0.0.1:9' } }, /Start the sandbox/],
  ];

  test.each(refusals)('%s is exit code %i', async (fault, exitCode, words, { file, variables }, told) => {
    const { code, said } = await typed(words, file, variables);
    expect([code, said]).toEqual([exitCode, expect.stringContaining(`${fault}: `)]);
    expect(said).toMatch(/Nothing was changed|This call changed nothing/);
    expect(said.replaceAll('\n', ' ')).toMatch(told);
    expect(said).not.toMatch(/^ +at /m);
  });

  test('nobody says yes where there is no terminal, and the run can go on', async () => {
    const { code, said } = await typed(
      `-- --report ${path.join(path.dirname(stage.settingsFile), 'report.json')}`,
    );
    expect([code, said]).toEqual([6, expect.stringContaining('Nobody can be asked here: give --yes')]);
    expect(said).toMatch(/GATE_DECLINED: .*\(begin\) was not confirmed.*\n.*\n.*asks again from here/);
  });
});

describe('an instance whose jobs cannot be stopped', () => {
  let silent: Machine;
  let unreachable: Outcome;
  beforeAll(async () => {
    silent = machineOf('cobalt-ses-production-green');
    unreachable = await run({
      faults: {
        'stop-jobs': () => {
          silent.managed = false;
        },
      },
    });
  });

  test('is named, with what to end it by', () => {
    expect(unreachable).toMatchObject({ exitCode: 4, code: 'INSTANCE_UNREACHABLE' });
    expect(unreachable.so).toContain(silent.id);
    expect(unreachable.changed).toMatch(/groups launch nothing any more, and cron may be stopped/);
    expect(unreachable.next).toContain(`aws ec2 terminate-instances --instance-ids ${silent.id}`);
  });

  test('is not waited for when nobody mended it', async () => {
    const again = await run();
    silent.managed = true;
    expect(again).toMatchObject({ exitCode: 4, code: 'INSTANCE_UNREACHABLE' });
    expect(again.did).not.toContain('stop-jobs');
    expect(again.waited).not.toContain('stop-jobs');
  });
});

test('the snapshot that disappears is missed, and taken again', async () => {
  await byHand.beginSnapshot('production-blue', 'kept-for-the-judge');
  const gone = await run({
    faults: {
      restore: async () => {
        const DBSnapshotIdentifier = 'cobalt-production-green-from-production-blue';
        await new RDSClient({}).send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier }));
      },
    },
  });
  expect(gone).toMatchObject({ exitCode: 4, code: 'SNAPSHOT_MISSING' });
  expect(gone.so).toMatch(/recorded snapshot cobalt-production-green-from-production-blue is not there/);
  expect(gone.changed).toMatch(/^This step changed nothing\. This command has done: .*snapshot/);
  expect(gone.next).toMatch(/npm run snapshot/);
});

test('a refusal while the copy is waited for does not deny that it was begun', async () => {
  let mend = () => {};
  const refused = await run({
    faults: {
      restore: () => {
        mend = spoilPassword();
      },
    },
  });
  mend();
  expect(refused).toMatchObject({ exitCode: 4, code: 'DATABASE_REFUSES_PASSWORD', did: ['snapshot'] });
  expect(refused.so).toContain('cobalt-production-green');
  expect(refused.changed).toBe('What this step did stays done.');
});

test('credentials that expire stop the run; good ones go on with it', async () => {
  const role = `cdk-hnb659fds-deploy-role-${cobalt.account}-${cobalt.region}`;
  const { Credentials } = await new STSClient({}).send(
    new AssumeRoleCommand({
      RoleArn: `arn:aws:iam::${cobalt.account}:role/${role}`,
      RoleSessionName: 'ada',
    }),
  );
  const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
  const restore = withVariables({
    AWS_ACCESS_KEY_ID: AccessKeyId,
    AWS_SECRET_ACCESS_KEY: SecretAccessKey,
    AWS_SESSION_TOKEN: SessionToken,
  });
  const expired = await run({
    faults: { 'keep-blocked-emails': () => stage.sandbox.sts.expire(AccessKeyId!) },
  }).finally(restore);
  expect(expired).toMatchObject({ exitCode: 4, code: 'CREDENTIALS_EXPIRED' });
  expect(expired.did).toEqual(expect.arrayContaining(['restore', 'verify']));
  expect(expired.changed).toMatch(/This command has done: restore, .*verify/);
  expect(expired.next).toMatch(/Sign in .* then run the same command again/);
});

test('an instance of the new side that is gone is missed before anything else', async () => {
  await byHand.terminate(machineOf('cobalt-production-green').id);
  const missed = await run();
  expect(missed).toMatchObject({ exitCode: 3, code: 'NO_INSTANCE', did: [], waited: [] });
  expect(missed.so).toContain('cobalt-production-green has no running instance');
  expect(missed.changed).toBe('Nothing was changed.');
  expect(missed.next).toMatch(/\(npm run jobs -- replace --side green\), and run the same command again/);
});

test('that command replaces it, and a disk that is full is told before the migration begins', async () => {
  const { code, said } = await inProcess(stage, 'npm run jobs -- replace --side green');
  expect([code, said]).toEqual([0, said]);
  let full: Machine | undefined;
  const refused = await run({
    faults: {
      'keep-blocked-emails': () => {
        full = machineOf('cobalt-production-green');
        full.diskFreeMb = 10;
      },
    },
  });
  delete full!.diskFreeMb;
  expect(refused).toMatchObject({ exitCode: 4, code: 'DISK_FULL' });
  expect(refused.did).toContain('keep-blocked-emails');
  expect(refused.did).not.toContain('rest-new-side');
  expect(refused.so).toMatch(new RegExp(`${full!.id} has too little disk left: 10 MiB are free`));
  expect(refused.changed).toMatch(/^This step changed nothing\. This command has done: .*keep-blocked/);
  expect(refused.next).toMatch(/Remove what fills its disk .* run the same command again/);
});

test('a run that another person takes in the middle of an act does nothing more of it', async () => {
  const { objects, clock } = await stage.ports();
  const taken = await run({
    faults: {
      migrate: async () => {
        const by = { who: 'grace', host: 'desk', pid: 1 };
        await unlock(objects, clock, (await readLock(objects))!, { state: 'kept', by, reason: 'it hangs' });
        await clock.sleep(2 * beatMs);
      },
    },
  });
  expect(taken).toMatchObject({ exitCode: 4, code: 'LOCK_LOST' });
  expect(taken.so).toContain('grace on desk (process 1) took it');
  expect(taken.did).not.toContain('migrate');
  const { databases } = await stage.record();
  expect(databases.find(({ id }) => id === 'cobalt-production-green')).toMatchObject({ migrated: false });
});

test('a conversion that leaves people behind and exits 0 is no success', async () => {
  const copy = 'cobalt-production-green';
  const [{ number }] = await stage.query(
    copy,
    'SELECT max(system_number) AS number FROM accounts_unregistereduser',
  );
  await stage.query(
    copy,
    `CREATE FUNCTION leave_out() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       IF NEW.system_number = ${number} THEN RETURN NULL; END IF; RETURN NEW; END $$`,
  );
  await stage.query(
    copy,
    'CREATE TRIGGER leave_out BEFORE INSERT ON accounts_user FOR EACH ROW EXECUTE FUNCTION leave_out()',
  );
  const refused = await run();
  await stage.query(copy, 'DROP FUNCTION leave_out CASCADE');
  expect(refused).toMatchObject({ exitCode: 4, code: 'CONVERSION_DOES_NOT_ADD_UP' });
  expect(refused.so).toContain('1 rows are left that are neither duplicates nor nameless');
  expect(refused.changed).toBe('The users that were converted stay converted.');
  expect(refused.next).toMatch(/Look at the rows that are left, mend the cause/);
});

test('a smoke check that does not hold is told', async () => {
  const settings = structuredClone(cobalt);
  for (const check of settings.smoke!.checks) check.status = 418;
  const refused = await run({ settings });
  expect(refused).toMatchObject({ exitCode: 4, code: 'NOT_PROVED' });
  expect(refused.did).toContain('convert');
  expect(refused.so).toMatch(
    /"green answers as it should.*\(smoke-preview\) is not proved: https:\S+ is 200, not 418/,
  );
  expect(refused.changed).toMatch(/^This step changed nothing/);
  expect(refused.next).toMatch(/npm run status.* run the same command again/);
});

test('in the end the night is done, and nothing was broken or lost; what somebody changed by hand is mended', async () => {
  const ended = await run({
    faults: {
      names: () => byHand.set('cobalt-production-blue', { MAINTENANCE_MODE: 'OFF' }),
    },
  });
  expect(ended).toMatchObject({ exitCode: 0, so: '' });
  expect(stage.said).toContainEqual(
    'cobalt-production-blue: set MAINTENANCE_MODE; it was otherwise than declared.',
  );
  const maintenance = stage.processes('cobalt-production-blue').map((each) => each.MAINTENANCE_MODE);
  expect(new Set(maintenance)).toEqual(new Set(['ON']));
  const { posture } = await stage.record();
  expect(posture).toMatchObject({ live: 'green', access: 'open' });
  await stage.sandbox.judge.settle();
  expect(stage.sandbox.judge.verdict()).toMatchObject({ broken: [], missing: [] });
});
