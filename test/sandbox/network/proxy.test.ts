import http from 'node:http';
import net from 'node:net';
import type { Listening } from '../../../sandbox/listening';
import { startProxy } from '../../../sandbox/network/proxy';
import type { WebRequest, WebResponse } from '../../../sandbox/world';
import { beanstalkZoneId, blue, green, type TestWorld, testWorld, zoneId } from '../route53/world';

let world: TestWorld;
let proxy: Listening;
let served: { address: string; request: WebRequest }[];
let reply: WebResponse | undefined;

beforeEach(async () => {
  world = testWorld();
  world.route53.seedRecord({
    zoneId,
    name: 'myabf.com.au',
    type: 'A',
    alias: { hostedZoneId: beanstalkZoneId, dnsName: green },
  });
  served = [];
  reply = {
    status: 200,
    headers: { 'content-type': 'text/plain', 'transfer-encoding': 'chunked' },
    body: 'grüezi',
  };
  world.world.beanstalk.serve = async (address, request) => {
    served.push({ address, request });
    return reply;
  };
  proxy = await startProxy(world.world);
});
afterEach(async () => {
  await proxy.close();
  world.clock.stop();
});

function get(
  url: string,
  options: http.RequestOptions = {},
  body = '',
): Promise<{ status: number; headers: http.IncomingHttpHeaders; body: string }> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host: '127.0.0.1', port: proxy.port, path: url, ...options },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers, body: text }),
        );
      },
    );
    request.on('error', reject).end(body);
  });
}

test('an address leads to the load balancer that has it, whatever the name means by now', async () => {
  const answer = await get(
    'http://198.51.100.1/entry?id=7',
    { method: 'POST', headers: { host: 'myabf.com.au', cookie: 'a=b' } },
    'x=1',
  );
  expect(answer).toMatchObject({ status: 200, body: 'grüezi', headers: { 'content-length': '7' } });
  expect(served).toEqual([
    {
      address: '198.51.100.1',
      request: {
        method: 'POST',
        path: '/entry?id=7',
        host: 'myabf.com.au',
        headers: { host: 'myabf.com.au', cookie: 'a=b' },
        body: 'x=1',
      },
    },
  ]);
});

test('a name is resolved each time it is asked for', async () => {
  await get('http://myabf.com.au/', { headers: { host: 'myabf.com.au' } });
  world.addresses.set(green, ['198.51.100.77']);
  await get('http://myabf.com.au/', { headers: { host: 'myabf.com.au' } });
  await get(`http://${blue}/`, { headers: { host: blue } });
  expect(served.map(({ address }) => address)).toEqual(['198.51.100.2', '198.51.100.77', '198.51.100.1']);
});

test('a load balancer that closes the connection closes it here', async () => {
  reply = undefined;
  await expect(get('http://198.51.100.1/', { headers: { host: 'other.org' } })).rejects.toThrow(
    'socket hang up',
  );
});

test.each([502, 503])('%d of the load balancer passes through', async (status) => {
  reply = { status, headers: {}, body: 'no server' };
  const answer = await get('http://myabf.com.au/');
  expect(answer).toMatchObject({ status, body: 'no server' });
  expect(answer.headers['x-sandbox-proxy']).toBeUndefined();
});

test('HEAD has the headers alone', async () => {
  const answer = await get('http://myabf.com.au/', { method: 'HEAD' });
  expect(answer).toMatchObject({ body: '', headers: { 'content-length': '7' } });
});

test.each([
  ['a name that leads nowhere', 'http://www.example.org/', 502, /www\.example\.org leads to no address/],
  ['a request that is no proxy request', '/entry', 400, /forward proxy/],
  ['https', 'https://myabf.com.au/', 400, /plain http/],
  ['another port', 'http://myabf.com.au:8000/', 400, /port 8000/],
])('refuses %s', async (_what, url, status, words) => {
  const answer = await get(url);
  expect(answer).toMatchObject({
    status,
    body: expect.stringMatching(words),
    headers: { 'x-sandbox-proxy': 'refused' },
  });
  expect(served).toEqual([]);
});

test('refuses a tunnel and says what to use instead', async () => {
  const socket = net.connect(proxy.port, '127.0.0.1');
  socket.write('CONNECT myabf.com.au:443 HTTP/1.1\r\nHost: myabf.com.au:443\r\n\r\n');
  let text = '';
  for await (const chunk of socket) text += chunk;
  expect(text).toMatch(/^HTTP\/1\.1 405 /);
  expect(text).toMatch(/plain http only/);
});

test('a client says from where it comes, and the header goes no further', async () => {
  const from = (address: string) => ({ headers: { 'Sandbox-Client-Address': address } });
  await get('http://myabf.com.au/', from('198.51.100.7'));
  const { request } = served[0]!;
  expect(request.clientAddress).toBe('198.51.100.7');
  expect(Object.keys(request.headers)).not.toContain('sandbox-client-address');
  expect(await get('http://myabf.com.au/', from('somewhere'))).toMatchObject({
    status: 400,
    headers: { 'x-sandbox-proxy': 'refused' },
  });
  expect(served).toHaveLength(1);
});
