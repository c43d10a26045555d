import { AwsError, notModelled } from '../errors';
import type { Parameters } from '../world';
import type { Desired, DesiredResource, Lookup } from './desired';
import { resolveDynamicReferences } from './dynamic-references';
import { isUnknown, knownAfterApply } from './intrinsics';
import { checkProperties } from './properties';
import { canonical, changedKeys, stronger, type UpdateBehaviour, updateBehaviour } from './specification';
import { isMade, type Stack, type StackResource } from './stack';

export interface PropertyChange {
  attribute: 'Properties' | 'Metadata' | 'DeletionPolicy' | 'UpdateReplacePolicy';
  name: string | undefined;
  behaviour: UpdateBehaviour;
  /** The new value is known only after the deployment. */
  dynamic: boolean;
  before: unknown;
  after: unknown;
}

export interface Change {
  action: 'Add' | 'Modify' | 'Remove' | 'Import';
  logicalId: string;
  typeName: string;
  physicalId: string | undefined;
  replacement: 'True' | 'False' | 'Conditional' | undefined;
  policyAction: string | undefined;
  details: PropertyChange[];
  before: Record<string, unknown> | undefined;
  after: Record<string, unknown> | undefined;
}

export interface Plan {
  changes: Change[];
  /** Outputs that differ are a change too, though no resource's. */
  outputsChange: boolean;
}

/**
 * What a deployment would do, as far as the two templates and their parameters tell. Reality is not looked at:
 * an equal template is no change, whatever was changed by hand.
 */
export function plan(stack: Stack, desired: Desired, imports: Map<string, string>, store: Parameters): Plan {
  const changes = new Map<string, Change>();
  const lookup = plannedLookup(stack, changes, imports);
  for (const resource of desired.resources.values()) {
    const current = stack.resources.get(resource.logicalId);
    refuseChangedType(resource, current);
    const properties = desired.evaluate(resource.properties, lookup) as Record<string, unknown>;
    const resolved = resolveDynamicReferences(properties, resource.type.typeName, store);
    checkProperties(resource.type, resource.logicalId, resolved);
    const change =
      current && isMade(current)
        ? modification(resource, current, properties)
        : addition(resource, properties, imports.get(resource.logicalId));
    if (change) changes.set(resource.logicalId, change);
  }
  for (const current of [...stack.resources.values()].reverse())
    if (!desired.resources.has(current.logicalId)) changes.set(current.logicalId, removal(current));
  const outputs = desired.outputs(lookup);
  return { changes: [...changes.values()], outputsChange: canonical(outputs) !== canonical(stack.outputs) };
}

export const isEmpty = ({ changes, outputsChange }: Plan) => changes.length === 0 && !outputsChange;

function plannedLookup(stack: Stack, changes: Map<string, Change>, imports: Map<string, string>): Lookup {
  return {
    reference: (logicalId) => {
      const change = changes.get(logicalId);
      const imported = imports.get(logicalId);
      if (imported !== undefined) return imported;
      const stays = !change || (change.action === 'Modify' && change.replacement === 'False');
      return (stays ? stack.resources.get(logicalId)?.physicalId : undefined) ?? knownAfterApply;
    },
    attribute: (logicalId, name) => {
      const current = stack.resources.get(logicalId);
      const change = changes.get(logicalId);
      const moves = change?.details.some(({ attribute }) => attribute === 'Properties') ?? false;
      if (!current || moves || !isMade(current)) return knownAfterApply;
      return attributeOf(current, name);
    },
  };
}

export function attributeOf(resource: StackResource, name: string): string {
  const value = resource.attributes[name];
  if (value === undefined)
    throw new AwsError(
      'ValidationError',
      `Template error: resource ${resource.logicalId} does not support attribute type ${name} in Fn::GetAtt`,
    );
  return value;
}

function refuseChangedType(resource: DesiredResource, current: StackResource | undefined): void {
  if (current && current.type !== resource.type)
    throw new AwsError(
      'ValidationError',
      `Update of resource type is not permitted. The new template modifies resource type of the following resources: [${resource.logicalId}]`,
    );
}

function addition(
  resource: DesiredResource,
  after: Record<string, unknown>,
  imported: string | undefined,
): Change {
  return {
    action: imported === undefined ? 'Add' : 'Import',
    logicalId: resource.logicalId,
    typeName: resource.type.typeName,
    physicalId: imported,
    replacement: undefined,
    policyAction: undefined,
    details: [],
    before: undefined,
    after,
  };
}

function removal(current: StackResource): Change {
  const policy = current.deletionPolicy === 'RetainExceptOnCreate' ? 'Retain' : current.deletionPolicy;
  return {
    action: 'Remove',
    logicalId: current.logicalId,
    typeName: current.type.typeName,
    physicalId: current.physicalId,
    replacement: undefined,
    policyAction: policy,
    details: [],
    before: current.declared,
    after: undefined,
  };
}

function modification(
  resource: DesiredResource,
  current: StackResource,
  after: Record<string, unknown>,
): Change | undefined {
  const details = [...propertyChanges(current, after), ...attributeChanges(resource, current)];
  if (details.length === 0 && current.status !== 'UPDATE_FAILED') return undefined;
  const certain = details.filter(({ dynamic }) => !dynamic).map(({ behaviour }) => behaviour);
  const worst = details.map(({ behaviour }) => behaviour).reduce(stronger, 'no');
  const replacement = certain.includes('yes') ? 'True' : worst === 'no' ? 'False' : 'Conditional';
  return {
    action: 'Modify',
    logicalId: resource.logicalId,
    typeName: resource.type.typeName,
    physicalId: current.physicalId,
    replacement,
    policyAction: replacement === 'True' ? `ReplaceAnd${resource.updateReplacePolicy}` : undefined,
    details,
    before: current.declared,
    after,
  };
}

function propertyChanges(current: StackResource, after: Record<string, unknown>): PropertyChange[] {
  const { type, declared } = current;
  return changedKeys(declared, after).map((name) => {
    const behaviour = updateBehaviour(type.typeName, name, declared[name], after[name]);
    if (behaviour === 'maybe' && !type.replaces)
      throw notModelled(`whether a change of ${name} replaces a resource of type ${type.typeName}`);
    return {
      attribute: 'Properties',
      name,
      behaviour,
      dynamic: isUnknown(after[name]),
      before: declared[name],
      after: after[name],
    };
  });
}

function attributeChanges(resource: DesiredResource, current: StackResource): PropertyChange[] {
  const sides = [
    ['Metadata', current.metadata, resource.metadata],
    ['DeletionPolicy', current.deletionPolicy, resource.deletionPolicy],
    ['UpdateReplacePolicy', current.updateReplacePolicy, resource.updateReplacePolicy],
  ] as const;
  return sides
    .filter(([, before, after]) => canonical(before) !== canonical(after))
    .map(([attribute, before, after]) => ({
      attribute,
      name: undefined,
      behaviour: 'no',
      dynamic: false,
      before,
      after,
    }));
}
