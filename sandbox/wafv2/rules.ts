/** What web ACLs are made of, in the API's own form and words; `SearchString` in base64. */

export interface TextTransformation {
  Priority: number;
  Type: 'NONE' | 'LOWERCASE';
}

export interface CookiePart {
  MatchPattern: { All?: object | undefined; IncludedCookies?: string[] | undefined };
  MatchScope: 'ALL' | 'KEY' | 'VALUE';
  OversizeHandling: 'CONTINUE' | 'MATCH' | 'NO_MATCH';
}

export interface ByteMatch {
  SearchString: string;
  FieldToMatch: {
    SingleHeader?: { Name: string } | undefined;
    Cookies?: CookiePart | undefined;
    UriPath?: object | undefined;
    SingleQueryArgument?: { Name: string } | undefined;
  };
  TextTransformations: TextTransformation[];
  PositionalConstraint: 'EXACTLY' | 'STARTS_WITH' | 'CONTAINS';
}

/** Has exactly one of them. */
export interface Statement {
  IPSetReferenceStatement?: { ARN: string } | undefined;
  ByteMatchStatement?: ByteMatch | undefined;
  AndStatement?: { Statements: Statement[] } | undefined;
  OrStatement?: { Statements: Statement[] } | undefined;
  NotStatement?: { Statement: Statement } | undefined;
}

export interface CustomResponse {
  ResponseCode: number;
  CustomResponseBodyKey?: string | undefined;
  ResponseHeaders?: { Name: string; Value: string }[] | undefined;
}

/** Has exactly one of them. */
export interface Action {
  Allow?: object | undefined;
  Block?: { CustomResponse?: CustomResponse | undefined } | undefined;
}

export interface Visibility {
  SampledRequestsEnabled: boolean;
  CloudWatchMetricsEnabled: boolean;
  MetricName: string;
}

export interface Rule {
  Name: string;
  Priority: number;
  Statement: Statement;
  Action: Action;
  VisibilityConfig: Visibility;
}

export interface ResponseBody {
  ContentType: 'TEXT_PLAIN' | 'TEXT_HTML' | 'APPLICATION_JSON';
  Content: string;
}

/** What is left out of samples. */
export interface DataProtection {
  Field: { FieldType: 'SINGLE_COOKIE' | 'QUERY_STRING' };
  Action: 'SUBSTITUTION';
}

/** The part of a web ACL that an update replaces as a whole. */
export interface AclContent {
  DefaultAction: Action;
  Description?: string | undefined;
  Rules: Rule[];
  VisibilityConfig: Visibility;
  CustomResponseBodies?: Record<string, ResponseBody> | undefined;
  DataProtectionConfig?: { DataProtections: DataProtection[] } | undefined;
}

export interface Tag {
  Key: string;
  Value: string;
}

/** What web ACLs and IP sets have in common. */
interface Entity {
  name: string;
  id: string;
  arn: string;
  /** Changes whenever the entity does; an update must name the one it has seen. */
  lockToken: string;
  tags: Tag[];
}

export interface WebAcl extends Entity {
  createdMs: number;
  content: AclContent;
}

export interface IpSet extends Entity {
  description: string | undefined;
  /** In CIDR notation. */
  addresses: string[];
}

/** The statement and all those inside it. */
export function statementsIn(statement: Statement): Statement[] {
  const { AndStatement, OrStatement, NotStatement } = statement;
  const inner = [
    ...(AndStatement?.Statements ?? []),
    ...(OrStatement?.Statements ?? []),
    ...(NotStatement ? [NotStatement.Statement] : []),
  ];
  return [statement, ...inner.flatMap(statementsIn)];
}

const baseUnits = { EXACTLY: 2, STARTS_WITH: 2, CONTAINS: 10 };

/**
 * The capacity units that rules take up; each text transformation costs 10, NONE is taken to cost nothing.
 * https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-string-match.html and
 * https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-ipset-match.html
 */
export function capacityOf(rules: Rule[]): number {
  const units = ({ IPSetReferenceStatement: set, ByteMatchStatement: match }: Statement) =>
    (set ? 1 : 0) +
    (match
      ? baseUnits[match.PositionalConstraint] +
        10 * match.TextTransformations.filter(({ Type }) => Type !== 'NONE').length
      : 0);
  return rules
    .flatMap(({ Statement }) => statementsIn(Statement))
    .reduce((sum, each) => sum + units(each), 0);
}
