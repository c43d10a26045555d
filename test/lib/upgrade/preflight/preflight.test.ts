import { readFileSync } from 'node:fs';
import { parameterNames, stackNames } from '../../../../lib/names';
import { PreconditionError } from '../../../../lib/runbook/errors';
import { beforeCutover } from '../../../../lib/upgrade/preflight/before-cutover';
import { nightWindow } from '../../../../lib/upgrade/preflight/night-window';
import {
  type Checked,
  faultsOf,
  preflight,
  requirePreflight,
} from '../../../../lib/upgrade/preflight/preflight';
import type { Certificate } from '../../../../sandbox/acm/acm';
import type { BeanstalkInstance } from '../../../../sandbox/beanstalk/instance';
import { ByHand } from '../../../support/by-hand';
import { inProcess } from '../../../support/night';
import { quick } from '../../../support/quick';
import { Stage } from '../../../support/stage';
import { cobalt } from '../../../support/upgrade';

jest.setTimeout(120_000);

const { from, to } = cobalt.upgrade;
const nameOf = (side: typeof from, role: string) => cobalt.sides[side].environments[role]!.name;
const oldWeb = nameOf(from, 'web');
const newWeb = nameOf(to, 'web');
const newSes = nameOf(to, 'ses');
const names = parameterNames(cobalt);

let stage: Stage;
const calls: string[] = [];
beforeAll(async () => {
  stage = await Stage.open(cobalt, {
    durations: quick,
    onCall: ({ service, action }) => calls.push(`${service} ${action}`),
  });
  await stage.deploy();
});
afterAll(() => stage.close());

async function checked(): Promise<Checked[]> {
  const ports = await stage.ports();
  return preflight(ports, nightWindow(ports));
}

/** The faults, each with the check that found it. */
const told = (checks: Checked[]) =>
  checks.flatMap(({ id, findings }) =>
    findings.filter(({ holds }) => !holds).map(({ what, observed }) => `${id}: ${what}: ${observed}`),
  );

const environment = (name: string) =>
  stage.sandbox.beanstalk.environments().find((each) => each.name === name)!;
const instanceOf = (name: string) =>
  stage.sandbox.world.beanstalk
    .instances()
    .find((each) => each.environment === name && each.state === 'running') as BeanstalkInstance & {
    diskFreeMb?: number;
  };

/** Gives an environment an option; returns how it is taken back. */
function configure(name: string, Namespace: string, options: Record<string, string>) {
  const found = environment(name);
  const { configuration } = found;
  found.configuration = configuration.with(
    Object.entries(options).map(([OptionName, Value]) => ({ Namespace, OptionName, Value })),
  );
  return () => {
    found.configuration = configuration;
  };
}

/** Lets IAM refuse a role one action. */
function refuse(role: string, refused: string) {
  const { iam } = stage.sandbox.world;
  const { decide } = iam;
  iam.decide = (asking, action, resource) =>
    asking === role && action === refused ? 'implicitDeny' : decide(asking, action, resource);
  return () => {
    iam.decide = decide;
  };
}

test('holds after a deploy, and only looked', async () => {
  calls.length = 0;
  const checks = await checked();
  expect(told(checks)).toEqual([]);
  expect(checks.length).toBeGreaterThan(15);
  for (const { id, findings } of checks) expect([id, findings.length > 0]).toEqual([id, true]);
  const changing = calls.filter((call) => !/ (Describe|Get|List|Check|Head|SendCommand)/.test(call));
  expect(changing).toEqual([]);
});

/** Changes the settings' certificate; returns how it is taken back. */
function certify(changed: Partial<Certificate>) {
  const { certificates } = stage.sandbox.acm;
  const before = certificates.get(cobalt.environment.certificateArn)!;
  certificates.set(before.arn, { ...before, ...changed });
  return () => certificates.set(before.arn, before);
}

/** What is wrong, how it comes about and is taken back, and what is told of it. */
type Breaking = [fault: string, act: () => (() => unknown) | Promise<() => unknown>, told: () => unknown[]];

const launch = 'aws:autoscaling:launchconfiguration';
const managed = 'aws:elasticbeanstalk:managedactions';
const listener = 'aws:elbv2:listener:443';
const { certificateArn } = cobalt.environment;
const certificate = certificateArn.split('/').at(-1)!;
const anotherArn = certificateArn.replace(/1$/, '2');
const dayMs = 24 * 60 * 60_000;
const { platformArn } = cobalt.environment;

