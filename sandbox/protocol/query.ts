import { XMLBuilder } from 'fast-xml-parser';
import { AwsError } from '../errors';
import type { Call, OperationService } from '../service';

const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  suppressBooleanAttributes: false,
});

/** Writes plain objects as XML: keys are elements, arrays repeat their element, `@name` is an attribute. */
export function toXml(tree: object): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build(dropUndefined(tree))}`;
}

function dropUndefined(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(dropUndefined);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [key, dropUndefined(inner)]),
  );
}

/** Deeper than any parameter of AWS's. */
const deepestPath = 20;

/** Without a prototype, so that a parameter named `__proto__` is a parameter like any other. */
const emptyNode = (): Record<string, unknown> => Object.create(null);

/**
 * Turns the flat form of the Query protocol into a tree: `Tags.member.1.Key` becomes `{Tags: [{Key}]}`,
 * whatever the list's element is called. An empty list travels as `Tags=` and becomes an empty string.
 */
export function parseForm(body: string): Record<string, unknown> {
  const root = emptyNode();
  for (const [name, value] of new URLSearchParams(body)) {
    const path = name.split('.');
    if (path.length > deepestPath || path.includes(''))
      throw new AwsError('MalformedQueryString', `The parameter ${name.slice(0, 100)} is malformed.`);
    const last = path.pop() as string;
    let node = root;
    for (const part of path) {
      if (typeof node[part] !== 'object') node[part] = emptyNode();
      node = node[part] as Record<string, unknown>;
    }
    node[last] = value;
  }
  return lists(root) as Record<string, unknown>;
}

function lists(node: unknown): unknown {
  if (node === null || typeof node !== 'object') return node;
  const entries = Object.entries(node).map(([key, value]) => [key, lists(value)] as const);
  if (entries.length > 0 && entries.every(([key]) => /^\d+$/.test(key)))
    return entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, value]) => value);
  const only = entries[0];
  if (
    entries.length === 1 &&
    only &&
    Array.isArray(only[1]) &&
    Object.hasOwn(node, only[0]) &&
    isElement(only[0])
  )
    return only[1];
  return Object.fromEntries(entries);
}

/** The names AWS gives to a list's element in forms: `member`, `entry`, or a name of the service's own. */
const elements = new Set([
  'member',
  'entry',
  'Tag',
  'VpcSecurityGroupId',
  'Filter',
  'Value',
  'item',
  'AvailabilityZone',
]);
const isElement = (name: string) => elements.has(name);

export function queryAnswer(service: OperationService, call: Call, output: unknown): string {
  const xmlns = service.namespace;
  const result = (output ?? {}) as object;
  if (service.protocol === 'ec2')
    return toXml({ [`${call.action}Response`]: { '@xmlns': xmlns, requestId: call.requestId, ...result } });
  return toXml({
    [`${call.action}Response`]: {
      '@xmlns': xmlns,
      [`${call.action}Result`]: result,
      ResponseMetadata: { RequestId: call.requestId },
    },
  });
}

export function queryError(
  service: Pick<OperationService, 'protocol' | 'namespace'>,
  call: Call,
  error: AwsError,
): string {
  const body = { Code: error.code, Message: error.message };
  if (service.protocol === 'ec2')
    return toXml({ Response: { Errors: { Error: body }, RequestID: call.requestId } });
  return toXml({
    ErrorResponse: {
      '@xmlns': service.namespace,
      Error: { Type: 'Sender', ...body },
      RequestId: call.requestId,
    },
  });
}
