import type { CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';
import { type Direction, directions } from './situations';

/** What a stack is: its template, and its protection, which no template has. */
export type Stated = Record<string, unknown>;

/** The stacks of every situation, by direction, the stack's name and the situation's. */
export type Stacks = Record<Direction, Record<string, Record<string, Stated>>>;

export const noStacks = (): Stacks => ({ upgrade: {}, reversed: {} });

interface Option {
  Namespace: string;
  OptionName: string;
  Value: unknown;
}

/** The options of an environment are by their name, which the order of a list would hide. */
export function stated({ template, terminationProtection }: CloudFormationStackArtifact): Stated {
  const named = JSON.parse(JSON.stringify(template), (key, value) =>
    key === 'OptionSettings' ? byName(value) : value,
  );
  return { TerminationProtection: terminationProtection ?? false, ...named };
}

const byName = (options: Option[]) =>
  Object.fromEntries(
    options.map(({ Namespace, OptionName, Value }) => [`${Namespace} ${OptionName}`, Value]),
  );

export interface Pair {
  direction: Direction;
  stack: string;
  situation: string;
  before: Stated | undefined;
  after: Stated | undefined;
}

/** Each stack of each situation as it was and as it is; what is in neither is not told. */
export function pairs(before: Stacks, after: Stacks): Pair[] {
  return directions.flatMap((direction) =>
    union(before[direction], after[direction]).flatMap((stack) => {
      const [was, is] = [before[direction][stack] ?? {}, after[direction][stack] ?? {}];
      return union(was, is).map((situation) => ({
        direction,
        stack,
        situation,
        before: was[situation],
        after: is[situation],
      }));
    }),
  );
}

const union = (...all: object[]) => [...new Set(all.flatMap(Object.keys))];
