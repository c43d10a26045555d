import { isDeepStrictEqual } from 'node:util';
import { fullDiff, type ResourceDifference, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import type { Stated } from './stated';

/** A change of an existing stack that costs data or a protection. */
export interface Danger {
  /** The logical id; undefined where it is the stack itself. */
  resource: string | undefined;
  property: string;
  from: unknown;
  to: unknown;
  why: string;
}

/** A stack that is not there any more has lost all that it had. */
export function dangersOf(before: Stated, after: Stated = { TerminationProtection: true }): Danger[] {
  if (isDeepStrictEqual(before, after)) return [];
  const found: Danger[] = [];
  if (before.TerminationProtection === true && after.TerminationProtection !== true)
    found.push(unprotected(undefined, 'TerminationProtection', true, after.TerminationProtection));
  const { resources } = fullDiff(withResources(before), withResources(after));
  resources.forEachDifference((id, difference) => {
    found.push(...ofResource(id, difference));
  });
  return found;
}

const withResources = (stated: Stated) => ({ Resources: {}, ...stated });

function ofResource(id: string, difference: ResourceDifference): Danger[] {
  if (difference.isAddition) return [];
  if (difference.isRemoval) return [removed(id, difference)];
  if (difference.resourceTypeChanged)
    return [replaced(id, 'Type', difference.oldResourceType, difference.newResourceType)];
  const properties = Object.entries(difference.propertyUpdates).flatMap(
    ([name, { oldValue, newValue, changeImpact }]): Danger[] => {
      if (name === 'DBSnapshotIdentifier') return [anotherSnapshot(id, oldValue, newValue)];
      if (name === 'DeletionProtection' && oldValue === true)
        return [unprotected(id, name, oldValue, newValue)];
      if (name === 'OptionSettings') return leftOut(id, oldValue, newValue);
      if (changeImpact === ResourceImpact.WILL_REPLACE) return [replaced(id, name, oldValue, newValue)];
      if (changeImpact === ResourceImpact.MAY_REPLACE) return [perhapsReplaced(id, name, oldValue, newValue)];
      return [];
    },
  );
  const policies = (['DeletionPolicy', 'UpdateReplacePolicy'] as const).flatMap((name) => {
    const [from, to] = [difference.oldValue?.[name], difference.newValue?.[name]];
    return isKept(from) && from !== to ? [unprotected(id, name, from, to)] : [];
  });
  return [...properties, ...policies];
}

const isKept = (policy: unknown) => policy !== undefined && policy !== 'Delete';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html */
const removed = (id: string, { oldValue }: ResourceDifference): Danger => ({
  resource: id,
  property: 'Type',
  from: oldValue?.Type,
  to: undefined,
  why: isKept(oldValue?.DeletionPolicy)
    ? 'No stack has it any more, and none can make another under its name.'
    : 'It is deleted.',
});

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html */
const replaced = (resource: string, property: string, from: unknown, to: unknown): Danger => ({
  resource,
  property,
  from,
  to,
  why: 'CloudFormation makes another one in its place, without what this one holds; where its name is fixed and stays, the deploy fails.',
});

const perhapsReplaced = (resource: string, property: string, from: unknown, to: unknown): Danger => ({
  ...replaced(resource, property, from, to),
  why: 'CloudFormation may make another one in its place, without what this one holds.',
});

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html */
const anotherSnapshot = (resource: string, from: unknown, to: unknown): Danger => ({
  resource,
  property: 'DBSnapshotIdentifier',
  from,
  to,
  why: `A new database is made, ${to === undefined ? 'empty' : 'from the other snapshot'}, and this one is deleted with what people wrote to it.`,
});

const unprotected = (resource: string | undefined, property: string, from: unknown, to: unknown): Danger => ({
  resource,
  property,
  from,
  to,
  why: 'One mistake less stands between it and its deletion.',
});

/** https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/command-options.html */
function leftOut(resource: string, from: Stated = {}, to: Stated = {}): Danger[] {
  return Object.keys(from)
    .filter((option) => !(option in to))
    .map((option) => ({
      resource,
      property: `OptionSettings ${option}`,
      from: from[option],
      to: undefined,
      why: 'An environment keeps an option that is left out, a payment key too: it has to be stated with what it should be.',
    }));
}

/** A dangerous change that somebody has thought about. */
export interface AcceptedChange {
  stack: string;
  resource?: string | undefined;
  property: string;
  from?: unknown;
  to?: unknown;
  reason: string;
}

export const isAccepted = (accepted: AcceptedChange, danger: Danger & { stack: string }): boolean =>
  accepted.stack === danger.stack &&
  accepted.resource === danger.resource &&
  accepted.property === danger.property &&
  isDeepStrictEqual(accepted.from, danger.from) &&
  isDeepStrictEqual(accepted.to, danger.to);
