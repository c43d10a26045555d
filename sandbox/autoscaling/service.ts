import { z } from 'zod';
import type { Environment } from '../beanstalk/environment';
import type { Inventory } from '../beanstalk/inventory';
import { targetGroupArn } from '../beanstalk/load-balancer';
import { mostInstances } from '../beanstalk/options';
import { allTags } from '../beanstalk/service';
import { AwsError, notModelled } from '../errors';
import { pageOf } from '../protocol/paging';
import { flag, input, integer, list, text } from '../protocol/shapes';
import { type Operation, type OperationService, operation } from '../service';
import type { World } from '../world';
import { type Activity, type Member, type ScalingProcess, scalingProcesses } from './group';

const groupName = text.min(1).max(255);
const named = { AutoScalingGroupName: groupName };
const processes = { ...named, ScalingProcesses: list(z.enum(scalingProcesses)).default([]) };
const paging = { MaxRecords: integer.optional(), NextToken: text.optional() };
const pageAsked = (asked: { MaxRecords?: number | undefined; NextToken?: string | undefined }) => ({
  size: asked.MaxRecords,
  usual: 50,
  largest: 100,
  token: asked.NextToken,
  fault: 'InvalidNextToken',
});
const refuse = (message: string) => new AwsError('ValidationError', message);

/** The groups of environments. What is changed here by hand, the environments' options do not see. */
export function autoScalingService(world: World, inventory: Inventory): OperationService {
  const alive = () => inventory.environments.filter((each) => each.status !== 'Terminated');
  const find = (name: string) => {
    const found = alive().find((each) => each.group.name === name);
    if (found) return found.group;
    throw refuse(`AutoScalingGroup name not found - AutoScalingGroup: ${name} not found`);
  };
  const quiet = (environments: Environment[]) =>
    world.clock.skipUntil(() => !environments.some((each) => each.inTransition || each.group.busy));
  const memberOf = (id: string) => {
    for (const { group } of alive()) {
      const member = group.members.find((each) => each.instance.id === id);
      if (member) return { group, member };
    }
    throw refuse(`Instance Id not found - No managed instance found for instance ID: ${id}`);
  };

  const operations: Record<string, Operation> = {
    DescribeAutoScalingGroups: operation(
      input({ AutoScalingGroupNames: list(groupName).default([]), ...paging }),
      async (asked) => {
        const wanted = alive().filter(
          ({ group }) =>
            asked.AutoScalingGroupNames.length === 0 || asked.AutoScalingGroupNames.includes(group.name),
        );
        await quiet(wanted);
        const { items, next } = pageOf(wanted, pageAsked(asked));
        const member = items.map((each) => groupDescription(world, each));
        return { AutoScalingGroups: { member }, NextToken: next };
      },
    ),
    SuspendProcesses: operation(input(processes), (asked) => {
      const group = find(asked.AutoScalingGroupName);
      for (const process of orAll(asked.ScalingProcesses)) group.suspended.add(process);
    }),
    ResumeProcesses: operation(input(processes), (asked) => {
      const group = find(asked.AutoScalingGroupName);
      for (const process of orAll(asked.ScalingProcesses)) group.suspended.delete(process);
      group.reconcile('resumed processes');
    }),
    DescribeAutoScalingInstances: operation(
      input({ InstanceIds: list(text).default([]), ...paging }),
      async (asked) => {
        await quiet(alive());
        const members = alive().flatMap(({ group }) =>
          group.members.map((member) => ({ AutoScalingGroupName: group.name, ...memberDescription(member) })),
        );
        const wanted = members.filter(
          (member) => asked.InstanceIds.length === 0 || asked.InstanceIds.includes(member.InstanceId),
        );
        const { items, next } = pageOf(wanted, pageAsked(asked));
        return { AutoScalingInstances: { member: items }, NextToken: next };
      },
    ),
    TerminateInstanceInAutoScalingGroup: operation(
      input({ InstanceId: text, ShouldDecrementDesiredCapacity: flag }),
      (asked) => {
        const { group, member } = memberOf(asked.InstanceId);
        if (asked.ShouldDecrementDesiredCapacity) {
          if (group.desired <= group.min)
            throw refuse(
              `Currently, desiredSize equals minSize (${group.min}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`,
            );
          group.desired--;
        }
        group.terminate(member.instance, 'a user request');
        group.reconcile('a terminated instance');
        return { Activity: activityDescription(group.name, group.activities.at(-1)) };
      },
    ),
    UpdateAutoScalingGroup: operation(
      input({
        ...named,
        MinSize: integer.optional(),
        MaxSize: integer.optional(),
        DesiredCapacity: integer.optional(),
      }),
      (asked) => {
        const group = find(asked.AutoScalingGroupName);
        const min = asked.MinSize ?? group.min;
        const max = asked.MaxSize ?? group.max;
        if (min < 0) throw refuse(`Min bound, ${min}, must not be negative`);
        if (max > mostInstances) throw notModelled(`a group of more than ${mostInstances} instances`);
        if (min > max) throw refuse(`Max bound, ${max}, must be greater than or equal to min bound, ${min}`);
        const desired = asked.DesiredCapacity;
        if (desired !== undefined) checkDesired(desired, min, max);
        group.resize({ min, max, desired });
      },
    ),
    SetDesiredCapacity: operation(
      input({ ...named, DesiredCapacity: integer, HonorCooldown: z.literal('false').optional() }),
      (asked) => {
        const group = find(asked.AutoScalingGroupName);
        checkDesired(asked.DesiredCapacity, group.min, group.max);
        group.resize({ desired: asked.DesiredCapacity });
      },
    ),
    DescribeScalingActivities: operation(
      input({ AutoScalingGroupName: text.optional(), ...paging }),
      async (asked) => {
        const groups = asked.AutoScalingGroupName
          ? [find(asked.AutoScalingGroupName)]
          : alive().map(({ group }) => group);
        await world.clock.skipUntil(() => !groups.some((group) => group.busy));
        const activities = groups
          .flatMap((group) => group.activities.map((activity) => ({ group, activity })))
          .sort((a, b) => b.activity.atMs - a.activity.atMs);
        const { items, next } = pageOf(activities, pageAsked(asked));
        return {
          Activities: {
            member: items.map(({ group, activity }) => activityDescription(group.name, activity)),
          },
          NextToken: next,
        };
      },
    ),
  };
  return {
    name: 'autoscaling',
    protocol: 'query',
    namespace: 'http://autoscaling.amazonaws.com/doc/2011-01-01/',
    operations,
  };
}

