import { filesOf } from '../../lib/policies/policies';
import { policyFiles } from '../../scripts/policies';
import { originalDatabase } from '../../scripts/rehearsal/world-before';
import { inProcess } from '../support/night';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';
import { cobalt } from '../support/upgrade';

jest.setTimeout(120_000);

const texts = new Map(policyFiles(cobalt, originalDatabase(cobalt)));
let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open(cobalt, { actors: false, durations: quick });
  await stage.deploy();
});
afterAll(() => stage.close());

const attach = (files: string[] | undefined) =>
  stage.sandbox.callers.attach(
    process.env.AWS_ACCESS_KEY_ID!,
    files?.map((name) => texts.get(`${name}.json`)!),
  );

/** Everything that could have been changed. */
const changed = () =>
  JSON.stringify([
    stage.sandbox.cloudFormation.stacks.all().map(({ name, events }) => [name, events.length]),
    stage.sandbox.beanstalk.environments().map(({ name, updatedMs }) => [name, updatedMs]),
  ]);

describe('whoever may only look', () => {
  beforeAll(() => attach(filesOf.look));

  test.each(['plan', 'status', 'preflight'])('%s tells the same as with every right', async (verb) => {
    const told = await inProcess(stage, `npm run ${verb} -- --json`);
    attach(undefined);
    const withEveryRight = await inProcess(stage, `npm run ${verb} -- --json`);
    attach(filesOf.look);
    expect(told.said).not.toContain('ACCESS_DENIED');
    expect(told.code).toBe(withEveryRight.code);
  });

  test.each(['reader', 'jobs -- stop --side green', 'tester-link', 'cutover -- --yes'])(
    'is refused %s, and nothing is changed',
    async (verb) => {
      const before = changed();
      const refused = await inProcess(stage, `npm run ${verb}`);
      expect([refused.code, refused.said]).toEqual([
        3,
        expect.stringContaining('ACCESS_DENIED: These credentials may not call'),
      ]);
      expect(changed()).toBe(before);
    },
  );
});

test('whoever may not even ask instances sees everything else', async () => {
  attach(['look']);
  const seen = await inProcess(stage, 'npm run status');
  expect(seen.code).toBe(0);
  expect(seen.said).toMatch(/cobalt-production-blue .* 2 \(2 silent\)/);
  expect(seen.said).toContain('not authorized to perform: ssm:SendCommand');
});

test('a phase does not have the rights of another', async () => {
  attach(filesOf['tidy-up']);
  const refused = await inProcess(stage, 'npm run reader');
  expect([refused.code, refused.said]).toEqual([3, expect.stringContaining('ACCESS_DENIED')]);
});

test('CloudFormation has the rights of whoever calls it, and no others', async () => {
  attach(filesOf.cutover.filter((name) => name !== 'cutover-resources'));
  const words = { live: 'blue', access: 'frozen' } as const;
  await expect(stage.deploy(words, { stacks: ['CobaltDoor'] })).rejects.toThrow(
    /not authorized to perform: wafv2:UpdateWebACL on/,
  );
  expect(stage.sandbox.cloudFormation.stacks.get('CobaltDoor').status).toBe('UPDATE_FAILED');
  attach(filesOf.cutover);
  await stage.deploy(words, { stacks: ['CobaltDoor'] });
  expect(stage.sandbox.cloudFormation.stacks.get('CobaltDoor').status).toBe('UPDATE_COMPLETE');
});
