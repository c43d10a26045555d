import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  DescribeConfigurationSettingsCommand,
  DescribeEnvironmentsCommand,
  DescribeEventsCommand,
  RestartAppServerCommand,
  UpdateEnvironmentCommand,
  type UpdateEnvironmentCommandInput,
} from '@aws-sdk/client-elastic-beanstalk';
import {
  newerPlatformArn,
  option,
  type Rig,
  secretArn,
  secrets,
  seedOf,
  sizes,
  startRig,
  variables,
} from './support';

const name = 'cobalt-production-blue';
let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(() => rig.stop());

const update = (input: UpdateEnvironmentCommandInput) =>
  rig.beanstalk.send(new UpdateEnvironmentCommand({ EnvironmentName: name, ...input }));
const described = async () => {
  const answer = await rig.beanstalk.send(new DescribeEnvironmentsCommand({ EnvironmentNames: [name] }));
  return answer.Environments?.[0];
};
const messages = async () => {
  const answer = await rig.beanstalk.send(new DescribeEventsCommand({ EnvironmentName: name }));
  return (answer.Events ?? []).map((event) => event.Message).reverse();
};
const settingsOf = async () => {
  const answer = await rig.beanstalk.send(
    new DescribeConfigurationSettingsCommand({ ApplicationName: 'cobalt', EnvironmentName: name }),
  );
  return answer.ConfigurationSettings?.[0]?.OptionSettings ?? [];
};
const running = () => rig.eb.beanstalk.instances().filter((each) => each.state === 'running');
const webEnviron = () => running()[0]?.web?.environ ?? {};

test('a seeded environment is Ready with running instances', async () => {
  rig.eb.seed(seedOf(name, { instances: 2, cnamePrefix: 'cobalt-blue' }));
  expect(await described()).toMatchObject({
    Status: 'Ready',
    Health: 'Green',
    HealthStatus: 'Ok',
    VersionLabel: 'v1',
    CNAME: 'cobalt-blue.ap-southeast-2.elasticbeanstalk.com',
    EndpointURL: expect.stringMatching(/^awseb--AWSEB-\w+-\d+\.ap-southeast-2\.elb\.amazonaws\.com$/),
  });
  expect(running()).toHaveLength(2);
});

test('an instance shows its web server as Linux would', () => {
  rig.eb.seed(seedOf(name));
  const instance = running()[0]!;
  const web = instance.web!;
  instance.watch();
  const proc = join(instance.folder, 'proc', String(web.pid));
  expect(instance.processes.size).toBe(3);
  expect(readFileSync(join(proc, 'environ'), 'utf8').split('\0')).toContain('COLOR=blue');
  expect(readFileSync(join(proc, 'cmdline'), 'utf8')).toContain('/bin/gunicorn\0--bind\x00127.0.0.1:8000\0');
  const file = join(instance.folder, 'opt/elasticbeanstalk/deployment/env');
  expect(readFileSync(file, 'utf8')).toBe('COLOR=blue\n');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a variable reaches a new process on the same instance, without hooks', async () => {
  rig.eb.seed(seedOf(name));
  const before = running()[0]!;
  const old = before.web!;
  before.watch();
  await update({ OptionSettings: [option(variables, 'COLOR', 'green')] });
  expect(old.environ.COLOR).toBe('blue');
  expect(await described()).toMatchObject({ Status: 'Ready' });
  expect(running()).toEqual([before]);
  expect(webEnviron().COLOR).toBe('green');
  expect(existsSync(join(before.folder, 'proc', String(old.pid)))).toBe(false);
  expect(rig.application.closed).toEqual([old.pid]);
  expect(rig.application.commands).toEqual([]);
  expect(await messages()).toEqual([
    'Environment update is starting.',
    `Updating environment ${name}'s configuration settings.`,
    'Successfully deployed new configuration to environment.',
    'Environment update completed successfully.',
  ]);
});

test('an option that is left out stays set; only a removal removes it', async () => {
  rig.eb.seed(seedOf(name, { options: [option(variables, 'STRIPE_SECRET_KEY', 'sk')] }));
  await update({ OptionSettings: [option(variables, 'MAINTENANCE_MODE', 'ON')] });
  await described();
  expect(webEnviron()).toMatchObject({ STRIPE_SECRET_KEY: 'sk', MAINTENANCE_MODE: 'ON' });
  await update({ OptionsToRemove: [{ Namespace: variables, OptionName: 'STRIPE_SECRET_KEY' }] });
  await described();
  expect(webEnviron()).not.toHaveProperty('STRIPE_SECRET_KEY');
});

