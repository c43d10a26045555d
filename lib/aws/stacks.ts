import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  GetStackPolicyCommand,
  GetTemplateCommand,
  paginateListStacks,
  SetStackPolicyCommand,
} from '@aws-sdk/client-cloudformation';
import { parse } from 'yaml';
import type { ListedStack, Stack, StackEvent, Stacks } from '../upgrade/stack-ports';
import type { Clients } from './clients';
import { stated } from './stated';

/** Stacks of CloudFormation. */
export class CloudFormationStacks implements Stacks {
  private readonly cloudFormation: CloudFormationClient;

  constructor(clients: Clients) {
    this.cloudFormation = clients.make(CloudFormationClient);
  }

  async find(name: string): Promise<Stack | undefined> {
    try {
      const { Stacks: stacks } = await this.cloudFormation.send(
        new DescribeStacksCommand({ StackName: name }),
      );
      const stack = stacks?.[0];
      if (!stack) return undefined;
      return {
        name,
        status: stated(stack.StackStatus, `StackStatus of ${name}`),
        statusReason: stack.StackStatusReason,
      };
    } catch (error) {
      if (/does not exist/.test((error as Error).message)) return undefined;
      throw error;
    }
  }

  /**
   * A list needs no right to look at stacks that are not ours; deleted ones are in it for 90 days.
   * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStacks.html
   */
  async all(): Promise<ListedStack[]> {
    const found: ListedStack[] = [];
    for await (const { StackSummaries: page = [] } of paginateListStacks({ client: this.cloudFormation }, {}))
      for (const { StackName, StackStatus, CreationTime, LastUpdatedTime } of page) {
        if (StackStatus === 'DELETE_COMPLETE') continue;
        const name = stated(StackName, 'StackName');
        found.push({
          name,
          status: stated(StackStatus, `StackStatus of ${name}`),
          changedAt: LastUpdatedTime ?? stated(CreationTime, `CreationTime of ${name}`),
        });
      }
    return found;
  }

  /** What a failed creation has made stays for inspection: a rollback would delete a database that was restored. */
  async create(name: string, template: string, policy: string, tags: Record<string, string>): Promise<void> {
    await this.cloudFormation.send(
      new CreateStackCommand({
        StackName: name,
        TemplateBody: template,
        StackPolicyBody: policy,
        EnableTerminationProtection: true,
        OnFailure: 'DO_NOTHING',
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      }),
    );
  }

  async setPolicy(name: string, policy: string): Promise<void> {
    await this.cloudFormation.send(new SetStackPolicyCommand({ StackName: name, StackPolicyBody: policy }));
  }

  async policy(name: string): Promise<string | undefined> {
    const { StackPolicyBody } = await this.cloudFormation.send(
      new GetStackPolicyCommand({ StackName: name }),
    );
    return StackPolicyBody;
  }

  /** Of resources as they are now: asking them one by one, nobody waits for the stack as a whole. */
  async failures(name: string): Promise<string[]> {
    const { StackResources = [] } = await this.cloudFormation.send(
      new DescribeStackResourcesCommand({ StackName: name }),
    );
    return StackResources.filter(({ ResourceStatus }) => ResourceStatus?.endsWith('_FAILED')).map(
      ({ LogicalResourceId, ResourceType, ResourceStatus, ResourceStatusReason }) =>
        `${LogicalResourceId} (${ResourceType}): ${ResourceStatusReason ?? ResourceStatus}`,
    );
  }

  /** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html */
  async events(name: string): Promise<StackEvent[]> {
    const { StackEvents = [] } = await this.cloudFormation.send(
      new DescribeStackEventsCommand({ StackName: name }),
    );
    return StackEvents.map(({ LogicalResourceId, ResourceStatus, Timestamp }) => ({
      resource: stated(LogicalResourceId, `LogicalResourceId of an event of ${name}`),
      status: stated(ResourceStatus, `ResourceStatus of an event of ${name}`),
      at: stated(Timestamp, `Timestamp of an event of ${name}`),
    }));
  }

  /**
   * As it was sent, in JSON or in YAML 1.1, but for characters beyond ASCII: each of them comes back as "?".
   * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplate.html
   * https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1220
   */
  async template(name: string): Promise<unknown> {
    try {
      const { TemplateBody } = await this.cloudFormation.send(new GetTemplateCommand({ StackName: name }));
      return TemplateBody === undefined ? undefined : read(TemplateBody);
    } catch (error) {
      if (/does not exist/.test((error as Error).message)) return undefined;
      throw error;
    }
  }
}

/** Ours are JSON, which is read a hundred times faster as what it is. */
function read(template: string): unknown {
  try {
    return JSON.parse(template);
  } catch {
    return parse(template, { version: '1.1' });
  }
}
