import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { Member, OperationModel, ServiceModel, Shape } from './models/model';
import type { Answer } from './tap';

/** What is wrong with a value by its shape; each fault with the way to it. */
type Faults = string[];

/** Everything in an answer of success that the service's own model does not describe. */
export function faultsOfAnswer(service: ServiceModel, operation: OperationModel, answer: Answer): Faults {
  const { output, payload } = operation;
  if (!output) return [];
  const faults = headerFaults(output, answer.headers);
  const body = answer.body.toString();
  if (payload !== undefined) {
    const { shape } = output.members[payload]!;
    return shape.kind === 'structure' ? [...faults, ...xmlFaults(shape, rootOf(body), '')] : faults;
  }
  if (service.protocol === 'json') return [...faults, ...jsonFaults(output, JSON.parse(body), '')];
  if (body === '') return [...faults, ...missing(output, new Set(), '')];
  return [...faults, ...xmlFaults(output, resultIn(service, operation, body), '')];
}

/** What the answer of refusal says, in the form of its protocol. */
export function refusalIn(protocol: ServiceModel['protocol'], answer: Answer): { code: string } {
  const body = answer.body.toString();
  if (protocol === 'json') {
    const { __type: type } = JSON.parse(body) as { __type?: string };
    return { code: type?.split('#').at(-1) ?? '' };
  }
  // The answer to HEAD has no body: its status is all it says.
  if (body === '') return { code: String(answer.status) };
  const root = rootOf(body) as Tree;
  const errors = protocol === 'ec2' ? (root.Errors?.[0] as Tree) : root;
  const error = (errors.Error?.[0] as Tree | undefined) ?? root;
  return { code: String(error.Code?.[0] ?? '') };
}

/** Elements by their name, each as often as it stands there; texts where there are no elements. */
interface Tree {
  [name: string]: (Tree | string)[];
}

const parser = new XMLParser({
  isArray: () => true,
  parseTagValue: false,
  trimValues: false,
  ignoreAttributes: true,
  ignoreDeclaration: true,
});

function rootOf(text: string): Tree | string {
  if (XMLValidator.validate(text) !== true) throw new Error(`No XML: ${text.slice(0, 100)}`);
  const document = parser.parse(text) as Tree;
  return Object.values(document)[0]![0]!;
}

/** The element with the members in it: a level deeper in Query's answers. */
function resultIn(service: ServiceModel, operation: OperationModel, body: string): Tree | string {
  const root = rootOf(body);
  if (typeof root === 'string') return root;
  if (service.protocol === 'query') return root[`${operation.name}Result`]?.[0] ?? '';
  const { requestId: _, ...rest } = root;
  return rest;
}

const isBlank = (text: string) => text.trim() === '';

function xmlFaults(shape: Shape, value: Tree | string, at: string): Faults {
  switch (shape.kind) {
    case 'structure':
      return xmlStructureFaults(shape, value, at);
    case 'list':
      return xmlListFaults(shape, value, at);
    case 'map':
      return [];
    default:
      return typeof value === 'string'
        ? textFaults(shape, value, at)
        : [`${at}: holds elements, not ${shape.kind}`];
  }
}

function xmlStructureFaults(shape: Shape, value: Tree | string, at: string): Faults {
  if (typeof value === 'string')
    return isBlank(value) ? missing(shape, new Set(), at) : [`${at}: holds text, not members`];
  const known = new Map(bodyMembers(shape).map(([name, member]) => [member.wire, [name, member] as const]));
  const present = new Set<string>();
  const faults: Faults = [];
  for (const [wire, all] of Object.entries(value)) {
    // Between the elements of a document written with line ends.
    if (wire === '#text') continue;
    const found = known.get(wire);
    if (!found) {
      faults.push(`${at}: no member is named ${wire}`);
      continue;
    }
    const [name, member] = found;
    present.add(name);
    if (member.flat) {
      for (const each of all) faults.push(...xmlFaults(member.shape.element!.shape, each, `${at}.${name}[]`));
      faults.push(...sizeFaults(member.shape, all.length, `${at}.${name}`));
    } else if (all.length > 1) faults.push(`${at}.${name}: stands there ${all.length} times`);
    else faults.push(...xmlFaults(member.shape, all[0]!, `${at}.${name}`));
  }
  return [...faults, ...missing(shape, present, at)];
}

function xmlListFaults(shape: Shape, value: Tree | string, at: string): Faults {
  if (typeof value === 'string') return isBlank(value) ? sizeFaults(shape, 0, at) : [`${at}: is no list`];
  const { wire, shape: element } = shape.element!;
  const faults = Object.entries(value).flatMap(([name, all]) =>
    name === wire
      ? all.flatMap((each) => xmlFaults(element, each, `${at}[]`))
      : name === '#text'
        ? []
        : [`${at}: an entry is named ${name}, not ${wire}`],
  );
  return [...faults, ...sizeFaults(shape, value[wire]?.length ?? 0, at)];
}

