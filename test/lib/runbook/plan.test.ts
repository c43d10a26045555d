import { expectedMinutes, plan } from '../../../lib/runbook/plan';
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
    a: { startMinute: 0, endMinute: 5, slackMinutes: 0 },
    b: { startMinute: 5, endMinute: 12, slackMinutes: 0 },
    c: { startMinute: 5, endMinute: 7, slackMinutes: 5 },
    d: { startMinute: 12, endMinute: 13, slackMinutes: 0 },
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
