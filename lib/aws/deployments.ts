import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { IIoHost, Toolkit } from '@aws-cdk/toolkit-lib';
import {
  CloudFormationClient,
  DeleteChangeSetCommand,
  ExecuteChangeSetCommand,
  paginateDescribeChangeSet,
  type ResourceChange,
} from '@aws-sdk/client-cloudformation';
import type { Clock } from '../runbook/clock';
import type { Settings } from '../settings';
import type { Deployments, PlannedChange, Progress } from '../upgrade/ports';
import type { Clients } from './clients';
import { stated } from './stated';
import { deploymentFault } from './toolkit-faults';

/** Of our own: two `cdk deploy`s share a name, and each deletes the other's. */
const ChangeSetName = 'upgrade';

type Assemble = Parameters<Deployments['prepare']>[1];

/** Deploys through the toolkit that the `cdk` command is made of, in this process. It never prints. */
export class ToolkitDeployments implements Deployments {
  private readonly cloudFormation: CloudFormationClient;

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly progress: Progress,
    private readonly clients: Clients,
  ) {
    this.cloudFormation = clients.make(CloudFormationClient);
  }

  /**
   * The assembly is made here and read from its folder: the toolkit's own way of calling a builder changes the
   * environment of the whole process, in which another deploy may be under way.
   * @throws PreconditionError STACK_BUSY, STACK_FAILED, MOVE_REFUSED, CHANGE_SET_OBSOLETE, NOT_BOOTSTRAPPED
   * @throws StepFailedError DEPLOY_NOT_PREPARED
   */
  async prepare(stack: string, assemble: Assemble): Promise<PlannedChange[]> {
    const outdir = mkdtempSync(path.join(tmpdir(), 'upgrade-'));
    const complaints: string[] = [];
    try {
      await this.clock.working(async () => {
        assemble(outdir);
        await this.makeChangeSet(stack, outdir, complaints);
      });
      return await this.planned(stack);
    } catch (error) {
      throw deploymentFault(error, stack, this.settings, complaints);
    } finally {
      rmSync(outdir, { recursive: true, force: true });
    }
  }

  /**
   * Resources that were changed when another one fails stay as they are.
   * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
   * @throws PreconditionError STACK_BUSY, STACK_FAILED, CHANGE_SET_OBSOLETE
   */
  async execute(stack: string): Promise<void> {
    try {
      await this.cloudFormation.send(
        new ExecuteChangeSetCommand({
          StackName: stack,
          ChangeSetName,
          DisableRollback: true,
          // A call that is repeated because its answer was lost is told from a second one by this.
          ClientRequestToken: `upgrade-${this.clock.now().getTime()}`,
        }),
      );
    } catch (error) {
      throw deploymentFault(error, stack, this.settings);
    }
  }

  private async makeChangeSet(stack: string, directory: string, complaints: string[]): Promise<void> {
    const { StackSelectionStrategy } = await import('@aws-cdk/toolkit-lib');
    const toolkit = await this.toolkit(complaints);
    await toolkit.deploy(await toolkit.fromAssemblyDirectory(directory), {
      stacks: { strategy: StackSelectionStrategy.PATTERN_MUST_MATCH_SINGLE, patterns: [stack] },
      deploymentMethod: { method: 'change-set', execute: false, changeSetName: ChangeSetName },
      rollback: false,
    });
  }

  /** Loaded when it is needed: it takes most of a second. */
  private async toolkit(complaints: string[]): Promise<Toolkit> {
    const { BaseCredentials, Toolkit } = await import('@aws-cdk/toolkit-lib');
    const { region } = this.settings;
    const baseCredentials = BaseCredentials.custom({ provider: this.clients.credentials, region });
    return new Toolkit({
      ioHost: this.quietHost(complaints),
      color: false,
      emojis: false,
      sdkConfig: { baseCredentials },
    });
  }

  /** Says yes to this change and to nothing else, such as an offer to roll back first or to delete a stack. */
  private quietHost(complaints: string[]): IIoHost {
    return {
      notify: async ({ level, message }) => {
        if (level === 'warn') this.progress(message.trim());
        if (level === 'error') complaints.push(message);
      },
      requestResponse: async <T>({ code }: { code: string }) => (code === 'CDK_TOOLKIT_I5060') as T,
    };
  }

  /** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html */
  private async planned(stack: string): Promise<PlannedChange[]> {
    const named = { StackName: stack, ChangeSetName };
    const changes: ResourceChange[] = [];
    for await (const page of paginateDescribeChangeSet({ client: this.cloudFormation }, named)) {
      if (page.Status === 'FAILED') {
        await this.cloudFormation.send(new DeleteChangeSetCommand(named));
        return [];
      }
      for (const { ResourceChange } of page.Changes ?? []) if (ResourceChange) changes.push(ResourceChange);
    }
    return changes.map(plannedChange);
  }
}

function plannedChange(change: ResourceChange): PlannedChange {
  const resource = stated(change.LogicalResourceId, 'LogicalResourceId');
  // A change of something beside the properties, such as the DeletionPolicy, goes by the name of what changes.
  const names = (change.Details ?? []).map(({ Target }) => Target?.Name ?? Target?.Attribute ?? 'something');
  return {
    resource,
    type: stated(change.ResourceType, `ResourceType of ${resource}`),
    action: stated(change.Action, `Action of ${resource}`),
    replacement: change.Replacement,
    properties: [...new Set(names)],
  };
}
