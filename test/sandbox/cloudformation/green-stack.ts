import {
  CreateChangeSetCommand,
  type CreateChangeSetCommandInput,
  CreateStackCommand,
  type CreateStackCommandInput,
  DescribeChangeSetCommand,
  type DescribeChangeSetCommandOutput,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  type Stack,
  UpdateStackCommand,
  type UpdateStackCommandInput,
} from '@aws-sdk/client-cloudformation';
import type { Site } from './support';

export const StackName = 'Green';
export const ChangeSetName = 'next';

export type Resources = Record<string, object>;

export const body = (Resources: Resources, more: object = {}) => JSON.stringify({ Resources, ...more });

export const topic = (Properties: object = {}, more: object = {}) => ({
  Type: 'AWS::SNS::Topic',
  Properties,
  ...more,
});

export const database = (Properties: object, more: object = {}) => ({
  Type: 'AWS::RDS::DBInstance',
  Properties,
  ...more,
});

/** What a change set would do to each resource. */
export const shown = (changes: DescribeChangeSetCommandOutput) =>
  changes.Changes!.map(({ ResourceChange: change }) =>
    [change!.Action, change!.LogicalResourceId, change!.Replacement].filter(Boolean).join(' '),
  );

/** The one stack that a test makes and changes on its site. */
export class GreenStack {
  constructor(private readonly site: Site) {}

  /** The stack as it is once nothing is under way, for the site's clock skips. */
  async settled(name = StackName): Promise<Stack> {
    const { Stacks } = await this.site.client.send(new DescribeStacksCommand({ StackName: name }));
    return Stacks![0]!;
  }

  async create(resources: Resources, more: Partial<CreateStackCommandInput> = {}): Promise<Stack> {
    const { StackId } = await this.site.client.send(
      new CreateStackCommand({ StackName, TemplateBody: body(resources), ...more }),
    );
    return this.settled(StackId);
  }

  async update(resources: Resources, more: Partial<UpdateStackCommandInput> = {}): Promise<Stack> {
    const TemplateBody = body(resources);
    await this.site.client.send(new UpdateStackCommand({ StackName, TemplateBody, ...more }));
    return this.settled();
  }

  async prepare(
    resources: Resources,
    more: Partial<CreateChangeSetCommandInput> = {},
  ): Promise<DescribeChangeSetCommandOutput> {
    const given = { StackName, ChangeSetName, TemplateBody: body(resources), ...more };
    await this.site.client.send(new CreateChangeSetCommand(given));
    return this.site.client.send(
      new DescribeChangeSetCommand({ StackName, ChangeSetName, IncludePropertyValues: true }),
    );
  }

  async execute(more: { DisableRollback?: boolean } = {}): Promise<Stack> {
    await this.site.client.send(new ExecuteChangeSetCommand({ StackName, ChangeSetName, ...more }));
    return this.settled();
  }

  async deploy(resources: Resources, type: 'CREATE' | 'UPDATE'): Promise<Stack> {
    await this.prepare(resources, { ChangeSetType: type });
    return this.execute();
  }

  /** What happened, oldest first, as `LogicalId STATUS`. */
  async history(since = 0): Promise<string[]> {
    // By its id, for one that was deleted has no name.
    const [stack] = this.site.cloudformation.stacks.all();
    const { StackEvents } = await this.site.client.send(
      new DescribeStackEventsCommand({ StackName: stack!.id }),
    );
    return StackEvents!
      .reverse()
      .map((event) => `${event.LogicalResourceId} ${event.ResourceStatus}`)
      .slice(since);
  }

  async reasonFor(logicalId: string, status: string): Promise<string | undefined> {
    const { StackEvents } = await this.site.client.send(new DescribeStackEventsCommand({ StackName }));
    return StackEvents!.find(
      (event) => event.LogicalResourceId === logicalId && event.ResourceStatus === status,
    )?.ResourceStatusReason;
  }
}
