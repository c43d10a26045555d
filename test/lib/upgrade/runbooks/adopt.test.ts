import { openByHand } from '../../../support/hand-made';
import { inProcess } from '../../../support/night';
import type { Stage } from '../../../support/stage';

jest.setTimeout(240_000);
let stage: Stage;
beforeAll(async () => {
  stage = await openByHand({ actors: true });
});
afterAll(() => stage?.close());

test('a production made by hand is imported, then sealed', async () => {
  const out = await inProcess(stage, 'npm run adopt -- --yes');
  expect(out.code).toBe(0);
  const seal = await inProcess(stage, 'npm run adopt -- --seal --yes');
  expect(seal.code).toBe(0);
});
