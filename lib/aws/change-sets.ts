import {
  ChangeSetNotFoundException,
  CloudFormationClient,
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  paginateDescribeChangeSet,
  type ResourceChange,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import type { Clock } from '../runbook/clock';
import { StepFailedError } from '../runbook/errors';
import type { Settings } from '../settings';
import type { ChangeSets, ImportedResource, PreparedChange } from '../upgrade/stack-ports';
import type { Clients } from './clients';
import { plannedChange } from './deployments';
import { stated } from './stated';
import { deploymentFault } from './toolkit-faults';

const changeSetName = 'upgrade-adoption';
const pollMs = 1_000;
const longestMs = 5 * 60_000;

/**
 * Change sets of templates that are sent as they are.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html
 */
export class CloudFormationChangeSets implements ChangeSets {
  private readonly cloudFormation: CloudFormationClient;

  constructor(
    clients: Clients,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {
    this.cloudFormation = clients.make(CloudFormationClient);
  }

  /** @throws StepFailedError DEPLOY_NOT_PREPARED, PreconditionError STACK_BUSY, STACK_FAILED */
  async prepare(
    stack: string,
    template: object,
    imports: ImportedResource[] = [],
  ): Promise<PreparedChange | undefined> {
    try {
      const isThere = await this.isThere(stack);
      if (isThere) await this.forget(stack);
      const { Id } = await this.cloudFormation.send(
        new CreateChangeSetCommand({
          StackName: stack,
          ChangeSetName: changeSetName,
          ChangeSetType: typeOf(isThere, imports),
          TemplateBody: JSON.stringify(template),
          Capabilities: ['CAPABILITY_NAMED_IAM'],
          ...(imports.length > 0 ? { ResourcesToImport: imports.map(asAwsNames) } : {}),
        }),
      );
      return await this.made(stack, stated(Id, `the id of the change set of ${stack}`));
    } catch (error) {
      throw deploymentFault(error, stack, this.settings);
    }
  }

  async execute({ stack, id, changes }: PreparedChange): Promise<void> {
    const adopts = changes.some(({ action }) => action === 'Import');
    try {
      await this.cloudFormation.send(
        new ExecuteChangeSetCommand({ ChangeSetName: id, ...(adopts ? {} : { DisableRollback: true }) }),
      );
    } catch (error) {
      throw deploymentFault(error, stack, this.settings);
    }
  }

  async discard({ id }: Pick<PreparedChange, 'id'>): Promise<void> {
    await this.cloudFormation.send(new DeleteChangeSetCommand({ ChangeSetName: id }));
  }

  async removeStack(name: string): Promise<void> {
    await this.cloudFormation.send(new DeleteStackCommand({ StackName: name }));
  }

  async protect(name: string): Promise<void> {
    await this.cloudFormation.send(
      new UpdateTerminationProtectionCommand({ StackName: name, EnableTerminationProtection: true }),
    );
  }

  /** One whose first change set was only made has no resources yet, and is as good as absent. */
  private async isThere(stack: string): Promise<'complete' | 'reviewed' | false> {
    try {
      const { Stacks } = await this.cloudFormation.send(new DescribeStacksCommand({ StackName: stack }));
      return Stacks?.[0]?.StackStatus === 'REVIEW_IN_PROGRESS' ? 'reviewed' : 'complete';
    } catch (error) {
      if (/does not exist/.test((error as Error).message)) return false;
      throw error;
    }
  }

  /** One that a crash left would be in the way of the next. */
  private async forget(stack: string): Promise<void> {
    await this.cloudFormation.send(
      new DeleteChangeSetCommand({ StackName: stack, ChangeSetName: changeSetName }),
    );
    await this.until(async () => {
      try {
        await this.cloudFormation.send(
          new DescribeChangeSetCommand({ StackName: stack, ChangeSetName: changeSetName }),
        );
        return undefined;
      } catch (error) {
        if (error instanceof ChangeSetNotFoundException) return true;
        throw error;
      }
    });
  }

  private async made(stack: string, id: string): Promise<PreparedChange | undefined> {
    const { Status, StatusReason = '' } = await this.until(async () => {
      const found = await this.cloudFormation.send(new DescribeChangeSetCommand({ ChangeSetName: id }));
      return found.Status === 'CREATE_COMPLETE' || found.Status === 'FAILED' ? found : undefined;
    });
    if (Status === 'FAILED') {
      await this.discard({ id });
      if (/didn't contain changes|No updates are to be performed/.test(StatusReason)) return undefined;
      throw new StepFailedError('DEPLOY_NOT_PREPARED', {
        so: `No change of ${stack} could be prepared: ${StatusReason}`,
        changed: 'No resource was changed.',
        next: 'Mend what it says, and run the same command again.',
      });
    }
    const changes: ResourceChange[] = [];
    for await (const { Changes = [] } of paginateDescribeChangeSet(
      { client: this.cloudFormation },
      { ChangeSetName: id },
    ))
      changes.push(...Changes.flatMap(({ ResourceChange }) => (ResourceChange ? [ResourceChange] : [])));
    return { stack, id, changes: changes.map(plannedChange) };
  }

  private async until<T>(look: () => Promise<T | undefined>): Promise<T> {
    const giveUpAtMs = this.clock.now().getTime() + longestMs;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      if (this.clock.now().getTime() > giveUpAtMs)
        throw new Error(
          `CloudFormation has not settled the change set within ${longestMs / 60_000} minutes.`,
        );
      await this.clock.sleep(pollMs);
    }
  }
}

function typeOf(isThere: 'complete' | 'reviewed' | false, imports: ImportedResource[]) {
  if (imports.length > 0) return 'IMPORT' as const;
  return isThere === 'complete' ? ('UPDATE' as const) : ('CREATE' as const);
}

const asAwsNames = ({ resource, type, identifier }: ImportedResource) => ({
  LogicalResourceId: resource,
  ResourceType: type,
  ResourceIdentifier: identifier,
});
