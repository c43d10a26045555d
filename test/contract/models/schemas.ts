import { type NormalizedSchema, TypeRegistry } from '@smithy/core/schema';
import { operationOf } from '../../simulation/shapes';
import { commandOf, libraries } from '../clients/libraries';
import type { Kind, Member, OperationModel, ServiceModel, Shape } from './model';

/**
 * The model in the client library's own schemas: types, names on the wire, required members and errors. Without the
 * closed lists, lengths and patterns that botocore's models have beside them, and errors by service only.
 */
export function schemaModel(service: string): ServiceModel {
  const { namespace, protocol } = libraries[service]!;
  const { exceptions } = TypeRegistry.for(namespace) as unknown as { exceptions: Map<unknown[], unknown> };
  const errors = [...exceptions.keys()].map((schema): [string, number | undefined] => {
    const [, , name, traits] = schema as [number, string, string, ErrorTraits | undefined];
    // AWS's JSON services answer 400, whatever the schema says of other protocols.
    const status = protocol === 'json' ? undefined : (traits?.awsQueryError?.[1] ?? traits?.httpError);
    return [traits?.awsQueryError?.[0] ?? name, status];
  });
  return {
    protocol,
    errors: new Map(errors),
    operation(name): OperationModel {
      const { input, output } = operationOf(commandOf(service, name, {}));
      const payload = [...output.structIterator()].find(([, each]) => each.getMergedTraits().httpPayload);
      return {
        name,
        input: input.isStructSchema() ? shapeOf(input) : undefined,
        output: output.isStructSchema() ? shapeOf(output) : undefined,
        payload: payload?.[0],
        errors: undefined,
      };
    },
  };
}

interface ErrorTraits {
  awsQueryError?: [string, number];
  httpError?: number;
}

function shapeOf(schema: NormalizedSchema): Shape {
  const members = schema.isStructSchema() ? [...schema.structIterator()] : [];
  const holds = schema.isListSchema() || schema.isMapSchema();
  const required = schema.isStructSchema() ? (schema.getSchema() as unknown[])[6] : 0;
  return {
    kind: kindOf(schema),
    members: Object.fromEntries(members.map(([name, inner]) => [name, memberOf(name, inner)])),
    // The schema names those first.
    required: members.slice(0, (required as number | undefined) ?? 0).map(([name]) => name),
    ...(holds ? { element: memberOf('member', schema.getValueSchema()) } : {}),
  };
}

function memberOf(name: string, schema: NormalizedSchema): Member {
  const traits = schema.getMergedTraits() as Record<string, string | number | undefined>;
  const elsewhere = traits.httpPrefixHeaders ?? traits.httpResponseCode;
  return {
    get shape() {
      return shapeOf(schema);
    },
    wire: String(traits.httpHeader ?? traits.xmlName ?? name),
    in: traits.httpHeader ? 'header' : elsewhere === undefined ? 'body' : 'elsewhere',
    flat: Boolean(traits.xmlFlattened),
  };
}

function kindOf(schema: NormalizedSchema): Kind {
  if (schema.isStructSchema()) return 'structure';
  if (schema.isListSchema()) return 'list';
  if (schema.isMapSchema()) return 'map';
  if (schema.isTimestampSchema()) return 'timestamp';
  if (schema.isNumericSchema()) return 'number';
  if (schema.isBooleanSchema()) return 'boolean';
  return schema.isBlobSchema() ? 'blob' : 'string';
}
