import { isAlias, isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import { AwsError, notModelled } from '../errors';
import type { Buckets } from '../world';

/** The longest template that travels in a request, in bytes. */
const longestBody = 51_200;

export interface TemplateSource {
  TemplateBody?: string | undefined;
  TemplateURL?: string | undefined;
}

/** The text of a template given in the request or by the address of an object in the sandbox's own S3. */
export function readTemplateText(source: TemplateSource, buckets: Buckets): string | undefined {
  const { TemplateBody: body, TemplateURL: url } = source;
  if (body !== undefined && url !== undefined)
    throw new AwsError('ValidationError', 'You cannot specify both TemplateBody and TemplateURL');
  if (body !== undefined && Buffer.byteLength(body) > longestBody)
    throw new AwsError(
      'ValidationError',
      "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to 51200",
    );
  return url === undefined ? body : fetchObject(url, buckets);
}

function fetchObject(url: string, buckets: Buckets): string {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (!address || !['127.0.0.1', 'localhost'].includes(address.hostname))
    throw notModelled(`a TemplateURL outside its own S3 (${url})`);
  const [bucket = '', ...key] = decodeURIComponent(address.pathname).slice(1).split('/');
  const object = buckets.get(bucket, key.join('/'));
  if (!object) throw new AwsError('ValidationError', 'S3 error: The specified key does not exist.');
  return object.toString();
}

/** Reads JSON, or YAML with the short forms of the intrinsic functions (`!Ref`, `!Sub`, ...). */
export function parseTemplateText(text: string): unknown {
  if (text.trimStart().startsWith('{')) return parseJson(text);
  const document = parseDocument(text, { version: '1.1', logLevel: 'silent' });
  const fault = document.errors[0];
  if (fault)
    throw new AwsError('ValidationError', `Template format error: YAML not well-formed. ${fault.message}`);
  return plain(document.contents);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AwsError('ValidationError', `Template format error: JSON not well-formed. ${String(error)}`);
  }
}

function plain(node: Node | null | unknown): unknown {
  if (node === null || node === undefined) return null;
  if (isAlias(node)) throw notModelled('YAML aliases in templates');
  const value = isMap(node)
    ? Object.fromEntries(node.items.map((pair) => [keyOf(pair.key), plain(pair.value)]))
    : isSeq(node)
      ? node.items.map(plain)
      : isScalar(node)
        ? scalar(node.value, node.source)
        : node;
  const tag = (node as Node & { tag?: string }).tag;
  return tag?.startsWith('!') && !tag.startsWith('!!') ? longForm(tag.slice(1), value) : value;
}

/** A date such as a policy's `2012-10-17` stays the text that was written, and so do `y` and `n`. */
function scalar(value: unknown, source: string | undefined): unknown {
  return value instanceof Date || (typeof value === 'boolean' && source?.length === 1) ? source : value;
}

/** A name is text, even one such as `No` or `404`. */
function keyOf(key: unknown): string {
  return isScalar(key) ? (key.source ?? String(key.value)) : String(plain(key));
}

function longForm(name: string, value: unknown): unknown {
  if (name === 'Ref' || name === 'Condition') return { [name]: value };
  if (name !== 'GetAtt' || typeof value !== 'string') return { [`Fn::${name}`]: value };
  const [logicalId, ...attribute] = value.split('.');
  return { 'Fn::GetAtt': [logicalId, attribute.join('.')] };
}
