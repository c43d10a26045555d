import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  ResumeProcessesCommand,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling';
import { PreconditionError } from '../runbook/errors';
import type { ScalingGroups } from '../upgrade/ports';
import type { Clients } from './clients';

/** What Auto Scaling may do by itself. */
export class AutoScalingGroups implements ScalingGroups {
  private readonly autoScaling: AutoScalingClient;

  constructor(clients: Clients) {
    this.autoScaling = clients.make(AutoScalingClient);
  }

  async suspended(group: string): Promise<string[]> {
    const { AutoScalingGroups: groups } = await this.autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] }),
    );
    if (!groups?.[0])
      throw new PreconditionError('SCALING_GROUP_MISSING', {
        so: `There is no Auto Scaling group ${group}.`,
        next: 'Look with npm run status whether its environment still exists.',
      });
    return (groups[0].SuspendedProcesses ?? []).flatMap(({ ProcessName }) =>
      ProcessName ? [ProcessName] : [],
    );
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
}
