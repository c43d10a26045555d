import path from 'node:path';
import { paginateGetParametersByPath, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import {
  commandsKept,
  environmentsKept,
  filesKept,
  objectsKept,
  stacksKept,
  type Texts,
} from '../support/kept-texts';
import { night } from '../support/night';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';

jest.setTimeout(180_000);
let stage: Stage;
let ssm: SSMClient;
let said: string;

beforeAll(async () => {
  stage = await Stage.open(undefined, { durations: quick });
  ssm = new SSMClient({});
  said = (await night(stage, { until: 'npm run snapshot' })).map((outcome) => outcome.said).join('\n');
});
afterAll(() => stage.close());

/** The secrets of the world, and those that were made on the way. */
async function secrets(): Promise<string[]> {
  const input = { Path: stage.settings.parameterPath, Recursive: true, WithDecryption: true };
  const found: string[] = [];
  for await (const { Parameters } of paginateGetParametersByPath({ client: ssm }, input))
    for (const { Type, Value } of Parameters!)
      if (Type === 'SecureString' && Value !== 'not-set') found.push(Value!);
  return found;
}

/** Which texts hold a secret, by their names. */
async function leaks(texts: Texts): Promise<string[]> {
  const values = await secrets();
  return Object.entries(texts)
    .filter(([, text]) => values.some((value) => text.includes(value)) || /sk_live_canary|canary-/.test(text))
    .map(([name]) => name);
}

describe('once the old side is frozen and its snapshot taken, no secret is', () => {
  test.each([
    ['in what Run Command keeps', commandsKept],
    ['in an object', objectsKept],
    ['in a template, an output or an event of a stack', stacksKept],
    ['in the options and events of an environment', environmentsKept],
    ['in what was synthesised', async () => filesKept(path.dirname(stage.settingsFile))],
    ['in what the commands said', async () => ({ said, progress: stage.said.join('\n') })],
  ])('%s', async (_, texts) => {
    const all = await texts();
    expect(Object.values(all).join('').length).toBeGreaterThan(100);
    expect(await leaks(all)).toEqual([]);
  });

  test('although every process of the open side held them, and the frozen one holds its own', () => {
    const [process] = stage.processes('cobalt-production-blue');
    expect(process).toMatchObject({ SECRET_KEY: 'canary-SECRET_KEY', STRIPE_SECRET_KEY: 'not-set' });
  });
});

test('naively, a password in the text of a command is kept with it', async () => {
  const instance = stage.sandbox.world.beanstalk.instances().find(({ state }) => state === 'running');
  const sent = await ssm.send(
    new SendCommandCommand({
      DocumentName: 'AWS-RunShellScript',
      InstanceIds: [instance!.id],
      Parameters: { commands: [`PGPASSWORD='${(await secrets())[0]}'; echo "$PGPASSWORD" | wc -c`] },
    }),
  );
  expect(await leaks(await commandsKept())).toEqual([`command ${sent.Command!.CommandId}`]);
});
