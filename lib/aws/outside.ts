import { Resolver } from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import { type Clock, wallClock } from '../runbook/clock';
import { PreconditionError } from '../runbook/errors';
import type { Outside } from '../upgrade/ports';

const timeoutMs = 20_000;
/** More than any page that tells whether a visitor was let in. */
const longestBodyBytes = 1_000_000;

/** How the outside is asked, when not by the machine's own name servers and straight at the address. */
export interface OutsideOptions {
  /** `host:port` of a name server. */
  dns?: string | undefined;
  /** `http://host:port` of a proxy that is given the address and the host name. */
  httpProxy?: string | undefined;
}

export interface Sent {
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body: string;
}

export interface Received {
  status: number;
  body: string;
  cookies: string[];
}

/** UPGRADE_DNS and UPGRADE_HTTP_PROXY, where they are set. */
export function outsideFromVariables(): OutsideOptions {
  return { dns: process.env.UPGRADE_DNS, httpProxy: process.env.UPGRADE_HTTP_PROXY };
}

/** Asks hosts as a visitor would: resolves the name, then asks that address for that host. Follows no redirect. */
export class Visitor implements Outside {
  private readonly resolver = new Resolver({ timeout: 3_000, tries: 3 });

  constructor(
    private readonly options: OutsideOptions = {},
    private readonly clock: Clock = wallClock,
  ) {
    if (options.dns) this.resolver.setServers([options.dns]);
  }

  async resolve(host: string): Promise<string[]> {
    try {
      return await this.clock.working(() => this.lookUp(host));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOTFOUND' || code === 'ENODATA') return [];
      throw new PreconditionError(
        'DNS_UNREACHABLE',
        {
          so: `The name ${host} cannot be resolved: ${code} from ${this.options.dns ?? "this machine's name servers"}.`,
          changed: 'Asking changed nothing.',
          next: 'Check the network and UPGRADE_DNS, then run the same command again.',
        },
        { cause: error },
      );
    }
  }

  async ask(host: string, path: string, { method = 'GET', headers = {}, body = '' }: Partial<Sent> = {}) {
    const [address] = await this.resolve(host);
    if (!address)
      throw new PreconditionError('NAME_UNKNOWN', {
        so: `The name ${host} has no address.`,
        changed: 'Asking changed nothing.',
        next: 'Compare the records with npm run status.',
      });
    const answer = await this.clock
      .working(() => this.exchange(address, host, path, { method, headers, body }))
      .catch((error) => this.unanswered(host, error));
    return answer && { ...answer, address };
  }

  /** @throws Error with the code of the name server's answer, or of the network */
  protected lookUp(host: string): Promise<string[]> {
    return this.resolver.resolve4(host);
  }

  /** @throws Error with the code of the network; ETIMEDOUT when nothing is said for too long */
  protected exchange(address: string, host: string, path: string, sent: Sent): Promise<Received> {
    const request = this.request(address, host, path, sent);
    return new Promise((resolve, reject) => {
      const silence = () =>
        Object.assign(new Error(`no answer in ${timeoutMs / 1000} seconds`), { code: 'ETIMEDOUT' });
      request.on('timeout', () => request.destroy(silence()));
      request.on('error', reject);
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        const cookies = (response.headers['set-cookie'] ?? []).map((each) => each.split(';')[0]!);
        const done = () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString(), cookies });
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          length += chunk.length;
          if (length > longestBodyBytes) {
            done();
            response.destroy();
          }
        });
        response.on('end', done);
        // Whoever was answered by half was answered.
        response.on('error', done);
      });
      request.end(sent.body);
    });
  }

  private request(
    address: string,
    host: string,
    path: string,
    { method, headers }: Sent,
  ): http.ClientRequest {
    const common = {
      method,
      headers: { host, accept: 'text/html', ...headers },
      agent: false as const,
      timeout: timeoutMs,
    };
    if (!this.options.httpProxy)
      return https.request({ ...common, host: address, port: 443, path, servername: host });
    const proxy = new URL(this.options.httpProxy);
    return http.request({
      ...common,
      host: proxy.hostname,
      port: proxy.port,
      path: `http://${address}${path}`,
    });
  }

  /** A closed connection is an answer of its own; of anything else nothing is known. */
  private unanswered(host: string, error: NodeJS.ErrnoException): undefined {
    if (error.code === 'ETIMEDOUT') throw silent(host);
    if (error.code === 'ECONNREFUSED' && this.options.httpProxy) throw this.proxyGone(error);
    if (!closed.has(error.code ?? '')) throw unasked(host, error);
  }

  private proxyGone(cause: Error): PreconditionError {
    return new PreconditionError(
      'PROXY_UNREACHABLE',
      {
        so: `The proxy ${this.options.httpProxy} cannot be reached.`,
        changed: 'Asking changed nothing.',
        next: 'Check UPGRADE_HTTP_PROXY, then run the same command again.',
      },
      { cause },
    );
  }
}

/** Nothing listens there, or it hangs up without a word. */
const closed = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE']);

/** Silence is no refusal: it proves nothing about who would be let in. */
function silent(host: string): PreconditionError {
  return new PreconditionError('HOST_SILENT', {
    so: `${host} did not answer within ${timeoutMs / 1000} seconds.`,
    changed: 'Asking changed nothing.',
    next: 'Look with npm run status, then run the same command again.',
  });
}

function unasked(host: string, cause: Error): PreconditionError {
  return new PreconditionError(
    'HOST_UNREACHABLE',
    {
      so: `${host} cannot be asked: ${cause.message}.`,
      changed: 'Asking changed nothing.',
      next: 'Check the network and the certificate of that host, then run the same command again.',
    },
    { cause },
  );
}
