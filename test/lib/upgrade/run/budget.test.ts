import type { Operator } from '../../../../lib/runbook/operator';
import type { Gate, Step } from '../../../../lib/runbook/step';
import type { Ports } from '../../../../lib/upgrade/ports';
import { type Budget, BudgetWatch, budgetOf, requireWithin } from '../../../../lib/upgrade/run/budget';
import type { Live } from '../../../../lib/upgrade/run/run-view';
import { MemoryStore } from '../../../support/memory-store';
import { cobalt } from '../../../support/upgrade';

const budget: Budget = {
  minutes: 60,
  outage: { minutes: 36, from: "by the runbook's own minutes" },
  failback: { minutes: 7, from: '3 of 5 steps as earlier runs took' },
};

test('an outage whose end leaves no time for a failback is not begun, and both figures say where they come from', () => {
  expect(() => requireWithin({ ...budget, minutes: 43 })).not.toThrow();
  expect(() => requireWithin({ ...budget, minutes: 42 })).toThrow(
    expect.objectContaining({
      code: 'OVER_BUDGET',
      exitCode: 3,
      text: expect.objectContaining({
        so: expect.stringMatching(
          /36 minutes .*by the runbook's own minutes.* 7 more .*3 of 5 steps as earlier runs took.*43 together.*42/,
        ),
        next: expect.stringContaining('--budget 43'),
      }),
    }),
  );
});

test('without an earlier run both are those of the runbooks', async () => {
  const objects = new MemoryStore();
  const { outage, failback } = await budgetOf({ settings: cobalt, objects } as unknown as Ports, 60, true);
  expect(outage.minutes).toBeGreaterThan(30);
  expect(failback.minutes).toBeGreaterThan(5);
  expect(failback.minutes).toBeLessThan(outage.minutes);
});

/** A run some minutes after the first refusal, so many minutes before the welcome. */
function watchAt(isWarned = false) {
  const seen = { spent: 0, toWelcome: 36 };
  const live = () =>
    ({
      now: new Date(Date.parse('2026-11-25T12:00:00Z') + seen.spent * 60_000),
      report: { outage: { refusedAt: '2026-11-25T12:00:00Z', welcomedAt: undefined } },
      forecast: { toWelcomeMinutes: seen.toWelcome },
    }) as unknown as Live;
  return { seen, watch: new BudgetWatch(budget, { live }, isWarned) };
}

test('a run that goes as expected is not warned of', () => {
  const { seen, watch } = watchAt();
  for (seen.spent = 0; seen.spent <= 36; seen.spent += 6, seen.toWelcome -= 6)
    expect(watch.look()).toBeUndefined();
});

test('one that is slower is warned of once, while there is time to go back, with the command', () => {
  const { seen, watch } = watchAt();
  Object.assign(seen, { spent: 20, toWelcome: 34 });
  const told = watch.look();
  expect(told).toContain('expected to take 54, which fits, but not with a way back');
  expect(told).toContain('There is still time to go back');
  expect(told).toContain('npm run cutover -- --call-off');
  Object.assign(seen, { spent: 30, toWelcome: 40 });
  expect(watch.look()).toBeUndefined();
});

test('a process that goes on with the run does not warn again', () => {
  const { seen, watch } = watchAt(true);
  Object.assign(seen, { spent: 50, toWelcome: 30 });
  expect(watch.look()).toBeUndefined();
});

test('where going back does not fit either, it says so', () => {
  const { seen, watch } = watchAt();
  Object.assign(seen, { spent: 58, toWelcome: 10 });
  expect(watch.look()).toContain('Going back does not fit either');
});

test('whoever is asked during the outage reads how long going back still fits', async () => {
  const { seen, watch } = watchAt();
  Object.assign(seen, { spent: 40, toWelcome: 1 });
  const asked: Gate[] = [];
  const operator: Operator = {
    tell: () => {},
    confirm: async (_step, gate) => {
      asked.push(gate);
      return true;
    },
    stopped: new Promise(() => {}),
  };
  await watch.over(operator).confirm({} as Step, { will: ['It opens.'], check: ['Is it green?'] });
  expect(asked[0]!.check).toEqual([
    'Is it green?',
    expect.stringContaining('for 13 minutes more going back (about 7) stays within it'),
  ]);
});
