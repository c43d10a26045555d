import { randomUUID } from 'node:crypto';
import http from 'node:http';
import type { z } from 'zod';
import { AwsError, notModelled } from './errors';
import { type Listening, listening } from './listening';
import { parseForm, queryAnswer, queryError, toXml } from './protocol/query';
import { unknownOperation, unknownParameter, wrongRegion, wrongSignature } from './protocol/refusals';
import { isSignedWith } from './protocol/signature';
import type { Call, Operation, OperationService, RestAnswer, RestRequest, Service } from './service';

export interface ServerOptions {
  services: Service[];
  port?: number;
  region: string;
  now: () => Date;
  /** The secret of an access key, where signatures are verified. */
  secretOf?: (accessKeyId: string) => string | undefined;
  /** Told of every call and its outcome. */
  onCall?: (call: Call, outcome: 'ok' | AwsError) => void;
  /** Told of faults of the sandbox itself; the client gets a 400, since it would retry a 5xx for a minute. */
  onFault?: (call: Call, error: unknown) => void;
}

/** One port for all services: which one is meant stands in the credential scope that every client signs with. */
export async function startServer(options: ServerOptions): Promise<Listening> {
  const byName = new Map(options.services.map((service) => [service.name, service]));
  const server = http.createServer((request, response) => {
    answer(request, byName, options).then(
      (reply) => {
        const headers: Record<string, string> = {
          date: options.now().toUTCString(),
          // Clients of AWS take a strange date for their own clock's error and retry every refusal, unless a cache
          // answered, as an age says.
          age: '0',
          ...reply.headers,
        };
        response.writeHead(reply.status, headers).end(reply.body);
      },
      (error) => response.destroy(error),
    );
  });
  server.keepAliveTimeout = 60_000;
  return listening(server, options.port);
}

const formType = 'application/x-www-form-urlencoded';
const jsonType = 'application/x-amz-json-1.1';
/** More than the longest object that anything here has reason to send. */
const longestBodyBytes = 64 * 1024 * 1024;
/** Their clients sign for us-east-1, wherever they are. https://docs.aws.amazon.com/general/latest/gr/rande.html#global-endpoints */
const withoutRegion = new Set(['iam', 'route53', 'sts']);

async function answer(
  request: http.IncomingMessage,
  services: Map<string, Service>,
  options: ServerOptions,
): Promise<RestAnswer> {
  const body = await bodyOf(request);
  const { path, query, rawQuery } = parseTarget(request.url ?? '/');
  const call: Call = { ...credentialScope(request, query), action: '', requestId: randomUUID() };
  const service = services.get(call.service);
  const refuse = (error: AwsError) => {
    if (!service) return refusal(call, error, styleOf(request, call));
    if (service.protocol !== 'rest-xml') return refusal(call, error, service);
    return service.refuse?.(error, call) ?? refusal(call, error);
  };
  try {
    if (!service) throw unknownService(call.service);
    if (call.region !== options.region && !withoutRegion.has(call.service))
      throw wrongRegion(service, call.region, options.region);
    const rest: RestRequest = {
      method: request.method ?? 'GET',
      path: decodedPath(path),
      query,
      headers: request.headers as RestRequest['headers'],
      body: withinLimit(body),
    };
    const secret = options.secretOf?.(call.accessKeyId);
    if (secret !== undefined && !isSignedWith(secret, service.name, { ...rest, path, query: rawQuery }))
      throw wrongSignature(service);
    const reply =
      service.protocol === 'rest-xml' ? await service.handle(rest, call) : await operate(service, rest, call);
    options.onCall?.(call, 'ok');
    return reply;
  } catch (error) {
    if (error instanceof AwsError) {
      options.onCall?.(call, error);
      return refuse(error);
    }
    options.onFault?.(call, error);
    return refuse(new AwsError('SandboxFault', `The sandbox failed: ${String(error)}`));
  }
}

/** Undefined when it is too long: what follows is read all the same, or the client would not see the answer. */
async function bodyOf(request: http.IncomingMessage): Promise<Buffer | undefined> {
  let chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > longestBodyBytes) chunks = [];
    else chunks.push(chunk);
  }
  return length > longestBodyBytes ? undefined : Buffer.concat(chunks);
}

function withinLimit(body: Buffer | undefined): Buffer {
  if (body) return body;
  throw new AwsError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size');
}

/** Not by URL, which would fold `..` in the keys of objects and throws at what it does not like. */
function parseTarget(target: string): { path: string; query: URLSearchParams; rawQuery: string } {
  const [, path = '', rawQuery = ''] = /^(?:https?:\/\/[^/?]*)?([^?]*)\??(.*)$/s.exec(target) ?? [];
  return { path, query: new URLSearchParams(rawQuery), rawQuery };
}

