import {
  CheckDNSAvailabilityCommand,
  CreateApplicationVersionCommand,
  CreateEnvironmentCommand,
  DescribeApplicationVersionsCommand,
  DescribeEnvironmentHealthCommand,
  DescribeEnvironmentResourcesCommand,
  DescribeEnvironmentsCommand,
  DescribeInstancesHealthCommand,
  ListTagsForResourceCommand,
  SwapEnvironmentCNAMEsCommand,
  TerminateEnvironmentCommand,
  UpdateTagsForResourceCommand,
} from '@aws-sdk/client-elastic-beanstalk';
import type { AnyResourceType } from '../../../sandbox/cloudformation/resource-type';
import { baseOptions, option, platformArn, type Rig, seedOf, sizes, startRig, variables } from './support';

const name = 'cobalt-production-green';
let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(() => rig.stop());

const profile = option('aws:autoscaling:launchconfiguration', 'IamInstanceProfile', 'web-profile');
const create = (settings = [...baseOptions, profile]) =>
  rig.beanstalk.send(
    new CreateEnvironmentCommand({
      ApplicationName: 'cobalt',
      EnvironmentName: name,
      CNAMEPrefix: 'cobalt-green-1a2b',
      PlatformArn: platformArn,
      VersionLabel: 'v1',
      OptionSettings: settings,
    }),
  );
const described = async () => {
  const answer = await rig.beanstalk.send(new DescribeEnvironmentsCommand({ EnvironmentNames: [name] }));
  return answer.Environments ?? [];
};
const running = () => rig.eb.beanstalk.instances().filter((each) => each.state === 'running');

test('a created environment launches instances that run the hooks', async () => {
  expect(await create()).toMatchObject({ Status: 'Launching', Health: 'Grey' });
  expect(await described()).toMatchObject([{ Status: 'Ready', Health: 'Green', HealthStatus: 'Ok' }]);
  expect(running()).toHaveLength(1);
  expect(rig.application.commands.map((each) => each.args)).toEqual([['migrate']]);
  const resources = await rig.beanstalk.send(
    new DescribeEnvironmentResourcesCommand({ EnvironmentName: name }),
  );
  expect(resources.EnvironmentResources?.Instances).toEqual([{ Id: running()[0]!.id }]);
});

test('an environment without an instance profile ends Terminated', async () => {
  await create(baseOptions);
  expect(await described()).toMatchObject([{ Status: 'Terminated' }]);
});

test('a name and a CNAME that are taken are refused', async () => {
  rig.eb.seed(seedOf('cobalt-other', { cnamePrefix: 'cobalt-green-1a2b' }));
  const available = await rig.beanstalk.send(
    new CheckDNSAvailabilityCommand({ CNAMEPrefix: 'cobalt-green-1a2b' }),
  );
  expect(available.Available).toBe(false);
  await expect(create()).rejects.toMatchObject({ message: expect.stringMatching(/is not available\.$/) });
  rig.eb.seed(seedOf(name));
  await expect(create()).rejects.toMatchObject({ message: `Environment ${name} already exists.` });
});

test('a terminated environment loses its instances, its addresses and its name', async () => {
  const { loadBalancer } = rig.eb.seed(seedOf(name));
  expect(rig.eb.beanstalk.addressesOf(loadBalancer.dnsName)).toHaveLength(2);
  await rig.beanstalk.send(new TerminateEnvironmentCommand({ EnvironmentName: name }));
  expect(await described()).toMatchObject([{ Status: 'Terminated' }]);
  expect(running()).toEqual([]);
  expect(rig.eb.beanstalk.addressesOf(loadBalancer.dnsName)).toEqual([]);
  await create();
  expect((await described()).map((each) => each.Status)).toEqual(['Terminated', 'Ready']);
});

test('tags change in a transition of their own', async () => {
  const { arn } = rig.eb.seed(seedOf(name));
  await rig.beanstalk.send(
    new UpdateTagsForResourceCommand({ ResourceArn: arn, TagsToAdd: [{ Key: 'side', Value: 'green' }] }),
  );
  const answer = await rig.beanstalk.send(new ListTagsForResourceCommand({ ResourceArn: arn }));
  expect(answer.ResourceTags).toContainEqual({ Key: 'side', Value: 'green' });
});

