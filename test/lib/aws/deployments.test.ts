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
import { stackBusy } from '../../../lib/upgrade/deploy';
import { poll } from '../../../lib/upgrade/poll';
import type { PlannedChange, Ports } from '../../../lib/upgrade/ports';
import { makeReader } from '../../../lib/upgrade/reader';
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
/** The folders that an assembly was made in. */
const outdirs: string[] = [];

async function prepare(stack: string, given: Partial<Words>): Promise<PlannedChange[]> {
  const record = await stage.record();
  const words = resolveWords(record.posture, given);
  return ports.deployments.prepare(stack, (outdir) => {
    outdirs.push(outdir);
    return buildApp({ settings: stage.settings, record, words }, { outdir, autoSynth: false }).synth();
  });
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
  expect(await prepare('CobaltBlue', { access: 'frozen' })).toEqual(
    ['web', 'ses'].map((role) => ({
      resource: expect.stringMatching(new RegExp(`^${role}`)),
      type: 'AWS::ElasticBeanstalk::Environment',
      action: 'Modify',
      replacement: 'False',
      properties: ['OptionSettings'],
    })),
  );
  expect(stackOf('CobaltBlue').events.length).toBe(events);
  expect([...stackOf('CobaltBlue').changeSets.keys()]).toEqual(['upgrade']);
  expect(outdirs.map(existsSync)).toEqual([false]);
});

test('without a change there is none, nor a change set that waits', async () => {
  expect(await prepare('CobaltFence', {})).toEqual([]);
  expect(stackOf('CobaltFence').changeSets.has('upgrade')).toBe(false);
});

test('a change that somebody else overtook is not made', async () => {
  await prepare('CobaltFence', { access: 'frozen' });
  await stage.deploy({ access: 'frozen' }, { stacks: ['CobaltFence'] });
  expect(await rejection(ports.deployments.execute('CobaltFence'))).toMatchObject({
    code: 'CHANGE_SET_OBSOLETE',
    exitCode: 3,
  });
});

test('a change that is executed is begun, and the stack takes no other meanwhile', async () => {
  await prepare('CobaltBlue', { access: 'frozen' });
  await inTheMiddle(async () => {
    await ports.deployments.execute('CobaltBlue');
    expect(stackOf('CobaltBlue').status).toBe('UPDATE_IN_PROGRESS');
    const error = await rejection(prepare('CobaltBlue', { access: 'frozen' }));
    expect(error).toMatchObject({ code: 'STACK_BUSY', exitCode: 3 });
  });
  expect(await settled('CobaltBlue')).toBe('UPDATE_COMPLETE');
  expect(stackOf('CobaltBlue').disableRollback).toBe(true);
});

test('afterwards the command line finds nothing to change, not a letter of any template', async () => {
  await prepare('CobaltTraffic', { access: 'frozen' });
  await ports.deployments.execute('CobaltTraffic');
  await settled('CobaltTraffic');
  const { code, said } = await spawned(stage, 'npx cdk deploy --all');
  const stacks = ['Operations', 'Fence', 'Blue', 'Green', 'Traffic'].map((name) => `Cobalt${name}`);
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
  expect(await rejection(emptied)).toMatchObject({ code: 'CHANGE_SET_OBSOLETE' });
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
