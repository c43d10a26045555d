import { existsSync } from 'node:fs';
import {
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { App, CliCredentialsStackSynthesizer, Stack } from 'aws-cdk-lib';
import { buildApp } from '../../../lib/app';
import { resolveWords, type Words } from '../../../lib/posture';
import { poll } from '../../../lib/upgrade/poll';
import type { Ports } from '../../../lib/upgrade/ports';
import { makeReader } from '../../../lib/upgrade/side/reader';
import type { PreparedChange } from '../../../lib/upgrade/stack-ports';
import { stackBusy } from '../../../lib/upgrade/stacks/deploy';
import type { ChangeSet } from '../../../sandbox/cloudformation/change-set';
import { spawned } from '../../support/night';
import { quick } from '../../support/quick';
import { Stage } from '../../support/stage';
import { rejection } from '../../support/upgrade-world';

let stage: Stage;
let ports: Ports;
beforeAll(async () => {
  stage = await Stage.open(undefined, { durations: quick });
  await stage.deploy();
  ports = await stage.ports();
  await makeReader(ports);
});
afterAll(() => stage.close());

const stackOf = (name: string) => stage.sandbox.cloudFormation.stacks.get(name);
/** The change sets of a stack that were not executed. */
const changeSetsOf = (name: string) =>
  [...stackOf(name).changeSets.values()]
    .filter(({ executionStatus }) => executionStatus !== 'EXECUTE_COMPLETE')
    .map(({ name, id }) => [name, id]);
/** The folders that an assembly was made in. */
const outdirs: string[] = [];

async function prepare(stack: string, given: Partial<Words>): Promise<PreparedChange | undefined> {
  const record = await stage.record();
  const words = resolveWords(record.posture, given);
  return ports.deployments.prepare(stack, (outdir) => {
    outdirs.push(outdir);
    return buildApp({ settings: stage.settings, record, words }, { outdir, autoSynth: false }).synth();
  });
}

/** The same of a change that there is. */
async function prepared(stack: string, given: Partial<Words>): Promise<PreparedChange> {
  const change = await prepare(stack, given);
  if (!change) throw new Error(`Nothing of ${stack} would change.`);
  return change;
}

/** AWS tells how it stands; nothing is skipped to its end. */
async function inTheMiddle<T>(work: () => Promise<T>): Promise<T> {
  const { clients } = stage.sandbox.world.clock;
  const client = clients.register(() => {});
  return work().finally(() => clients.leave(client));
}

const settled = (stack: string) =>
  poll(ports, { until: `${stack} is settled`, everyMs: 5_000, forMs: 3_600_000 }, async () =>
    (await stackBusy(ports, stack)) ? undefined : stackOf(stack).status,
  );

test('prepared is what would change, and nothing has changed', async () => {
  const events = stackOf('CobaltBlue').events.length;
  const change = await prepared('CobaltBlue', { access: 'frozen' });
  expect(change.changes).toEqual(
    ['web', 'ses'].map((role) => ({
      resource: expect.stringMatching(new RegExp(`^${role}`)),
      type: 'AWS::ElasticBeanstalk::Environment',
      action: 'Modify',
      replacement: 'False',
      properties: ['OptionSettings'],
    })),
  );
  expect(stackOf('CobaltBlue').events.length).toBe(events);
  expect(changeSetsOf('CobaltBlue')).toEqual([['upgrade', change.id]]);
  expect(outdirs.map(existsSync)).toEqual([false]);
});

test('without a change there is none, nor a change set that waits', async () => {
  expect(await prepare('CobaltFence', {})).toBeUndefined();
  expect(changeSetsOf('CobaltFence')).toEqual([]);
});

test('a change set that fails for any other reason is an error that quotes it', async () => {
  const reason = 'The following hook(s)/validation failed: [Ours::Own::Hook].';
  const stack = stackOf('CobaltFence');
  const usual = stack.changeSets;
  stack.changeSets = new (class extends Map<string, ChangeSet> {
    override set(name: string, made: ChangeSet) {
      return super.set(name, { ...made, status: 'FAILED', statusReason: reason });
    }
  })();
  const error = await rejection(prepare('CobaltFence', { access: 'frozen' }));
  stack.changeSets = usual;
  expect(error).toMatchObject({ code: 'DEPLOY_NOT_PREPARED', exitCode: 4 });
  expect(error.text.so).toContain(reason);
  expect(error.text.changed).toBe('No resource was changed.');
});

test('a change that must not be made is taken away', async () => {
  await ports.deployments.discard(await prepared('CobaltFence', { access: 'frozen' }));
  expect(changeSetsOf('CobaltFence')).toEqual([]);
});

test('a change that a crash left is replaced by the next, and cannot be made', async () => {
  const left = await prepared('CobaltFence', { access: 'frozen' });
  const next = await prepared('CobaltFence', { access: 'frozen' });
  expect(changeSetsOf('CobaltFence')).toEqual([['upgrade', next.id]]);
  const error = await rejection(ports.deployments.execute(left));
  expect(error).toMatchObject({ code: 'CHANGE_SET_OBSOLETE', exitCode: 3 });
});

test("what took a change's name is not made in its place", async () => {
  const ours = await prepared('CobaltBlue', { access: 'frozen' });
  const theirs = await prepared('CobaltBlue', { reassert: true });
  expect(await rejection(ports.deployments.execute(ours))).toMatchObject({ code: 'CHANGE_SET_OBSOLETE' });
  expect(changeSetsOf('CobaltBlue')).toEqual([['upgrade', theirs.id]]);
});

test('a change that somebody else overtook is not made', async () => {
  const overtaken = await prepared('CobaltFence', { access: 'frozen' });
  await stage.deploy({ access: 'frozen' }, { stacks: ['CobaltFence'] });
  expect(await rejection(ports.deployments.execute(overtaken))).toMatchObject({
    code: 'CHANGE_SET_OBSOLETE',
    exitCode: 3,
  });
});

test('a change that is executed is begun, and the stack takes no other meanwhile', async () => {
  const change = await prepared('CobaltBlue', { access: 'frozen' });
  await inTheMiddle(async () => {
    await ports.deployments.execute(change);
    expect(stackOf('CobaltBlue').status).toBe('UPDATE_IN_PROGRESS');
    const error = await rejection(prepare('CobaltBlue', { access: 'frozen' }));
    expect(error).toMatchObject({ code: 'STACK_BUSY', exitCode: 3 });
  });
  expect(await settled('CobaltBlue')).toBe('UPDATE_COMPLETE');
  expect(stackOf('CobaltBlue').disableRollback).toBe(true);
});

test('afterwards the command line finds nothing to change, not a letter of any template', async () => {
  await ports.deployments.execute(await prepared('CobaltTraffic', { access: 'frozen' }));
  await settled('CobaltTraffic');
  await stage.deploy({}, { stacks: ['CobaltDoor'] });
  const { code, said } = await spawned(stage, 'npx cdk deploy --all');
  const stacks = ['Operations', 'Door', 'Fence', 'Blue', 'Green', 'Traffic'].map((name) => `Cobalt${name}`);
  expect(said.match(/(?<=✅ {2})\S+ \(no changes\)/g)).toEqual(
    expect.arrayContaining(stacks.map((name) => `${name} (no changes)`)),
  );
  expect(said).not.toContain('creating CloudFormation changeset');
  expect(code).toBe(0);
});

test('a move that may not be made is refused', async () => {
  const error = await rejection(prepare('CobaltGreen', { live: 'green', access: 'testing' }));
  expect(error).toMatchObject({ code: 'MOVE_REFUSED', exitCode: 3 });
  expect(error.text.so).toContain('Run npm run snapshot');
});

test('a stack that must be rolled back first is left as it is', async () => {
  const stack = stackOf('CobaltFence');
  stack.status = 'UPDATE_ROLLBACK_FAILED';
  const error = await rejection(prepare('CobaltFence', { access: 'open' }));
  expect(error).toMatchObject({ code: 'STACK_FAILED', exitCode: 3 });
  expect(stack.status).toBe('UPDATE_ROLLBACK_FAILED');
  stack.status = 'UPDATE_COMPLETE';
});

test('a stack is not deleted because its template has nothing in it', async () => {
  const stack = stackOf('CobaltFence');
  stack.terminationProtection = false;
  const emptied = ports.deployments.prepare('CobaltFence', (outdir) => {
    const app = new App({ outdir, autoSynth: false });
    const { account, region } = stage.settings;
    new Stack(app, 'CobaltFence', {
      env: { account, region },
      synthesizer: new CliCredentialsStackSynthesizer(),
    });
    return app.synth();
  });
  expect(await rejection(emptied)).toMatchObject({ code: 'DEPLOY_NOT_PREPARED' });
  expect(stack.status).toBe('UPDATE_COMPLETE');
  stack.terminationProtection = true;
});

test('nothing that the toolkit says is printed', async () => {
  const streams = [process.stdout, process.stderr].map((stream) => jest.spyOn(stream, 'write'));
  await prepare('CobaltFence', { access: 'open' });
  expect(streams.flatMap(({ mock }) => mock.calls)).toEqual([]);
  jest.restoreAllMocks();
});

test('without the bucket for templates, its making is named', async () => {
  const client = new S3Client({ forcePathStyle: true });
  const Bucket = `cdk-hnb659fds-assets-${stage.settings.account}-${stage.settings.region}`;
  const { Versions } = await client.send(new ListObjectVersionsCommand({ Bucket }));
  for (const { Key, VersionId } of Versions ?? [])
    await client.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
  await client.send(new DeleteBucketCommand({ Bucket }));
  const error = await rejection(prepare('CobaltFence', { access: 'open' }));
  expect(error).toMatchObject({ code: 'NOT_BOOTSTRAPPED', exitCode: 3 });
});
