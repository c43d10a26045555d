import { lookupIn } from './deployment';
import { type DesiredResource, readDesired } from './desired';
import { resolveDynamicReferences } from './dynamic-references';
import type { Context } from './operations/context';
import { parseProperties } from './properties';
import type { Stack } from './stack';

/** A stack over resources that exist. */
export interface Registration {
  name: string;
  template: object;
  /** The physical id of every resource in the template, by logical id. */
  resources: Record<string, string>;
  parameters?: Record<string, string>;
  terminationProtection?: boolean;
  tags?: Record<string, string>;
}

/** Records the stack as a finished import would. Throws, and records nothing, when something does not fit. */
export function register(context: Context, registration: Registration): void {
  const { stacks, site } = context;
  const { name, parameters = {}, tags = {} } = registration;
  if (stacks.find(name)) throw new Error(`Stack ${name} is registered twice.`);
  const stack = stacks.add(
    name,
    Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  );
  try {
    fill(context, stack, registration, parameters);
  } catch (error) {
    stacks.forget(stack);
    throw error;
  }
  stack.terminationProtection = registration.terminationProtection ?? false;
  site.events.operation(stack, 'IMPORT_COMPLETE', 'User Initiated');
}

function fill(
  context: Context,
  stack: Stack,
  registration: Registration,
  parameters: Record<string, string>,
): void {
  const given = Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
    ParameterKey,
    ParameterValue,
  }));
  const desired = readDesired(
    {
      text: JSON.stringify(registration.template),
      stackName: stack.name,
      stackId: stack.id,
      parameters: given,
      previousParameters: [],
    },
    context.types,
    context.site.world,
  );
  stack.desired = desired;
  for (const id of Object.keys(registration.resources))
    if (!desired.resources.has(id))
      throw new Error(`Stack ${stack.name}: the template has no resource ${id}.`);
  for (const wanted of desired.resources.values())
    record(context, stack, wanted, registration.resources[wanted.logicalId]);
  stack.outputs = desired.outputs(lookupIn(stack));
}

function record(
  { site }: Context,
  stack: Stack,
  wanted: DesiredResource,
  physicalId: string | undefined,
): void {
  const { logicalId, type } = wanted;
  const found = physicalId === undefined ? undefined : type.find(physicalId);
  if (!found)
    throw new Error(
      `Stack ${stack.name}: ${logicalId} (${type.typeName}) ${physicalId === undefined ? 'has no physical id' : `does not exist as ${physicalId}`}.`,
    );
  const declared = stack.desired!.evaluate(wanted.properties, lookupIn(stack)) as Record<string, unknown>;
  const resolved = resolveDynamicReferences(declared, type.typeName, site.world.parameters);
  stack.resources.set(logicalId, {
    ...wanted,
    ...found,
    status: 'IMPORT_COMPLETE',
    statusReason: undefined,
    changedMs: site.world.clock.nowMs(),
    declared,
    applied: parseProperties(type, logicalId, resolved),
  });
}
