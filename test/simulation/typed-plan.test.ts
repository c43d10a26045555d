import { cobalt as settings } from '../support/upgrade';
import { planOf } from './seeds';
import { commandOf, planFrom } from './typed-plan';

const typedIn = (command: string) => /'(.*)'$/.exec(command)![1]!;

test('what is printed of a night plays the same night again', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const plan = planOf(seed, settings, {});
    expect(planFrom(typedIn(commandOf(plan)), settings)).toEqual(plan);
  }
});

const night = { from: 'blue', runbook: 'cutover', seed: 1, faults: [] };

test.each([
  ['what is no JSON', '{'],
  ['a side that there is not', JSON.stringify({ ...night, from: 'red' })],
  ['a runbook that there is not', JSON.stringify({ ...night, runbook: 'party' })],
  ['a fault that there is not', JSON.stringify({ ...night, faults: [{ kind: 'flood', at: 3 }] })],
  ['a place that none can be', JSON.stringify({ ...night, faults: [{ kind: 'crash-before', at: 'noon' }] })],
])('%s is refused', (_, text) => {
  expect(() => planFrom(text, settings)).toThrow();
});
