import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Kind, Member, OperationModel, ServiceModel, Shape } from './model';

/** As botocore's files have it: https://github.com/boto/botocore/tree/develop/botocore/data */
interface Reference {
  shape: string;
  locationName?: string;
  location?: string;
  flattened?: boolean;
}
interface Described {
  type: string;
  members?: Record<string, Reference>;
  required?: string[];
  member?: Reference;
  value?: Reference;
  enum?: string[];
  pattern?: string;
  min?: number;
  max?: number;
  flattened?: boolean;
  payload?: string;
  exception?: boolean;
  error?: { code?: string; httpStatusCode?: number };
}
interface File {
  metadata: { protocol: ServiceModel['protocol'] };
  operations: Record<string, { input?: Reference; output?: Reference; errors?: Reference[] }>;
  shapes: Record<string, Described>;
}

/** Where its models are; undefined where python3 has none. */
export const botocoreFolder = ((): string | undefined => {
  const asked = spawnSync('python3', ['-c', 'import botocore; print(botocore.__path__[0])']);
  const folder = asked.status === 0 ? path.join(String(asked.stdout).trim(), 'data') : undefined;
  return folder && existsSync(folder) ? folder : undefined;
})();

export function botocoreModel(folder: string, service: string): ServiceModel {
  const newest = readdirSync(path.join(folder, service)).sort().at(-1)!;
  const plain = path.join(folder, service, newest, 'service-2.json');
  const text = existsSync(plain) ? readFileSync(plain) : gunzipSync(readFileSync(`${plain}.gz`));
  const file = JSON.parse(String(text)) as File;
  const shapes = new Map<string, Shape>();
  const codeOf = (name: string) => file.shapes[name]!.error?.code ?? name;
  const exceptions = Object.entries(file.shapes).filter(([, shape]) => shape.exception);
  return {
    protocol: file.metadata.protocol,
    errors: new Map(exceptions.map(([name, { error }]) => [codeOf(name), error?.httpStatusCode])),
    operation(name): OperationModel {
      const { input, output, errors = [] } = file.operations[name]!;
      return {
        name,
        input: input && shapeOf(file, shapes, input.shape),
        output: output && shapeOf(file, shapes, output.shape),
        payload: output && file.shapes[output.shape]!.payload,
        errors: errors.map(({ shape }) => codeOf(shape)),
      };
    },
  };
}

const kinds: Record<string, Kind> = {
  integer: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  character: 'string',
};

/** Members are looked up when they are asked for: shapes may hold themselves. */
function shapeOf(file: File, known: Map<string, Shape>, name: string): Shape {
  const found = known.get(name);
  if (found) return found;
  const { type, members = {}, required = [], member, value, ...rest } = file.shapes[name]!;
  const memberOf = (own: string, reference: Reference): Member => {
    const target = file.shapes[reference.shape]!;
    const flat = Boolean(reference.flattened ?? target.flattened) && target.type === 'list';
    return {
      get shape() {
        return shapeOf(file, known, reference.shape);
      },
      wire: (flat ? target.member?.locationName : undefined) ?? reference.locationName ?? own,
      in: placeOf(reference.location),
      flat,
    };
  };
  const element = member ?? value;
  const shape: Shape = {
    kind: kinds[type] ?? (type as Kind),
    members: Object.fromEntries(Object.entries(members).map(([own, each]) => [own, memberOf(own, each)])),
    required,
    ...(element ? { element: memberOf('member', element) } : {}),
    ...(rest.enum ? { enum: rest.enum } : {}),
    ...(rest.pattern === undefined ? {} : { pattern: rest.pattern }),
    ...(rest.min === undefined ? {} : { min: rest.min }),
    ...(rest.max === undefined ? {} : { max: rest.max }),
  };
  known.set(name, shape);
  return shape;
}

function placeOf(location: string | undefined): Member['in'] {
  if (location === undefined) return 'body';
  return location === 'header' ? 'header' : 'elsewhere';
}
