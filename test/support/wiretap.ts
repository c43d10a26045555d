import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between this machine and the sandbox, and keeps all that goes by, in both directions. */
export class Wiretap {
  private readonly heard: Buffer[][] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async open(origin: string): Promise<Wiretap> {
    const { hostname, port } = new URL(origin);
    const server = createServer((near) => tap.join(near, connect(Number(port), hostname)));
    const tap = new Wiretap(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return tap;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  text(): string {
    return this.heard.map((chunks) => Buffer.concat(chunks).toString('latin1')).join('\n');
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(near: Socket, far: Socket): void {
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      const chunks: Buffer[] = [];
      this.heard.push(chunks);
      this.sockets.add(from);
      from.on('data', (chunk) => chunks.push(chunk)).on('error', () => {});
      from.on('close', () => this.sockets.delete(from));
      from.pipe(to);
    }
  }
}