function jsonFaults(shape: Shape, value: unknown, at: string): Faults {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  switch (shape.kind) {
    case 'structure':
      return isObject
        ? jsonStructureFaults(shape, value as Record<string, unknown>, at)
        : [`${at}: is no structure`];
    case 'list': {
      if (!Array.isArray(value)) return [`${at}: is no list`];
      const faults = value.flatMap((each) => jsonFaults(shape.element!.shape, each, `${at}[]`));
      return [...faults, ...sizeFaults(shape, value.length, at)];
    }
    case 'map':
      return isObject
        ? Object.values(value).flatMap((each) => jsonFaults(shape.element!.shape, each, `${at}{}`))
        : [`${at}: is no map`];
    case 'boolean':
      return typeof value === 'boolean' ? [] : [`${at}: ${value} is no boolean`];
    case 'timestamp':
      return typeof value === 'number' ? [] : [`${at}: ${value} is no timestamp`];
    case 'number':
      return typeof value === 'number' ? rangeFaults(shape, value, at) : [`${at}: ${value} is no number`];
    default:
      return typeof value === 'string' ? textFaults(shape, value, at) : [`${at}: ${value} is no text`];
  }
}

function jsonStructureFaults(shape: Shape, value: Record<string, unknown>, at: string): Faults {
  const faults = Object.entries(value).flatMap(([name, each]) => {
    const member = Object.values(shape.members).find(({ wire }) => wire === name);
    return member ? jsonFaults(member.shape, each, `${at}.${name}`) : [`${at}: no member is named ${name}`];
  });
  return [...faults, ...missing(shape, new Set(Object.keys(value)), at)];
}

function headerFaults(output: Shape, headers: Answer['headers']): Faults {
  return Object.entries(output.members).flatMap(([name, member]) => {
    const value = headers[member.wire.toLowerCase()];
    if (member.in !== 'header' || value === undefined) return [];
    if (member.shape.kind === 'timestamp')
      return new Date(String(value)).toUTCString() === value ? [] : [`.${name}: ${value} is no date`];
    return textFaults(member.shape, String(value), `.${name}`);
  });
}

const bodyMembers = (shape: Shape): [string, Member][] =>
  Object.entries(shape.members).filter(([, member]) => member.in === 'body');

function missing(shape: Shape, present: Set<string>, at: string): Faults {
  const inBody = new Set(bodyMembers(shape).map(([name]) => name));
  return shape.required
    .filter((name) => inBody.has(name) && !present.has(name))
    .map((name) => `${at}: ${name} is missing`);
}

/** A scalar as text. */
function textFaults(shape: Shape, text: string, at: string): Faults {
  switch (shape.kind) {
    case 'boolean':
      return /^(true|false)$/.test(text) ? [] : [`${at}: ${text} is no boolean`];
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text)
        ? rangeFaults(shape, Number(text), at)
        : [`${at}: ${text} is no number`];
    case 'timestamp':
      return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text) ? [] : [`${at}: ${text} is no timestamp`];
    case 'string':
      return stringFaults(shape, text, at);
    default:
      return [];
  }
}

function stringFaults(shape: Shape, text: string, at: string): Faults {
  if (shape.enum && text !== '' && !shape.enum.includes(text))
    return [`${at}: ${text} is none of its values`];
  // By letters, as the models of AWS count.
  const faults = sizeFaults(shape, [...text].length, at);
  if (shape.pattern !== undefined && text !== '' && !patternOf(shape.pattern).test(text))
    faults.push(`${at}: ${text} does not match ${shape.pattern}`);
  return faults;
}

/** Java's patterns: most are Unicode's; those with an escape that only Java needs are not. */
export function patternOf(pattern: string): RegExp {
  const text = `^(?:${pattern.replaceAll('\\p{ASCII}', '[\\x00-\\x7f]')})$`;
  try {
    return new RegExp(text, 'u');
  } catch {
    return new RegExp(text);
  }
}

const sizeFaults = (shape: Shape, size: number, at: string): Faults =>
  within(shape, size) ? [] : [`${at}: has a length of ${size}, not ${rangeOf(shape)}`];
const rangeFaults = (shape: Shape, value: number, at: string): Faults =>
  within(shape, value) ? [] : [`${at}: ${value} is not ${rangeOf(shape)}`];
const within = ({ min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }: Shape, value: number) =>
  value >= min && value <= max;
const rangeOf = ({ min, max }: Shape) => `from ${min ?? ''} to ${max ?? ''}`;
