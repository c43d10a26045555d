import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a server answered, byte for byte. */
export interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
}

export interface Tap {
  origin: string;
  /** The answers since the last time, oldest first. */
  take(): Answer[];
  close(): Promise<void>;
}

/** Stands between clients and a server and keeps what it answers; requests pass as they are. */
export async function startTap(target: string): Promise<Tap> {
  const { hostname, port } = new URL(target);
  let answers: Answer[] = [];
  const server = http.createServer((request, response) => {
    const { method, url: path, headers } = request;
    const passed = http.request({ hostname, port, method, path, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => {
        const body = Buffer.concat(chunks);
        answers.push({ status: answer.statusCode!, headers: answer.headers, body });
        response.writeHead(answer.statusCode!, answer.headers).end(body);
      });
    });
    passed.on('error', () => response.destroy());
    request.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = answers;
      answers = [];
      return taken;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
