import { NormalizedSchema, TypeRegistry } from '@smithy/core/schema';
import type { AwsError } from '../../sandbox/errors';

/**
 * What the client library's own schemas say of an operation, used to turn what a client gives into what the sandbox reads
 * from the wire, and back, without writing it down in between. A test compares both ways on the real wire.
 */

type Convert = (value: never) => unknown;

const cache = {
  form: new WeakMap<object, Convert>(),
  sent: new WeakMap<object, Convert>(),
  xml: new WeakMap<object, Convert>(),
  json: new WeakMap<object, Convert>(),
};

function cached(kind: keyof typeof cache, schema: NormalizedSchema, make: () => Convert): Convert {
  const key = schema as object;
  const known = cache[kind].get(key);
  if (known) return known;
  // Said before it is made, for shapes that hold themselves.
  let made: Convert | undefined;
  cache[kind].set(key, ((value: never) => made!(value)) as Convert);
  made = make();
  cache[kind].set(key, made);
  return made;
}

const isNothing = (value: unknown) => value === undefined || value === null;
const nameOf = (schema: NormalizedSchema, member: string) =>
  (schema.getMergedTraits().xmlName as string | undefined) ?? member;

/**
 * A structure member by member; what is absent stays absent.
 * @param between from which name to which, of the member's own and the one on the wire
 */
function structure(
  schema: NormalizedSchema,
  convertOf: (schema: NormalizedSchema) => Convert,
  between: (member: string, name: string) => [from: string, to: string],
): Convert {
  const members = [...schema.structIterator()].map(
    ([member, inner]) => [...between(member, nameOf(inner, member)), convertOf(inner)] as const,
  );
  return ((value: Record<string, unknown> | undefined) => {
    const found: Record<string, unknown> = {};
    for (const [from, to, convert] of members) {
      const each = value?.[from];
      if (!isNothing(each)) found[to] = convert(each as never);
    }
    return found;
  }) as Convert;
}

/** As the parameters of the Query protocol are read: all text, lists as lists. */
export function toForm(schema: NormalizedSchema): Convert {
  return cached('form', schema, () => {
    if (schema.isStructSchema()) return structure(schema, toForm, (member, name) => [member, name]);
    if (schema.isListSchema()) {
      const convert = toForm(schema.getValueSchema());
      // An empty list travels as an empty text.
      return ((value: never[]) => (value.length === 0 ? '' : value.map(convert))) as Convert;
    }
    if (schema.isMapSchema())
      return ((map: object) => Object.entries(map).map(([key, value]) => ({ key, value }))) as Convert;
    if (schema.isTimestampSchema()) return ((value: Date) => value.toISOString()) as Convert;
    return (value: unknown) => String(value);
  });
}

/** As JSON is read: times as seconds. */
export function toJson(schema: NormalizedSchema): Convert {
  return cached('sent', schema, () => {
    if (schema.isStructSchema()) return structure(schema, toJson, (member) => [member, member]);
    if (schema.isListSchema()) {
      const convert = toJson(schema.getValueSchema());
      return ((value: never[]) => value.map(convert)) as Convert;
    }
    if (schema.isTimestampSchema()) return ((value: Date) => value.getTime() / 1_000) as Convert;
    return (value: unknown) => value;
  });
}

/** From what the sandbox would write as XML. */
export function fromXml(schema: NormalizedSchema): Convert {
  return cached('xml', schema, () => {
    if (schema.isStructSchema()) return structure(schema, fromXml, (member, name) => [name, member]);
    if (schema.isListSchema()) {
      const element = schema.getValueSchema();
      const convert = fromXml(element);
      const isFlat = Boolean(schema.getMergedTraits().xmlFlattened);
      const name = nameOf(element, 'member');
      const convertAll = onceIfFrozen((all) => all.map((each) => convert(each as never)));
      return ((value: unknown) => {
        const all = isFlat || Array.isArray(value) ? value : (value as Record<string, unknown>)[name];
        if (isNothing(all) || all === '') return [];
        return Array.isArray(all) ? convertAll(all) : [convert(all as never)];
      }) as Convert;
    }
    return scalar(schema, (value) => new Date(value as string | number | Date));
  });
}

/** What never changes is converted once, whoever asks for it again. */
function onceIfFrozen(convert: (all: unknown[]) => unknown): (all: unknown[]) => unknown {
  const converted = new WeakMap<object, unknown>();
  return (all) => {
    if (!Object.isFrozen(all)) return convert(all);
    const known = converted.get(all) ?? convert(all);
    converted.set(all, known);
    return known;
  };
}

/** From what the sandbox would write as JSON. */
export function fromJson(schema: NormalizedSchema): Convert {
  return cached('json', schema, () => {
    if (schema.isStructSchema()) return structure(schema, fromJson, (member) => [member, member]);
    if (schema.isListSchema()) {
      const convert = fromJson(schema.getValueSchema());
      return ((value: never[]) => value.map(convert)) as Convert;
    }
    return scalar(schema, (value) => new Date(Number(value) * 1_000));
  });
}

function scalar(schema: NormalizedSchema, date: (value: unknown) => Date): Convert {
  if (schema.isTimestampSchema()) return date as Convert;
  if (schema.isNumericSchema()) return Number as unknown as Convert;
  if (schema.isBooleanSchema()) return ((value: unknown) => value === true || value === 'true') as Convert;
  if (schema.isStringSchema()) return String as unknown as Convert;
  return (value: unknown) => value;
}

/** A command's operation: its namespace, its name, what goes in and what comes out. */
export interface OperationSchema {
  namespace: string;
  name: string;
  input: NormalizedSchema;
  output: NormalizedSchema;
}

const operations = new WeakMap<object, OperationSchema>();

export function operationOf(command: { schema: unknown }): OperationSchema {
  const schema = command.schema as [number, string, string, unknown, never, never];
  const known = operations.get(schema);
  if (known) return known;
  const [, namespace, name, , input, output] = schema;
  const found = { namespace, name, input: NormalizedSchema.of(input), output: NormalizedSchema.of(output) };
  operations.set(schema, found);
  return found;
}

/** The library's own error for a refusal: the class of its name, or the service's own with that name. */
export function asClientError(namespace: string, { code, message: said, status }: AwsError): Error {
  const message = said || 'UnknownError';
  const $metadata = { httpStatusCode: status, requestId: 'simulated', attempts: 1 };
  const given = { message, $metadata, $fault: 'client' as const };
  const Found = errorsOf(namespace).get(code);
  if (Found) return new Found(given);
  const Base = errorsOf(`smithy.ts.sdk.synthetic.${namespace}`).values().next().value;
  return Object.assign(Base ? new Base(given) : new Error(message), { name: code, ...given });
}

type ErrorClass = new (given: { message: string; $metadata: object }) => Error;

const errors = new Map<string, Map<string, ErrorClass>>();

function errorsOf(namespace: string): Map<string, ErrorClass> {
  const known = errors.get(namespace);
  if (known) return known;
  const all = new Map<string, ErrorClass>();
  const { exceptions } = TypeRegistry.for(namespace) as unknown as { exceptions: Map<unknown[], ErrorClass> };
  for (const [schema, made] of exceptions) {
    const [, , name, traits] = schema as [number, string, string, { awsQueryError?: [string, number] }];
    all.set(name, made);
    if (traits?.awsQueryError) all.set(traits.awsQueryError[0], made);
  }
  errors.set(namespace, all);
  return all;
}
