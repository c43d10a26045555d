import { z } from 'zod';
import type { Action, ByteMatch, DataProtection, ResponseBody, Rule, Statement, Visibility } from './rules';

/** A value of AWS's that is not among these is refused by name. */
function modelled<const Values extends readonly [string, ...string[]]>(...values: Values) {
  return z.enum(values, {
    error: ({ input }) =>
      input === undefined
        ? 'is required'
        : `the sandbox does not model ${String(input)}, only ${values.join(', ')}`,
  });
}

const exactlyOne = (value: object) =>
  Object.values(value).filter((inner) => inner !== undefined).length === 1;
const notOne = 'must have exactly one value';

/** Outside us-east-1 AWS itself refuses the scope of CloudFront, in these words. */
export const scope = z.literal('REGIONAL', {
  error: ({ input }) =>
    input === undefined
      ? 'is required'
      : `Error reason: The scope is not valid., field: SCOPE_VALUE, parameter: ${String(input)}`,
});
export const name = z
  .string()
  .max(128)
  .regex(/^[\w-]+$/);
export const identity = { Name: name, Scope: scope, Id: z.string() };
/** https://docs.aws.amazon.com/waf/latest/APIReference/API_Tag.html */
const tagText = z.string().regex(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u);
export const tags = z.array(z.strictObject({ Key: tagText.min(1).max(128), Value: tagText.max(256) }));
export const addressVersion = modelled('IPV4');
const empty = z.strictObject({});

