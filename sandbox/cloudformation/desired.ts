import { AwsError, notModelled } from '../errors';
import type { World } from '../world';
import { evaluate, holds, noValue, type Scope } from './intrinsics';
import {
  type GivenParameter,
  parameterValues,
  type ResolvedParameter,
  resolveParameters,
} from './parameters';
import { inTopologicalOrder, referencesIn } from './references';
import type { AnyResourceType } from './resource-type';
import { type DeletionPolicy, parseTemplate, type Template } from './template';

export interface DesiredResource {
  logicalId: string;
  type: AnyResourceType;
  /** As written, intrinsic functions and all. */
  properties: Record<string, unknown>;
  deletionPolicy: DeletionPolicy;
  updateReplacePolicy: DeletionPolicy;
  metadata: unknown;
  /** The logical ids that must be there first. */
  waitsFor: Set<string>;
}

export interface Output {
  key: string;
  value: string;
  description: string | undefined;
}

/** What the names of resources stand for while a template is evaluated. */
export type Lookup = Pick<Scope, 'reference' | 'attribute'>;

/** A template together with its parameters: what a stack is to be. */
export interface Desired {
  text: string;
  template: Template;
  parameters: ResolvedParameter[];
  /** Those whose condition holds, each after those it waits for. */
  resources: Map<string, DesiredResource>;
  evaluate(node: unknown, lookup: Lookup): unknown;
  outputs(lookup: Lookup): Output[];
}

export interface DesiredRequest {
  text: string;
  stackName: string;
  stackId: string;
  parameters: GivenParameter[];
  previousParameters: ResolvedParameter[];
}

type Facts = Pick<World, 'account' | 'region' | 'parameters'>;

export function readDesired(
  request: DesiredRequest,
  types: Map<string, AnyResourceType>,
  world: Facts,
): Desired {
  const template = parseTemplate(request.text);
  const parameters = resolveParameters(
    template,
    request.parameters,
    request.previousParameters,
    world.parameters,
  );
  const scope: Scope = {
    values: { ...pseudoParameters(request, world), ...parameterValues(parameters) },
    mappings: template.Mappings,
    conditions: template.Conditions,
    reference: (name) => {
      throw unresolved([name]);
    },
    attribute: (name) => {
      throw unresolved([name]);
    },
  };
  for (const name of Object.keys(template.Conditions)) holds({ Condition: name }, scope);
  checkRules(template, scope);
  const resources = readResources(template, scope, types);
  return {
    text: request.text,
    template,
    parameters,
    resources,
    evaluate: (node, lookup) => evaluate(node, { ...scope, ...lookup }),
    outputs: (lookup) => readOutputs(template, { ...scope, ...lookup }),
  };
}

function pseudoParameters(request: DesiredRequest, world: Facts): Scope['values'] {
  return {
    'AWS::AccountId': world.account,
    'AWS::NoValue': noValue,
    'AWS::NotificationARNs': [],
    'AWS::Partition': 'aws',
    'AWS::Region': world.region,
    'AWS::StackId': request.stackId,
    'AWS::StackName': request.stackName,
    'AWS::URLSuffix': 'amazonaws.com',
  };
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html */
function checkRules(template: Template, scope: Scope): void {
  for (const [name, rule] of Object.entries(template.Rules)) {
    if (rule.RuleCondition !== undefined && !holds(rule.RuleCondition, scope)) continue;
    for (const { Assert, AssertDescription } of rule.Assertions)
      if (!holds(Assert, scope))
        throw new AwsError(
          'ValidationError',
          `Template validation error: Rule ${name} failed: ${AssertDescription ?? JSON.stringify(Assert)}`,
        );
  }
}

function readResources(template: Template, scope: Scope, types: Map<string, AnyResourceType>) {
  const present = Object.entries(template.Resources).filter(
    ([, { Condition: condition }]) => condition === undefined || holds({ Condition: condition }, scope),
  );
  const resources = new Map<string, DesiredResource>();
  for (const [logicalId, written] of present) {
    const type = types.get(written.Type);
    if (!type) throw notModelled(`the resource type ${written.Type}`);
    for (const policy of [written.DeletionPolicy, written.UpdateReplacePolicy])
      if (policy === 'Snapshot' && !snapshotTypes.includes(written.Type))
        throw new AwsError(
          'ValidationError',
          `Template error: resource type ${written.Type} does not support deletion policy Snapshot`,
        );
    const unknown = written.DependsOn.filter((id) => !(id in template.Resources));
    if (unknown.length > 0) throw unresolved(unknown);
    resources.set(logicalId, {
      logicalId,
      type,
      properties: written.Properties,
      deletionPolicy: written.DeletionPolicy ?? defaultDeletionPolicy(written.Type, written.Properties),
      updateReplacePolicy: written.UpdateReplacePolicy ?? 'Delete',
      metadata: written.Metadata,
      waitsFor: new Set([
        ...referencesIn(written.Properties, scope),
        // A DependsOn of a resource that a condition leaves out is as if it were not written.
        ...written.DependsOn.filter((id) => present.some(([other]) => other === id)),
      ]),
    });
  }
  refuseUnresolved(template, scope, resources);
  const waits = new Map([...resources].map(([id, resource]) => [id, resource.waitsFor]));
  return new Map(inTopologicalOrder(waits).map((id) => [id, resources.get(id)!]));
}

function refuseUnresolved(template: Template, scope: Scope, resources: Map<string, DesiredResource>): void {
  const missing = new Set<string>();
  for (const resource of resources.values())
    for (const id of resource.waitsFor) if (!resources.has(id)) missing.add(id);
  if (missing.size > 0) throw unresolved([...missing], 'Resources');
  for (const output of Object.values(template.Outputs))
    if (output.Condition === undefined || holds({ Condition: output.Condition }, scope))
      for (const id of referencesIn(output.Value, scope)) if (!resources.has(id)) missing.add(id);
  if (missing.size > 0) throw unresolved([...missing], 'Outputs');
}

function unresolved(names: string[], block = 'Resources'): AwsError {
  return new AwsError(
    'ValidationError',
    `Template format error: Unresolved resource dependencies [${names.join(', ')}] in the ${block} block of the template`,
  );
}

function readOutputs(template: Template, scope: Scope): Output[] {
  return Object.entries(template.Outputs)
    .filter(
      ([, { Condition: condition }]) => condition === undefined || holds({ Condition: condition }, scope),
    )
    .map(([key, { Value, Description }]) => {
      const value = evaluate(Value, scope);
      if (!['string', 'number', 'boolean'].includes(typeof value))
        throw new AwsError(
          'ValidationError',
          `Template format error: Output ${key} is malformed. The Value field of every Outputs member must evaluate to a String.`,
        );
      return { key, value: String(value), description: Description };
    });
}

const snapshotTypes = ['AWS::RDS::DBInstance', 'AWS::RDS::DBCluster'];

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html: databases default to Snapshot. */
function defaultDeletionPolicy(typeName: string, properties: Record<string, unknown>): DeletionPolicy {
  return snapshotTypes.includes(typeName) && properties.DBClusterIdentifier === undefined
    ? 'Snapshot'
    : 'Delete';
}
