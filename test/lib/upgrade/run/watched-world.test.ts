import { stackNames } from '../../../../lib/names';
import { ChangeWatch } from '../../../../lib/runbook/change-watch';
import type { Step } from '../../../../lib/runbook/step';
import type { Ports } from '../../../../lib/upgrade/ports';
import { production, watchedWorld } from '../../../../lib/upgrade/run/watched-world';
import { adoptImport, adoptSeal } from '../../../../lib/upgrade/runbooks/adopt';
import { cutover } from '../../../../lib/upgrade/runbooks/cutover';
import { failback } from '../../../../lib/upgrade/runbooks/failback';
import { prep } from '../../../../lib/upgrade/runbooks/prep';
import { syncRunbook } from '../../../../lib/upgrade/runbooks/sync';
import { testSystem } from '../../../../lib/upgrade/runbooks/test-system';
import { tidyUp } from '../../../../lib/upgrade/runbooks/tidy-up';
import { FakeWorld, fakePorts } from '../../../support/ports';
import { PlayedRun } from '../../../support/runbook';
import { before, cobalt, documented } from '../../../support/upgrade';

const environment = 'cobalt-production-green';
const variables = 'aws:elasticbeanstalk:application:environment';
const names = stackNames(cobalt);

let world: FakeWorld;
let played: PlayedRun;
let watch: ChangeWatch;
let next: Step;
beforeEach(async () => {
  world = new FakeWorld(cobalt, before(cobalt));
  for (const name of [names.fence, names.traffic, names.side('green')]) world.stack(name, {});
  const { options } = world.environments.get(environment)!;
  options[`${variables}:SOMEBODYS_KEY`] = 'sk_live_1';
  options['aws:autoscaling:launchconfiguration:ImageId'] = 'ami-1';
  played = new PlayedRun();
  next = played.step('next');
  watch = new ChangeWatch(await played.open(), watchedWorld(fakePorts(world), production), [next]);
  await watch.begin();
});

/** What a person is asked about before the next step acts. */
async function askedAbout(): Promise<string[]> {
  await watch.requireUnchanged(next);
  return played.gates.flatMap(({ check }) => check.slice(0, -1));
}

const set = (option: string, value: string) => {
  world.environments.get(environment)!.options[option] = value;
};

test.each<[string, () => void, string]>([
  [
    'a version of the application that was deployed',
    () => {
      world.environments.get(environment)!.versionLabel = 'the next one';
    },
    `the version label of ${environment}: ${cobalt.environment.versionLabel} before, the next one now`,
  ],
  [
    'a variable of the posture',
    () => set(`${variables}:MAINTENANCE_MODE`, 'OFF'),
    `MAINTENANCE_MODE of ${environment}: ON before, OFF now`,
  ],
  [
    'a variable of which nothing is known, without its value',
    () => set(`${variables}:SOMEBODYS_KEY`, 'sk_live_2'),
    `SOMEBODYS_KEY of ${environment}: another value, which is not shown`,
  ],
  [
    'a variable that is new',
    () => set(`${variables}:ANOTHER`, 'sk_live_3'),
    `ANOTHER of ${environment}: absent before, set now`,
  ],
  [
    'a reference to a secret',
    () =>
      set(
        `${variables}secrets:RDS_PASSWORD`,
        `arn:aws:ssm:${cobalt.region}:${cobalt.account}:parameter/another`,
      ),
    `the secret RDS_PASSWORD of ${environment}: the parameter ${cobalt.parameterPath}/secrets/PREPARATION_RDS_PASSWORD before, the parameter /another now`,
  ],
  [
    'an option that is no variable',
    () => set('aws:autoscaling:asg:MaxSize', '7'),
    `aws:autoscaling:asg MaxSize of ${environment}: 1 before, 7 now`,
  ],
  [
    'a live record',
    () => {
      const others = world.names.filter(({ name }) => name !== 'myabf.com.au');
      world.names = [
        ...others,
        { name: 'myabf.com.au', type: 'A', target: '192.0.2.9', ttlSeconds: 300, alias: false },
      ];
    },
    'the record of myabf.com.au: A alias to ',
  ],
  [
    'a stack that was deployed',
    () => {
      world.nowMs += 60_000;
      world.stack(names.fence, {});
    },
    `the stack ${names.fence}: deployed last at 2026-11-23T11:00:00.000Z before, deployed last at 2026-11-23T11:01:00.000Z now`,
  ],
  [
    'a stack that is not there any more',
    () => {
      world.stacks.delete(names.traffic);
    },
    `the stack ${names.traffic}: deployed last at 2026-11-23T11:00:00.000Z before, absent now`,
  ],
])('%s is named', async (_, change, sentence) => {
  change();
  expect(await askedAbout()).toEqual([expect.stringContaining(sentence)]);
  // A person said yes.
  expect(await askedAbout()).toHaveLength(1);
});

test('what instances and their platform do is no change of anybody, nor is a deploy that changes nothing', async () => {
  const found = world.environments.get(environment)!;
  found.instances = ['i-of-another-kind'];
  found.health = 'Severe';
  found.platformArn = 'another';
  set('aws:autoscaling:launchconfiguration:ImageId', 'ami-2');
  world.names.push({ name: 'other.com.au', type: 'TXT', target: 'a word', alias: false });
  world.stack('SomebodyElses', {});
  world.stacks.get(names.side('green'))!.status = 'UPDATE_COMPLETE';
  expect(await askedAbout()).toEqual([]);
});

test('no secret of an environment is in the journal', () => {
  const { store } = played;
  expect(JSON.stringify([...store.objects.values()])).not.toContain('sk_live');
});

/** What changes something that is watched. */
const changing =
  /^(elasticbeanstalk (Update|Terminate)|cloudformation (Execute|Create|Delete)Stack|cloudformation ExecuteChangeSet|route53 Change)/;
/** The stack that secrets are read with, which stays for a minute, is not watched. */
const elsewhere = new Set(['secrets']);

test('every step that changes what is watched says so', async () => {
  const ports = fakePorts(world);
  const record = { ...ports.record, readTestSystem: async () => undefined };
  const all: Ports = { ...ports, settings: documented, record };
  const runbooks = [
    cutover(all),
    failback(all),
    prep(all),
    tidyUp(all),
    adoptImport(all),
    adoptSeal(all),
    syncRunbook(all),
    testSystem(all),
  ];
  for (const { name, steps, watches = production } of await Promise.all(runbooks))
    for (const { id, calls, touches = [] } of steps) {
      expect(watches).toEqual(expect.arrayContaining(touches));
      const isChanging = calls.some((call) => changing.test(call)) && !elsewhere.has(id);
      expect([name, id, touches.length > 0]).toEqual([name, id, isChanging || touches.length > 0]);
    }
});
