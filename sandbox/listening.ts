import type http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that is reached on this machine alone. */
export interface Listening {
  port: number;
  /** Such as http://127.0.0.1:4566 */
  origin: string;
  close: () => Promise<void>;
}

/**
 * Has a server listen on loopback.
 * @param port one that is free if it is left out
 * @throws EADDRINUSE
 */
export async function listening(server: http.Server, port = 0): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: given } = server.address() as AddressInfo;
  return {
    port: given,
    origin: `http://127.0.0.1:${given}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
