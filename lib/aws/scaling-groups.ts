import {
  AutoScalingClient,
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
  ResumeProcessesCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { PreconditionError } from '../runbook/errors';
import type { ScalingGroups, Sizes } from '../upgrade/ports';
import type { Clients } from './clients';
import { together } from './together';

/** What Auto Scaling may do by itself. */
export class AutoScalingGroups implements ScalingGroups {
  private readonly autoScaling: AutoScalingClient;
  private readonly describedOf = together((names: string[]) => this.described(names));

  constructor(clients: Clients) {
    this.autoScaling = clients.make(AutoScalingClient);
  }

  async suspended(group: string): Promise<string[]> {
    const { SuspendedProcesses = [] } = await this.describe(group);
    return SuspendedProcesses.flatMap(({ ProcessName }) => (ProcessName ? [ProcessName] : []));
  }

  async instances(group: string): Promise<string[]> {
    const { Instances = [] } = await this.describe(group);
    return Instances.flatMap(({ InstanceId }) => (InstanceId ? [InstanceId] : []));
  }

  async sizes(group: string): Promise<Sizes> {
    const { MinSize = 0, MaxSize = 0 } = await this.describe(group);
    return { min: MinSize, max: MaxSize };
  }

  /** An empty list would mean every process to AWS; here it means none. */
  async suspend(group: string, processes: string[]): Promise<void> {
    if (processes.length === 0) return;
    await this.autoScaling.send(
      new SuspendProcessesCommand({ AutoScalingGroupName: group, ScalingProcesses: processes }),
    );
  }

  async resume(group: string, processes: string[]): Promise<void> {
    if (processes.length === 0) return;
    await this.autoScaling.send(
      new ResumeProcessesCommand({ AutoScalingGroupName: group, ScalingProcesses: processes }),
    );
  }

  /**
   * Its desired capacity becomes the smallest number, if it is less.
   * https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html
   */
  async resize(group: string, { min, max }: Sizes): Promise<void> {
    await this.autoScaling.send(
      new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: group, MinSize: min, MaxSize: max }),
    );
  }

  /** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html */
  async empty(group: string): Promise<void> {
    await this.autoScaling.send(
      new UpdateAutoScalingGroupCommand({
        AutoScalingGroupName: group,
        MinSize: 0,
        MaxSize: 0,
        DesiredCapacity: 0,
      }),
    );
  }

  /**
   * Ends an instance; its group replaces it, unless it may launch nothing.
   * https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_TerminateInstanceInAutoScalingGroup.html
   */
  async terminate(instance: string): Promise<void> {
    await this.autoScaling.send(
      new TerminateInstanceInAutoScalingGroupCommand({
        InstanceId: instance,
        ShouldDecrementDesiredCapacity: false,
      }),
    );
  }

  private async describe(group: string): Promise<AutoScalingGroup> {
    const found = (await this.describedOf(group)).find(
      ({ AutoScalingGroupName }) => AutoScalingGroupName === group,
    );
    if (found) return found;
    throw new PreconditionError('SCALING_GROUP_MISSING', {
      so: `There is no Auto Scaling group ${group}.`,
      next: 'Look with npm run status whether its environment still exists.',
    });
  }

  private async described(names: string[]): Promise<AutoScalingGroup[]> {
    const { AutoScalingGroups: found = [] } = await this.autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: names }),
    );
    return found;
  }
}
