import { inProcess, night } from '../support/night';
import { Stage } from '../support/stage';
import { cobalt } from '../support/upgrade';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

const verify = () => inProcess(stage, 'npm run verify');

test('before there is a copy, it says what to do', async () => {
  const { code, said } = await verify();
  expect(code).toBe(3);
  expect(said).toContain('Run npm run snapshot, then npm run restore.');
});

test('a database that was restored equals its frozen source, and is not compared again when it was changed', async () => {
  await night(stage, { until: 'npm run restore', brief: true });
  const { code, said } = await verify();
  expect(said).toMatch(
    new RegExp(
      `cobalt-production-green equals its source: \\d+ tables, \\d+ rows, \\d+ sequences, the values of ${cobalt.ledgerTables.length} tables\\.`,
    ),
  );
  expect(code).toBe(0);
  await inProcess(stage, 'npm run sessions -- empty');
  expect((await verify()).said).toMatch(/had \d+ tables and \d+ rows equal to its source's/);
});
