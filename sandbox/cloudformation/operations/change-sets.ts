import { z } from 'zod';
import { AwsError } from '../../errors';
import { flag, input, list, text } from '../../protocol/shapes';
import { type Operation, operation } from '../../service';
import { type ChangeSet, describeChange } from '../change-set';
import type { Desired } from '../desired';
import { findExisting, readImports, refuseOtherChanges, whyNotAdopted } from '../imports';
import { isEmpty, type Plan, plan } from '../plan';
import { isSettled, type Stack } from '../stack';
import {
  type Context,
  deploymentShape,
  desiredBy,
  refuseChangedTags,
  refuseUnlessUpdatable,
} from './context';
import { describeParameters } from './views';

/** By name or ARN. https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html */
export const changeSetName = text.max(1600).regex(/^([a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/]*)$/);

const creation = input({
  ...deploymentShape,
  UsePreviousTemplate: flag.optional(),
  ChangeSetName: text.max(128).regex(/^[a-zA-Z][-a-zA-Z0-9]*$/),
  ChangeSetType: z.enum(['CREATE', 'UPDATE', 'IMPORT']).default('UPDATE'),
  ResourcesToImport: list(
    input({
      ResourceType: text,
      LogicalResourceId: text,
      // Types that cannot be imported have none, and are refused for that.
      ResourceIdentifier: z.array(input({ key: text, value: text })).default([]),
    }),
  ).default([]),
  ImportExistingResources: flag.default(false),
  // No nested stacks can be in a template here, so there are none to include.
  IncludeNestedStacks: flag.optional(),
  ClientToken: text.optional(),
  Description: text.optional(),
});
type Creation = z.output<typeof creation>;

const named = { StackName: text.optional(), ChangeSetName: changeSetName };

export function changeSetOperations(context: Context): Record<string, Operation> {
  const { stacks, engine, site } = context;
  return {
    CreateChangeSet: operation(creation, (request) => create(context, request)),
    DescribeChangeSet: operation(
      input({ ...named, IncludePropertyValues: flag.default(false) }),
      async (request) => {
        const { stack, changeSet } = changeSetOf(context, request);
        await site.world.clock.skipUntil(() => isSettled(stack));
        return describe(stack, changeSet, request.IncludePropertyValues);
      },
    ),
    ListChangeSets: operation(input({ StackName: text }), (request) => {
      const stack = stacks.get(request.StackName);
      return { Summaries: { member: [...stack.changeSets.values()].map((one) => summarise(stack, one)) } };
    }),
    DeleteChangeSet: operation(input(named), (request) => {
      const stack = request.StackName === undefined ? undefined : stacks.get(request.StackName);
      const found = find(context, request);
      if (found) found.stack.changeSets.delete(found.changeSet.name);
      else if (!stack) throw notFound(request.ChangeSetName);
      return {};
    }),
    ExecuteChangeSet: operation(
      input({ ...named, ClientRequestToken: text.optional(), DisableRollback: flag.default(false) }),
      (request, call) => {
        const { stack, changeSet } = changeSetOf(context, request);
        refuseUnlessExecutable(stack, changeSet);
        stack.caller = call.accessKeyId;
        stack.changeSets = new Map([[changeSet.name, changeSet]]);
        changeSet.executionStatus = 'EXECUTE_COMPLETE';
        const { desired, imports, capabilities, roleArn } = changeSet;
        Object.assign(stack, { capabilities, roleArn, changeSetId: changeSet.id });
        stack.disableRollback = request.DisableRollback;
        const options = {
          desired,
          imports,
          onFailure: request.DisableRollback ? ('DO_NOTHING' as const) : ('ROLLBACK' as const),
          token: request.ClientRequestToken,
        };
        if (changeSet.type === 'IMPORT') engine.import(stack, options);
        else if (changeSet.type === 'CREATE') engine.create(stack, options);
        else engine.update(stack, options);
        return {};
      },
    ),
  };
}

function create(context: Context, request: Creation): object {
  const { stacks, site } = context;
  const existing = stacks.find(request.StackName);
  refuseUnlessAllowed(request, existing);
  const stack = existing ?? stacks.add(request.StackName, request.Tags ?? []);
  try {
    const desired = desiredBy(context, stack, request);
    if (stack.desired) refuseChangedTags(stack, request.Tags);
    const verdict = planFor(context, stack, desired, request);
    if (!existing) site.events.operation(stack, 'REVIEW_IN_PROGRESS', 'User Initiated', request.ClientToken);
    const changeSet: ChangeSet = {
      name: request.ChangeSetName,
      id: stacks.arn('changeSet', request.ChangeSetName),
      type: request.ChangeSetType,
      description: request.Description,
      status: verdict.fault === undefined ? 'CREATE_COMPLETE' : 'FAILED',
      statusReason: verdict.fault,
      executionStatus: verdict.fault === undefined ? 'AVAILABLE' : 'UNAVAILABLE',
      createdMs: site.events.moment(),
      desired,
      changes: verdict.plan.changes,
      imports: verdict.imports,
      importExistingResources: request.ImportExistingResources,
      tags: request.Tags ?? stack.tags,
      capabilities: request.Capabilities,
      roleArn: request.RoleARN,
    };
    stack.changeSets.set(changeSet.name, changeSet);
    return { Id: changeSet.id, StackId: stack.id };
  } catch (error) {
    if (!existing) stacks.forget(stack);
    throw error;
  }
}

