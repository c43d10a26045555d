import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Toolkit } from '@aws-cdk/toolkit-lib';
import { App, CliCredentialsStackSynthesizer, Stack } from 'aws-cdk-lib';
import { CfnTopic } from 'aws-cdk-lib/aws-sns';
import { standIns } from './stand-ins';
import { type Site, startSite } from './support';

const account = '111122223333';
const region = 'ap-southeast-2';
const stackName = 'Green';
let site: Site;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'toolkit-'));
  site = await startSite(standIns);
});
afterEach(async () => {
  await site.close();
  rmSync(folder, { recursive: true });
});

/** Writes the cloud assembly of one stack. */
function synthesise(topics: Record<string, string>, terminationProtection = false): string {
  const outdir = mkdtempSync(path.join(folder, 'assembly-'));
  const app = new App({
    outdir,
    analyticsReporting: false,
    context: { '@aws-cdk/core:validateAgainstDefaultRules': false },
  });
  const synthesizer = new CliCredentialsStackSynthesizer();
  const stack = new Stack(app, stackName, { synthesizer, env: { account, region }, terminationProtection });
  for (const [id, displayName] of Object.entries(topics))
    new CfnTopic(stack, id, { topicName: id, displayName });
  app.synth();
  return outdir;
}

function environment(): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    CDK_HOME: folder,
    AWS_ENDPOINT_URL: site.server.origin,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: 'AKIATEST',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    CDK_DISABLE_VERSION_CHECK: 'true',
    CDK_VALIDATION: 'false',
    NODE_NO_WARNINGS: '1',
  };
}

/** Runs the real command line; resolves to its exit code and all it said. */
function cdk(...args: string[]): Promise<{ code: number | null; said: string }> {
  const program = path.join(__dirname, '../../../node_modules/aws-cdk/bin/cdk');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, '--no-notices', '--no-color', ...args], {
      cwd: folder,
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stdout.on('data', (text) => (said += text));
    child.stderr.on('data', (text) => (said += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, said }));
  });
}

test('the cdk command deploys, sees no change, updates and destroys', async () => {
  const first = synthesise({ one: 'first' });
  const deploy = (app: string, ...more: string[]) =>
    cdk('deploy', '--app', app, '--require-approval', 'never', ...more);

  const created = await deploy(first, '--progress', 'events');
  expect(created).toMatchObject({ code: 0 });
  expect(created.said).toMatch(/CREATE_COMPLETE\s*\| AWS::SNS::Topic\s*\| one/);
  expect(site.topic.living.get('one')).toEqual({ TopicName: 'one', DisplayName: 'first' });

  expect((await deploy(first)).said).toContain('(no changes)');

  const second = synthesise({ one: 'second', two: 'new' });
  expect(await deploy(second, '--no-rollback')).toMatchObject({ code: 0 });
  expect([...site.topic.living.keys()]).toEqual(['one', 'two']);

  expect(await cdk('destroy', '--app', second, '--force')).toMatchObject({ code: 0 });
  expect(site.topic.living.size).toBe(0);
});

describe('the toolkit library', () => {
  const kept = { ...process.env };
  let toolkit: Toolkit;
  let messages: string[];

  beforeEach(async () => {
    Object.assign(process.env, environment());
    const library = await import('@aws-cdk/toolkit-lib');
    messages = [];
    const ioHost = {
      notify: async ({ message }: { message: string }) => void messages.push(message),
      requestResponse: async <Answer>({ defaultResponse }: { defaultResponse: Answer }) => defaultResponse,
    };
    toolkit = new library.Toolkit({ ioHost: ioHost as never });
  });
  afterEach(() => {
    process.env = { ...kept };
  });

  const source = (topics: Record<string, string>, protection = false) =>
    toolkit.fromAssemblyDirectory(synthesise(topics, protection));

  test('deploys, rolls a failed update back, and goes on with a failed one that was not', async () => {
    const { stacks } = await toolkit.deploy(await source({ one: 'first' }));
    expect(stacks[0]).toMatchObject({ stackName });
    expect(site.topic.living.get('one')).toEqual({ TopicName: 'one', DisplayName: 'first' });

    site.topic.failing.add('create two');
    const next = await source({ one: 'second', two: 'new' });
    await expect(toolkit.deploy(next)).rejects.toThrow(/create two was made to fail/);
    expect(site.topic.living.get('one')).toMatchObject({ DisplayName: 'first' });
    const status = () => site.cloudformation.stacks.find(stackName)!.status;
    expect(status()).toBe('UPDATE_ROLLBACK_COMPLETE');

    await expect(toolkit.deploy(next, { rollback: false })).rejects.toThrow(/create two was made to fail/);
    expect(status()).toBe('UPDATE_FAILED');
    site.topic.failing.clear();
    await toolkit.deploy(next, { rollback: false });
    expect(status()).toBe('UPDATE_COMPLETE');
    expect(site.topic.living.get('one')).toMatchObject({ DisplayName: 'second' });
  });

  test('takes a stack that failed on creation away before it makes it again', async () => {
    site.topic.failing.add('create one');
    const cx = await source({ one: 'first' });
    await expect(toolkit.deploy(cx)).rejects.toThrow(/create one was made to fail/);
    site.topic.failing.clear();
    await toolkit.deploy(cx);
    expect(site.cloudformation.stacks.all().map(({ status }) => status)).toEqual([
      'CREATE_COMPLETE',
      'DELETE_COMPLETE',
    ]);
  });

  test('finds a registered stack as deployed, shows differences, and meets its termination protection', async () => {
    site.topic.living.set('one', { TopicName: 'one', DisplayName: 'first' });
    const Properties = { DisplayName: 'first', TopicName: 'one' };
    site.cloudformation.register({
      name: stackName,
      template: { Resources: { one: { Type: 'AWS::SNS::Topic', Properties } } },
      resources: { one: 'one' },
      terminationProtection: true,
    });
    const same = await source({ one: 'first' }, true);
    expect((await toolkit.deploy(same)).stacks[0]).toMatchObject({ stackName });
    expect(site.topic.asked).toEqual([]);
    const differences = await toolkit.diff(await source({ one: 'second' }, true));
    expect(differences[stackName]!.resources.differenceCount).toBe(1);
    await expect(toolkit.destroy(same)).rejects.toThrow(/TerminationProtection is enabled/);
    await toolkit.deploy(await source({ one: 'first' }, false));
    await toolkit.destroy(same);
    expect(site.topic.living.size).toBe(0);
  });

  test('finds drift', async () => {
    site.topic.live = (name) => site.topic.living.get(name);
    const cx = await source({ one: 'declared' });
    await toolkit.deploy(cx);
    expect((await toolkit.drift(cx))[stackName]).toMatchObject({ numResourcesWithDrift: 0 });
    site.topic.living.set('one', { TopicName: 'one', DisplayName: 'by hand' });
    expect((await toolkit.drift(cx))[stackName]).toMatchObject({ numResourcesWithDrift: 1 });
  });

  test('directly, without change sets', async () => {
    await toolkit.deploy(await source({ one: 'first' }), { deploymentMethod: { method: 'direct' } });
    await toolkit.deploy(await source({ one: 'second' }), { deploymentMethod: { method: 'direct' } });
    expect(site.topic.living.get('one')).toMatchObject({ DisplayName: 'second' });
    expect(site.calls).not.toContain('CreateChangeSet');
    expect(site.calls).toEqual(expect.arrayContaining(['CreateStack', 'UpdateStack']));
  });
});
