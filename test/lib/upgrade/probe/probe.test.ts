import { parameterNames, stackNames } from '../../../../lib/names';
import { probe } from '../../../../lib/upgrade/probe/probe';
import type { Switches } from '../../../../sandbox/world';
import { ByHand } from '../../../support/by-hand';
import { inProcess } from '../../../support/night';
import { quick } from '../../../support/quick';
import { Stage } from '../../../support/stage';
import { cobalt } from '../../../support/upgrade';

jest.setTimeout(120_000);

const { from, to } = cobalt.upgrade;
const ses = cobalt.sides[to].environments.ses!.name;
const record = `upgrade-probe.${cobalt.zone.name}`;

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open(cobalt, { durations: quick });
});
afterAll(() => stage.close());

const kept = () => {
  const text = stage.sandbox.world.parameters.read(parameterNames(cobalt).answers)?.value;
  return text === undefined ? undefined : JSON.parse(text);
};

/** Everything that a probe makes, as it is left. */
async function leftovers() {
  const ports = await stage.ports();
  const [environment, records, stack] = await Promise.all([
    ports.environments.find(ses),
    ports.names.records(cobalt.zone.id),
    ports.stacks.find(stackNames(cobalt).probe),
  ]);
  return [
    ...Object.keys(environment!.options).filter((name) => name.includes('UPGRADE_PROBE')),
    ...stage
      .processes(ses)
      .flatMap((environ) => Object.keys(environ).filter((name) => name.startsWith('UPGRADE_PROBE'))),
    ...records.filter(({ name }) => name === record),
    ...(stack ? [stack.name] : []),
  ];
}

test('nothing is probed before there is a side that nobody uses', async () => {
  await expect(probe(await stage.ports())).rejects.toMatchObject({
    code: 'PROBE_NEEDS_FENCED_SIDE',
    exitCode: 3,
    text: { next: expect.stringContaining('npm run prep') },
  });
  expect(kept()).toBeUndefined();
  await stage.deploy();
});

type Position = Pick<Switches, 'duplicateVariableWins' | 'shellSeesSecrets' | 'adoptsIdenticalAlias'>;
const positions: [Position, object][] = [
  [
    { duplicateVariableWins: 'environmentsecrets', shellSeesSecrets: true, adoptsIdenticalAlias: true },
    { duplicateVariableWins: 'environmentsecrets', shellSeesSecrets: true, adoptsRecords: 'aliases' },
  ],
  [
    { duplicateVariableWins: 'environment', shellSeesSecrets: false, adoptsIdenticalAlias: false },
    { duplicateVariableWins: 'environment', shellSeesSecrets: false, adoptsRecords: 'plain addresses' },
  ],
];

test.each(positions)(
  'tells what AWS does: %j, keeps it, and leaves nothing behind',
  async (position, answers) => {
    Object.assign(stage.sandbox.world.switches, position);
    const untouched = [from, to].flatMap((side) =>
      stage.processes(cobalt.sides[side].environments.web!.name),
    );
    const { code, said } = await inProcess(stage, 'npm run preflight -- --probe --json');
    expect([code, said]).toEqual([0, said]);
    const result = JSON.parse(said.split('\n').at(-2)!);
    expect(result).toMatchObject({ answers, faults: 0 });
    expect(kept()).toMatchObject(answers);
    expect(await leftovers()).toEqual([]);
    const after = [from, to].flatMap((side) => stage.processes(cobalt.sides[side].environments.web!.name));
    expect(after).toEqual(untouched);
  },
);

test('what a probe left that was cut off is taken away by the next', async () => {
  const byHand = new ByHand(cobalt);
  await byHand.set(ses, { UPGRADE_PROBE_OLD: 'left' });
  const ports = await stage.ports();
  await ports.names.address(cobalt.zone.id, record, ['192.0.2.7'], 60);
  expect(await leftovers()).not.toEqual([]);
  await probe(ports);
  expect(await leftovers()).toEqual([]);
});

test('a probe that fails in the middle takes its variables away', async () => {
  const ports = await stage.ports();
  const run = ports.instances.run.bind(ports.instances);
  let looks = 0;
  ports.instances.run = async (instance, script, args, options) => {
    looks += 1;
    const result = await run(instance, script, args, options);
    return looks === 1 ? { ...result, stdout: 'nonsense' } : result;
  };
  await expect(probe(ports)).rejects.toMatchObject({ code: 'OBSERVATION_UNREADABLE' });
  expect(await leftovers()).toEqual([]);
});