test('an empty value stays an empty variable', async () => {
  rig.eb.seed(seedOf(name));
  await update({ OptionSettings: [option(variables, 'EMPTY', '')] });
  await described();
  expect(webEnviron().EMPTY).toBe('');
});

test('a second update is refused until the first is over', async () => {
  rig.eb.seed(seedOf(name));
  await update({ OptionSettings: [option(variables, 'A', '1')] });
  await expect(update({ OptionSettings: [option(variables, 'B', '1')] })).rejects.toMatchObject({
    name: 'InvalidParameterValue',
    message: `Environment named ${name} is in an invalid state for this operation. Must be Ready.`,
  });
});

test('an unknown option is refused in the words of AWS', async () => {
  rig.eb.seed(seedOf(name));
  await expect(update({ OptionSettings: [option(sizes, 'MinimumSize', '1')] })).rejects.toMatchObject({
    name: 'ConfigurationValidationException',
    message:
      "Configuration validation exception: Invalid option specification (Namespace: 'aws:autoscaling:asg', OptionName: 'MinimumSize'): Unknown configuration setting.",
  });
});

test.each([
  [
    'a value out of range',
    option('aws:elasticbeanstalk:environment:process:default', 'MatcherHTTPCode', '2'),
  ],
  ['a secret that is no ARN', option(secrets, 'KEY', 'sk_live')],
  ['too many bytes of variables', option(variables, 'LONG', 'x'.repeat(4090))],
  ['a minimum above the maximum', option(sizes, 'MinSize', '9')],
])('refuses %s', async (_, setting) => {
  rig.eb.seed(seedOf(name));
  await expect(update({ OptionSettings: [setting] })).rejects.toMatchObject({
    name: 'ConfigurationValidationException',
  });
});

test.each([
  ['a namespace', option('aws:elasticbeanstalk:sns:topics', 'Notification Endpoint', 'a@b')],
  ['a secret of Secrets Manager', option(secrets, 'KEY', 'arn:aws:secretsmanager:x:1:secret:y')],
])('says what it does not model: %s', async (_, setting) => {
  rig.eb.seed(seedOf(name));
  await expect(update({ OptionSettings: [setting] })).rejects.toMatchObject({ name: 'SandboxDoesNotModel' });
});

test('a secret is read at the deployment, and again only by the next one', async () => {
  rig.parameters.set('stripe', 'sk_1');
  rig.eb.seed(seedOf(name, { options: [option(secrets, 'STRIPE_SECRET_KEY', secretArn('stripe'))] }));
  expect([...running()[0]!.deployedSecrets]).toEqual(['STRIPE_SECRET_KEY']);
  rig.parameters.set('stripe', 'not-set');
  await update({ OptionSettings: [option(sizes, 'MaxSize', '2')] });
  await described();
  expect(webEnviron().STRIPE_SECRET_KEY).toBe('sk_1');
  await rig.beanstalk.send(new RestartAppServerCommand({ EnvironmentName: name }));
  await described();
  expect(webEnviron().STRIPE_SECRET_KEY).toBe('not-set');
});

test('a secret that is denied fails the update, and the old process goes on', async () => {
  rig.parameters.set('stripe', 'sk_1');
  rig.eb.seed(seedOf(name));
  const old = running()[0]!.web;
  rig.denied.add('stripe');
  await update({
    OptionSettings: [option(variables, 'COLOR', 'green'), option(secrets, 'KEY', secretArn('stripe'))],
  });
  expect(await described()).toMatchObject({ Status: 'Ready' });
  expect(running()[0]!.web).toBe(old);
  expect(readFileSync(join(running()[0]!.folder, 'opt/elasticbeanstalk/deployment/env'), 'utf8')).toBe(
    'COLOR=blue\n',
  );
  expect(await settingsOf()).toContainEqual(expect.objectContaining({ OptionName: 'COLOR', Value: 'blue' }));
  const said = await messages();
  expect(said).toContain('Instance deployment failed to get one or more secrets.');
  expect(said.at(-1)).toBe('Failed to deploy configuration.');
});

