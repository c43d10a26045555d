import { randomUUID } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { z } from 'zod';
import { AwsError, notModelled } from './errors';
import { parseForm, queryAnswer, queryError, toXml } from './protocol/query';
import type { Call, OperationService, RestAnswer, RestRequest, Service } from './service';

export interface ServerOptions {
  services: Service[];
  port?: number;
  region: string;
  now: () => Date;
  /** Told of every call and its outcome. */
  onCall?: (call: Call, outcome: 'ok' | AwsError) => void;
  /** Told of faults of the sandbox itself; the client gets a 400, since it would retry a 5xx for a minute. */
  onFault?: (call: Call, error: unknown) => void;
}

export interface RunningServer {
  port: number;
  origin: string;
  close: () => Promise<void>;
}

/** One port for all services: which one is meant stands in the credential scope that every client signs with. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
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
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: http.IncomingMessage,
  services: Map<string, Service>,
  options: ServerOptions,
): Promise<RestAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const url = new URL(request.url ?? '/', `http://${request.headers.host ?? '127.0.0.1'}`);
  const scope = credentialScope(request, url);
  const call: Call = { ...scope, action: '', requestId: randomUUID() };
  const service = services.get(scope.service);
  if (!service) return refusal(call, unknownService(scope.service));
  const rest: RestRequest = {
    method: request.method ?? 'GET',
    path: decodeURIComponent(url.pathname),
    query: url.searchParams,
    headers: request.headers as RestRequest['headers'],
    body,
    origin: url.origin,
  };
  const respond = service.protocol === 'rest-xml' ? undefined : service;
  try {
    const reply =
      service.protocol === 'rest-xml' ? await service.handle(rest, call) : await operate(service, rest, call);
    options.onCall?.(call, 'ok');
    return reply;
  } catch (error) {
    const refused =
      error instanceof AwsError
        ? error
        : new AwsError('SandboxFault', `The sandbox failed: ${String(error)}`);
    if (refused === error) options.onCall?.(call, refused);
    else options.onFault?.(call, error);
    if (service.protocol === 'rest-xml' && service.refuse) return service.refuse(refused, call);
    return refusal(call, refused, respond);
  }
}

async function operate(service: OperationService, request: RestRequest, call: Call): Promise<RestAnswer> {
  const form = service.protocol === 'json' ? jsonBody(request) : parseForm(request.body.toString());
  call.action =
    service.protocol === 'json'
      ? (request.headers['x-amz-target'] ?? '').replace(`${service.namespace}.`, '')
      : String(form.Action ?? '');
  const operation = service.operations[call.action];
  if (!operation) throw notModelled(`${service.name} ${call.action || '(no action)'}`);
  if (service.protocol !== 'json') {
    delete form.Action;
    delete form.Version;
  }
  const parsed = operation.input.safeParse(form);
  if (!parsed.success) throw invalid(service, call, parsed.error);
  const output = await operation.act(parsed.data as never, call);
  if (service.protocol === 'json')
    return {
      status: 200,
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': call.requestId },
      body: JSON.stringify(output ?? {}),
    };
  return { status: 200, headers: { 'content-type': 'text/xml' }, body: queryAnswer(service, call, output) };
}

function jsonBody(request: RestRequest): Record<string, unknown> {
  return request.body.length === 0 ? {} : JSON.parse(request.body.toString());
}

function invalid(service: OperationService, call: Call, error: z.ZodError): AwsError {
  const faults = error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `the sandbox does not model ${issue.keys.map((key) => [...issue.path, key].join('.')).join(', ')}`
      : `${issue.path.join('.') || 'input'}: ${issue.message}`,
  );
  const code = service.protocol === 'json' ? 'ValidationException' : 'ValidationError';
  return new AwsError(code, `${service.name} ${call.action}: ${faults.join('; ')}`);
}

/** Errors travel in each protocol's own form; the restful services' is S3's, unless they answer themselves. */
function refusal(call: Call, error: AwsError, service?: OperationService): RestAnswer {
  if (service?.protocol === 'json')
    return {
      status: error.status,
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': error.code },
      body: JSON.stringify({ __type: error.code, message: error.message, Message: error.message }),
    };
  const body = service
    ? queryError(service, call, error)
    : toXml({ Error: { Code: error.code, Message: error.message, RequestId: call.requestId } });
  return { status: error.status, headers: { 'content-type': 'text/xml' }, body };
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

function credentialScope(request: http.IncomingMessage, url: URL) {
  const text = request.headers.authorization ?? url.searchParams.get('X-Amz-Credential') ?? '';
  const match = /(?:Credential=)?([^/\s=,]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/.exec(text);
  return { accessKeyId: match?.[1] ?? '', region: match?.[2] ?? '', service: match?.[3] ?? '' };
}
