import { AwsError } from '../../errors';
import { input, list, text } from '../../protocol/shapes';
import { type Operation, operation } from '../../service';
import { isSettled, type Stack, type StackResource } from '../stack';
import type { Context } from './context';
import { describeEvent, describeResource, describeStack, summariseStack } from './views';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStacks.html */
const operations = ['CREATE', 'ROLLBACK', 'DELETE', 'UPDATE', 'UPDATE_ROLLBACK', 'IMPORT', 'IMPORT_ROLLBACK'];
const endings = ['IN_PROGRESS', 'FAILED', 'COMPLETE', 'COMPLETE_CLEANUP_IN_PROGRESS'];
const stackStatus = text.regex(
  new RegExp(`^(REVIEW_IN_PROGRESS|(${operations.join('|')})_(${endings.join('|')}))$`),
);

export function descriptionOperations(context: Context): Record<string, Operation> {
  const { stacks, site } = context;
  const settled = (stack: Stack) => site.world.clock.skipUntil(() => isSettled(stack));
  return {
    DescribeStacks: operation(input({ StackName: text.optional() }), async ({ StackName: name }) => {
      if (name === undefined) {
        await site.world.clock.skipUntil(() => stacks.live().every(isSettled));
        return { Stacks: { member: stacks.live().map(describeStack) } };
      }
      const stack = stacks.get(name);
      await settled(stack);
      return { Stacks: { member: [describeStack(stack)] } };
    }),
    ListStacks: operation(input({ StackStatusFilter: list(stackStatus).default([]) }), (request) => {
      const wanted = stacks
        .all()
        .filter(
          ({ status }) =>
            request.StackStatusFilter.length === 0 || request.StackStatusFilter.includes(status),
        );
      return { StackSummaries: { member: wanted.map(summariseStack) } };
    }),
    DescribeStackEvents: operation(input({ StackName: text }), async ({ StackName: name }) => {
      const stack = stacks.get(name, `Stack [${name}] does not exist`);
      await settled(stack);
      const events = [...stack.events].reverse();
      return { StackEvents: { member: events.map((event) => describeEvent(stack, event)) } };
    }),
    ...resourceOperations(context),
  };
}

function resourceOperations({ stacks }: Context): Record<string, Operation> {
  const shown = (stack: Stack, resource: StackResource) => ({
    StackId: stack.id,
    StackName: stack.name,
    ...describeResource(resource),
    DriftInformation: { StackResourceDriftStatus: 'NOT_CHECKED' },
  });
  return {
    DescribeStackResources: operation(
      input({
        StackName: text.optional(),
        LogicalResourceId: text.optional(),
        PhysicalResourceId: text.optional(),
      }),
      ({ StackName: name, LogicalResourceId: logicalId, PhysicalResourceId: physicalId }) => {
        const stack = name === undefined ? ownerOf(stacks.live(), physicalId) : stacks.get(name);
        const chosen = [...stack.resources.values()].filter(
          (resource) => logicalId === undefined || resource.logicalId === logicalId,
        );
        return {
          StackResources: {
            member: chosen.map((resource) => ({
              ...shown(stack, resource),
              Timestamp: new Date(resource.changedMs),
            })),
          },
        };
      },
    ),
    DescribeStackResource: operation(input({ StackName: text, LogicalResourceId: text }), (request) => {
      const stack = stacks.get(request.StackName, `Stack '${request.StackName}' does not exist`);
      const resource = stack.resources.get(request.LogicalResourceId);
      if (!resource)
        throw new AwsError(
          'ValidationError',
          `Resource ${request.LogicalResourceId} does not exist for stack ${stack.name}`,
        );
      return {
        StackResourceDetail: {
          ...shown(stack, resource),
          LastUpdatedTimestamp: new Date(resource.changedMs),
          Metadata: JSON.stringify(resource.metadata ?? {}),
        },
      };
    }),
    ListStackResources: operation(input({ StackName: text }), (request) => {
      const stack = stacks.get(request.StackName);
      return {
        StackResourceSummaries: {
          member: [...stack.resources.values()].map((resource) => ({
            ...describeResource(resource),
            LastUpdatedTimestamp: new Date(resource.changedMs),
            DriftInformation: { StackResourceDriftStatus: 'NOT_CHECKED' },
          })),
        },
      };
    }),
  };
}

function ownerOf(stacks: Stack[], physicalId: string | undefined): Stack {
  const owner = stacks.find((stack) =>
    [...stack.resources.values()].some(
      (resource) => physicalId !== undefined && resource.physicalId === physicalId,
    ),
  );
  if (!owner) throw new AwsError('ValidationError', `Stack for ${physicalId} does not exist`);
  return owner;
}