function refuseUnlessAllowed(request: Creation, stack: Stack | undefined): void {
  const { StackName: stackName, ChangeSetName: name, ChangeSetType: type } = request;
  if (!stack) {
    if (type === 'UPDATE') throw new AwsError('ValidationError', `Stack [${stackName}] does not exist`);
    return;
  }
  const earlier = stack.changeSets.get(name);
  if (earlier && earlier.executionStatus !== 'EXECUTE_COMPLETE')
    throw new AwsError('AlreadyExistsException', `ChangeSet ${name} already exists`);
  const isNew = stack.status === 'REVIEW_IN_PROGRESS';
  if (type === 'CREATE' && !isNew)
    throw new AwsError(
      'ValidationError',
      `Stack [${stackName}] already exists and cannot be created again with the changeSet [${name}].`,
    );
  if (type === 'UPDATE' || (type === 'IMPORT' && !isNew)) refuseUnlessUpdatable(stack);
}

interface Verdict {
  plan: Plan;
  imports: Map<string, string>;
  /** Why the change set fails, if it does. */
  fault: string | undefined;
}

function planFor(context: Context, stack: Stack, desired: Desired, request: Creation): Verdict {
  const { stacks, site } = context;
  const { parameters } = site.world;
  if (request.ChangeSetType === 'IMPORT') {
    const imports = readImports(request.ResourcesToImport, stack, desired, stacks);
    const planned = plan(stack, desired, imports, parameters);
    refuseOtherChanges(stack, desired, planned.changes);
    return { plan: planned, imports, fault: imports.size === 0 ? noChanges : undefined };
  }
  if (request.ResourcesToImport.length > 0)
    throw new AwsError('ValidationError', 'ResourcesToImport is for change sets of type IMPORT');
  const planned = plan(stack, desired, new Map(), parameters);
  const imports = request.ImportExistingResources
    ? findExisting(planned.changes, desired, parameters)
    : new Map<string, string>();
  const adopting = imports.size > 0 ? plan(stack, desired, imports, parameters) : planned;
  const fault = isEmpty(adopting) ? noChanges : whyNotAdopted(imports, desired, stacks);
  return { plan: adopting, imports, fault };
}

const noChanges =
  "The submitted information didn't contain changes. Submit different information to create a change set.";

function refuseUnlessExecutable(stack: Stack, changeSet: ChangeSet): void {
  const { id, status, executionStatus, type } = changeSet;
  const refuse = (kind: string, value: string) =>
    new AwsError(
      'InvalidChangeSetStatus',
      `ChangeSet [${id}] cannot be executed in its current ${kind} of [${value}]`,
    );
  if (status !== 'CREATE_COMPLETE') throw refuse('status', status);
  if (executionStatus !== 'AVAILABLE') throw refuse('execution status', executionStatus);
  const fresh = stack.status === 'REVIEW_IN_PROGRESS' && type !== 'UPDATE';
  if (!fresh) refuseUnlessUpdatable(stack);
}

type Name = { StackName?: string | undefined; ChangeSetName: string };

function find(context: Context, { StackName, ChangeSetName }: Name) {
  const candidates = ChangeSetName.startsWith('arn:')
    ? context.stacks.all()
    : [context.stacks.get(StackName ?? '')];
  for (const stack of candidates)
    for (const changeSet of stack.changeSets.values())
      if ([changeSet.id, changeSet.name].includes(ChangeSetName)) return { stack, changeSet };
  return undefined;
}

/** By the names that a request gives; AWS's refusal when there is none. */
export function changeSetOf(context: Context, name: Name) {
  const found = find(context, name);
  if (!found) throw notFound(name.ChangeSetName);
  return found;
}

function notFound(name: string): AwsError {
  return new AwsError('ChangeSetNotFound', `ChangeSet [${name}] does not exist`, 404);
}

function summarise(stack: Stack, changeSet: ChangeSet) {
  return {
    StackId: stack.id,
    StackName: stack.name,
    ChangeSetId: changeSet.id,
    ChangeSetName: changeSet.name,
    ExecutionStatus: changeSet.executionStatus,
    Status: changeSet.status,
    StatusReason: changeSet.statusReason,
    CreationTime: new Date(changeSet.createdMs),
    Description: changeSet.description,
    ImportExistingResources: changeSet.importExistingResources,
  };
}

function describe(stack: Stack, changeSet: ChangeSet, withValues: boolean) {
  return {
    ...summarise(stack, changeSet),
    Parameters: { member: describeParameters(changeSet.desired.parameters) },
    Capabilities: { member: changeSet.capabilities },
    Tags: { member: changeSet.tags },
    Changes: { member: changeSet.changes.map((change) => describeChange(change, withValues)) },
  };
}

/** A deployment that did not come from a change set makes those that were waiting out of date. */
export function makeObsolete(stack: Stack): void {
  for (const changeSet of stack.changeSets.values())
    if (changeSet.executionStatus === 'AVAILABLE') changeSet.executionStatus = 'OBSOLETE';
}
