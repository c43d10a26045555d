import path from 'node:path';
import { reversed } from '../../lib/reversed';
import type { Settings } from '../../lib/settings';
import { type Durations, defaultDurations, defaultSwitches, type Switches } from '../../sandbox/world';
import { inProcess } from '../support/night';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';
import { cobalt } from '../support/upgrade';

jest.setTimeout(300_000);

interface Case {
  settings: Settings;
  switches: Partial<Switches>;
  durations?: Partial<Durations>;
}

/** An application that cannot be told to refuse people. */
function withoutMaintenance({ variables, ...settings }: Settings): Settings {
  const { maintenance: _, ...others } = variables;
  return { ...settings, variables: others };
}

/** What the instances see, and what CloudFormation does: the one has no part in the other, so they share a night. */
const nights: [name: string, night: Case][] = [
  [
    'a plain variable wins, a shell sees no secrets, and IAM lags a minute',
    {
      settings: cobalt,
      switches: { duplicateVariableWins: 'environment', shellSeesSecrets: false },
      // As AWS takes it: in a hurry the first instances would be up before their roles may read anything.
      durations: { iamLagMs: 60_000, instanceLaunchMs: defaultDurations.instanceLaunchMs },
    },
  ],
  [
    'a template redeploys no version, leaves a database whose snapshot it no longer names, and adopts no alias; a new web ACL is not there at once; and the application knows no maintenance, but has its doors',
    {
      settings: withoutMaintenance(reversed(cobalt)),
      switches: {
        templateRedeploysVersion: false,
        droppedSnapshotReplaces: false,
        importUpdatesEnvironment: true,
        adoptsIdenticalAlias: false,
        adoptsIdenticalAddress: false,
        associationReplaces: false,
        newWebAclUnavailable: true,
      },
    },
  ],
];

test.each(nights)('the night is done where %s', async (_, { settings, switches, durations }) => {
  const stage = await Stage.open(settings, {
    actors: true,
    durations: { ...quick, ...durations },
    switches,
  });
  try {
    await stage.deploy();
    const report = path.join(path.dirname(stage.settingsFile), 'report.json');
    const { code, said } = await inProcess(stage, `npm run cutover -- --yes --report ${report}`);
    expect([code, said]).toEqual([0, said]);
    expect((await stage.record()).posture).toMatchObject({ live: settings.upgrade.to, access: 'open' });
    await stage.sandbox.judge.settle();
    expect(stage.sandbox.judge.verdict()).toMatchObject({ broken: [], missing: [] });
  } finally {
    await stage.close();
  }
});

test('every switch is played in its other position', () => {
  const played = Object.assign({}, ...nights.map(([, { switches }]) => switches)) as Switches;
  expect(Object.keys(played).sort()).toEqual(Object.keys(defaultSwitches).sort());
  for (const [name, position] of Object.entries(defaultSwitches))
    expect([name, played[name as keyof Switches]]).not.toEqual([name, position]);
});
