import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** A request as it came, nothing decoded. */
export interface SignedRequest {
  method: string;
  path: string;
  query: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

interface Signature {
  scope: string[];
  signedHeaders: string[];
  given: string;
  /** In the query, as in a presigned URL, and not in a header. */
  inQuery: boolean;
}

/**
 * Whether the request was signed with this secret. Its date is not looked at: the sandbox's time is not the clients'.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function isSignedWith(secret: string, service: string, request: SignedRequest): boolean {
  const query = parametersIn(request.query);
  const signature = signatureIn(request.headers.authorization, query);
  if (!signature) return false;
  const [day = '', region = ''] = signature.scope;
  const date = String(request.headers['x-amz-date'] ?? query.get('X-Amz-Date') ?? '');
  const canonical = canonicalRequest(service, request, query, signature);
  const toSign = ['AWS4-HMAC-SHA256', date, signature.scope.join('/'), hash(canonical)].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce<Buffer | string>(
    (last, word) => hmac(last, word),
    `AWS4${secret}`,
  );
  return hmac(key, toSign).toString('hex') === signature.given;
}

function signatureIn(header: string | undefined, query: Map<string, string>): Signature | undefined {
  const fields = header
    ? new Map([...header.matchAll(/(\w+)=([^,\s]+)/g)].map(([, name, value]) => [name!, value!]))
    : new Map([...query].map(([name, value]) => [name.replace('X-Amz-', ''), value]));
  const [, ...scope] = (fields.get('Credential') ?? '').split('/');
  const given = fields.get('Signature');
  const signedHeaders = fields.get('SignedHeaders')?.split(';');
  return given && signedHeaders ? { scope, signedHeaders, given, inQuery: !header } : undefined;
}

function canonicalRequest(
  service: string,
  { method, path, headers, body }: SignedRequest,
  query: Map<string, string>,
  { signedHeaders, inQuery }: Signature,
): string {
  const parameters = [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort();
  const lines = signedHeaders.map(
    (name) =>
      `${name}:${String(headers[name] ?? '')
        .trim()
        .replace(/ +/g, ' ')}\n`,
  );
  const stated =
    headers['x-amz-content-sha256'] ?? (inQuery && service === 's3' ? 'UNSIGNED-PAYLOAD' : undefined);
  return [
    method,
    // S3 alone takes the path as it is sent; to the others it is encoded once more.
    service === 's3' ? path : path.split('/').map(encoded).join('/'),
    parameters.join('&'),
    lines.join(''),
    signedHeaders.join(';'),
    stated ?? hash(body),
  ].join('\n');
}

/** Names and values, decoded; the first of those that are named twice. */
function parametersIn(query: string): Map<string, string> {
  const pairs = query.split('&').filter((pair) => pair !== '');
  return new Map(
    pairs.map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return [decoded(name), decoded(value.join('='))];
    }),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

const encoded = (text: string) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
const hash = (text: string | Buffer) => createHash('sha256').update(text).digest('hex');
const hmac = (key: Buffer | string, text: string) => createHmac('sha256', key).update(text).digest();
