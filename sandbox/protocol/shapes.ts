import { z } from 'zod';

/** Values as they travel in forms: everything is text. */
export const text = z.string();
export const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
export const integer = z
  .string()
  .regex(/^-?\d+$/)
  .transform(Number);

/** A moment, as milliseconds since 1970. */
export const timestamp = z
  .string()
  .refine((value) => !Number.isNaN(Date.parse(value)), 'is not a timestamp')
  .transform((value) => Date.parse(value));

/** A list; an empty one travels as an empty string. */
export function list<Shape extends z.ZodType>(element: Shape) {
  return z.preprocess((value) => (value === '' ? [] : value), z.array(element));
}

export const tags = list(z.strictObject({ Key: text.min(1).max(128), Value: text.max(256).default('') }));

/** The input of an operation. Closed: a parameter that is not listed is refused by name. */
export const input = z.strictObject;