const orAll = (asked: ScalingProcess[]): readonly ScalingProcess[] =>
  asked.length > 0 ? asked : scalingProcesses;

function checkDesired(desired: number, min: number, max: number): void {
  if (desired < min)
    throw refuse(
      `New SetDesiredCapacity value ${desired} is below min value ${min} for the AutoScalingGroup.`,
    );
  if (desired > max)
    throw refuse(
      `New SetDesiredCapacity value ${desired} is above max value ${max} for the AutoScalingGroup.`,
    );
}

function memberDescription(member: Member) {
  const { instance } = member;
  return {
    InstanceId: instance.id,
    InstanceType: instance.type,
    AvailabilityZone: instance.zone,
    LifecycleState: member.lifecycle,
    HealthStatus: member.health,
    ProtectedFromScaleIn: false,
  };
}

function groupDescription(world: World, environment: Environment): object {
  const { group } = environment;
  const tags = [...allTags(environment)].map(([Key, Value]) => ({
    ResourceId: group.name,
    ResourceType: 'auto-scaling-group',
    Key,
    Value,
    PropagateAtLaunch: true,
  }));
  return {
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: `arn:aws:autoscaling:${world.region}:${world.account}:autoScalingGroup:${environment.id}:autoScalingGroupName/${group.name}`,
    MinSize: group.min,
    MaxSize: group.max,
    DesiredCapacity: group.desired,
    DefaultCooldown: environment.configuration.number('aws:autoscaling:asg', 'Cooldown'),
    AvailabilityZones: { member: ['a', 'b', 'c'].map((zone) => `${world.region}${zone}`) },
    LoadBalancerNames: '',
    TargetGroupARNs: { member: [targetGroupArn(world, environment)] },
    HealthCheckType: 'EC2',
    HealthCheckGracePeriod: 0,
    Instances: { member: group.members.map(memberDescription) },
    CreatedTime: new Date(environment.createdMs),
    SuspendedProcesses: {
      member: [...group.suspended].map((ProcessName) => ({
        ProcessName,
        SuspensionReason: 'User suspended',
      })),
    },
    Tags: { member: tags },
  };
}

function activityDescription(groupName: string, activity: Activity | undefined): object | undefined {
  if (!activity) return undefined;
  return {
    ActivityId: activity.id,
    AutoScalingGroupName: groupName,
    Description: activity.description,
    Cause: `At ${new Date(activity.atMs).toISOString()} because of ${activity.cause}.`,
    StartTime: new Date(activity.atMs),
    StatusCode: 'Successful',
    Progress: 100,
  };
}
