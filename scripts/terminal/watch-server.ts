import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type LiveFeed, livePolicy, type Parts } from '../../lib/report/page/live-page';
import { UsageError } from '../../lib/runbook/errors';

/** A page that goes along with a run, for the others on the call. It is read, and nothing else. */
export interface Watching {
  url: string;
  /** Tells whoever watches how it ended, and serves no more. */
  end(): Promise<void>;
}

const everyMs = 1000;
const mostViewers = 100;

/**
 * Serves a page on this machine alone.
 * @throws UsageError WATCH_PORT_TAKEN
 */
export async function serve(port: number, feed: LiveFeed): Promise<Watching> {
  const viewers = new Set<Viewer>();
  const server = createServer((request, response) => {
    const refusal = refusalOf(request);
    if (refusal) return answer(response, refusal, `${http[refusal]}\n`, 'text/plain; charset=utf-8');
    if (pathOf(request) === '/') return answer(response, 200, feed.page(), 'text/html; charset=utf-8');
    const viewer = new Viewer(response);
    viewers.add(viewer);
    response.on('close', () => viewers.delete(viewer));
    viewer.tell(feed);
  });
  server.maxConnections = mostViewers;
  await listening(server, port);
  const timer = setInterval(() => {
    for (const viewer of viewers) viewer.tell(feed);
  }, everyMs).unref();
  // Whoever watches does not hold up the end of a command.
  server.unref();
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}/`,
    end: async () => {
      clearInterval(timer);
      for (const viewer of viewers) viewer.end(feed);
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeIdleConnections();
      });
    },
  };
}

/** What one browser was told. */
class Viewer {
  private sent: Parts = {};

  constructor(private readonly response: ServerResponse) {
    response.writeHead(200, { ...headers, 'content-type': 'text/event-stream; charset=utf-8' });
  }

  /** What has changed; one that does not listen is told later, and then only what is so. */
  tell(feed: LiveFeed): void {
    if (this.response.writableNeedDrain) return;
    const { parts, ...rest } = feed.told();
    const changed = Object.entries(parts).filter(([id, { markup }]) => this.sent[id]?.markup !== markup);
    this.sent = parts;
    this.response.write(`data: ${JSON.stringify({ ...rest, parts: Object.fromEntries(changed) })}\n\n`);
  }

  end(feed: LiveFeed): void {
    this.tell(feed);
    this.response.end();
  }
}

/** https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Cross-Origin-Resource-Policy */
const headers = {
  'content-security-policy': livePolicy,
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

const http = {
  404: 'There is nothing here.',
  405: 'This page can only be read.',
  421: 'This page is served on the loopback address alone.',
};

/**
 * A page of somebody else's whose name leads here asks under that name, and would read what it is told.
 * https://owasp.org/www-community/attacks/DNS_Rebinding
 */
function refusalOf(request: IncomingMessage): keyof typeof http | undefined {
  if (!loopback.test(request.headers.host ?? '')) return 421;
  if (request.method !== 'GET') return 405;
  return ['/', '/events'].includes(pathOf(request)) ? undefined : 404;
}

const loopback = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i;

const pathOf = ({ url = '/' }: IncomingMessage) => url.split('?')[0]!;

function answer(response: ServerResponse, status: number, text: string, type: string): void {
  const allow = status === 405 ? { allow: 'GET' } : {};
  response.writeHead(status, { ...headers, ...allow, 'content-type': type, connection: 'close' }).end(text);
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new UsageError(
          'WATCH_PORT_TAKEN',
          {
            so: `Nothing can be served on 127.0.0.1:${port}: ${cause.message}.`,
            changed: 'Nothing was changed.',
            next: `Name another port: --watch ${port + 1}.`,
          },
          { cause },
        ),
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
}
