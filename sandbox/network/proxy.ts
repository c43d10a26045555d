import http from 'node:http';
import { isIPv4 } from 'node:net';
import { type Listening, listening } from '../listening';
import type { WebRequest, WebResponse, World } from '../world';

/** These say how a message travels on one connection, so they are never passed on. */
const hopByHop = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/** Says from where the request comes. It is meant for the proxy and goes no further. */
const clientAddressHeader = 'sandbox-client-address';

const plainOnly = 'The sandbox serves plain http only: ask this proxy for http:// instead of https://.\n';

/**
 * The way from the laptop to the sandbox's load balancers: a forward proxy on loopback.
 *
 * `GET http://ADDRESS/path` with a Host header goes to the load balancer at that address, whatever the name means by
 * now: so an answer that a client held too long leads to the old side. `GET http://NAME/path` is resolved first.
 * The header `Sandbox-Client-Address` gives the address that the request comes from.
 */
export async function startProxy(
  world: Pick<World, 'clock' | 'zones' | 'beanstalk'>,
  options: { port?: number } = {},
): Promise<Listening> {
  const server = http.createServer((request, response) => {
    forward(world, request).then(
      (reply) => send(request, response, reply),
      (error) => refuse(response, 400, `The sandbox failed: ${String(error)}\n`),
    );
  });
  server.on('connect', (_request, socket) => {
    socket.on('error', () => {});
    socket.end(
      `HTTP/1.1 405 Method Not Allowed\r\ncontent-type: text/plain\r\ncontent-length: ${plainOnly.length}\r\nconnection: close\r\n\r\n${plainOnly}`,
    );
  });
  return listening(server, options.port);
}

/** A refusal of the proxy's own, told from the answers of what is behind it by its header. */
function own(status: number, body: string): WebResponse {
  return { status, headers: { 'content-type': 'text/plain', 'x-sandbox-proxy': 'refused' }, body };
}

async function forward(
  world: Pick<World, 'clock' | 'zones' | 'beanstalk'>,
  request: http.IncomingMessage,
): Promise<WebResponse | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const url = URL.canParse(request.url ?? '') ? new URL(request.url!) : undefined;
  if (!url)
    return own(
      400,
      'This is a forward proxy: use it as `curl -x`, or name the whole address, http://NAME/path.\n',
    );
  if (url.protocol !== 'http:') return own(400, plainOnly);
  if (url.port !== '')
    return own(400, `The sandbox does not model port ${url.port}: its load balancers listen on 80.\n`);
  const address = isIPv4(url.hostname) ? url.hostname : currentAddress(world, url.hostname);
  if (!address) return own(502, `The name ${url.hostname} leads to no address in the sandbox's DNS.\n`);
  const from = request.headers[clientAddressHeader];
  if (from !== undefined && !isIPv4(String(from)))
    return own(400, `Sandbox-Client-Address is no IPv4 address: ${from}\n`);
  const body = Buffer.concat(chunks).toString();
  // An activity, so that time does not jump while the request is being served.
  return world.clock.run(`request through the proxy to ${address}`, () =>
    world.beanstalk.serve(address, webRequest(request, url, body)),
  );
}

function currentAddress(world: Pick<World, 'zones'>, name: string): string | undefined {
  return world.zones.resolve(name, 'A').find((answer) => answer.type === 'A')?.value;
}

function webRequest(request: http.IncomingMessage, url: URL, body: string): WebRequest {
  const headers = Object.entries(request.headers).flatMap(([name, value]) =>
    value === undefined || hopByHop.has(name) || name === clientAddressHeader
      ? []
      : [[name, Array.isArray(value) ? value.join(', ') : value]],
  );
  return {
    method: request.method ?? 'GET',
    path: `${url.pathname}${url.search}`,
    host: request.headers.host ?? url.hostname,
    headers: Object.fromEntries(headers),
    body,
    clientAddress: request.headers[clientAddressHeader] as string | undefined,
  };
}

function send(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  reply: WebResponse | undefined,
): void {
  if (!reply) {
    response.destroy();
    return;
  }
  const headers = Object.fromEntries(
    Object.entries(reply.headers).filter(([name]) => !hopByHop.has(name.toLowerCase())),
  );
  response.writeHead(reply.status, { ...headers, 'content-length': Buffer.byteLength(reply.body) });
  response.end(request.method === 'HEAD' ? undefined : reply.body);
}

function refuse(response: http.ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(text);
}
