import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import { bucketName, parameterNames } from '../../lib/names';
import type { Settings } from '../../lib/settings';
import { endpointOf } from '../../sandbox/rds/state';
import { worldBefore } from '../../scripts/rehearsal/world-before';
import { withVariables } from '../support/aws';
import { Canaries } from '../support/canaries';
import {
  commandsKept,
  environmentsKept,
  filesKept,
  objectsKept,
  stacksKept,
  type Texts,
} from '../support/kept-texts';
import { inProcess, spawned } from '../support/night';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';
import { documented } from '../support/upgrade';
import { Wiretap } from '../support/wiretap';

jest.setTimeout(900_000);

const settings = documented as Settings & { testSystem: NonNullable<Settings['testSystem']> };
const names = parameterNames(settings);
const canaries = new Canaries();

/** Behind each secret: what a shell, psql, SQL, JSON and a URL read as something else. */
const tail = ` '"$&%\\;x`;

/**
 * Where a canary may be found. Secrets are in Parameter Store, in the environment of the processes that are given them and
 * in the database, of which none is read here; people are in the database alone. Besides there is:
 */
const mayBeFound: [canary: string, place: RegExp, because: string][] = [
  [
    "tester's token",
    /^(stack CobaltDoor|file .*\.template\.json|object cdk-.*|terminal tester-link|wire)$/,
    'AWS WAF compares a cookie with it, so it stands in the template of the doors; the link holds it',
  ],
  ['password made by the tool', /^wire$/, 'the tool makes it once, and hands it to Parameter Store'],
  // The page of a failback on this machine lists what people did (docs/report-format.md); that in the bucket does not.
  [
    'what somebody wrote',
    /^((file|object) .*\bactivity\.(csv|html|json)|file (asked|failback)\.html|command .*|object .*\/commands\/.*\/stdout|wire)$/,
    "people's own words about their rows are what the count of activity shows, to people",
  ],
];

let stage: Stage;
let wire: Wiretap;
let restore: () => void;
let folder: string;
let argv: string;
const said: Texts = {};

const secrets = new Map<string, string>();
/** The same each time. */
function renewed(name: string): string {
  const value = secrets.get(name) ?? canaries.plant(name, tail);
  secrets.set(name, value);
  return value;
}

/** The world before, each of its secrets a new one. */
function planted() {
  const plan = worldBefore(settings, (id) => endpointOf(settings.account, settings.region, id));
  const isSecret = ({ type, value }: { type: string; value: string }) =>
    type === 'SecureString' && value !== 'not-set';
  const type = 'SecureString' as const;
  const reader = { name: names.secret(settings.database.reader.secret), value: renewed('reader'), type };
  return {
    ...plan,
    parameters: [
      ...plan.parameters.map((each) => (isSecret(each) ? { ...each, value: renewed(each.value) } : each)),
      reader,
    ],
    stripeWebhookSecret: renewed(plan.stripeWebhookSecret!),
  };
}

/** People whose names, addresses and letters no world has by itself. */
async function plantPeople(): Promise<void> {
  const name = canaries.plant('a name');
  const letter = canaries.plant('a letter');
  const address = `'${canaries.plant('an address')}' || id || '@example.com'`;
  await stage.query(
    'production-blue',
    `UPDATE accounts_user SET first_name = '${name}' || id, last_name = 'O''${name}', email = ${address} WHERE id > 4;
     UPDATE accounts_unregistereduser SET first_name = '${name}' || id, last_name = '${name}';
     UPDATE notifications_unregisteredblockedemail SET email = ${address};
     UPDATE post_office_email SET "to" = ${address}, subject = '${letter}', message = '${letter}'`,
  );
}

/** Every command line on the instances: each program writes down its own. */
function writeDownArguments(): void {
  argv = path.join(folder, 'argv');
  const { folder: world } = stage.sandbox.world;
  for (const shell of readdirSync(world).filter((name) => name.startsWith('shell-'))) {
    const bin = path.join(world, shell, 'bin');
    const real = path.join(world, shell, 'real');
    renameSync(bin, real);
    mkdirSync(bin);
    for (const name of readdirSync(real)) {
      writeFileSync(
        path.join(bin, name),
        `#!/bin/sh\nprintf '%s\\n' "$0 $*" >>'${argv}'\nexec '${real}/${name}' "$@"\n`,
      );
      chmodSync(path.join(bin, name), 0o755);
    }
  }
}

async function typed(command: string, by = inProcess): Promise<string> {
  const outcome = await by(stage, command);
  const [, , name] = command.split(' ');
  said[`terminal ${name}`] = `${said[`terminal ${name}`] ?? ''}${outcome.said}`;
  return outcome.said;
}

