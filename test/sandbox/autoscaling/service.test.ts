import {
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  DescribeInstancesCommand,
  DescribeVpcsCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { DescribeEnvironmentsCommand, UpdateEnvironmentCommand } from '@aws-sdk/client-elastic-beanstalk';
import {
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Environment } from '../../../sandbox/beanstalk/environment';
import { option, type Rig, seedOf, sizes, startRig } from '../beanstalk/support';

const name = 'cobalt-production-blue';
let rig: Rig;
let environment: Environment;
let AutoScalingGroupName: string;
beforeEach(async () => {
  rig = await startRig();
  environment = rig.eb.seed(seedOf(name));
  AutoScalingGroupName = environment.group.name;
});
afterEach(() => rig.stop());

const group = async () => {
  const answer = await rig.autoscaling.send(new DescribeAutoScalingGroupsCommand({}));
  return answer.AutoScalingGroups?.[0];
};
const first = () => rig.eb.beanstalk.instances()[0]!;
const suspend = (...ScalingProcesses: string[]) =>
  rig.autoscaling.send(new SuspendProcessesCommand({ AutoScalingGroupName, ScalingProcesses }));

test('a terminated instance is replaced, and the new one runs the hooks', async () => {
  await rig.autoscaling.send(
    new TerminateInstanceInAutoScalingGroupCommand({
      InstanceId: first().id,
      ShouldDecrementDesiredCapacity: false,
    }),
  );
  const instances = (await group())?.Instances ?? [];
  expect(instances).toMatchObject([{ LifecycleState: 'InService', HealthStatus: 'Healthy' }]);
  expect(instances[0]?.InstanceId).not.toBe(first().id);
  expect(rig.application.commands.map((each) => each.args)).toEqual([['migrate']]);
  const activities = await rig.autoscaling.send(
    new DescribeScalingActivitiesCommand({ AutoScalingGroupName }),
  );
  expect(activities.Activities).toHaveLength(2);
});

test.each(['Launch', 'ReplaceUnhealthy'])(
  'with %s suspended nothing replaces an instance ended by EC2',
  async (process) => {
    await suspend(process);
    expect((await group())?.SuspendedProcesses).toMatchObject([{ ProcessName: process }]);
    await rig.ec2.send(new TerminateInstancesCommand({ InstanceIds: [first().id] }));
    await rig.world.clock.skip(60 * 60_000);
    expect(rig.eb.beanstalk.instances()).toHaveLength(1);
    await rig.autoscaling.send(
      new ResumeProcessesCommand({ AutoScalingGroupName, ScalingProcesses: [process] }),
    );
    await group();
    expect(rig.eb.beanstalk.instances().map((each) => each.state)).toEqual(['terminated', 'running']);
  },
);

test('an environment that needs more instances fails its update while Launch is suspended', async () => {
  await suspend('Launch');
  const bigger = [option(sizes, 'MinSize', '2'), option(sizes, 'MaxSize', '2')];
  await rig.beanstalk.send(new UpdateEnvironmentCommand({ EnvironmentName: name, OptionSettings: bigger }));
  await rig.beanstalk.send(new DescribeEnvironmentsCommand({ EnvironmentNames: [name] }));
  expect(environment.status).toBe('Ready');
  expect(environment.events.at(-1)?.message).toBe('Failed to deploy configuration.');
  expect(await group()).toMatchObject({ MinSize: 1, Instances: [{ InstanceId: first().id }] });
});

test('sizes set by hand stay until the options change them', async () => {
  await rig.autoscaling.send(
    new UpdateAutoScalingGroupCommand({
      AutoScalingGroupName,
      MinSize: 0,
      MaxSize: 0,
      DesiredCapacity: 0,
    }),
  );
  expect(await group()).toMatchObject({ MaxSize: 0, DesiredCapacity: 0 });
  const equal = [option(sizes, 'MinSize', '1')];
  await rig.beanstalk.send(new UpdateEnvironmentCommand({ EnvironmentName: name, OptionSettings: equal }));
  expect(await group()).toMatchObject({ MinSize: 0, Instances: [] });
});

test('a desired capacity out of bounds is refused', async () => {
  await expect(
    rig.autoscaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity: 9 })),
  ).rejects.toMatchObject({
    message: 'New SetDesiredCapacity value 9 is above max value 4 for the AutoScalingGroup.',
  });
});

test('EC2 describes instances by tag and refuses filters it does not model', async () => {
  const find = (Name: string, value: string) =>
    rig.ec2.send(new DescribeInstancesCommand({ Filters: [{ Name, Values: [value] }] }));
  const found = await find('tag:elasticbeanstalk:environment-name', name);
  expect(found.Reservations?.[0]?.Instances).toMatchObject([
    { InstanceId: first().id, State: { Name: 'running' }, PrivateIpAddress: first().privateAddress },
  ]);
  expect((await find('tag:elasticbeanstalk:environment-name', 'other')).Reservations ?? []).toEqual([]);
  await expect(find('vpc-id', 'vpc-1')).rejects.toMatchObject({ name: 'SandboxDoesNotModel' });
  await expect(rig.ec2.send(new DescribeVpcsCommand({ VpcIds: ['vpc-1'] }))).rejects.toMatchObject({
    name: 'InvalidVpcID.NotFound',
  });
});

test('load balancers tell the health of their targets', async () => {
  const balancers = await rig.elb.send(new DescribeLoadBalancersCommand({}));
  expect(balancers.LoadBalancers).toMatchObject([{ DNSName: environment.loadBalancer.dnsName }]);
  const groups = await rig.elb.send(
    new DescribeTargetGroupsCommand({ LoadBalancerArn: balancers.LoadBalancers?.[0]?.LoadBalancerArn }),
  );
  rig.application.status = 500;
  const TargetGroupArn = groups.TargetGroups?.[0]?.TargetGroupArn;
  const health = await rig.elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
  expect(health.TargetHealthDescriptions).toMatchObject([
    { Target: { Id: first().id }, TargetHealth: { State: 'unhealthy' } },
  ]);
});
