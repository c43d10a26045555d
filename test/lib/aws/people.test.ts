import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { parameterNames } from '../../../lib/names';
import type { Channel } from '../../../lib/upgrade/people-ports';
import { script } from '../../../scripts/message';
import { runScript } from '../../../scripts/terminal/command';
import { quick } from '../../support/quick';
import { Stage } from '../../support/stage';
import { cobalt } from '../../support/upgrade';

const settings = { ...cobalt, people: { emails: ['ada@example.org'] } };
const secretPath = '/services/T0/B0/a-secret';

let stage: Stage;
/** What was posted to the loopback receiver, and how it answers. */
const posted: { path: string; type: string | undefined; body: unknown }[] = [];
let status = 200;
const receiver = http.createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  posted.push({
    path: request.url ?? '',
    type: request.headers['content-type'],
    body: JSON.parse(body),
  });
  response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end('ok');
});

beforeAll(async () => {
  stage = await Stage.open(settings, { durations: quick });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  receiver.close();
  await stage.close();
});

const keepAddress = (address: string) =>
  stage.sandbox.world.parameters.put(parameterNames(settings).webHook, address, 'SecureString');
const origin = () => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;

async function channel(name: Channel['name']): Promise<Channel> {
  return (await stage.ports()).people.channels().find((each) => each.name === name)!;
}

test('before the stack is deployed the topic is missed, with what makes it', async () => {
  const refused = await (await channel('topic')).send('A night', 'It begins.').catch((error) => error);
  expect(refused).toMatchObject({ code: 'TOPIC_MISSING' });
  expect(refused.text.next).toContain('npx cdk deploy --all');
});

describe('once it is', () => {
  beforeAll(() => stage.deploy({}, { stacks: ['CobaltOperations'] }));

  test('whoever subscribed is sent what is published, and those who have not confirmed are counted', async () => {
    await (await channel('topic')).send('Blue → green', 'It begins.');
    expect(stage.sandbox.sns.published).toEqual([
      { topic: 'Cobalt-upgrade', subject: 'Blue ? green', message: 'It begins.' },
    ]);
    expect(await (await stage.ports()).people.subscribers()).toEqual({ confirmed: 0, pending: 1 });
  });

  test('without an address no web hook is asked', async () => {
    expect(await (await channel('web hook')).isKept()).toBe(false);
  });

  test('with one it gets the text as Slack takes it', async () => {
    keepAddress(`${origin()}${secretPath}`);
    await (await channel('web hook')).send('A night', 'It begins.');
    expect(posted).toEqual([{ path: secretPath, type: 'application/json', body: { text: 'It begins.' } }]);
  });

  test.each([
    ['that answers 404', 404, 'it answers 404'],
    ['that leads elsewhere', 302, 'TypeError'],
  ])('one %s has not taken it, and its address is told nobody', async (_, answer, why) => {
    status = answer;
    const refused = await (await channel('web hook')).send('A night', 'It begins.').catch((error) => error);
    status = 200;
    expect(refused.text.so).toContain(why);
    expect(JSON.stringify(refused.text)).not.toContain('a-secret');
  });

  test('npm run message tries each way, and says who has not confirmed', async () => {
    let said = '';
    const stream = { write: (text: string) => (said += text) };
    const words = ['--settings', stage.settingsFile];
    expect(await runScript(script, words, { stdout: stream, stderr: stream })).toBe(0);
    expect(said).toContain('Sent by: topic, web hook.');
    expect(said).toContain('0 confirmed, 1 who have not followed the link');
    expect(posted.at(-1)?.body).toEqual({ text: expect.stringContaining('A trial') });
  });

  test('nobody listens: npm run message says so and how to mend it, without the address', async () => {
    keepAddress('http://127.0.0.1:9/a-secret');
    let said = '';
    const stream = { write: (text: string) => (said += text) };
    const words = ['--settings', stage.settingsFile];
    expect(await runScript(script, words, { stdout: stream, stderr: stream })).toBe(3);
    expect(said).toMatch(/PEOPLE_NOT_TOLD: The web hook did not take the message/);
    expect(said).toContain('Look whether its address is still the one that its service shows');
    expect(said).not.toContain('a-secret');
  });

  test('an address without TLS is refused', async () => {
    keepAddress('http://example.org/a-secret');
    const refused = await (await channel('web hook')).isKept().catch((error) => error);
    expect(refused).toMatchObject({ code: 'WEB_HOOK_INVALID' });
    expect(JSON.stringify(refused.text)).not.toContain('a-secret');
  });
});
