import { resolveWords, type Words } from '../../../../lib/posture';
import type { UpgradeError } from '../../../../lib/runbook/errors';
import { declaredTemplate } from '../../../../lib/upgrade/stacks/deploy';
import { deployUntil } from '../../../../lib/upgrade/stacks/deploy-until';
import { withVariables } from '../../../support/aws';
import { FakeWorld, fakePorts } from '../../../support/ports';
import { at, before, cobalt, readied } from '../../../support/upgrade';
import { rejection } from '../../../support/upgrade-world';

let restore: () => void;
beforeAll(() => {
  restore = withVariables({ CDK_VALIDATION: 'false' });
});
afterAll(() => restore());

const back: Words = { live: 'blue', access: 'open', reassert: false };
const frozen: Words = { live: 'blue', access: 'frozen', reassert: false };

/** What is told when a stack ends so, once its change has begun. */
async function toldOf(stack: string, words: Words, status: string): Promise<UpgradeError> {
  const record = words === frozen ? before(cobalt) : at(cobalt, { live: 'blue', access: 'frozen' }, readied);
  const world = new FakeWorld(cobalt, record);
  const standing = resolveWords(record.posture, {});
  world.stack(stack, JSON.parse(declaredTemplate({ settings: cobalt, record, words: standing }, stack)));
  const ports = fakePorts(world);
  const { execute } = ports.deployments;
  ports.deployments.execute = async (prepared) => {
    await execute(prepared);
    Object.assign(world.stacks.get(stack)!, { status, template: {} });
  };
  ports.stacks.failures = async () => ['web failed: the environment was not Ready'];
  return rejection(deployUntil(ports, stack, words));
}

test('a change that fails stays as far as it came, and nothing is rolled back', async () => {
  const { code, text } = await toldOf('CobaltBlue', back, 'UPDATE_FAILED');
  expect(code).toBe('DEPLOY_FAILED');
  expect(text.so).toBe('The stack CobaltBlue is UPDATE_FAILED: web failed: the environment was not Ready.');
  expect(text.changed).toMatch(/nothing is rolled back\.$/);
});

test('a change that somebody had rolled back is made again by the same command', async () => {
  const { code, text } = await toldOf('CobaltBlue', back, 'UPDATE_ROLLBACK_COMPLETE');
  expect(code).toBe('DEPLOY_FAILED');
  expect(text.so).toContain('somebody had its change rolled back, so it is as before');
  expect(text.next).toMatch(/run the same command again\.$/);
});

test.each<[string, string, Words, RegExp]>([
  [
    'the side that wins goes on with it',
    'CobaltBlue',
    back,
    /continue-update-rollback --stack-name CobaltBlue$/,
  ],
  [
    'the side that loses is fenced by force',
    'CobaltBlue',
    frozen,
    /npm run fence -- --side blue --confirm \S+$/,
  ],
])(
  'where the rollback itself failed, nobody is told that nothing is rolled back: %s',
  async (_, stack, words, next) => {
    const { code, text } = await toldOf(stack, words, 'UPDATE_ROLLBACK_FAILED');
    expect(code).toBe('DEPLOY_FAILED');
    expect(text.so).toContain(`${stack} is UPDATE_ROLLBACK_FAILED: web failed`);
    expect(text.changed).toMatch(/^Somebody had its change rolled back/);
    expect(text.next).toMatch(next);
  },
);
