import { CfnOutput, type Stack } from 'aws-cdk-lib';
import { stackNames } from '../../lib/names';
import type { Message } from '../../lib/runbook/messages';
import type { Gate } from '../../lib/runbook/step';
import { cutover } from '../../lib/upgrade/runbooks/cutover';
import { versionBefore } from '../../scripts/rehearsal/world-with-test-system';
import { ByHand } from '../support/by-hand';
import { driven } from '../support/driven';
import { inProcess } from '../support/night';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';
import { cobalt } from '../support/upgrade';

jest.setTimeout(300_000);

const web = 'cobalt-production-green';
const { fence } = stackNames(cobalt);

let stage: Stage;
let byHand: ByHand;
beforeAll(async () => {
  stage = await Stage.open(cobalt, { actors: true, durations: quick });
  byHand = new ByHand(cobalt);
  await stage.deploy();
  // Up to the question whether the outage may begin; nothing that the run did itself was asked about.
  const { error } = await driven(stage, cutover, { no: ['begin'] });
  expect(error).toMatchObject({ code: 'GATE_DECLINED' });
});
afterAll(() => stage.close());

/** Goes on with the run, as somebody who types these words and does not let the outage begin. */
async function goOn(words: string[]) {
  const gates: Record<string, Gate> = {};
  const told: Message[] = [];
  const { error } = await driven(stage, cutover, { no: ['begin'], words, told, gates });
  const seen = told.flatMap(({ code, text }) => (code === 'CHANGE_SEEN' ? [text] : []));
  return { error, gates, seen };
}

let word: string;

test('a version, a variable, a record and a stack that somebody changed stop an unattended run, and are named', async () => {
  const { environments, clock } = await stage.ports();
  await environments.deployVersion(web, versionBefore);
  await clock.sleep(20 * 60_000);
  await byHand.set(web, { MP_USE_DJANGO: 'YES' });
  await byHand.keep('ses.myabf.com.au', 'elsewhere.example.com', 60);
  // CloudFormation alone would tell of this one, and of nothing else.
  await stage.deploy(
    {},
    {
      stacks: [fence],
      change: (app) => new CfnOutput(app.node.findChild(fence) as Stack, 'Somebody', { value: 'was here' }),
    },
  );
  const { code, said } = await inProcess(stage, 'npm run cutover -- --yes');
  expect([code, said]).toEqual([6, expect.stringContaining('CHANGED_MEANWHILE: ')]);
  expect(said).toMatch(new RegExp(`the version label of ${web}: \\S+ before, ${versionBefore} now`));
  expect(said).toContain(`MP_USE_DJANGO of ${web}: absent before, YES now`);
  expect(said).toMatch(
    /the record of ses\.myabf\.com\.au: A alias to \S+ before, CNAME elsewhere\.example\.com/,
  );
  expect(said).toMatch(
    new RegExp(`the stack ${fence}: deployed last at \\S+ before, deployed last at \\S+ now`),
  );
  expect(said).toContain('Nothing more was begun after it was seen.');
  word = /--confirm (changed-[0-9a-f]{4})/.exec(said)![1]!;
});

test('the word of one change is none for another', async () => {
  await byHand.set(web, { MP_USE_DJANGO: 'NO' });
  const { error } = await goOn([word]);
  expect(error).toMatchObject({ code: 'CHANGED_MEANWHILE', exitCode: 6 });
  await byHand.set(web, { MP_USE_DJANGO: 'YES' });
});

test('whoever types it goes on from what is so now, and is not asked again', async () => {
  const { error, gates, seen } = await goOn([word]);
  expect(seen).toHaveLength(1);
  expect([error, gates.begin?.word]).toMatchObject([{ code: 'GATE_DECLINED' }, undefined]);
  const again = await goOn([]);
  expect([again.error, again.seen]).toMatchObject([{ code: 'GATE_DECLINED' }, []]);
});
