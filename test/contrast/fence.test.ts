import { makeReader } from '../../lib/upgrade/side/reader';
import { Stage } from '../support/stage';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

const keyOf = () => stage.processes('cobalt-production-blue').map((environ) => environ.STRIPE_SECRET_KEY);

describe('taking the payment keys from the losing side', () => {
  test('before: its processes hold them', () => {
    expect(keyOf()).toEqual(['sk_live_canary_STRIPE_SECRET_KEY', 'sk_live_canary_STRIPE_SECRET_KEY']);
  });

  test('naively, by leaving them out of the template: every process still holds them', async () => {
    await stage.deploy(
      {},
      {
        stacks: ['CobaltBlue'],
        settings: { ...stage.settings, variables: { ...stage.settings.variables, payments: [] } },
      },
    );
    expect(keyOf()).toEqual(['sk_live_canary_STRIPE_SECRET_KEY', 'sk_live_canary_STRIPE_SECRET_KEY']);
  });

  test('as we do it, by stating them as not-set: no process holds one', async () => {
    await stage.deploy();
    await makeReader(await stage.ports());
    await stage.deploy({ access: 'frozen' });
    expect(keyOf()).toEqual(['not-set']);
  });
});
