import { z } from 'zod';
import { AwsError, notModelled } from '../errors';

const list = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());

const statement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.literal('*'),
  Action: list,
  Resource: list,
});

const document = z.strictObject({
  Version: z.string().optional(),
  Statement: z.preprocess((value) => [value].flat(), z.array(statement)),
});

export interface StackPolicy {
  text: string;
  statements: z.output<typeof statement>[];
}

export type UpdateAction = 'Update:Modify' | 'Update:Replace' | 'Update:Delete';
const actions = ['*', 'Update:*', 'Update:Modify', 'Update:Replace', 'Update:Delete'];

/** Reads a stack policy. What the sandbox could not evaluate later is refused now. */
export function parseStackPolicy(text: string): StackPolicy {
  const parsed = document.safeParse(readJson(text));
  if (!parsed.success)
    throw notModelled(
      `this in a stack policy: ${parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ')}`,
    );
  for (const { Action, Resource } of parsed.data.Statement) {
    for (const action of Action)
      if (!actions.includes(action)) throw notModelled(`the stack policy action ${action}`);
    for (const resource of Resource)
      if (resource !== '*' && !resource.startsWith('LogicalResourceId/'))
        throw notModelled(`the stack policy resource ${resource}`);
  }
  return { text, statements: parsed.data.Statement };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AwsError(
      'ValidationError',
      `Error validating stack policy: Invalid stack policy: ${String(error)}`,
    );
  }
}

/**
 * Why the policy denies this, if it does. Once a policy is set, what nothing allows is denied:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html
 */
export function denial(
  policy: StackPolicy | undefined,
  action: UpdateAction,
  logicalId: string,
): string | undefined {
  if (!policy) return undefined;
  const matching = policy.statements.filter(
    (one) =>
      one.Action.some((pattern) => matches(pattern, action)) &&
      one.Resource.some((pattern) => matches(pattern, `LogicalResourceId/${logicalId}`)),
  );
  const denying = matching.find((one) => one.Effect === 'Deny');
  if (denying)
    return `Action denied by stack policy: Statement [#${policy.statements.indexOf(denying) + 1}] does not allow [${denying.Action.join(', ')}] for resource [LogicalResourceId/${logicalId}];`;
  if (matching.length > 0) return undefined;
  return `Action denied by stack policy: no statement allows [${action}] for resource [LogicalResourceId/${logicalId}];`;
}

function matches(pattern: string, text: string): boolean {
  const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${escaped}$`).test(text);
}
