import {
  DescribeAutoScalingGroupsCommand,
  paginateDescribeAutoScalingGroups,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { DescribeInstancesCommand, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import {
  DescribeEnvironmentHealthCommand,
  DescribeEnvironmentsCommand,
  DescribeEventsCommand,
  UpdateEnvironmentCommand,
} from '@aws-sdk/client-elastic-beanstalk';
import { paginateDescribeLoadBalancers } from '@aws-sdk/client-elastic-load-balancing-v2';
import { option, type Rig, seedOf, sizes, startRig } from '../beanstalk/support';

const name = 'cobalt-production-blue';
const launch = 'aws:autoscaling:launchconfiguration';
let rig: Rig;
beforeEach(async () => {
  const network = { vpcId: 'vpc-1', cidr: '172.31.0.0/16', subnets: [], securityGroups: [] };
  rig = await startRig({ network });
  rig.eb.seed(seedOf(name, { options: [option(sizes, 'MinSize', '2')] }));
  rig.eb.seed(seedOf('cobalt-ses-production-green'));
});
afterEach(() => rig.stop());

const update = (namespace: string, optionName: string, value: string) =>
  rig.beanstalk.send(
    new UpdateEnvironmentCommand({
      EnvironmentName: name,
      OptionSettings: [option(namespace, optionName, value)],
    }),
  );
const messages = async () => {
  await rig.beanstalk.send(new DescribeEnvironmentsCommand({ EnvironmentNames: [name] }));
  const { Events } = await rig.beanstalk.send(new DescribeEventsCommand({ EnvironmentName: name }));
  return Events!.map(({ Message }) => Message);
};

describe('a client that asks for pages gets all of them', () => {
  async function all<Page, Item>(pages: AsyncIterable<Page>, itemsOf: (page: Page) => Item[] | undefined) {
    const sizesSeen: number[] = [];
    for await (const page of pages) sizesSeen.push(itemsOf(page)?.length ?? 0);
    return sizesSeen;
  }

  test('of Auto Scaling groups', async () => {
    const pages = paginateDescribeAutoScalingGroups({ client: rig.autoscaling, pageSize: 1 }, {});
    expect(await all(pages, (page) => page.AutoScalingGroups)).toEqual([1, 1]);
  });

  test('of instances', async () => {
    const pages = paginateDescribeInstances({ client: rig.ec2, pageSize: 2 }, {});
    expect(await all(pages, (page) => page.Reservations)).toEqual([2, 1]);
  });

  test('of load balancers', async () => {
    const pages = paginateDescribeLoadBalancers({ client: rig.elb }, { PageSize: 1 });
    expect(await all(pages, (page) => page.LoadBalancers)).toEqual([1, 1]);
  });

  test('of events, newest first', async () => {
    await update(sizes, 'MaxSize', '3');
    const expected = await messages();
    const seen: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await rig.beanstalk.send(
        new DescribeEventsCommand({ EnvironmentName: name, MaxRecords: 2, NextToken }),
      );
      seen.push(...page.Events!.map(({ Message }) => Message));
      NextToken = page.NextToken;
    } while (NextToken);
    expect(seen).toEqual(expected);
    expect(seen.length).toBeGreaterThan(2);
  });

  test('and never an empty or endless one', async () => {
    const asked = new DescribeAutoScalingGroupsCommand({ MaxRecords: 0 });
    await expect(rig.autoscaling.send(asked)).rejects.toMatchObject({ name: 'ValidationError' });
  });
});

describe('health', () => {
  test('tells the attributes that were asked for and no others', async () => {
    const { $metadata, ...health } = await rig.beanstalk.send(
      new DescribeEnvironmentHealthCommand({ EnvironmentName: name, AttributeNames: ['Status', 'Color'] }),
    );
    expect(health).toEqual({ EnvironmentName: name, Status: 'Ready', Color: 'Green' });
  });

  test('is not told of an environment with basic reporting', async () => {
    await update('aws:elasticbeanstalk:healthreporting:system', 'SystemType', 'basic');
    await expect(
      rig.beanstalk.send(
        new DescribeEnvironmentHealthCommand({ EnvironmentName: name, AttributeNames: ['All'] }),
      ),
    ).rejects.toMatchObject({ name: 'InvalidRequestException' });
  });
});

describe('what does not exist is not taken for something', () => {
  test.each([
    [launch, 'SecurityGroups', 'sg-0bad'],
    ['aws:ec2:vpc', 'Subnets', 'subnet-0bad'],
    ['aws:ec2:vpc', 'VPCId', 'vpc-2'],
  ])('%s %s', async (namespace, optionName, value) => {
    await expect(update(namespace, optionName, value)).rejects.toMatchObject({
      name: 'ConfigurationValidationException',
      message: expect.stringContaining(`${value} does not exist`),
    });
  });

  test('an instance profile: the update fails before an instance is replaced', async () => {
    const before = rig.eb.beanstalk.instances().length;
    await update(launch, 'IamInstanceProfile', 'nobody');
    expect(await messages()).toContain(
      'The instance profile nobody associated with the environment does not exist.',
    );
    expect(rig.eb.beanstalk.instances()).toHaveLength(before);
  });

  test('a wildcard of a filter that would match more than its letters', async () => {
    const asked = { Filters: [{ Name: 'tag:Name', Values: ['cobalt-*'] }] };
    await expect(rig.ec2.send(new DescribeInstancesCommand(asked))).rejects.toThrow('cobalt-*');
  });
});

describe('an environment is never larger than this computer can bear', () => {
  test('by its options', async () => {
    await expect(update(sizes, 'MaxSize', '1000')).rejects.toMatchObject({
      name: 'ConfigurationValidationException',
    });
  });

  test('by its group', async () => {
    const { AutoScalingGroups } = await rig.autoscaling.send(new DescribeAutoScalingGroupsCommand({}));
    const { AutoScalingGroupName } = AutoScalingGroups![0]!;
    const resize = (size: object) =>
      rig.autoscaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, ...size }));
    await expect(resize({ MaxSize: 1000 })).rejects.toMatchObject({ name: 'SandboxDoesNotModel' });
    await expect(resize({ MinSize: -1 })).rejects.toMatchObject({ name: 'ValidationError' });
  });
});
