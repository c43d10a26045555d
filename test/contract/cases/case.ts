import type { Switches } from '../../../sandbox/world';

/** One call, and what AWS answers to it. Words that begin with `$` stand for what is known by then. */
export interface Case {
  service: string;
  operation: string;
  input: object;
  /** The code of the refusal; a success without one. */
  code?: string;
  /** What is known from then on, and where in the answer it stands: `WebACL.Rules.0.Name`. */
  keep?: Record<string, string>;
  /** Asked again until this is so. */
  until?: [path: string, value: string];
  /** Positions of the sandbox's switches for this one call. */
  switches?: Partial<Switches>;
}

type Options = Pick<Case, 'keep' | 'until'>;

/** The cases of a service, in the order in which they are asked. */
export function casesOf(
  service: string,
  tell: (
    ok: (operation: string, input?: object, options?: Options) => Case,
    no: (operation: string, input: object, code: string, switches?: Partial<Switches>) => Case,
  ) => Case[],
): Case[] {
  return tell(
    (operation, input = {}, options = {}) => ({ service, operation, input, ...options }),
    (operation, input, code, switches = {}) => ({ service, operation, input, code, switches }),
  );
}

/** What is known before the first call; `me` tells the clients' own things apart. */
export type Known = Record<string, string>;

const words = /\$([a-zA-Z]+)/g;

/** The first word in an input that stands for nothing yet. */
export function unknownIn(input: object, known: Known): string | undefined {
  const used = [...JSON.stringify(input).matchAll(words)].map(([, name]) => name as string);
  return used.find((name) => known[name] === undefined);
}

/** The input with the words replaced by what is known. */
export function filled<Value>(value: Value, known: Known): Value {
  if (typeof value === 'string')
    return value.replace(words, (_, name: string) => known[name] as string) as Value;
  if (Array.isArray(value)) return value.map((each) => filled(each, known)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filled(each, known)])) as Value;
}

/** What stands in an answer at a path. */
export function at(answer: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], answer);
}

/** The names that services sign with, where it is not the one that clients know them by. */
export const wireNames: Record<string, string> = { elbv2: 'elasticloadbalancing' };
