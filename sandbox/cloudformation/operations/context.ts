import { z } from 'zod';
import { AwsError, notModelled } from '../../errors';
import { flag, input, list, tags, text } from '../../protocol/shapes';
import { checkCapabilities } from '../capabilities';
import { type Desired, readDesired } from '../desired';
import type { Engine } from '../engine';
import type { GivenParameter } from '../parameters';
import type { AnyResourceType } from '../resource-type';
import type { Site } from '../resource-work';
import { isUpdatable, type Stack } from '../stack';
import type { Stacks } from '../stacks';
import { readTemplateText } from '../template-text';

/** What the operations share. */
export interface Context {
  site: Site;
  engine: Engine;
  stacks: Stacks;
  types: Map<string, AnyResourceType>;
}

/** The part of a request that says what a stack is to be: the same for change sets and for direct deployments. */
export const deploymentShape = {
  StackName: text,
  TemplateBody: text.optional(),
  TemplateURL: text.optional(),
  Parameters: list(
    input({ ParameterKey: text, ParameterValue: text.optional(), UsePreviousValue: flag.optional() }),
  ).default([]),
  Capabilities: list(z.enum(['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'])).default(
    [],
  ),
  Tags: tags.optional(),
  NotificationARNs: list(text).optional(),
  RoleARN: text.optional(),
  DeploymentConfig: input({
    Mode: z.enum(['STANDARD'], { error: 'the sandbox models STANDARD alone' }).optional(),
  }).optional(),
};

export interface DeploymentRequest {
  TemplateBody?: string | undefined;
  TemplateURL?: string | undefined;
  UsePreviousTemplate?: boolean | undefined;
  Parameters: GivenParameter[];
  Capabilities: string[];
  Tags?: { Key: string; Value: string }[] | undefined;
  NotificationARNs?: string[] | undefined;
}

/** What the request wants the stack to be. */
export function desiredBy(context: Context, stack: Stack, request: DeploymentRequest): Desired {
  if (request.NotificationARNs?.length) throw notModelled('NotificationARNs');
  const given = readTemplateText(request, context.site.world.buckets);
  const body = request.UsePreviousTemplate && given === undefined ? stack.desired?.text : given;
  if (body === undefined)
    throw new AwsError('ValidationError', 'Either Template URL or Template Body must be specified.');
  const desired = readDesired(
    {
      text: body,
      stackName: stack.name,
      stackId: stack.id,
      parameters: request.Parameters,
      previousParameters: stack.desired?.parameters ?? [],
    },
    context.types,
    context.site.world,
  );
  checkCapabilities(desired.template, request.Capabilities);
  return desired;
}

/**
 * The tags of a stack reach its resources in AWS, so a change of them is an update of each. That is not modelled;
 * tags in the template are.
 */
export function refuseChangedTags(stack: Stack, tags: { Key: string; Value: string }[] | undefined): void {
  if (tags === undefined) return;
  const sorted = (all: { Key: string; Value: string }[]) =>
    JSON.stringify(all.map(({ Key, Value }) => `${Key}=${Value}`).sort());
  if (sorted(tags) !== sorted(stack.tags)) throw notModelled(`a change of the tags of stack ${stack.name}`);
}

export function refuseUnlessUpdatable(stack: Stack): void {
  if (!isUpdatable(stack))
    throw new AwsError(
      'ValidationError',
      `Stack:${stack.id} is in ${stack.status} state and can not be updated.`,
    );
}
