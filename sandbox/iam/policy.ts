import { z } from 'zod';
import { AwsError } from '../errors';
import { type Condition, type Context, holds, parseConditions } from './conditions';
import { wildcard } from './wildcard';

/** What one statement of an identity policy says. */
export interface Statement {
  effect: 'Allow' | 'Deny';
  actions?: string[];
  notActions?: string[];
  resources?: string[];
  notResources?: string[];
  /** All of them must be met. */
  conditions?: Condition[];
}

export type Decision = 'allowed' | 'implicitDeny' | 'explicitDeny';

const oneOrMore = z.union([z.string().transform((value) => [value]), z.array(z.string()).min(1)]);
const statementShape = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: oneOrMore.optional(),
  NotAction: oneOrMore.optional(),
  Resource: oneOrMore.optional(),
  NotResource: oneOrMore.optional(),
  Condition: z.record(z.string(), z.record(z.string(), oneOrMore)).optional(),
});
const policyShape = z.strictObject({
  Version: z.enum(['2012-10-17', '2008-10-17']).optional(),
  Id: z.string().optional(),
  Statement: z.union([statementShape.transform((one) => [one]), z.array(statementShape).min(1)]),
});

/**
 * Reads an identity policy. Whatever could not be evaluated later is refused now, by name: conditions too, where nobody
 * tells the values of their keys.
 *
 * The grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export function parseIdentityPolicy(document: string, conditions: 'none' | 'known' = 'none'): Statement[] {
  const parsed = policyShape.safeParse(parseJson(document));
  if (!parsed.success) throw malformed(faultsOf(parsed.error, document));
  return parsed.data.Statement.map((statement, index) => {
    const where = `Statement[${index}]`;
    if (statement.Condition && conditions === 'none')
      throw malformed('the sandbox does not model Condition in an identity policy');
    if ((statement.Action === undefined) === (statement.NotAction === undefined))
      throw malformed(`${where} must contain either Action or NotAction`);
    if ((statement.Resource === undefined) === (statement.NotResource === undefined))
      throw malformed(`${where} must contain either Resource or NotResource`);
    for (const resource of [...(statement.Resource ?? []), ...(statement.NotResource ?? [])]) {
      if (resource.includes('${'))
        throw malformed(`the sandbox does not model the policy variable in ${resource}`);
      if (resource !== '*' && !resource.startsWith('arn:'))
        throw malformed(`Resource ${resource} must be in ARN format or "*".`);
    }
    for (const action of [...(statement.Action ?? []), ...(statement.NotAction ?? [])])
      if (action !== '*' && !/^[\w*-]+:[\w*?]+$/.test(action))
        throw malformed('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.');
    return {
      effect: statement.Effect,
      actions: statement.Action,
      notActions: statement.NotAction,
      resources: statement.Resource,
      notResources: statement.NotResource,
      conditions: parseConditions(statement.Condition ?? {}),
    };
  });
}

/** A trust policy is kept as it is; nobody asks it: only roles that are not listed here are ever lent. */
export function checkTrustPolicy(document: string): void {
  const parsed = parseJson(document) as { Statement?: unknown } | null;
  if (typeof parsed !== 'object' || !parsed?.Statement) throw malformed('Missing required field Statement');
}

/**
 * An explicit Deny wins over every Allow, and nothing said is no:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function evaluate(
  statements: Statement[],
  action: string,
  resource: string,
  context: Context = {},
): Decision {
  const fitting = statements.filter(
    (statement) =>
      fits(statement, action, resource) &&
      (statement.conditions ?? []).every((condition) => holds(condition, context)),
  );
  if (fitting.some(({ effect }) => effect === 'Deny')) return 'explicitDeny';
  return fitting.length > 0 ? 'allowed' : 'implicitDeny';
}

function fits(statement: Statement, action: string, resource: string): boolean {
  const ofAction = (pattern: string) => wildcard(pattern, 'i').test(action);
  const ofResource = (pattern: string) => wildcard(pattern, '').test(resource);
  const actionFits = statement.actions
    ? statement.actions.some(ofAction)
    : !statement.notActions?.some(ofAction);
  const resourceFits = statement.resources
    ? statement.resources.some(ofResource)
    : !statement.notResources?.some(ofResource);
  return actionFits && resourceFits;
}

function parseJson(document: string): unknown {
  try {
    return JSON.parse(document);
  } catch {
    throw malformed('Syntax errors in policy.');
  }
}

function malformed(message: string): AwsError {
  return new AwsError('MalformedPolicyDocument', message);
}

/** A union's own message says nothing, so what a statement holds too much is looked for by hand. */
function faultsOf(error: z.ZodError, document: string): string {
  const statements = [JSON.parse(document).Statement ?? []].flat() as Record<string, unknown>[];
  const known = new Set(Object.keys(statementShape.shape));
  const unknown = statements.flatMap((statement) => Object.keys(statement).filter((key) => !known.has(key)));
  if (unknown.length > 0)
    return `the sandbox does not model ${[...new Set(unknown)].join(', ')} in an identity policy`;
  return error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
}