/** https://docs.aws.amazon.com/waf/latest/APIReference/API_CreateWebACL.html#WAF-CreateWebACL-request-Description */
export const description = z
  .string()
  .max(256)
  .regex(/^[\w+=:#@/\-,.][\w+=:#@/\-,.\s]+[\w+=:#@/\-,.]$/);

/** https://docs.aws.amazon.com/waf/latest/APIReference/API_VisibilityConfig.html */
const reservedMetrics = ['All', 'Default_Action'];
const visibility: z.ZodType<Visibility> = z.strictObject({
  SampledRequestsEnabled: z.boolean(),
  CloudWatchMetricsEnabled: z.boolean(),
  MetricName: z
    .string()
    .regex(/^[\w#:.\-/]{1,255}$/)
    .refine((metric) => !reservedMetrics.includes(metric), 'is a name that AWS WAF reserves'),
});

/** https://docs.aws.amazon.com/waf/latest/developerguide/customizing-the-response-status-codes.html */
const statusCodes = [
  200, 201, 202, 204, 206, 300, 301, 302, 303, 304, 307, 308, 400, 401, 402, 403, 404, 405, 408, 409, 411,
  412, 413, 414, 415, 416, 421, 429, 500, 501, 502, 503, 504, 505,
];

/** https://docs.aws.amazon.com/waf/latest/APIReference/API_CustomResponse.html */
const customResponse = z.strictObject({
  ResponseCode: z
    .number()
    .refine((code) => statusCodes.includes(code), 'is no status code that a custom response may have'),
  CustomResponseBodyKey: name.optional(),
  ResponseHeaders: z
    .array(
      z.strictObject({
        Name: z
          .string()
          .regex(/^[\w.$-]{1,64}$/)
          .refine((header) => header.toLowerCase() !== 'content-type', 'may not be content-type'),
        Value: z.string().min(1).max(255),
      }),
    )
    .min(1)
    .refine(
      (headers) => new Set(headers.map((header) => header.Name.toLowerCase())).size === headers.length,
      'has a header twice',
    )
    .optional(),
});

const action: z.ZodType<Action> = z
  .strictObject({
    Allow: empty.optional(),
    Block: z.strictObject({ CustomResponse: customResponse.optional() }).optional(),
  })
  .refine(exactlyOne, notOne);

const responseBody: z.ZodType<ResponseBody> = z.strictObject({
  ContentType: modelled('TEXT_PLAIN', 'TEXT_HTML', 'APPLICATION_JSON'),
  Content: z.string().min(1).max(10_240),
});

const fieldToMatch = z
  .strictObject({
    SingleHeader: z.strictObject({ Name: z.string().min(1).max(64) }).optional(),
    Cookies: z
      .strictObject({
        MatchPattern: z
          .strictObject({
            All: empty.optional(),
            IncludedCookies: z.array(z.string().min(1).max(60)).min(1).max(199).optional(),
          })
          .refine(exactlyOne, notOne),
        MatchScope: modelled('ALL', 'KEY', 'VALUE'),
        OversizeHandling: modelled('CONTINUE', 'MATCH', 'NO_MATCH'),
      })
      .optional(),
    UriPath: empty.optional(),
    SingleQueryArgument: z.strictObject({ Name: z.string().min(1).max(30) }).optional(),
  })
  .refine(exactlyOne, notOne);

/** What every form of a string match has beside what it searches for. */
const matching = {
  FieldToMatch: fieldToMatch,
  TextTransformations: z
    .array(z.strictObject({ Priority: z.number().int().nonnegative(), Type: modelled('NONE', 'LOWERCASE') }))
    .min(1)
    .max(10)
    .refine(
      (all) => new Set(all.map(({ Priority }) => Priority)).size === all.length,
      'has one priority twice',
    ),
  PositionalConstraint: modelled('EXACTLY', 'STARTS_WITH', 'CONTAINS'),
};

const longestSearchBytes = 200;
const searchable = (base64: string) => {
  const { length } = Buffer.from(base64, 'base64');
  return length >= 1 && length <= longestSearchBytes;
};
const notSearchable = `what is searched for must have from 1 to ${longestSearchBytes} bytes`;

interface Leaves {
  set: z.ZodType<{ ARN: string }>;
  match: z.ZodType<ByteMatch>;
}

/** The names of the API: https://docs.aws.amazon.com/waf/latest/APIReference/API_Statement.html */
const apiLeaves: Leaves = {
  set: z.strictObject({ ARN: z.string() }),
  match: z.strictObject({ SearchString: z.base64().refine(searchable, notSearchable), ...matching }),
};

/** Templates write some of it otherwise: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-wafv2-webacl-bytematchstatement.html */
const templateLeaves: Leaves = {
  set: z.strictObject({ Arn: z.string() }).transform(({ Arn }) => ({ ARN: Arn })),
  match: z
    .strictObject({
      SearchString: z.string().optional(),
      SearchStringBase64: z.base64().optional(),
      ...matching,
    })
    .refine(
      ({ SearchString, SearchStringBase64 }) => exactlyOne({ SearchString, SearchStringBase64 }),
      'must have one of SearchString and SearchStringBase64',
    )
    .transform(({ SearchString, SearchStringBase64, ...rest }) => ({
      SearchString: SearchStringBase64 ?? Buffer.from(SearchString ?? '').toString('base64'),
      ...rest,
    }))
    .refine(({ SearchString }) => searchable(SearchString), notSearchable),
};

function statementOf({ set, match }: Leaves): z.ZodType<Statement> {
  const inner: z.ZodType<Statement> = z.lazy(() => statement);
  const several = z.strictObject({ Statements: z.array(inner).min(2) });
  const statement: z.ZodType<Statement> = z
    .strictObject({
      IPSetReferenceStatement: set.optional(),
      ByteMatchStatement: match.optional(),
      AndStatement: several.optional(),
      OrStatement: several.optional(),
      NotStatement: z.strictObject({ Statement: inner }).optional(),
    })
    .refine(exactlyOne, notOne);
  return statement;
}

/** Whole fields: every cookie, or the whole of what follows the path. */
const dataProtection: z.ZodType<DataProtection> = z.strictObject({
  Field: z.strictObject({ FieldType: modelled('SINGLE_COOKIE', 'QUERY_STRING') }),
  Action: modelled('SUBSTITUTION'),
});

function contentOf(leaves: Leaves) {
  const rule: z.ZodType<Rule> = z.strictObject({
    Name: name,
    Priority: z.number().int().nonnegative(),
    Statement: statementOf(leaves),
    Action: action,
    VisibilityConfig: visibility,
  });
  return {
    DefaultAction: action,
    Description: description.optional(),
    Rules: z.array(rule).default([]),
    VisibilityConfig: visibility,
    CustomResponseBodies: z.record(name, responseBody).optional(),
    DataProtectionConfig: z
      .strictObject({ DataProtections: z.array(dataProtection).min(1).max(26) })
      .optional(),
  };
}

/** An ACL's content as the API takes it, and as templates write it; both come out in the API's form. */
export const apiContent = contentOf(apiLeaves);
export const templateContent = contentOf(templateLeaves);
