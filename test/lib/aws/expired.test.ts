import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { buildApp } from '../../../lib/app';
import { Clients } from '../../../lib/aws/clients';
import { ToolkitDeployments } from '../../../lib/aws/deployments';
import { resolveWords } from '../../../lib/posture';
import type { UpgradeRecord } from '../../../lib/record';
import { exitCodes, type UpgradeError } from '../../../lib/runbook/errors';
import { poll } from '../../../lib/upgrade/poll';
import type { Ports } from '../../../lib/upgrade/ports';
import { withVariables } from '../../support/aws';
import { quick } from '../../support/quick';
import { Stage } from '../../support/stage';
import { rejection } from '../../support/upgrade-world';

let stage: Stage;
/** Told of each call that AWS answers. */
let onCall = () => {};
let record: UpgradeRecord;
beforeAll(async () => {
  stage = await Stage.open(undefined, { durations: quick, onCall: () => onCall() });
  await stage.deploy();
  record = await stage.record();
});
afterAll(() => stage.close());

/** The world of somebody who signed in for some hours, and what ends them. */
async function signedIn(): Promise<{ ports: Ports; expire: () => void; restore: () => void }> {
  const { account, region } = stage.settings;
  const RoleArn = `arn:aws:iam::${account}:role/cdk-hnb659fds-deploy-role-${account}-${region}`;
  const { Credentials } = await new STSClient({}).send(
    new AssumeRoleCommand({ RoleArn, RoleSessionName: 'ada' }),
  );
  const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
  const restore = withVariables({
    AWS_ACCESS_KEY_ID: AccessKeyId,
    AWS_SECRET_ACCESS_KEY: SecretAccessKey,
    AWS_SESSION_TOKEN: SessionToken,
  });
  const ports = await stage.ports();
  return { ports, expire: () => stage.sandbox.sts.expire(AccessKeyId!), restore };
}

/**
 * A profile in this home whose session ended an hour ago.
 * https://docs.aws.amazon.com/sdkref/latest/guide/understanding-sso.html
 */
function signedOut(home: string): Record<string, string | undefined> {
  const url = 'https://cobalt.awsapps.example/start';
  const cache = path.join(home, '.aws', 'sso', 'cache');
  mkdirSync(cache, { recursive: true });
  const token = { accessToken: 'token', expiresAt: new Date(Date.now() - 3_600_000).toISOString() };
  const key = createHash('sha1').update(url).digest('hex');
  writeFileSync(path.join(cache, `${key}.json`), JSON.stringify(token));
  const { account, region } = stage.settings;
  const profile = {
    sso_start_url: url,
    sso_region: region,
    sso_account_id: account,
    sso_role_name: 'operator',
  };
  const lines = Object.entries(profile).map(([name, value]) => `${name} = ${value}`);
  const config = path.join(home, '.aws', 'config');
  writeFileSync(config, ['[profile ada]', ...lines, ''].join('\n'));
  return { AWS_CONFIG_FILE: config, AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
}

function prepare(ports: Ports, during = () => {}) {
  const { settings } = stage;
  const words = resolveWords(record.posture, { access: 'frozen' });
  return ports.deployments.prepare('CobaltBlue', (outdir) => {
    during();
    return buildApp({ settings, record, words }, { outdir, autoSynth: false }).synth();
  });
}

const database = 'cobalt-production-db';
const environment = 'cobalt-production-blue';
const calls: Record<string, (ports: Ports) => Promise<unknown>> = {
  'a database is looked for': ({ databases }) => databases.find(database),
  'a snapshot is looked for': ({ databases }) => databases.findSnapshot('x'),
  'a snapshot is started': ({ databases }) => databases.startSnapshot(database, 'x'),
  'an environment is looked for': ({ environments }) => environments.find(environment),
  'an environment is changed': ({ environments }) => environments.update(environment, []),
  'a group is asked': ({ scalingGroups }) => scalingGroups.suspended('x'),
  'a command is sent': ({ instances }) => instances.run('i-0', 'observe', [], { timeoutSeconds: 60 }),
  'a stack is looked for': ({ stacks }) => stacks.find('CobaltBlue'),
  'a template is read': ({ stacks }) => stacks.template('CobaltBlue'),
  'a change is prepared': (ports) => prepare(ports),
  'the record is read': (ports) => ports.record.read(),
  'the record is written': (ports) => ports.record.writeDatabase(record.databases[0]!),
  'a secret is looked for': ({ secrets }) => secrets.exists('/x'),
  'the names are read': ({ names, settings }) => names.records(settings.zone.id),
  'an object is read': ({ objects }) => objects.read('x'),
  'objects are listed': ({ objects }) => objects.list('x'),
  'a line of the journal is written': ({ objects }) => objects.write('x', 'text', 'absent'),
};

let given: Awaited<ReturnType<typeof signedIn>>;
beforeEach(async () => {
  given = await signedIn();
});
afterEach(() => given.restore());

test.each(Object.entries(calls))('credentials that expired are told when %s', async (_, call) => {
  given.expire();
  expectExpired(await rejection(call(given.ports)));
});

test('credentials that expire while a change is prepared are told as that, not as what the toolkit lacks', async () => {
  expectExpired(await rejection(prepare(given.ports, given.expire)));
});

test('a single sign-on that has ended is told as that, also by the toolkit', async () => {
  const home = mkdtempSync(path.join(tmpdir(), 'ada-'));
  const restore = withVariables({ ...signedOut(home), HOME: home, AWS_PROFILE: 'ada' });
  const { settings, clock, progress } = given.ports;
  const deployments = new ToolkitDeployments(settings, clock, progress, new Clients(settings, clock));
  const error = await rejection(prepare({ ...given.ports, deployments })).finally(restore);
  expectExpired(error);
  expect(error.text.so).toContain('aws sso login');
  rmSync(home, { recursive: true });
});

test('whichever of the calls of preparing a change it is after which they expire', async () => {
  // The first one also sends the template, which is there from then on.
  await prepare(given.ports);
  let calls = 0;
  onCall = () => calls++;
  await prepare(given.ports);
  const all = calls;
  expect(all).toBeGreaterThan(10);
  for (let last = 1; last < all; last++) {
    given.restore();
    given = await signedIn();
    calls = 0;
    onCall = () => {
      if (++calls === last) given.expire();
    };
    const error = await rejection(prepare(given.ports));
    expect([last, error.code]).toEqual([last, 'CREDENTIALS_EXPIRED']);
    expectExpired(error);
  }
  onCall = () => {};
});

test('credentials that expire while something is waited for tell that it goes on', async () => {
  const { ports, expire } = given;
  let looks = 0;
  const look = async () => {
    if (++looks === 3) expire();
    await ports.databases.find(database);
    return undefined;
  };
  const waited = poll(ports, { until: 'it is so', everyMs: 1_000, forMs: 60_000 }, look);
  const error = await rejection(waited);
  expect(error).toMatchObject({ code: 'CREDENTIALS_EXPIRED', exitCode: exitCodes.stepFailed });
  expect(error.text.changed).toMatch(/stays done\. What was begun in AWS goes on\.$/);
  expect(error.text.next).toMatch(/^Sign in/);
  expect(looks).toBe(3);
});

function expectExpired(error: UpgradeError): void {
  expect(error).toMatchObject({ code: 'CREDENTIALS_EXPIRED', exitCode: exitCodes.precondition });
  expect(error.text.so).toMatch(/^The AWS credentials have expired: /);
  expect(error.text.changed).toBe('This call changed nothing; what this command did before stays done.');
  expect(error.text.next).toMatch(/^Sign in .*, then run the same command again\.$/);
}
