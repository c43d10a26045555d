import { z } from 'zod';
import { AwsError, notModelled } from '../../errors';
import { flag, input, list, text } from '../../protocol/shapes';
import { type Call, type Operation, operation } from '../../service';
import { isEmpty, plan } from '../plan';
import { isSettled, type Stack } from '../stack';
import { parseStackPolicy } from '../stack-policy';
import { makeObsolete } from './change-sets';
import {
  type Context,
  deploymentShape,
  desiredBy,
  refuseChangedTags,
  refuseUnlessUpdatable,
} from './context';

const creation = input({
  ...deploymentShape,
  ClientRequestToken: text.optional(),
  DisableRollback: flag.optional(),
  OnFailure: z.enum(['DO_NOTHING', 'ROLLBACK', 'DELETE']).optional(),
  EnableTerminationProtection: flag.default(false),
  StackPolicyBody: text.optional(),
});

const updating = input({
  ...deploymentShape,
  UsePreviousTemplate: flag.optional(),
  ClientRequestToken: text.optional(),
  DisableRollback: flag.default(false),
  StackPolicyBody: text.optional(),
});

const deletion = input({
  StackName: text,
  RetainResources: list(text).default([]),
  RoleARN: text.optional(),
  ClientRequestToken: text.optional(),
  DeploymentConfig: deploymentShape.DeploymentConfig,
});

const returning = {
  StackName: text,
  RoleARN: text.optional(),
  ClientRequestToken: text.optional(),
};

export function stackOperations(context: Context): Record<string, Operation> {
  const { stacks, engine } = context;
  return {
    CreateStack: operation(creation, (request, call) => create(context, request, call)),
    UpdateStack: operation(updating, (request, call) => update(context, request, call)),
    DeleteStack: operation(deletion, (request, call) => remove(context, request, call)),
    RollbackStack: operation(
      input({ ...returning, RetainExceptOnCreate: flag.default(false) }),
      (request, call) => {
        const stack = stacks.get(request.StackName, `Stack [${request.StackName}] does not exist`);
        stack.caller = call.accessKeyId;
        refuseUnlessIn(stack, ['CREATE_FAILED', 'UPDATE_FAILED'], 'can not be rolled back');
        engine.rollback(stack, {
          skip: new Set(),
          retainExceptOnCreate: request.RetainExceptOnCreate,
          token: request.ClientRequestToken,
        });
        return { StackId: stack.id };
      },
    ),
    ContinueUpdateRollback: operation(
      input({ ...returning, ResourcesToSkip: list(text).default([]) }),
      (request, call) => {
        const stack = stacks.get(request.StackName, `Stack [${request.StackName}] does not exist`);
        stack.caller = call.accessKeyId;
        refuseUnlessIn(stack, ['UPDATE_ROLLBACK_FAILED'], 'can not continue update rollback');
        const unknown = request.ResourcesToSkip.filter(
          (id) => stack.resources.get(id)?.status !== 'UPDATE_FAILED',
        );
        if (unknown.length > 0)
          throw new AwsError(
            'ValidationError',
            `The following resource(s) cannot be skipped: [${unknown.join(', ')}] are not in UPDATE_FAILED state`,
          );
        engine.rollback(stack, {
          skip: new Set(request.ResourcesToSkip),
          retainExceptOnCreate: false,
          token: request.ClientRequestToken,
        });
        return {};
      },
    ),
    UpdateTerminationProtection: operation(
      input({ StackName: text, EnableTerminationProtection: flag }),
      (request) => {
        const stack = stacks.get(request.StackName);
        stack.terminationProtection = request.EnableTerminationProtection;
        return { StackId: stack.id };
      },
    ),
    SetStackPolicy: operation(input({ StackName: text, StackPolicyBody: text }), (request) => {
      stacks.get(request.StackName).policy = parseStackPolicy(request.StackPolicyBody);
      return {};
    }),
    GetStackPolicy: operation(input({ StackName: text }), (request) => ({
      StackPolicyBody: stacks.get(request.StackName).policy?.text,
    })),
  };
}

