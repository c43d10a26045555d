import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Visitor } from '../../../../lib/aws/outside';
import { testerCookie } from '../../../../lib/names';
import { parseSettings, type Settings } from '../../../../lib/settings';
import type { LocalCommands, Ports } from '../../../../lib/upgrade/ports';
import { smokeByNames, smokeByPreview, smokeCommand } from '../../../../lib/upgrade/side/smoke';
import { type RunningDnsServer, startDnsServer } from '../../../../sandbox/network/dns';
import { localCommands } from '../../../../scripts/rehearsal/local-commands';
import { FakeWorld, fakePorts } from '../../../support/ports';
import { before, cobalt } from '../../../support/upgrade';

const checks = [
  { role: 'web', path: '/', status: 200, text: 'Welcome', maintenance: { status: 503 } },
  { role: 'ses', path: '/hook/?a=b', status: 405 },
];
const settings = withSmoke({ checks });
/** `HOST/PATH` of everything that was asked, in order of the names. */
const asked: string[] = [];
let unknown: string[];
let answer: http.RequestListener;
let dns: RunningDnsServer;
let proxy: http.Server;

beforeAll(async () => {
  dns = await startDnsServer({
    lookup: (name) =>
      unknown.includes(name)
        ? { code: 'NXDOMAIN', answers: [] }
        : { code: 'NOERROR', answers: [{ type: 'A', name, value: '198.51.100.7', ttlSeconds: 60 }] },
  });
  proxy = http.createServer((request, response) => {
    asked.push(`${request.headers.host}${new URL(request.url!).pathname}`);
    answer(request, response);
  });
  await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
});
afterAll(async () => {
  await dns.close();
  await new Promise((closed) => proxy.close(closed));
});
beforeEach(() => {
  asked.length = 0;
  unknown = [];
  answer = ({ url }, response) =>
    url!.endsWith('/hook/?a=b') ? response.writeHead(405).end() : response.end('Welcome to MyABF.');
});

function withSmoke(smoke: unknown): Settings {
  return parseSettings({ ...structuredClone(cobalt), smoke }, 'the test');
}

function ports(of = settings, commands?: LocalCommands): Ports {
  const { port } = proxy.address() as AddressInfo;
  return {
    ...fakePorts(new FakeWorld(of, before(of))),
    outside: new Visitor({ dns: `127.0.0.1:${dns.port}`, httpProxy: `http://127.0.0.1:${port}` }),
    ...(commands ? { localCommands: commands } : {}),
  };
}

const root = (host: string) => `https://${host}/`;

describe('at the live names', () => {
  it('every host of a role is asked what is expected of the role', async () => {
    expect(await smokeByNames(ports(), false)).toEqual([
      ...['myabf.com.au', 'www.myabf.com.au'].map((host) => ({
        what: root(host),
        observed: '200 with "Welcome"',
        expected: '200 with "Welcome"',
        holds: true,
      })),
      { what: 'https://ses.myabf.com.au/hook/?a=b', observed: '405', expected: '405', holds: true },
    ]);
    expect(asked.sort()).toEqual(['myabf.com.au/', 'ses.myabf.com.au/hook/', 'www.myabf.com.au/']);
  });

  it('a door that lets testers through is passed with their token', async () => {
    const cookies: (string | undefined)[] = [];
    answer = ({ headers }, response) => {
      cookies.push(headers.cookie);
      response.end('Welcome');
    };
    const given = ports();
    await smokeByNames(
      { ...given, record: { ...given.record, readTesterToken: async () => 'a-token' } },
      false,
    );
    expect(new Set(cookies)).toEqual(new Set([`${testerCookie}=a-token`]));
  });

  it('another answer is expected during maintenance, where the settings give one', async () => {
    const [web, , ses] = await smokeByNames(ports(), true);
    expect(web).toMatchObject({ observed: '200', expected: '503', holds: false });
    expect(ses).toMatchObject({ observed: '405', expected: '405', holds: true });
  });

  it('a page without the text does not hold, though its status is right', async () => {
    answer = (_, response) => response.end('Something went wrong.');
    const [web] = await smokeByNames(ports(), false);
    expect(web).toMatchObject({ observed: '200 without "Welcome"', holds: false });
  });

  it('the text with another status does not hold', async () => {
    answer = (_, response) => response.writeHead(500).end('Welcome');
    const [web] = await smokeByNames(ports(), false);
    expect(web).toMatchObject({ observed: '500 with "Welcome"', holds: false });
  });

  it('no answer is an observation, and so is a name that nobody knows', async () => {
    unknown = ['www.myabf.com.au'];
    answer = (request) => request.socket.destroy();
    const [apex, www] = await smokeByNames(ports(), true);
    expect(apex).toMatchObject({ observed: 'no answer', expected: '503', holds: false });
    expect(www).toMatchObject({ observed: 'The name www.myabf.com.au has no address.', holds: false });
  });

  it('nothing is asked where the settings name no checks', async () => {
    const { smoke: _, ...without } = cobalt;
    expect(await smokeByNames(ports(without), false)).toEqual([]);
    expect(asked).toEqual([]);
  });
});

describe('at the preview names', () => {
  it('each environment of the side is asked under its own', async () => {
    const evidence = await smokeByPreview(ports(), 'green', false);
    expect(evidence.map(({ what, holds }) => [what, holds])).toEqual([
      ['https://cobalt-production-green.myabf.com.au/', true],
      ['https://cobalt-ses-production-blue.myabf.com.au/hook/?a=b', true],
    ]);
  });

  it('a side that was made by hand has none', async () => {
    await expect(smokeByPreview(ports(), 'blue', true)).rejects.toMatchObject({
      code: 'NO_PREVIEW',
      exitCode: 3,
    });
    expect(asked).toEqual([]);
  });
});

describe("the operators' own command", () => {
  const command = (script: string) => withSmoke({ checks: [], command: [process.execPath, '-e', script] });

  it('holds when it exits with 0, and its last lines are told', async () => {
    const script = "for (const n of [1, 2, 3, 4]) console.log('test ' + n)";
    const [evidence] = await smokeCommand(ports(command(script), localCommands));
    expect(evidence).toMatchObject({
      observed: 'exit code 0: test 2 / test 3 / test 4',
      expected: 'exit code 0',
      holds: true,
    });
  });

  it('does not hold with another exit code, nor when it is not there', async () => {
    const [failing] = await smokeCommand(ports(command('process.exit(3)'), localCommands));
    expect(failing).toMatchObject({ observed: 'exit code 3: it said nothing.', holds: false });
    const missing = withSmoke({ checks: [], command: ['no-such-program'] });
    const [evidence] = await smokeCommand(ports(missing, localCommands));
    expect(evidence).toMatchObject({ what: 'what "no-such-program" ends with', holds: false });
  });

  it('is none where the settings name none', async () => {
    expect(await smokeCommand(ports())).toEqual([]);
  });
});
