import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Visitor } from '../../../lib/aws/outside';
import { type RunningDnsServer, startDnsServer } from '../../../sandbox/network/dns';

const host = 'myabf.example.com';
let dns: RunningDnsServer;
let proxy: http.Server;
let answer: http.RequestListener;
let visitor: Visitor;

beforeAll(async () => {
  const record = { type: 'A' as const, name: host, value: '198.51.100.7', ttlSeconds: 60 };
  dns = await startDnsServer({
    lookup: (name) =>
      name === host ? { code: 'NOERROR', answers: [record] } : { code: 'NXDOMAIN', answers: [] },
  });
  proxy = http.createServer((request, response) => answer(request, response));
  await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
  const { port } = proxy.address() as AddressInfo;
  visitor = new Visitor({ dns: `127.0.0.1:${dns.port}`, httpProxy: `http://127.0.0.1:${port}` });
});
afterAll(async () => {
  await dns.close();
  await new Promise((closed) => proxy.close(closed));
});

test('asks the address that the name has now, for that host', async () => {
  answer = (request, response) =>
    response.end(`${request.method} ${request.url} for ${request.headers.host}`);
  expect(await visitor.ask(host, '/accounts/login/')).toEqual({
    status: 200,
    body: `GET http://198.51.100.7/accounts/login/ for ${host}`,
    cookies: [],
    address: '198.51.100.7',
  });
});

test('shows what it is given, such as a cookie', async () => {
  answer = (request, response) => response.end(request.headers.cookie);
  expect(await visitor.ask(host, '/', { headers: { cookie: 'door=open' } })).toMatchObject({
    body: 'door=open',
  });
});

test('posts as a web hook does', async () => {
  answer = (request, response) => response.end(request.method);
  expect(await visitor.ask(host, '/', { method: 'POST' })).toMatchObject({ body: 'POST' });
});

test('posts a form, and tells the cookies that the answer sets', async () => {
  answer = (request, response) => {
    let form = '';
    request.on('data', (chunk) => {
      form += chunk;
    });
    const cookies = ['sessionid=abc; Path=/; HttpOnly', 'csrftoken=def; Secure'];
    request.on('end', () => response.writeHead(200, { 'set-cookie': cookies }).end(form));
  };
  expect(await visitor.ask(host, '/', { method: 'POST', body: 'user=Mark' })).toMatchObject({
    body: 'user=Mark',
    cookies: ['sessionid=abc', 'csrftoken=def'],
  });
});

test('follows no redirect', async () => {
  answer = (_, response) => response.writeHead(302, { location: '/elsewhere' }).end();
  expect(await visitor.ask(host, '/')).toMatchObject({ status: 302 });
});

test('a connection that is closed without a word is no answer', async () => {
  answer = (request) => request.socket.destroy();
  expect(await visitor.ask(host, '/')).toBeUndefined();
});

test('a page that breaks off was answered all the same: nobody is refused by half', async () => {
  answer = (request, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('Welcome', () => request.socket.destroy());
  };
  expect(await visitor.ask(host, '/')).toMatchObject({ status: 200, body: 'Welcome' });
});

test('a name that nobody knows resolves to nothing, and asking it is an error', async () => {
  expect(await visitor.resolve('other.example.com')).toEqual([]);
  await expect(visitor.ask('other.example.com', '/')).rejects.toMatchObject({ code: 'NAME_UNKNOWN' });
});

test('a proxy that is not there is no refusal by the host', async () => {
  const gone = new Visitor({ dns: `127.0.0.1:${dns.port}`, httpProxy: 'http://127.0.0.1:9' });
  await expect(gone.ask(host, '/')).rejects.toMatchObject({ code: 'PROXY_UNREACHABLE' });
});
