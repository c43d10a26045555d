import type { Member, Shape } from './models/model';
import { patternOf } from './validate';

/** An input with one thing in it that the model forbids, and what that is. */
export interface Violation {
  what: string;
  input: object;
}

/** Each way in which this input, which is right, can be made to break the model's own rules of one member. */
export function violationsOf(shape: Shape, input: object): Violation[] {
  return Object.entries(shape.members).flatMap(([name, member]) =>
    member.in === 'body' ? ofMember(shape, name, member, input) : [],
  );
}

function ofMember(shape: Shape, name: string, { shape: inner }: Member, input: object): Violation[] {
  const { [name as keyof typeof input]: value, ...rest } = input as Record<string, unknown>;
  if (value === undefined) return [];
  const absent = shape.required.includes(name) ? [{ what: `without ${name}`, input: rest }] : [];
  const put = (each: unknown) => ({ ...input, [name]: each });
  const deeper = wrongValues(inner, value).map(({ what, value: wrong }) => ({
    what: `${name}${what}`,
    input: put(wrong),
  }));
  return [...absent, ...deeper];
}

interface Wrong {
  what: string;
  value: unknown;
}

function wrongValues(shape: Shape, value: unknown): Wrong[] {
  switch (shape.kind) {
    case 'structure':
      return violationsOf(shape, value as object).map(({ what, input }) => ({
        what: `.${what}`,
        value: input,
      }));
    case 'list': {
      const [first, ...others] = value as unknown[];
      return wrongValues(shape.element!.shape, first).map(({ what, value: wrong }) => ({
        what: `[]${what}`,
        value: [wrong, ...others],
      }));
    }
    case 'string':
      return wrongTexts(shape, String(value)).map((wrong) => ({
        what: ` as ${wrong.slice(0, 20)}`,
        value: wrong,
      }));
    case 'number':
      return [
        ...(shape.max === undefined ? [] : [shape.max + 1]),
        ...(shape.min === undefined ? [] : [shape.min - 1]),
      ].map((wrong) => ({ what: ` as ${wrong}`, value: wrong }));
    default:
      return [];
  }
}

/** Longer than anything needs to be told to be too long. */
const longest = 20_000;

function wrongTexts({ enum: allowed, pattern, max, min }: Shape, value: string): string[] {
  const texts: string[] = [];
  if (allowed) texts.push('NOBODY');
  if (max !== undefined && max < longest) texts.push(value.padEnd(max + 1, 'x'));
  if (min !== undefined && min > 1) texts.push('');
  const unfit = ['a b/c!', '{}', '-'].find((text) => pattern !== undefined && !patternOf(pattern).test(text));
  if (unfit !== undefined) texts.push(unfit);
  return texts;
}