function create(context: Context, request: z.output<typeof creation>, { accessKeyId }: Call): object {
  const { stacks, engine } = context;
  if (stacks.find(request.StackName))
    throw new AwsError('AlreadyExistsException', `Stack [${request.StackName}] already exists`);
  if (request.OnFailure !== undefined && request.DisableRollback !== undefined)
    throw new AwsError(
      'ValidationError',
      'You can specify either DisableRollback or OnFailure, but not both.',
    );
  const policy =
    request.StackPolicyBody === undefined ? undefined : parseStackPolicy(request.StackPolicyBody);
  const stack = stacks.add(request.StackName, request.Tags ?? []);
  try {
    const desired = desiredBy(context, stack, request);
    plan(stack, desired, new Map(), context.site.world.parameters);
    const onFailure = request.OnFailure ?? (request.DisableRollback ? 'DO_NOTHING' : 'ROLLBACK');
    Object.assign(stack, {
      policy,
      capabilities: request.Capabilities,
      roleArn: request.RoleARN,
      caller: accessKeyId,
      disableRollback: onFailure === 'DO_NOTHING',
      terminationProtection: request.EnableTerminationProtection,
    });
    engine.create(stack, { desired, imports: new Map(), onFailure, token: request.ClientRequestToken });
    return { StackId: stack.id };
  } catch (error) {
    stacks.forget(stack);
    throw error;
  }
}

function update(context: Context, request: z.output<typeof updating>, { accessKeyId }: Call): object {
  const { stacks, engine, site } = context;
  const stack = stacks.get(request.StackName, `Stack [${request.StackName}] does not exist`);
  refuseUnlessUpdatable(stack);
  const policy =
    request.StackPolicyBody === undefined ? stack.policy : parseStackPolicy(request.StackPolicyBody);
  const desired = desiredBy(context, stack, request);
  refuseChangedTags(stack, request.Tags);
  if (isEmpty(plan(stack, desired, new Map(), site.world.parameters)))
    throw new AwsError('ValidationError', 'No updates are to be performed.');
  makeObsolete(stack);
  Object.assign(stack, {
    policy,
    capabilities: request.Capabilities,
    roleArn: request.RoleARN ?? stack.roleArn,
    caller: accessKeyId,
    disableRollback: request.DisableRollback,
  });
  engine.update(stack, {
    desired,
    imports: new Map(),
    onFailure: request.DisableRollback ? 'DO_NOTHING' : 'ROLLBACK',
    token: request.ClientRequestToken,
  });
  return { StackId: stack.id };
}

/** Deleting what does not exist succeeds, as in AWS. */
function remove(context: Context, request: z.output<typeof deletion>, { accessKeyId }: Call): object {
  const { stacks, engine, site } = context;
  const stack = stacks.find(request.StackName);
  if (!stack || stack.status === 'DELETE_COMPLETE') return {};
  if (stack.terminationProtection)
    throw new AwsError(
      'ValidationError',
      `Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`,
    );
  if (stack.status === 'CREATE_IN_PROGRESS')
    throw notModelled('the deletion of a stack that is being created');
  if (!isSettled(stack))
    throw new AwsError(
      'ValidationError',
      `Stack [${stack.id}] cannot be deleted while in status ${stack.status}`,
    );
  if (request.RetainResources.length > 0 && stack.status !== 'DELETE_FAILED')
    throw new AwsError(
      'ValidationError',
      `Invalid operation on stack [${stack.id}]. When you delete a stack, specify which resources to retain only when the stack is in the DELETE_FAILED state.`,
    );
  const unknown = request.RetainResources.filter((id) => !stack.resources.has(id));
  if (unknown.length > 0)
    throw new AwsError(
      'ValidationError',
      `The specified resources to retain must be in the stack: [${unknown.join(', ')}]`,
    );
  stack.caller = accessKeyId;
  if (stack.status === 'REVIEW_IN_PROGRESS') {
    stack.deletedMs = site.world.clock.nowMs();
    site.events.operation(stack, 'DELETE_COMPLETE', 'User Initiated', request.ClientRequestToken);
  } else engine.delete(stack, new Set(request.RetainResources), request.ClientRequestToken);
  return {};
}

function refuseUnlessIn(stack: Stack, statuses: string[], words: string): void {
  if (!statuses.includes(stack.status))
    throw new AwsError('ValidationError', `Stack:${stack.id} is in ${stack.status} state and ${words}.`);
}