beforeAll(async () => {
  const size = {
    users: 200,
    unregistered: 60,
    blockedEmails: 10,
    entries: 20,
    payments: 20,
    queuedEmails: 6,
  };
  stage = await Stage.open(settings, { plan: planted(), actors: true, durations: quick, size });
  folder = path.dirname(stage.settingsFile);
  wire = await Wiretap.open(stage.sandbox.origin);
  restore = withVariables({ AWS_ENDPOINT_URL: wire.origin });
  await plantPeople();
  await (await stage.ports()).record.writeTesterToken(canaries.plant("tester's token"));

  await typed('npx cdk deploy --all', spawned);
  await typed('npm run status');
  writeDownArguments();
  await typed('npm run test-system -- --yes');
  await typed(`npm run cutover -- --yes --report ${folder}/cutover.json`);
  await typed('npm run tester-link');
  await (await stage.ports()).clock.sleep(3 * 60_000);
  await stage.query(
    'cobalt-production-green',
    `INSERT INTO events_eventlog (event_id, actor_id, action_date, action)
     SELECT (SELECT min(id) FROM events_event), 5, now(), '${canaries.plant('what somebody wrote')}'`,
  );
  await typed('npm run sync -- --yes');
  await typed(`npm run activity -- --to ${folder}/activity`);
  const lost = /(\d+) rows/.exec(await typed(`npm run failback -- --yes --report ${folder}/asked.json`));
  await typed(`npm run failback -- --yes --confirm ${lost?.[1]} --report ${folder}/failback.json`);
  await typed('npm run status');
  canaries.know(
    'password made by the tool',
    stage.sandbox.world.parameters.read(names.secret(settings.testSystem.secret))!.value,
  );
});
afterAll(async () => {
  restore?.();
  await wire?.close();
  await stage?.close();
});

/** Which canaries each text holds that may not be there. */
function leaks(texts: Texts): string[] {
  return Object.entries(texts).flatMap(([place, text]) =>
    canaries
      .in(text)
      .filter((canary) => !mayBeFound.some(([which, where]) => which === canary && where.test(place)))
      .map((canary) => `${canary}: ${place}`),
  );
}

test('it was a whole night and its way back', async () => {
  const result = (name: string) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')).result;
  expect([result('cutover.json'), result('failback.json')]).toEqual(['done', 'done']);
  expect((await stage.record()).posture).toMatchObject({ live: 'blue', access: 'open' });
  expect(await (await stage.ports()).record.readTestSystem()).toMatchObject({ synced: expect.anything() });
});

describe('no secret and nothing of a person is', () => {
  test.each<[string, () => Texts | Promise<Texts>]>([
    ['in what Run Command keeps', commandsKept],
    ['in an object: journal, lock, reports, outputs', objectsKept],
    ['in a template, an output or an event of a stack', stacksKept],
    ['in the options and events of an environment', environmentsKept],
    ['in what was synthesised or reported on this machine', () => filesKept(folder)],
    ['on the terminal', () => ({ ...said, 'terminal progress': stage.said.join('\n') })],
    ['in a command line on an instance', () => ({ argv: readFileSync(argv, 'utf8') })],
    ['on the way between this machine and AWS', () => ({ wire: wire.text() })],
  ])('%s', async (_, texts) => {
    const all = await texts();
    expect(Object.values(all).join('').length).toBeGreaterThan(1000);
    expect(leaks(all)).toEqual([]);
  });
});

test('although the processes of the side that serves hold their own, as they are', () => {
  const [environ] = stage.processes('cobalt-production-blue');
  expect(environ).toMatchObject({
    RDS_PASSWORD: secrets.get('canary-writer-password'),
    SECRET_KEY: secrets.get('canary-SECRET_KEY'),
    STRIPE_SECRET_KEY: secrets.get('sk_live_canary_STRIPE_SECRET_KEY'),
  });
});

test('one that is hidden in a command, an object or an answer is found', async () => {
  const secret = secrets.get('canary-SECRET_KEY')!;
  const [{ email }] = await stage.query('production-blue', 'SELECT email FROM accounts_user WHERE id = 5');
  const instance = stage.sandbox.world.beanstalk.instances().find(({ state }) => state === 'running')!;
  const text = `echo ${Buffer.from(`x${secret}`).toString('base64')}`;
  const sent = await new SSMClient({}).send(
    new SendCommandCommand({
      DocumentName: 'AWS-RunShellScript',
      InstanceIds: [instance.id],
      Parameters: { commands: [text] },
    }),
  );
  const put = {
    Bucket: bucketName(settings),
    Key: 'left',
    Body: JSON.stringify({ to: encodeURIComponent(email) }),
  };
  await new S3Client({ forcePathStyle: true }).send(new PutObjectCommand(put));
  expect(leaks(await commandsKept())).toEqual([`canary-SECRET_KEY: command ${sent.Command!.CommandId}`]);
  expect(leaks(await objectsKept())).toEqual([`an address: object ${put.Bucket}/left`]);
  expect(leaks({ wire: wire.text() })).toEqual(
    expect.arrayContaining(['canary-SECRET_KEY: wire', 'an address: wire']),
  );
});
