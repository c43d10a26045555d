import { parameterArn, parameterNames } from '../../lib/names';
import { Stage } from '../support/stage';
import { cobalt } from '../support/upgrade';

jest.setTimeout(60_000);

test('with a lag of IAM the world begins with roles that have long been there', async () => {
  const stage = await Stage.open(cobalt, { durations: { iamLagMs: 60_000 } });
  try {
    const { blue, green } = cobalt.sides;
    const password = parameterArn(cobalt, parameterNames(cobalt).secret('RDS_PASSWORD'));
    const { iam, clock } = stage.sandbox.world;
    const mayRead = (role: string) => iam.decide(role, 'ssm:GetParameter', password);
    expect(stage.processes(blue.environments.web!.name)).toHaveLength(2);
    expect(mayRead(blue.environments.web!.instanceRole)).toBe('allowed');
    await stage.deploy({}, { stacks: ['CobaltFence'] });
    expect(mayRead(green.environments.web!.instanceRole)).toBe('implicitDeny');
    await clock.skip(60_000);
    expect(mayRead(green.environments.web!.instanceRole)).toBe('allowed');
  } finally {
    await stage.close();
  }
});