const breakings: Breaking[] = [
  [
    'a managed update in the night',
    () => configure(oldWeb, managed, { ManagedActionsEnabled: 'true', PreferredStartTime: soon() }),
    () => [`managed-updates: managed updates of ${oldWeb}: ${soon()} UTC, for two hours`],
  ],
  [
    'a platform from before parameters could be variables',
    () => {
      stage.sandbox.beanstalk.releasePlatform(platformArn, Date.parse('2025-03-25T00:00:00Z'));
      return () => stage.sandbox.beanstalk.releasePlatform(platformArn, Date.parse('2026-03-31T00:00:00Z'));
    },
    () => [expect.stringMatching(/^platforms: the release of Python 3\.13.*: 2025-03-25$/)],
  ],
  [
    'another version on one environment of the new side',
    () => {
      environment(newSes).versionLabel = 'cobalt-6.3.20';
      return () => {
        environment(newSes).versionLabel = cobalt.environment.versionLabel;
      };
    },
    () => [`versions: the version on the environments of ${to}: cobalt-6.4.0 and cobalt-6.3.20`],
  ],
  [
    'an environment with the role of another',
    () => configure(newSes, launch, { IamInstanceProfile: `${newWeb}-web` }),
    () => [`roles: the instance profile of ${newSes}: ${newWeb}-web`],
  ],
  [
    'an environment that is being updated',
    () => {
      environment(newSes).status = 'Updating';
      return () => {
        environment(newSes).status = 'Ready';
      };
    },
    () => [expect.stringMatching(`^environments: ${newSes}: Updating`)],
  ],
  [
    'a secret that is not there',
    () => {
      const { parameters } = stage.sandbox.world;
      const { value } = parameters.read(names.secret('SECRET_KEY'))!;
      parameters.remove(names.secret('SECRET_KEY'));
      return () => parameters.put(names.secret('SECRET_KEY'), value, 'SecureString');
    },
    () => [
      `secrets: ${names.secret('SECRET_KEY')}: missing`,
      ...everyInstance(
        (where) =>
          `instances: the secrets from ${where}: ${names.secret('SECRET_KEY')} is missing, not readable`,
      ),
    ],
  ],
  [
    'a role that may read no parameter',
    () => refuse(cobalt.sides[to].environments.ses!.instanceRole, 'ssm:GetParameter'),
    () => [
      expect.stringContaining(`from ${instanceOf(newSes).id} of ${newSes}: its password cannot be read`),
      expect.stringContaining('is refused, not readable'),
    ],
  ],
  [
    'a payment key that a role which may not charge can read',
    () => {
      const { iam } = stage.sandbox.world;
      const { decide } = iam;
      iam.decide = (role, action, resource) =>
        resource.endsWith('STRIPE_SECRET_KEY') ? 'allowed' : decide(role, action, resource);
      return () => {
        iam.decide = decide;
      };
    },
    () =>
      everyInstance(
        (where) =>
          `instances: the secrets from ${where}: ${names.secret('STRIPE_SECRET_KEY')} is readable, not refused`,
      ).filter((each) => !each.includes(` of ${oldWeb}:`)),
  ],
  [
    'a bucket that what the new side prints cannot be put into',
    () => refuse(cobalt.sides[to].environments.web!.instanceRole, 's3:PutObject'),
    () => [
      expect.stringMatching(
        `^instances: ${instanceOf(newWeb).id} of ${newWeb}: A command ended, but its output was cut`,
      ),
    ],
  ],
  [
    'an instance that Run Command does not reach',
    () => {
      const instance = instanceOf(newSes);
      instance.managed = false;
      return () => {
        instance.managed = true;
      };
    },
    () => [
      expect.stringMatching(`^instances: ${instanceOf(newSes).id} of ${newSes}: Run Command cannot reach`),
    ],
  ],
  [
    'a full disk',
    () => {
      instanceOf(newWeb).diskFreeMb = 10;
      return () => {
        instanceOf(newWeb).diskFreeMb = 5_000;
      };
    },
    () => [`instances: free disk on ${instanceOf(newWeb).id} of ${newWeb}: 10 MiB`],
  ],
  [
    "a password that is not the database's",
    () => {
      const { parameters } = stage.sandbox.world;
      const name = names.secret(cobalt.database.writer.secret);
      const { value } = parameters.read(name)!;
      parameters.put(name, 'another', 'SecureString');
      return () => parameters.put(name, value, 'SecureString');
    },
    () => [
      ...everyInstance((where) => expect.stringContaining(`from ${where}: it refuses the password`)),
      expect.stringMatching(/^storage: the rows of production-blue: not told/),
    ],
  ],
  [
    "somebody else's snapshot of the name that the night gives one",
    async () => {
      const snapshot = `${cobalt.sides[to].databases}-from-production-${from}`;
      await new ByHand(cobalt).beginSnapshot(`production-${from}`, snapshot);
      await stage.sandbox.world.clock.skip(quick.snapshotMs!);
      return () => new ByHand(cobalt).removeSnapshot(snapshot);
    },
    () => [
      expect.stringMatching(/^copy: the snapshot cobalt-production-green-from-production-blue: available/),
    ],
  ],
  [
    'users that an upgrade before has converted',
    () => {
      const { parameters } = stage.sandbox.world;
      const name = names.database(`production-${from}`);
      const { value } = parameters.read(name)!;
      const record = { ...JSON.parse(value), converted: { converted: 258, duplicates: 2 } };
      parameters.put(name, JSON.stringify(record), 'String');
      return () => parameters.put(name, value, 'String');
    },
    () => ['conversion: the conversion of users: done before'],
  ],
  [
    'a record that resolvers keep for five minutes',
    () => new ByHand(cobalt).keep('www.myabf.com.au', environment(oldWeb).cname, 300),
    () => ['records: www.myabf.com.au: CNAME, kept for 300 seconds'],
  ],
  [
    'a certificate that ends four weeks after the night',
    () => certify({ expiresAtMs: inFourWeeksMs() }),
    () => [
      `certificates: the end of the certificate ${certificate}: ${new Date(inFourWeeksMs()).toISOString().slice(0, 10)}`,
    ],
  ],
  [
    'a certificate that waits to be validated',
    () => certify({ status: 'PENDING_VALIDATION' }),
    () => [`certificates: the certificate ${certificate}: PENDING_VALIDATION`],
  ],
  [
    'a certificate for the names that people use alone',
    () => certify({ alternativeNames: Object.values(cobalt.roles).flatMap(({ hosts }) => hosts) }),
    () => [
      `certificates: the names of the certificate ${certificate}: without ${newWeb}.${cobalt.zone.name}, ${newSes}.${cobalt.zone.name}`,
    ],
  ],
  [
    'a listener with a certificate that is gone',
    () => configure(oldWeb, listener, { SSLCertificateArns: anotherArn }),
    () => [`certificates: the certificate ${anotherArn.split('/').at(-1)}: not there`],
  ],
  [
    'a listener of the new side without a certificate',
    () => configure(newSes, listener, { SSLCertificateArns: '' }),
    () => [`certificates: the listeners of ${newSes}: without a certificate`],
  ],
  [
    'a stack that takes no change',
    () => {
      const stack = stage.sandbox.cloudFormation.stacks.get(stackNames(cobalt).side(to));
      const { status } = stack;
      stack.status = 'UPDATE_ROLLBACK_FAILED';
      return () => {
        stack.status = status;
      };
    },
    () => ['stacks: the stack CobaltGreen: UPDATE_ROLLBACK_FAILED'],
  ],
];

