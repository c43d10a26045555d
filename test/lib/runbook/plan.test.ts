import { carryOutAll } from '../../../lib/runbook/engine';
import { expectedMinutes, oneByOne, plan } from '../../../lib/runbook/plan';
import { PlayedRun } from '../../support/runbook';

const { step } = new PlayedRun();
const planned = (...steps: ReturnType<typeof step>[]) => plan({ name: 'test', steps });

test('a step begins when the last of those it needs ends', () => {
  const steps = planned(
    step('d', { after: ['b', 'c'], minutes: 1 }),
    step('c', { after: ['a'], minutes: 2 }),
    step('b', { after: ['a'], minutes: 7 }),
    step('a', { minutes: 5 }),
  );
  const times = Object.fromEntries(steps.map(({ step: { id }, ...each }) => [id, each]));
  expect(times).toEqual({
    a: { startMinute: 0, endMinute: 5 },
    b: { startMinute: 5, endMinute: 12 },
    c: { startMinute: 5, endMinute: 7 },
    d: { startMinute: 12, endMinute: 13 },
  });
  expect(expectedMinutes(steps)).toBe(13);
});

test.each([
  ['a step twice', [step('a'), step('a')]],
  ['a need that is not there', [step('a', { after: ['b'] })]],
  ['a circle', [step('a', { after: ['b'] }), step('b', { after: ['a'] })]],
])('%s cannot be carried out', (_, steps) => {
  expect(() => planned(...steps)).toThrow(/^(The|In the) runbook test/);
});

describe('one step after another', () => {
  const diamond = (run: PlayedRun) => [
    run.step('a', { minutes: 5 }),
    run.step('c', { after: ['b'], minutes: 2 }),
    run.step('b', { after: ['a'], minutes: 7 }),
    run.step('d', { after: ['a'], minutes: 1 }),
  ];
  const runbookOf = (steps: ReturnType<typeof step>[]) => ({
    name: 'test',
    id: 'test',
    title: 'Test',
    steps,
  });

  test('each begins when the one before it in the plan ends', () => {
    const steps = planned(...oneByOne(runbookOf(diamond(new PlayedRun()))));
    expect(steps.map(({ step: { id, after }, startMinute }) => [id, after, startMinute])).toEqual([
      ['a', [], 0],
      ['b', ['a'], 5],
      ['c', ['b'], 12],
      ['d', ['c'], 14],
    ]);
  });

  test('none is begun while another is under way', async () => {
    const run = new PlayedRun();
    await carryOutAll(runbookOf(oneByOne(runbookOf(diamond(run)))), await run.open());
    const steps = (await run.events()).filter((event) => /^step-(started|done)/.test(event));
    expect(steps).toEqual(['a', 'b', 'c', 'd'].flatMap((id) => [`step-started ${id}`, `step-done ${id}`]));
  });

  test.each([
    ['side by side, the rest one after another', 0],
    ['one after another, the rest side by side', 1],
  ])('a run that was begun %s does nothing twice', async (_, first) => {
    const run = new PlayedRun();
    const steps = diamond(run);
    const both = [runbookOf(steps), runbookOf(oneByOne(runbookOf(steps)))];
    const [begun, resumed] = first === 0 ? both : both.reverse();
    const c = steps.find(({ id }) => id === 'c')!;
    const { act } = c;
    let fails = true;
    const failing = async () => {
      if (fails) throw new Error('broken');
      return act!();
    };
    for (const { steps } of both) Object.assign(steps.find(({ id }) => id === 'c')!, { act: failing });
    await expect(carryOutAll(begun!, await run.open())).rejects.toThrow('broken');
    fails = false;
    await carryOutAll(resumed!, await run.open());
    expect([...run.did].sort()).toEqual(['act a', 'act b', 'act c', 'act d']);
  });
});
