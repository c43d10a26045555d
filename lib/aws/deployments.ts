import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { IIoHost, SuccessfulDeployStackResult, Toolkit } from '@aws-cdk/toolkit-lib';
import {
  CloudFormationClient,
  DeleteChangeSetCommand,
  ExecuteChangeSetCommand,
  paginateDescribeChangeSet,
  type ResourceChange,
} from '@aws-sdk/client-cloudformation';
import type { Clock } from '../runbook/clock';
import type { Settings } from '../settings';
import type { Progress } from '../upgrade/ports';
import type { Deployments, PlannedChange, PreparedChange } from '../upgrade/stack-ports';
import type { Clients } from './clients';
import { stated } from './stated';
import { causeOf, deploymentFault } from './toolkit-faults';

/**
 * Of our own: two `cdk deploy`s share a name, and each deletes the other's. One that a crash left is deleted in the same
 * way by the next of this name, and by whatever changes the stack:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets-execute.html
 */
const changeSetName = 'upgrade';

type Assemble = Parameters<Deployments['prepare']>[1];

/** What the toolkit said. */
interface Heard {
  complaints: string[];
  result?: SuccessfulDeployStackResult;
  /** Called when the first event of a stack's is told. */
  began?: () => void;
}

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
   * environment of the whole process, in which another deploy may be under way. A change set that fails for another
   * reason than that nothing would change is an error of the toolkit's, which quotes that reason.
   * @throws PreconditionError STACK_BUSY, STACK_FAILED, MOVE_REFUSED, CHANGE_SET_OBSOLETE, NOT_BOOTSTRAPPED
   * @throws StepFailedError DEPLOY_NOT_PREPARED
   */
  async prepare(stack: string, assemble: Assemble): Promise<PreparedChange | undefined> {
    const outdir = mkdtempSync(path.join(tmpdir(), 'upgrade-'));
    const heard: Heard = { complaints: [] };
    try {
      await this.clock.working(async () => {
        assemble(outdir);
        await this.clients.checkGuard();
        await this.makeChangeSet(stack, outdir, heard);
      });
      return await this.prepared(stack, heard);
    } catch (error) {
      const fault = deploymentFault(error, stack, this.settings, heard.complaints);
      throw await causeOf(fault, () => this.clients.askAccount());
    } finally {
      rmSync(outdir, { recursive: true, force: true });
    }
  }

  /**
   * By its id, so that no other of its name is executed. Resources that were changed when another one fails stay as they
   * are.
   * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ExecuteChangeSet.html
   * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
   * @throws PreconditionError STACK_BUSY, STACK_FAILED, CHANGE_SET_OBSOLETE
   */
  async execute({ stack, id }: PreparedChange): Promise<void> {
    try {
      await this.cloudFormation.send(
        new ExecuteChangeSetCommand({
          ChangeSetName: id,
          DisableRollback: true,
          // A call that is repeated because its answer was lost is told from a second one by this.
          ClientRequestToken: `upgrade-${this.clock.now().getTime()}`,
        }),
      );
    } catch (error) {
      throw deploymentFault(error, stack, this.settings);
    }
  }

  /**
   * Resolves once it goes on, or is over already. Stacks that were deployed after it stay: the command line takes them too,
   * unless it is told `--exclusively`.
   * https://docs.aws.amazon.com/cdk/v2/guide/ref-cli-cmd-destroy.html
   * @throws PreconditionError STACK_BUSY, StepFailedError DEPLOY_NOT_PREPARED
   */
  async destroy(stack: string, assemble: Assemble): Promise<void> {
    const outdir = mkdtempSync(path.join(tmpdir(), 'upgrade-'));
    const heard: Heard = { complaints: [] };
    const begun = new Promise<void>((resolve) => {
      heard.began = resolve;
    });
    const { ExpandStackSelection, StackSelectionStrategy } = await import('@aws-cdk/toolkit-lib');
    assemble(outdir);
    await this.clients.checkGuard();
    const toolkit = await this.toolkit(heard, 'CDK_TOOLKIT_I7010');
    const stacks = {
      strategy: StackSelectionStrategy.PATTERN_MUST_MATCH_SINGLE,
      patterns: [stack],
      expand: ExpandStackSelection.NONE,
    };
    const over = toolkit
      .destroy(await toolkit.fromAssemblyDirectory(outdir), { stacks })
      .finally(() => rmSync(outdir, { recursive: true, force: true }));
    // What fails later is seen at the stack by whoever waits for it.
    over.catch(() => {});
    try {
      await Promise.race([over, begun]);
    } catch (error) {
      throw deploymentFault(error, stack, this.settings, heard.complaints);
    }
  }

  /** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteChangeSet.html */
  async discard({ id }: PreparedChange): Promise<void> {
    await this.cloudFormation.send(new DeleteChangeSetCommand({ ChangeSetName: id }));
  }

  private async makeChangeSet(stack: string, directory: string, heard: Heard): Promise<void> {
    const { StackSelectionStrategy } = await import('@aws-cdk/toolkit-lib');
    const toolkit = await this.toolkit(heard);
    await toolkit.deploy(await toolkit.fromAssemblyDirectory(directory), {
      stacks: { strategy: StackSelectionStrategy.PATTERN_MUST_MATCH_SINGLE, patterns: [stack] },
      deploymentMethod: { method: 'change-set', execute: false, changeSetName },
      rollback: false,
    });
  }

  /** Loaded when it is needed: it takes most of a second. */
  private async toolkit(heard: Heard, agreed = 'CDK_TOOLKIT_I5060'): Promise<Toolkit> {
    const { BaseCredentials, Toolkit } = await import('@aws-cdk/toolkit-lib');
    const { region } = this.settings;
    const baseCredentials = BaseCredentials.custom({ provider: this.clients.credentials, region });
    return new Toolkit({
      ioHost: this.quietHost(heard, agreed),
      color: false,
      emojis: false,
      sdkConfig: { baseCredentials },
    });
  }

  /** Says yes to what is wanted and to nothing else, such as an offer to roll back first or to delete a stack. */
  private quietHost(heard: Heard, agreed: string): IIoHost {
    return {
      notify: async ({ level, message, code, data }) => {
        if (level === 'warn') this.progress(message.trim());
        if (level === 'error') heard.complaints.push(message);
        if (code === 'CDK_TOOLKIT_I5900') heard.result = data as SuccessfulDeployStackResult;
        if (code === 'CDK_TOOLKIT_I5502') heard.began?.();
      },
      requestResponse: async <T>({ code }: { code: string }) => (code === agreed) as T,
    };
  }

  private async prepared(stack: string, { result }: Heard): Promise<PreparedChange | undefined> {
    if (!result) throw new Error('The toolkit made no change set.');
    if (result.noOp) {
      const failed = { StackName: stack, ChangeSetName: changeSetName };
      await this.cloudFormation.send(new DeleteChangeSetCommand(failed));
      return undefined;
    }
    const id = stated(result.changeSet?.ChangeSetId, `ChangeSetId of ${stack}`);
    return { stack, id, changes: await this.changesOf(id) };
  }

  /** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html */
  private async changesOf(id: string): Promise<PlannedChange[]> {
    const changes: ResourceChange[] = [];
    const pages = paginateDescribeChangeSet({ client: this.cloudFormation }, { ChangeSetName: id });
    for await (const { Changes } of pages)
      for (const { ResourceChange } of Changes ?? []) if (ResourceChange) changes.push(ResourceChange);
    return changes.map(plannedChange);
  }
}

export function plannedChange(change: ResourceChange): PlannedChange {
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