/** What is told of every instance that runs, in the order of the checks. */
const everyInstance = <T>(tell: (where: string) => T): T[] =>
  [oldWeb, nameOf(from, 'ses'), newWeb, newSes].flatMap((name) =>
    stage.sandbox.world.beanstalk
      .instances()
      .filter((each) => each.environment === name && each.state === 'running')
      .map(({ id }) => id)
      .sort()
      .map((id) => tell(`${id} of ${name}`)),
  );

/** An hour from now, as Elastic Beanstalk writes it. */
function soon(): string {
  const at = new Date(stage.sandbox.world.clock.nowMs() + 60 * 60_000).toUTCString();
  return `${at.slice(0, 3)}:${at.slice(17, 19)}:00`;
}

/** At noon, so that the date is the same however long the test takes. */
const inFourWeeksMs = () => (Math.floor(stage.sandbox.world.clock.nowMs() / dayMs) + 28.5) * dayMs;

/** Each look asks every instance: faults that have nothing to do with each other are told together. */
const groups = [
  ['a role that may read no parameter', 'a certificate for the names that people use alone'],
  ["a password that is not the database's", 'a stack that takes no change'],
  [
    'a managed update in the night',
    'another version on one environment of the new side',
    'an environment that is being updated',
    'a payment key that a role which may not charge can read',
    'a full disk',
    'a certificate that ends four weeks after the night',
    'a listener with a certificate that is gone',
    'a listener of the new side without a certificate',
    "somebody else's snapshot of the name that the night gives one",
  ],
  [
    'a platform from before parameters could be variables',
    'an environment with the role of another',
    'a bucket that what the new side prints cannot be put into',
    'an instance that Run Command does not reach',
    'a record that resolvers keep for five minutes',
  ],
  [
    'a secret that is not there',
    'a certificate that waits to be validated',
    'users that an upgrade before has converted',
  ],
];

test('every fault is in a group', () => {
  expect(groups.flat().sort()).toEqual(breakings.map(([fault]) => fault).sort());
});

test.each(groups.map((group) => [group.join(', '), group] as const))(
  'tells of %s, and of nothing else',
  async (_, group) => {
    const faults = breakings.filter(([fault]) => group.includes(fault));
    const takeBack: (() => unknown)[] = [];
    for (const [, act] of faults) takeBack.push(await act());
    const seen = told(await checked());
    const expected = faults.flatMap(([, , tell]) => tell());
    for (const undo of takeBack.reverse()) await undo();
    expect(seen).toHaveLength(expected.length);
    expect(seen).toEqual(expect.arrayContaining(expected));
  },
);

