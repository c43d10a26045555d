import { AwsError } from '../errors';
import { attributeOf, holds, intrinsicOf, type Scope } from './intrinsics';

/** The resources that a part of a template refers to, in the branches whose conditions hold. */
export function referencesIn(node: unknown, scope: Scope): Set<string> {
  const found = new Set<string>();
  visit(node, scope, found);
  for (const name of Object.keys(scope.values)) found.delete(name);
  return found;
}

function visit(node: unknown, scope: Scope, found: Set<string>): void {
  if (node === null || typeof node !== 'object') return;
  const called = Array.isArray(node) ? undefined : intrinsicOf(node);
  const argument = called?.argument;
  if (called?.name === 'Ref') found.add(String(argument));
  else if (called?.name === 'Fn::GetAtt') found.add(attributeOf(argument)[0]);
  else if (called?.name === 'Fn::If' && Array.isArray(argument))
    visit(argument[holds({ Condition: argument[0] }, scope) ? 1 : 2], scope, found);
  else if (called?.name === 'Fn::Sub') visitSub(argument, scope, found);
  else for (const value of Object.values(node)) visit(value, scope, found);
}

function visitSub(argument: unknown, scope: Scope, found: Set<string>): void {
  const [text, own] = Array.isArray(argument) ? argument : [argument, {}];
  for (const [, name = ''] of String(text).matchAll(/\$\{([^!}][^}]*)\}/g))
    if (!Object.hasOwn(own ?? {}, name.trim())) found.add(attributeOf(name.trim())[0]);
  visit(own, scope, found);
}

/** Logical ids so ordered that each comes after those it waits for. */
export function inTopologicalOrder(waitsFor: Map<string, Set<string>>): string[] {
  const ordered: string[] = [];
  const left = new Map(
    [...waitsFor].map(([id, others]) => [id, new Set([...others].filter((other) => waitsFor.has(other)))]),
  );
  while (left.size > 0) {
    const free = [...left].filter(([, others]) => others.size === 0).map(([id]) => id);
    if (free.length === 0)
      throw new AwsError(
        'ValidationError',
        `Circular dependency between resources: [${[...left.keys()].join(', ')}]`,
      );
    for (const id of free) left.delete(id);
    for (const others of left.values()) for (const id of free) others.delete(id);
    ordered.push(...free);
  }
  return ordered;
}

/**
 * Does the work of every entry once that of those it waits for is done, independent ones side by side.
 * Where the work answers false, whatever waits for it is not begun.
 */
export async function inOrder(
  waitsFor: Map<string, Set<string>>,
  work: (id: string) => Promise<boolean>,
): Promise<void> {
  const begun = new Map<string, Promise<boolean>>();
  for (const id of inTopologicalOrder(waitsFor)) {
    const earlier = [...(waitsFor.get(id) ?? [])].flatMap((other) => begun.get(other) ?? []);
    begun.set(
      id,
      Promise.all(earlier).then((done) => (done.every(Boolean) ? work(id) : false)),
    );
  }
  await Promise.all(begun.values());
}
