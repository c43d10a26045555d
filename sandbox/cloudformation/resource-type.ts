import type { z } from 'zod';

export interface ResourceRequest<Properties> {
  stackName: string;
  logicalId: string;
  properties: Properties;
}

export interface ResourceState {
  physicalId: string;
  /** What GetAtt may ask for. */
  attributes: Record<string, string>;
}

/**
 * A type of resource as CloudFormation drives it. Every verb runs inside an activity of the clock and resolves when
 * the resource has settled; it rejects with the words that become the event's reason.
 */
export interface ResourceType<Properties = Record<string, unknown>> {
  typeName: string;
  /** Closed: a property that is not listed is refused by name. */
  properties: z.ZodType<Properties>;
  create(request: ResourceRequest<Properties>): Promise<ResourceState>;
  update(
    request: ResourceRequest<Properties> & { physicalId: string; previous: Properties },
  ): Promise<ResourceState>;
  delete(request: ResourceRequest<Properties> & { physicalId: string; snapshot: boolean }): Promise<void>;
  /** The state of a resource that exists, for import and registration; undefined when there is none. */
  find(physicalId: string): ResourceState | undefined;
  /** The physical id that these properties would give it, for types with fixed names. */
  nameOf?(properties: Properties): string | undefined;
  /** For properties whose change replaces only sometimes (the specification's "maybe"). */
  replaces?(previous: Properties, next: Properties): boolean;
  /** What an import does to the live resource beyond recording it, where AWS applies the template's differences. */
  adopt?(request: ResourceRequest<Properties> & { physicalId: string }): Promise<ResourceState>;
  /** The live values of the properties that drift detection can see; absent where it does not look at the type. */
  live?(physicalId: string): Record<string, unknown> | undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: a registry holds types of many property shapes.
export type AnyResourceType = ResourceType<any>;
