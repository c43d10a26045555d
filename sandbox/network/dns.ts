import dgram from 'node:dgram';
import net from 'node:net';
import { answerTo, type NameServer } from './dns-answer';

export interface RunningDnsServer {
  /** Of both UDP and TCP. */
  port: number;
  close: () => Promise<void>;
}

/** Serves DNS on loopback, UDP and TCP on one port, for `dig @127.0.0.1 -p PORT` and resolvers with a server of choice. */
export async function startDnsServer(
  names: NameServer,
  options: { port?: number } = {},
): Promise<RunningDnsServer> {
  const tcp = net.createServer((socket) => serveStream(socket, names));
  const port = await listenTcp(tcp, options.port ?? 0);
  const udp = dgram.createSocket('udp4');
  udp.on('message', (message, from) => {
    const reply = answerTo(message, names, 'udp');
    if (reply) udp.send(reply, from.port, from.address);
  });
  await bindUdp(udp, port);
  const sockets = new Set<net.Socket>();
  tcp.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  return {
    port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await Promise.all([
        new Promise<void>((resolve) => udp.close(() => resolve())),
        new Promise<void>((resolve) => tcp.close(() => resolve())),
      ]);
    },
  };
}

function listenTcp(server: net.Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as net.AddressInfo).port));
  });
}

function bindUdp(socket: dgram.Socket, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, '127.0.0.1', () => {
      socket.off('error', reject);
      // Errors of single datagrams, such as a client that is gone, concern nobody else.
      socket.on('error', () => {});
      resolve();
    });
  });
}

/** On a stream, each message follows its length in two bytes. */
function serveStream(socket: net.Socket, names: NameServer): void {
  let pending = Buffer.alloc(0);
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
      const end = 2 + pending.readUInt16BE(0);
      const reply = answerTo(pending.subarray(2, end), names, 'tcp');
      pending = pending.subarray(end);
      if (!reply) {
        socket.destroy();
        return;
      }
      const length = Buffer.alloc(2);
      length.writeUInt16BE(reply.length);
      socket.write(Buffer.concat([length, reply]));
    }
  });
}
