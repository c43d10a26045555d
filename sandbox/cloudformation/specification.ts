import type { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { notModelled } from '../errors';

export type UpdateBehaviour = 'no' | 'maybe' | 'yes';

type Specification = ReturnType<typeof loadAwsServiceSpecSync>;
type Property = ReturnType<typeof resource>['properties'][string];

let loaded: Specification | undefined;

/** Reading AWS's published specification takes about half a second: only when somebody asks. */
function specification(): Specification {
  loaded ??= (
    require('@aws-cdk/aws-service-spec') as typeof import('@aws-cdk/aws-service-spec')
  ).loadAwsServiceSpecSync();
  return loaded;
}

function resource(typeName: string) {
  const [found] = specification().lookup('resource', 'cloudFormationType', 'equals', typeName);
  if (!found) throw notModelled(`${typeName}: AWS's published specification does not list it`);
  return found;
}

/** The properties that together name a resource to CloudFormation's import. */
export function primaryIdentifier(typeName: string): string[] {
  return resource(typeName).primaryIdentifier ?? [];
}

/** Whether a change of this property replaces the resource, by AWS's published specification. */
export function updateBehaviour(
  typeName: string,
  property: string,
  previous: unknown,
  next: unknown,
): UpdateBehaviour {
  return behaviourOf(resource(typeName).properties[property], previous, next);
}

function behaviourOf(property: Property | undefined, previous: unknown, next: unknown): UpdateBehaviour {
  const own = property?.causesReplacement ?? 'no';
  if (own !== 'no' || property?.type.type !== 'ref') return own;
  const definition = specification().get('typeDefinition', property.type.reference);
  const sides = [previous ?? {}, next ?? {}] as [Record<string, unknown>, Record<string, unknown>];
  return changedKeys(...sides)
    .map((key) => behaviourOf(definition.properties[key], sides[0][key], sides[1][key]))
    .reduce(stronger, 'no');
}

/** The keys whose values differ. */
export function changedKeys(previous: Record<string, unknown>, next: Record<string, unknown>): string[] {
  const keys = new Set([...Object.keys(previous), ...Object.keys(next)]);
  return [...keys].filter((key) => canonical(previous[key]) !== canonical(next[key]));
}

/** Text that is equal for values that are, whatever the order of their keys. */
export function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_key, inner) =>
      inner && typeof inner === 'object' && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    ) ?? 'undefined'
  );
}

const strength = ['no', 'maybe', 'yes'];
export const stronger = (a: UpdateBehaviour, b: UpdateBehaviour) =>
  strength.indexOf(a) >= strength.indexOf(b) ? a : b;
