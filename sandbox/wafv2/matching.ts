import { BlockList } from 'node:net';
import type { WebRequest } from '../world';
import type { ByteMatch, CookiePart, IpSet, Rule, Statement, TextTransformation } from './rules';

/** What AWS WAF looks at. */
export interface Inspected {
  request: WebRequest;
  clientAddress: string;
  ipSets: ReadonlyMap<string, IpSet>;
}

/** The first rule that matches, by priority; all modelled actions end the evaluation. */
export function firstMatch(rules: Rule[], inspected: Inspected): Rule | undefined {
  return rules
    .toSorted((a, b) => a.Priority - b.Priority)
    .find(({ Statement }) => matches(Statement, inspected));
}

function matches(statement: Statement, inspected: Inspected): boolean {
  const { IPSetReferenceStatement: set, ByteMatchStatement: match } = statement;
  const { AndStatement: and, OrStatement: or, NotStatement: not } = statement;
  const each = (inner: Statement) => matches(inner, inspected);
  if (set) return contains(inspected.ipSets.get(set.ARN)?.addresses ?? [], inspected.clientAddress);
  if (match) return stringMatches(match, inspected.request);
  if (and) return and.Statements.every(each);
  if (or) return or.Statements.some(each);
  return not !== undefined && !each(not.Statement);
}

function contains(blocks: string[], address: string): boolean {
  const list = new BlockList();
  for (const block of blocks) {
    const [network = '', bits] = block.split('/');
    list.addSubnet(network, Number(bits), 'ipv4');
  }
  return list.check(address);
}

function stringMatches(match: ByteMatch, request: WebRequest): boolean {
  const found = partsOf(match.FieldToMatch, request);
  if (typeof found === 'boolean') return found;
  // Node reads headers as Latin-1, one character for each byte.
  const sought = Buffer.from(match.SearchString, 'base64').toString('latin1');
  return found.some(
    (part) => part !== undefined && fits(match, transformed(part, match.TextTransformations), sought),
  );
}

/** What is looked at; or whether the statement matches, where there is more than is looked at. */
function partsOf(field: ByteMatch['FieldToMatch'], request: WebRequest): (string | undefined)[] | boolean {
  const { SingleHeader: header, Cookies: cookies, SingleQueryArgument: argument } = field;
  const [path, query = ''] = request.path.split(/\?(.*)/s);
  if (cookies) return cookieParts(cookies, headerOf(request, 'cookie') ?? '');
  if (argument) return argumentsNamed(argument.Name, query);
  return [header ? headerOf(request, header.Name) : path];
}

/** By names that are the same in capitals; values as they were sent, encoded. */
function argumentsNamed(name: string, query: string): string[] {
  return query
    .split('&')
    .map((argument) => argument.split(/=(.*)/s))
    .filter(([key = '']) => key.toLowerCase() === name.toLowerCase())
    .map(([, value = '']) => value);
}

function fits({ PositionalConstraint: where }: ByteMatch, part: string, sought: string): boolean {
  if (where === 'EXACTLY') return part === sought;
  return where === 'STARTS_WITH' ? part.startsWith(sought) : part.includes(sought);
}

function transformed(part: string, transformations: TextTransformation[]): string {
  return transformations.some(({ Type }) => Type === 'LOWERCASE')
    ? part.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
    : part;
}

/** The names of headers are the same in capitals: https://www.rfc-editor.org/rfc/rfc9110#section-5.1 */
function headerOf(request: WebRequest, name: string): string | undefined {
  const all = Object.entries({ host: request.host, ...request.headers });
  return all.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

/** https://docs.aws.amazon.com/waf/latest/developerguide/waf-oversize-request-components.html */
const longestCookiesBytes = 8_192;
const mostCookies = 200;

/** The keys and values to look at; or whether the statement matches, where there is more than is looked at. */
function cookieParts(wanted: CookiePart, text: string): string[] | boolean {
  const all = text.split(';');
  const oversize = text.length > longestCookiesBytes || all.length > mostCookies;
  if (oversize && wanted.OversizeHandling !== 'CONTINUE') return wanted.OversizeHandling === 'MATCH';
  const { IncludedCookies: included } = wanted.MatchPattern;
  return text
    .slice(0, longestCookiesBytes)
    .split(';')
    .slice(0, mostCookies)
    .map((cookie) => cookie.trim().split(/=(.*)/s) as [string, string?])
    .filter(([key]) => key !== '' && (included?.includes(key) ?? true))
    .flatMap(([key, value = '']) => {
      if (wanted.MatchScope === 'ALL') return [key, value];
      return wanted.MatchScope === 'KEY' ? [key] : [value];
    });
}
