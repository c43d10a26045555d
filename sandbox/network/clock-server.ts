import net from 'node:net';
import { z } from 'zod';
import type { Clock } from '../clock';
import type { RegisteredClient } from '../registered-clients';

export interface RunningClockServer {
  port: number;
  close: () => Promise<void>;
}

const message = z.union([
  z.strictObject({ rest: z.number().int().nonnegative() }),
  z.strictObject({ work: z.literal(true) }),
  z.strictObject({ person: z.literal(true) }),
]);

/** No message needs more. */
const longestLine = 100;

/**
 * Lets clients register with the sandbox's clock, on loopback: whoever is connected is registered, so that one that is
 * killed holds up nobody. Messages are lines of JSON. A client says `{"rest": ms}` (time may be skipped to then),
 * `{"work": true}` or `{"person": true}`; it is working until it says so, and again when its rest is over. It is told
 * `{"nowMs": ms}` at once, whenever time was skipped and at the end of each rest.
 */
export async function startClockServer(
  clock: Clock,
  options: { port?: number } = {},
): Promise<RunningClockServer> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(socket, clock);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as net.AddressInfo).port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function serve(socket: net.Socket, clock: Clock): void {
  const say = (fact: object) => `${JSON.stringify(fact)}\n`;
  socket.setNoDelay(true);
  socket.setEncoding('utf8');
  // A client that is gone is no fault: its end closes the connection.
  socket.on('error', () => {});
  const client = clock.clients.register((nowMs) => socket.write(say({ nowMs: Math.round(nowMs) })));
  socket.on('close', () => clock.clients.leave(client));
  let pending = '';
  const hear = (chunk: string) => {
    const lines = (pending + chunk).split('\n');
    pending = lines.pop() ?? '';
    for (const line of pending.length > longestLine ? [...lines, pending] : lines) {
      const refusal = obey(client, line);
      if (refusal === undefined) continue;
      clock.clients.leave(client);
      socket.off('data', hear).resume();
      socket.end(say({ refused: refusal }));
      return;
    }
  };
  socket.on('data', hear);
}

/** Does what a line says; returns why it is refused. */
function obey(client: RegisteredClient, line: string): string | undefined {
  if (line.length > longestLine) return `The sandbox's clock reads lines of up to ${longestLine} characters.`;
  const said = message.safeParse(parsed(line));
  if (!said.success)
    return `The sandbox's clock does not understand ${line}, only {"rest":MS}, {"work":true} and {"person":true}.`;
  if ('work' in said.data) client.work();
  else if ('person' in said.data) client.yieldTime();
  else client.restUntil(said.data.rest);
  return undefined;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