test('what cannot be asked is a fault of its own, and everything else is asked', async () => {
  const ports = await stage.ports();
  const text = { so: 'These credentials may not call RDS DescribeAccountAttributes.', next: 'Use others.' };
  ports.quotas.ofDatabases = () => Promise.reject(new PreconditionError('ACCESS_DENIED', text));
  const checks = await preflight(ports, nightWindow(ports));
  expect(told(checks)).toEqual([expect.stringMatching(`^quotas: .*: ${text.so}$`)]);
  expect(faultsOf(checks)[0]!.next).toBe('Use others.');
});

test('credentials that end in the middle of the night are a fault', async () => {
  const ports = await stage.ports();
  const soonEnds = new Date(ports.clock.now().getTime() + 30 * 60_000);
  ports.credentials.end = async () => soonEnds;
  const checks = await preflight(ports, nightWindow(ports));
  expect(told(checks)).toEqual([
    `credentials: the credentials of ${cobalt.account}: end at ${soonEnds.toISOString()}`,
  ]);
});

test('all faults are told at once, with what to do, and the command exits with 3', async () => {
  const instance = instanceOf(newWeb);
  instance.diskFreeMb = 10;
  environment(newSes).versionLabel = 'cobalt-6.3.20';
  const ports = await stage.ports();
  const { code, said } = await inProcess(stage, 'npm run preflight');
  const json = await inProcess(stage, 'npm run preflight -- --json');
  const required = requirePreflight(ports, nightWindow(ports));
  await expect(required).rejects.toMatchObject({ code: 'PREFLIGHT', exitCode: 3 });
  instance.diskFreeMb = 5_000;
  environment(newSes).versionLabel = cobalt.environment.versionLabel;
  expect(code).toBe(3);
  expect(said).toContain('2 fault(s)');
  expect(said).toContain('eb deploy ENVIRONMENT --version cobalt-6.4.0');
  expect(json.code).toBe(3);
  expect(JSON.parse(json.said.split('\n').at(-2)!)).toMatchObject({ faults: 2 });
});

test('a cutover that preflight refuses has begun nothing', async () => {
  const instance = instanceOf(newWeb);
  instance.diskFreeMb = 10;
  const { code, said } = await inProcess(stage, 'npm run cutover -- --yes');
  instance.diskFreeMb = 5_000;
  expect([code, said]).toEqual([3, expect.stringContaining('PREFLIGHT')]);
  expect(said).toContain('10 MiB');
  expect(await (await stage.ports()).objects.list('runs/')).toEqual([]);
});

test('a fault that a person accepts by the name of its check stops no cutover; another name is refused', async () => {
  const ports = await stage.ports();
  const instance = instanceOf(newWeb);
  instance.diskFreeMb = 10;
  environment(newSes).versionLabel = 'cobalt-6.3.20';
  const accepting = (...ids: string[]) => beforeCutover(ports, ids);
  await expect(accepting('versions')).rejects.toMatchObject({
    code: 'PREFLIGHT',
    text: { so: expect.stringContaining('1 fault(s)') },
  });
  await expect(accepting('versions', 'instances')).resolves.toBeUndefined();
  const asked = await inProcess(stage, 'npm run preflight -- --accept versions --accept instances');
  const typed = await inProcess(stage, 'npm run cutover -- --accept version');
  await expect(accepting('version')).rejects.toMatchObject({ code: 'CHECK_UNKNOWN', exitCode: 2 });
  instance.diskFreeMb = 5_000;
  environment(newSes).versionLabel = cobalt.environment.versionLabel;
  expect(stage.said.join(' ')).toContain('accepted: free disk on');
  expect([asked.code, asked.said]).toEqual([0, expect.stringMatching(/✗ instances .*\(accepted\)/)]);
  expect([typed.code, typed.said]).toEqual([2, expect.stringContaining('There is no check version')]);
});

test('whoever may only look is told what instances were not asked, and with these checks accepted sees the others hold', async () => {
  const { callers } = stage.sandbox;
  const key = process.env.AWS_ACCESS_KEY_ID!;
  callers.attach(key, [readFileSync('config/policies/look.json', 'utf8')]);
  const all = await inProcess(stage, 'npm run preflight');
  const others = await inProcess(stage, 'npm run preflight -- --accept instances --accept storage');
  callers.attach(key, undefined);
  expect([all.code, all.said]).toEqual([3, expect.stringContaining('ssm:SendCommand')]);
  expect(all.said.match(/^✗ \w+/gm)).toEqual(['✗ instances', '✗ storage']);
  expect([others.code, others.said]).toEqual([0, expect.stringContaining('Nothing stands in the way.')]);
});
