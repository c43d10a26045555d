import { AwsError } from '../errors';
import type { Parameters } from '../world';
import type { Desired } from './desired';
import { resolveDynamicReferences } from './dynamic-references';
import { isUnknown } from './intrinsics';
import type { Change } from './plan';
import { canonical, primaryIdentifier } from './specification';
import type { Stack } from './stack';
import type { Stacks } from './stacks';

export interface ResourceToImport {
  ResourceType: string;
  LogicalResourceId: string;
  ResourceIdentifier: { key: string; value: string }[];
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-import-supported-resources.html does not list these. */
const notImportable = ['AWS::Route53::RecordSet', 'AWS::Route53::RecordSetGroup', 'AWS::IAM::Policy'];

/** The physical ids that an import names, by logical id. Nothing compares the resources with the template. */
export function readImports(
  given: ResourceToImport[],
  stack: Stack,
  desired: Desired,
  stacks: Stacks,
): Map<string, string> {
  const unsupported = given
    .map(({ ResourceType: type }) => type)
    .filter((type) => notImportable.includes(type));
  if (unsupported.length > 0)
    throw refusal(`ResourceTypes [${unsupported.join(', ')}] are not supported for Import`);
  const imports = new Map(
    given.map((one) => [one.LogicalResourceId, readImport(one, stack, desired, stacks)]),
  );
  const unprotected = [...imports.keys()].filter(
    (id) => desired.template.Resources[id]?.DeletionPolicy === undefined,
  );
  if (unprotected.length > 0)
    throw refusal(
      `The following resources to import [${unprotected.join(', ')}] must have DeletionPolicy attribute specified in the template.`,
    );
  return imports;
}

function readImport(given: ResourceToImport, stack: Stack, desired: Desired, stacks: Stacks): string {
  const { LogicalResourceId: id, ResourceType: typeName, ResourceIdentifier: identifier } = given;
  const wanted = desired.resources.get(id);
  if (!wanted || wanted.type.typeName !== typeName)
    throw refusal(`Resource to import ${id} of type ${typeName} is not in the template`);
  if (stack.resources.has(id)) throw refusal(`Resource ${id} is already in stack ${stack.name}`);
  const keys = primaryIdentifier(typeName);
  const values = keys.map((key) => identifier.find((entry) => entry.key === key)?.value);
  if (identifier.length !== keys.length || values.includes(undefined))
    throw refusal(
      `Invalid identifiers for ${id}: a resource of type ${typeName} is named by ${keys.join(', ')}`,
    );
  const physicalId = values.join('|');
  const owner = stacks.ownerOf(typeName, physicalId);
  if (owner) throw refusal(`Resource ${physicalId} already exists in stack ${owner.id}`);
  if (!wanted.type.find(physicalId))
    throw refusal(`Resource of type '${typeName}' with identifier '${physicalId}' was not found.`);
  return physicalId;
}

/** An import only adopts: whatever else the template would change is refused. */
export function refuseOtherChanges(stack: Stack, desired: Desired, changes: Change[]): void {
  const others = changes.filter(({ action }) => action !== 'Import').map(({ logicalId }) => logicalId);
  if (others.length > 0)
    throw refusal(
      `As part of the import operation, you cannot modify or add [Resources]: ${others.join(', ')}`,
    );
  if (canonical(desired.template.Outputs) !== canonical(stack.desired?.template.Outputs ?? {}))
    throw refusal('As part of the import operation, you cannot modify or add [Outputs]');
}

/** Of what a plan would create, that which is there already under its fixed name. */
export function findExisting(changes: Change[], desired: Desired, store: Parameters): Map<string, string> {
  const found = new Map<string, string>();
  for (const { logicalId, action, after } of changes) {
    const type = desired.resources.get(logicalId)?.type;
    if (action !== 'Add' || !type || notImportable.includes(type.typeName)) continue;
    const parsed = type.properties.safeParse(resolveDynamicReferences(after ?? {}, type.typeName, store));
    const name = parsed.success ? type.nameOf?.(parsed.data) : undefined;
    if (name !== undefined && !isUnknown(name) && type.find(name)) found.set(logicalId, name);
  }
  return found;
}

/** Why existing resources may not be adopted by an ordinary deployment, if they may not. */
export function whyNotAdopted(
  imports: Map<string, string>,
  desired: Desired,
  stacks: Stacks,
): string | undefined {
  const owned = [...imports].filter(([id, physicalId]) =>
    stacks.ownerOf(desired.resources.get(id)!.type.typeName, physicalId),
  );
  if (owned.length > 0)
    return `Resources [${owned.map(([, physicalId]) => physicalId).join(', ')}] already belong to a stack`;
  const unprotected = [...imports].filter(
    ([id]) => !desired.template.Resources[id]?.DeletionPolicy?.startsWith('Retain'),
  );
  if (unprotected.length === 0) return undefined;
  const affected = unprotected.map(([id, physicalId]) => {
    const keys = primaryIdentifier(desired.resources.get(id)!.type.typeName);
    const values = physicalId.split('|');
    return `${id} ({${keys.map((key, index) => `${key}=${values[index]}`).join(', ')}})`;
  });
  return `CloudFormation is attempting to import some resources because they already exist in your account. The resources must have the DeletionPolicy attribute set to 'Retain' or 'RetainExceptOnCreate' in the template for successful import. The affected resources are ${affected.join(', ')}`;
}

const refusal = (message: string) => new AwsError('ValidationError', message);
