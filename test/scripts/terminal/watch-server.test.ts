import { get, request } from 'node:http';
import { LiveFeed } from '../../../lib/report/page/live-page';
import type { Watched } from '../../../lib/report/page/now';
import { wordsIn } from '../../../lib/report/page/words';
import { serve, type Watching } from '../../../scripts/terminal/watch-server';

const watched: Watched = {
  title: 'npm run <cutover>',
  now: new Date('2026-11-26T11:00:00Z'),
  live: undefined,
  underneath: [],
  said: 'Nothing yet',
  over: false,
};
let seen = watched;
let watching: Watching;
let port: number;

beforeAll(async () => {
  watching = await serve(0, new LiveFeed(() => seen, wordsIn('UTC')));
  port = Number(new URL(watching.url).port);
});
afterAll(() => watching.end());

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  text: string;
}

function ask(path: string, { method = 'GET', host = `127.0.0.1:${port}` } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', path, method, headers: { host } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
    });
    asked.on('error', reject).end();
  });
}

/** The first things that a browser is told. */
function toldFirst(many: number, meanwhile: () => void): Promise<Record<string, never>[]> {
  return new Promise((resolve) => {
    const asked = get({ port, host: '127.0.0.1', path: '/events' }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
        meanwhile();
        const events = text.split('\n\n').slice(0, -1);
        if (events.length < many) return;
        asked.destroy();
        resolve(events.map((event) => JSON.parse(event.replace(/^data: /, ''))));
      });
    });
  });
}

test('the page is served, and may run nothing but its own script, in no frame', async () => {
  const { status, headers, text } = await ask('/');
  expect(status).toBe(200);
  expect(text).toContain('npm run &lt;cutover&gt;');
  expect(headers['content-security-policy']).toMatch(
    /default-src 'none'.*script-src 'sha256-.*frame-ancestors 'none'/,
  );
  expect(headers).toMatchObject({
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
  });
});

test.each(['127.0.0.1', 'localhost:8080', 'LOCALHOST', '[::1]:4207'])(
  'it is served to who asks %s',
  async (host) => {
    expect((await ask('/', { host })).status).toBe(200);
  },
);

test.each(['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example:4207', '10.0.0.1'])(
  'a name that only leads here is refused: "%s"',
  async (host) => {
    for (const path of ['/', '/events', '/other'])
      expect(await ask(path, { host })).toMatchObject({
        status: 421,
        text: expect.stringContaining('loopback'),
      });
  },
);

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])(
  'it can only be read: %s is refused',
  async (method) => {
    const { status, headers } = await ask('/', { method });
    expect(status).toBe(405);
    expect(headers.allow).toBe('GET');
  },
);

test('there is nothing else', async () => {
  for (const path of ['/favicon.ico', '/../package.json', '/events/x'])
    expect(await ask(path)).toMatchObject({ status: 404 });
});

test('who watches is told everything once, and then what changed', async () => {
  const [first, second] = await toldFirst(2, () => {
    seen = { ...watched, underneath: ['CobaltDoor: changing'], said: 'The door closes' };
  });
  seen = watched;
  expect(Object.keys(first!.parts!)).toEqual(['top', 'now', 'told', 'happened', 'picture']);
  expect(first).toMatchObject({ now: '11:00:00', said: 'Nothing yet', over: false });
  expect(Object.keys(second!.parts!)).toEqual(['now']);
  expect(second).toMatchObject({ said: 'The door closes' });
});

test('a port that is taken is told before anything is begun', async () => {
  await expect(serve(port, new LiveFeed(() => seen, wordsIn('UTC')))).rejects.toMatchObject({
    code: 'WATCH_PORT_TAKEN',
    exitCode: 2,
  });
});