test('an application version needs its bundle', async () => {
  const version = (key: string) =>
    rig.beanstalk.send(
      new CreateApplicationVersionCommand({
        ApplicationName: 'cobalt',
        VersionLabel: 'v3',
        SourceBundle: { S3Bucket: 'bundles', S3Key: key },
      }),
    );
  await expect(version('missing.zip')).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
  await version('v3.zip');
  const answer = await rig.beanstalk.send(
    new DescribeApplicationVersionsCommand({ ApplicationName: 'cobalt' }),
  );
  expect(answer.ApplicationVersions?.[0]?.VersionLabel).toBe('v3');
});

test('health tells of instances one by one', async () => {
  rig.eb.seed(seedOf(name));
  rig.application.status = 500;
  const whole = await rig.beanstalk.send(
    new DescribeEnvironmentHealthCommand({ EnvironmentName: name, AttributeNames: ['All'] }),
  );
  expect(whole).toMatchObject({ HealthStatus: 'Severe', Color: 'Red', InstancesHealth: { Severe: 1 } });
  const each = await rig.beanstalk.send(
    new DescribeInstancesHealthCommand({ EnvironmentName: name, AttributeNames: ['All'] }),
  );
  expect(each.InstanceHealthList).toMatchObject([
    { HealthStatus: 'Severe', Deployment: { VersionLabel: 'v1' } },
  ]);
});

test('swapping CNAMEs is not modelled', async () => {
  await expect(rig.beanstalk.send(new SwapEnvironmentCNAMEsCommand({}))).rejects.toMatchObject({
    name: 'InvalidAction',
  });
});

describe('AWS::ElasticBeanstalk::Environment', () => {
  const type = () => rig.eb.resourceTypes[0] as AnyResourceType;
  const parse = (more: object) =>
    type().properties.parse({
      ApplicationName: 'cobalt',
      EnvironmentName: name,
      PlatformArn: platformArn,
      VersionLabel: 'v1',
      ...more,
    });
  const settled = async <Result>(work: Promise<Result>): Promise<Result> => {
    let over = false;
    const watched = work.finally(() => {
      over = true;
    });
    watched.catch(() => {});
    await rig.world.clock.skipUntil(() => over);
    return watched;
  };
  const request = (properties: object) => ({ stackName: 'CobaltGreen', logicalId: 'Web', properties });

  test('creates, updates and deletes', async () => {
    const before = parse({ OptionSettings: [...baseOptions, profile, option(variables, 'A', '1')] });
    const made = await settled(type().create(request(before)));
    expect(made).toEqual({
      physicalId: name,
      attributes: { EndpointURL: expect.stringMatching(/elb\.amazonaws\.com$/) },
    });
    const after = parse({
      OptionSettings: [...baseOptions, profile, { ...option(sizes, 'MaxSize', ''), Value: 2 }],
    });
    await settled(type().update({ ...request(after), previous: before, physicalId: name }));
    expect(running()[0]!.web!.environ.A).toBe('1');
    await settled(type().delete({ ...request(after), physicalId: name, snapshot: false }));
    expect(type().find(name)).toBeUndefined();
  });

  test('refuses a property that it does not model', () => {
    expect(type().properties.safeParse({ ApplicationName: 'cobalt', OperationsRole: 'x' }).success).toBe(
      false,
    );
  });

  test('an update while the environment is not Ready is refused', async () => {
    const environment = rig.eb.seed(seedOf(name));
    environment.leaveReady('Updating', '');
    const update = type().update({ ...request(parse({})), previous: parse({}), physicalId: name });
    await expect(settled(update)).rejects.toThrow('Must be Ready.');
  });

  test.each([
    [true, 'v1'],
    [false, 'v2'],
  ])(
    'with templateRedeploysVersion %s an update by an old template leaves version %s',
    async (switched, label) => {
      rig.world.switches.templateRedeploysVersion = switched;
      const environment = rig.eb.seed(seedOf(name, { versionLabel: 'v2' }));
      await settled(type().update({ ...request(parse({})), previous: parse({}), physicalId: name }));
      expect(environment.versionLabel).toBe(label);
    },
  );

  test('an update that fails rejects with the words of AWS', async () => {
    rig.eb.seed(seedOf(name));
    rig.application.migrateExitCode = 1;
    const next = parse({ VersionLabel: 'v2' });
    const update = type().update({ ...request(next), previous: parse({}), physicalId: name });
    await expect(settled(update)).rejects.toThrow(/^Failed to deploy application\. Unsuccessful command/);
  });
});
