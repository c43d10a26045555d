import { templateOf } from '../../lib/app';
import type { Settings } from '../../lib/settings';
import { status } from '../../lib/upgrade/side/status';
import { form, member } from '../support/browser';
import { ByHand } from '../support/by-hand';
import { inProcess, night } from '../support/night';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';
import { at, directions, sixPostures } from '../support/upgrade';

const blue = 'cobalt-production-blue';
const green = 'cobalt-production-green';
let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open(undefined, { durations: quick });
});
afterAll(() => stage.close());

const held = (environment: string, name: string) => [
  ...new Set(stage.processes(environment).map((environ) => environ[name])),
];
const withVariables = (variables: Partial<Settings['variables']>): Settings => ({
  ...stage.settings,
  variables: { ...stage.settings.variables, ...variables },
});

describe('opening a side that was frozen', () => {
  const enter = () => stage.visit('myabf.com.au', form('/events/enter', { event: '1' }, member(0).cookie));

  test('naively, by a template without MAINTENANCE_MODE: it stays on, in new processes too', async () => {
    await night(stage, { brief: true, until: 'npx cdk deploy --all -c access=frozen' });
    expect(held(blue, 'MAINTENANCE_MODE')).toEqual(['ON']);
    await inProcess(stage, 'npm run jobs -- release --side blue');
    await stage.deploy({ access: 'open' }, { settings: withVariables({ maintenance: undefined }) });
    expect(held(blue, 'UPGRADE_POSTURE')).toEqual(['open@1']);
    expect(held(blue, 'MAINTENANCE_MODE')).toEqual(['ON']);
    expect((await enter())?.status).toBe(503);
  });

  test('as we do it, by stating it in every posture: it is off', async () => {
    await stage.deploy();
    expect(held(blue, 'MAINTENANCE_MODE')).toEqual(['OFF']);
    expect((await enter())?.status).toBe(200);
  });
});

describe('a variable that must be absent', () => {
  const remaining = async () =>
    (await status(await stage.ports())).differences.filter(
      ({ where, what }) => where.endsWith(green) && what.startsWith('MP_USE_DJANGO'),
    );

  test('naively, by a template that no longer names it: new processes and new machines have it still', async () => {
    const { plain } = stage.settings.variables;
    const wrong = withVariables({ plain: { ...plain, MP_USE_DJANGO: 'YES' }, absent: [] });
    await stage.deploy({}, { stacks: ['CobaltGreen'], settings: wrong });
    await stage.deploy({ reassert: true }, { stacks: ['CobaltGreen'] });
    expect(held(green, 'UPGRADE_POSTURE')).toEqual(['prepared@2']);
    expect(held(green, 'MP_USE_DJANGO')).toEqual(['YES']);

    await inProcess(stage, 'npm run jobs -- release --side green');
    const { clock, beanstalk } = stage.sandbox.world;
    const machines = () => beanstalk.instances().filter(({ environment }) => environment === green);
    const [old] = machines();
    await new ByHand(stage.settings).terminate(old!.id);
    await clock.skip(10 * 60_000);
    expect(machines().map(({ id }) => id)).not.toEqual([old!.id]);
    expect(held(green, 'MP_USE_DJANGO')).toEqual(['YES']);
  });

  test('as we do it: status names it where it is set and where it is obeyed, until it is removed', async () => {
    expect(await remaining()).toEqual([
      { where: green, what: 'MP_USE_DJANGO', declared: 'absent', observed: 'a plain value' },
      {
        where: expect.stringMatching(`^i-\\w+ of ${green}$`),
        what: 'MP_USE_DJANGO in 3 of 3 processes',
        declared: 'absent',
        observed: 'present',
      },
    ]);
    await new ByHand(stage.settings).remove(green, ['MP_USE_DJANGO']);
    expect(await remaining()).toEqual([]);
  });
});

test.each(directions)('%s: each side states the same options in every posture', (_, settings) => {
  for (const stack of ['CobaltBlue', 'CobaltGreen']) {
    const stated = sixPostures(settings).map((words) => {
      const input = { settings, record: at(settings, words), words: { ...words, reassert: false } };
      return optionsOf(JSON.parse(templateOf(input, stack)));
    });
    expect(new Set(stated).size).toBe(1);
  }
});

function optionsOf({ Resources }: { Resources: Record<string, { Properties: Record<string, unknown> }> }) {
  const options = Object.values(Resources).flatMap(({ Properties }) =>
    ((Properties.OptionSettings ?? []) as { Namespace: string; OptionName: string }[]).map(
      ({ Namespace, OptionName }) => `${Properties.EnvironmentName} ${Namespace} ${OptionName}`,
    ),
  );
  expect(options.length).toBeGreaterThan(20);
  return options.sort().join('\n');
}