function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new AwsError('InvalidURI', "Couldn't parse the specified URI.");
  }
}

async function operate(service: OperationService, request: RestRequest, call: Call): Promise<RestAnswer> {
  const form = service.protocol === 'json' ? jsonBody(request) : formBody(request);
  call.action =
    service.protocol === 'json'
      ? (request.headers['x-amz-target'] ?? '').replace(`${service.namespace}.`, '')
      : String(form.Action ?? '');
  if (!Object.hasOwn(service.operations, call.action)) throw unknownOperation(service, call.action);
  const operation = service.operations[call.action] as Operation;
  if (service.protocol !== 'json') {
    checkVersion(service, form.Version);
    delete form.Action;
    delete form.Version;
  }
  const parsed = operation.input.safeParse(form);
  if (!parsed.success) throw invalid(service, call, parsed.error);
  const output = await operation.act(parsed.data as never, call);
  const [type, text] =
    service.protocol === 'json'
      ? [jsonType, JSON.stringify(output ?? {})]
      : ['text/xml', queryAnswer(service, call, output)];
  return {
    status: 200,
    headers: { 'content-type': type, 'x-amzn-requestid': call.requestId },
    body: text,
  };
}

/** Services share their signing name with older ones: classic load balancers are another API of the same service. */
function checkVersion({ name, namespace }: OperationService, asked: unknown): void {
  const own = /\d{4}-\d\d-\d\d/.exec(namespace)?.[0];
  if (own !== undefined && asked !== undefined && asked !== own)
    throw notModelled(`version ${asked} of the API of ${name}, only ${own}`);
}

/** What says that it is no form is not read as one, so nothing is asked for. */
function formBody({ headers, body }: RestRequest): Record<string, unknown> {
  const type = headers['content-type'] ?? formType;
  return type.startsWith(formType) ? parseForm(body.toString()) : {};
}

function jsonBody(request: RestRequest): Record<string, unknown> {
  const type = request.headers['content-type'] ?? jsonType;
  if (!type.startsWith(jsonType))
    throw new AwsError('SerializationException', `The body is ${type}, not ${jsonType}.`);
  try {
    return request.body.length === 0 ? {} : JSON.parse(request.body.toString());
  } catch {
    throw new AwsError('SerializationException', 'The body of the request is not JSON.');
  }
}

function invalid(service: OperationService, call: Call, error: z.ZodError): AwsError {
  const faults = error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `the sandbox does not model ${issue.keys.map((key) => [...issue.path, key].join('.')).join(', ')}`
      : `${issue.path.join('.') || 'input'}: ${issue.message}`,
  );
  if (service.name === 'ec2') return unknownParameter(error, faults);
  const usual = service.protocol === 'json' ? 'ValidationException' : 'ValidationError';
  return new AwsError(service.invalidInput ?? usual, `${service.name} ${call.action}: ${faults.join('; ')}`);
}

/** What an error's form depends on. */
type Style = Pick<OperationService, 'protocol' | 'namespace'>;

/** Errors travel in each protocol's own form; the restful services' is S3's, unless they answer themselves. */
function refusal(call: Call, error: AwsError, style?: Style): RestAnswer {
  if (style?.protocol === 'json')
    return {
      status: error.status,
      headers: { 'content-type': jsonType, 'x-amzn-errortype': error.code },
      body: JSON.stringify({ __type: error.code, message: error.message, Message: error.message }),
    };
  const body = style
    ? queryError(style, call, error)
    : toXml({ Error: { Code: error.code, Message: error.message, RequestId: call.requestId } });
  return { status: error.status, headers: { 'content-type': 'text/xml' }, body };
}

/** In which form the client of a service that is not here would understand an error: most speak JSON. */
function styleOf(request: http.IncomingMessage, call: Call): Style | undefined {
  if (request.headers['content-type']?.startsWith(formType)) return { protocol: 'query', namespace: '' };
  return call.service === '' && !request.headers['x-amz-target']
    ? undefined
    : { protocol: 'json', namespace: '' };
}

function unknownService(name: string): AwsError {
  return name === ''
    ? new AwsError(
        'MissingAuthenticationToken',
        'The request carries no signature that names a service.',
        403,
      )
    : notModelled(`the service ${name}`);
}

function credentialScope(request: http.IncomingMessage, query: URLSearchParams) {
  const text = request.headers.authorization ?? query.get('X-Amz-Credential') ?? '';
  const match = /(?:Credential=)?([^/\s=,]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/.exec(text);
  return { accessKeyId: match?.[1] ?? '', region: match?.[2] ?? '', service: match?.[3] ?? '' };
}