test.each(['environment', 'environmentsecrets'] as const)(
  'of two values for one name the %s one wins',
  async (winner) => {
    rig.world.switches.duplicateVariableWins = winner;
    rig.parameters.set('key', 'secret');
    rig.eb.seed(
      seedOf(name, {
        options: [option(variables, 'KEY', 'plain'), option(secrets, 'KEY', secretArn('key'))],
      }),
    );
    expect(webEnviron().KEY).toBe(winner === 'environment' ? 'plain' : 'secret');
  },
);

test('sizes touch only the group; a new instance runs the hooks', async () => {
  rig.eb.seed(seedOf(name));
  const first = running()[0]!;
  const web = first.web;
  await update({ OptionSettings: [option(sizes, 'MinSize', '2'), option(sizes, 'MaxSize', '2')] });
  await described();
  expect(running()).toHaveLength(2);
  expect(first.web).toBe(web);
  expect(rig.application.commands.map((each) => each.args)).toEqual([['migrate']]);
  expect(running()[1]!.cron).toEqual({ installed: true, enabled: true, running: true });
});

test('a new instance whose migrate fails has no cron, and the environment is Severe', async () => {
  rig.eb.seed(seedOf(name));
  rig.application.migrateExitCode = 1;
  await update({ OptionSettings: [option(sizes, 'MinSize', '2'), option(sizes, 'MaxSize', '2')] });
  expect(await described()).toMatchObject({ Status: 'Ready', Health: 'Red', HealthStatus: 'Severe' });
  expect(running()[1]!.cron.installed).toBe(false);
  expect(rig.happened('hook.failed')).toHaveLength(1);
});

test.each([
  [
    'profile',
    { OptionSettings: [option('aws:autoscaling:launchconfiguration', 'IamInstanceProfile', 'web2')] },
  ],
  ['type', { OptionSettings: [option('aws:autoscaling:launchconfiguration', 'InstanceType', 't3.large')] }],
  ['platform', { PlatformArn: newerPlatformArn }],
])('a changed %s replaces the instances', async (_, change) => {
  rig.eb.seed(seedOf(name, { instances: 2 }));
  const before = running();
  await update(change);
  await described();
  expect(before.map((each) => each.state)).toEqual(['terminated', 'terminated']);
  expect(running()).toHaveLength(2);
  expect(rig.application.commands.map((each) => each.args)).toEqual([['migrate'], ['migrate']]);
});

test('a version runs the hooks on the instances there are and starts cron that had been stopped', async () => {
  rig.eb.seed(seedOf(name));
  const instance = running()[0]!;
  Object.assign(instance.cron, { enabled: false, running: false });
  await update({ VersionLabel: 'v2' });
  expect(await described()).toMatchObject({ VersionLabel: 'v2' });
  expect(running()).toEqual([instance]);
  expect(instance.versionLabel).toBe('v2');
  expect(instance.cron.running).toBe(true);
});

test('a version whose hook fails leaves the environment at the old label', async () => {
  rig.eb.seed(seedOf(name));
  rig.application.migrateExitCode = 1;
  await update({ VersionLabel: 'v2' });
  expect(await described()).toMatchObject({ VersionLabel: 'v1', Health: 'Red' });
  expect((await messages()).at(-1)).toBe('Failed to deploy application.');
});

test('a hook that ignores what fails goes on to the crontab, and the deployment succeeds', async () => {
  await rig.stop();
  rig = await startRig({ hookIgnoresFailures: true });
  rig.eb.seed(seedOf(name));
  rig.application.migrateExitCode = 1;
  await update({ OptionSettings: [option(sizes, 'MinSize', '2'), option(sizes, 'MaxSize', '2')] });
  expect(await described()).toMatchObject({ Status: 'Ready', HealthStatus: 'Ok' });
  expect(rig.happened('hook.failed')).toHaveLength(1);
  expect(running()[1]!.cron).toEqual({ installed: true, enabled: true, running: true });
});

test('an unknown version is refused', async () => {
  rig.eb.seed(seedOf(name));
  await expect(update({ VersionLabel: 'v9' })).rejects.toMatchObject({
    message: "No Application Version named 'v9' found.",
  });
});
