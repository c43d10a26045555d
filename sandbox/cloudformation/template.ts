import { z } from 'zod';
import { AwsError, notModelled } from '../errors';
import { parseTemplateText } from './template-text';

const policy = z.enum(['Delete', 'Retain', 'RetainExceptOnCreate', 'Snapshot']);
const names = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const literal = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const parameter = z.strictObject({
  Type: z.string(),
  Default: literal.optional(),
  Description: z.string().optional(),
  NoEcho: z.union([z.boolean(), z.enum(['true', 'false'])]).optional(),
  AllowedValues: z.array(literal).optional(),
  AllowedPattern: z.string().optional(),
  ConstraintDescription: z.string().optional(),
  MinLength: z.coerce.number().optional(),
  MaxLength: z.coerce.number().optional(),
  MinValue: z.coerce.number().optional(),
  MaxValue: z.coerce.number().optional(),
});

const resource = z.strictObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DependsOn: names.default([]),
  Condition: z.string().optional(),
  DeletionPolicy: policy.optional(),
  UpdateReplacePolicy: policy.exclude(['RetainExceptOnCreate']).optional(),
  Metadata: z.unknown().optional(),
});

const output = z.strictObject({
  Value: z.unknown(),
  Description: z.string().optional(),
  Condition: z.string().optional(),
});

const rule = z.strictObject({
  RuleCondition: z.unknown().optional(),
  Assertions: z.array(z.strictObject({ Assert: z.unknown(), AssertDescription: z.string().optional() })),
});

const template = z.strictObject({
  AWSTemplateFormatVersion: z.literal('2010-09-09').optional(),
  Description: z.string().optional(),
  Metadata: z.unknown().optional(),
  Parameters: z.record(z.string(), parameter).default({}),
  Mappings: z
    .record(z.string(), z.record(z.string(), z.record(z.string(), z.union([literal, z.array(literal)]))))
    .default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Rules: z.record(z.string(), rule).default({}),
  Resources: z.record(z.string().regex(/^[A-Za-z0-9]+$/), resource),
  Outputs: z.record(z.string(), output).default({}),
});

export type Template = z.output<typeof template>;
export type TemplateResource = z.output<typeof resource>;
export type TemplateParameter = z.output<typeof parameter>;
export type DeletionPolicy = z.output<typeof policy>;

/** Reads a template. What the sandbox does not model in it is refused by name. */
export function parseTemplate(text: string): Template {
  const tree = parseTemplateText(text);
  refuseNulls(tree, '');
  const parsed = template.safeParse(tree);
  if (!parsed.success) throw fault(parsed.error);
  if (Object.keys(parsed.data.Resources).length === 0)
    throw new AwsError(
      'ValidationError',
      'Template format error: At least one Resources member must be defined.',
    );
  return parsed.data;
}

function fault(error: z.ZodError): AwsError {
  for (const issue of error.issues)
    if (issue.code === 'unrecognized_keys')
      return notModelled(`${[...issue.path, issue.keys.join(', ')].join('/')} in a template`);
  const [first] = error.issues;
  return new AwsError(
    'ValidationError',
    `Template format error: [/${first?.path.join('/')}] ${first?.message}`,
  );
}

function refuseNulls(node: unknown, path: string): void {
  if (node === null)
    throw new AwsError(
      'ValidationError',
      `Template format error: [${path || '/'}] 'null' values are not allowed in templates`,
    );
  if (typeof node === 'object')
    for (const [key, value] of Object.entries(node)) refuseNulls(value, `${path}/${key}`);
}
