import { AwsError, notModelled } from '../errors';
import type { Template } from './template';

/** Stands in a planned value for what only the deployment will know; the words are CloudFormation's own. */
export const knownAfterApply = '{{changeSet:KNOWN_AFTER_APPLY}}';

/** `AWS::NoValue`: the property is as if it had not been written. */
export const noValue = Symbol('AWS::NoValue');

/** What the names in a template stand for. */
export interface Scope {
  /** Parameters and pseudo parameters. */
  values: Record<string, string | string[] | typeof noValue>;
  mappings: Template['Mappings'];
  conditions: Record<string, unknown>;
  reference(logicalId: string): string;
  attribute(logicalId: string, name: string): string;
}

/** Replaces every intrinsic function in a part of a template by its value. */
export function evaluate(node: unknown, scope: Scope): unknown {
  if (Array.isArray(node))
    return node.map((item) => evaluate(item, scope)).filter((value) => value !== noValue);
  if (node === null || typeof node !== 'object') return node;
  const called = intrinsicOf(node);
  if (called) return call(called, scope);
  const entries = Object.entries(node).map(([key, value]) => [key, evaluate(value, scope)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== noValue));
}

/** The intrinsic function that an object is a call of. */
export function intrinsicOf(node: object): { name: string; argument: unknown } | undefined {
  const [entry, ...more] = Object.entries(node);
  if (!entry || more.length > 0) return undefined;
  const [name, argument] = entry;
  return name === 'Ref' || name.startsWith('Fn::') ? { name, argument } : undefined;
}

/** Whether a condition holds: one by name, or an expression of Equals, And, Or, Not. */
export function holds(node: unknown, scope: Scope): boolean {
  if (typeof node === 'object' && node !== null && 'Condition' in node)
    return namedCondition(String(node.Condition), scope);
  const value = evaluate(node, scope);
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw new AwsError('ValidationError', `Template error: ${JSON.stringify(node)} is not a condition`);
}

function namedCondition(name: string, scope: Scope): boolean {
  if (!Object.hasOwn(scope.conditions, name))
    throw new AwsError('ValidationError', `Template format error: Unresolved condition dependency ${name}`);
  return holds(scope.conditions[name], scope);
}

function call({ name, argument }: { name: string; argument: unknown }, scope: Scope): unknown {
  const apply = functions[name];
  if (!apply) throw notModelled(`the intrinsic function ${name}`);
  return apply(argument, scope);
}

const functions: Record<string, (argument: unknown, scope: Scope) => unknown> = {
  Ref: (argument, scope) => refer(String(argument), scope),
  'Fn::GetAtt': (argument, scope) => scope.attribute(...attributeOf(argument)),
  'Fn::Sub': (argument, scope) => {
    const [text, own] = Array.isArray(argument) ? argument : [argument, {}];
    return textIn('Fn::Sub', text).replace(/\$\{(!?)([^}]+)\}/g, (_whole, literal: string, name: string) =>
      literal ? `\${${name}}` : textOf('Fn::Sub', substitute(name.trim(), own ?? {}, scope)),
    );
  },
  'Fn::Join': (argument, scope) => {
    const [separator, list] = items('Fn::Join', argument, 2);
    return listIn('Fn::Join', evaluate(list, scope))
      .map((item) => textOf('Fn::Join', item))
      .join(textIn('Fn::Join', separator));
  },
  'Fn::Select': (argument, scope) => {
    const [index, list] = items('Fn::Select', argument, 2);
    const values = listIn('Fn::Select', evaluate(list, scope));
    if (values.some((value) => isUnknown(value))) return knownAfterApply;
    const chosen = values[Number(evaluate(index, scope))];
    if (chosen === undefined)
      throw new AwsError(
        'ValidationError',
        `Template error: Fn::Select cannot select nonexistent value at index ${index}`,
      );
    return chosen;
  },
  'Fn::Split': (argument, scope) => {
    const [separator, text] = items('Fn::Split', argument, 2);
    return textOf('Fn::Split', evaluate(text, scope)).split(textIn('Fn::Split', separator));
  },
  'Fn::Base64': (argument, scope) => {
    const value = textOf('Fn::Base64', evaluate(argument, scope));
    return isUnknown(value) ? knownAfterApply : Buffer.from(value).toString('base64');
  },
  'Fn::FindInMap': (argument, scope) => {
    const keys = items('Fn::FindInMap', argument, 3).map((key) => String(evaluate(key, scope)));
    const [map = '', top = '', second = ''] = keys;
    const found = scope.mappings[map]?.[top]?.[second];
    if (found === undefined)
      throw new AwsError(
        'ValidationError',
        `Template error: Unable to get mapping for ${map}::${top}::${second}`,
      );
    return found;
  },
  'Fn::If': (argument, scope) => {
    const [condition, yes, no] = items('Fn::If', argument, 3);
    return evaluate(namedCondition(String(condition), scope) ? yes : no, scope);
  },
  'Fn::Equals': (argument, scope) => {
    const [left, right] = items('Fn::Equals', argument, 2).map((side) => evaluate(side, scope));
    return JSON.stringify(String(left)) === JSON.stringify(String(right));
  },
  'Fn::And': (argument, scope) => items('Fn::And', argument).every((part) => holds(part, scope)),
  'Fn::Or': (argument, scope) => items('Fn::Or', argument).some((part) => holds(part, scope)),
  'Fn::Not': (argument, scope) => !holds(items('Fn::Not', argument, 1)[0], scope),
  'Fn::Contains': (argument, scope) => {
    const [list, value] = items('Fn::Contains', argument, 2).map((part) => evaluate(part, scope));
    return listIn('Fn::Contains', list).map(String).includes(String(value));
  },
};

/** The two words of a Fn::GetAtt, which may also be written as one with a dot. */
export function attributeOf(argument: unknown): [logicalId: string, attribute: string] {
  const [logicalId = '', ...attribute] = Array.isArray(argument) ? argument : String(argument).split('.');
  return [String(logicalId), attribute.join('.')];
}

export const isUnknown = (value: unknown) => JSON.stringify(value)?.includes(knownAfterApply) ?? false;

function refer(name: string, scope: Scope): unknown {
  return Object.hasOwn(scope.values, name) ? scope.values[name] : scope.reference(name);
}

function substitute(name: string, own: Record<string, unknown>, scope: Scope): unknown {
  if (Object.hasOwn(own, name)) return evaluate(own[name], scope);
  return name.includes('.') ? scope.attribute(...attributeOf(name)) : refer(name, scope);
}

function items(name: string, argument: unknown, count?: number): unknown[] {
  if (!Array.isArray(argument) || (count !== undefined && argument.length !== count))
    throw new AwsError(
      'ValidationError',
      `Template error: ${name} takes a list${count ? ` of ${count}` : ''}`,
    );
  return argument;
}

function listIn(name: string, value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (isUnknown(value)) return [knownAfterApply];
  throw new AwsError(
    'ValidationError',
    `Template error: every ${name} object requires a list of string parameters`,
  );
}

function textIn(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw new AwsError('ValidationError', `Template error: ${name} requires a string`);
}

function textOf(name: string, value: unknown): string {
  if (['string', 'number', 'boolean'].includes(typeof value)) return String(value);
  throw new AwsError(
    'ValidationError',
    `Template error: ${name} cannot make text of ${JSON.stringify(value)}`,
  );
}
