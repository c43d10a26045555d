import { estimate, standingOf } from '../../../lib/report/budget';
import { PlayedRun } from '../../support/runbook';

const { step } = new PlayedRun();
const of = (name: string, minutes: number) => ({
  name,
  id: name,
  title: name,
  steps: [
    step('begin', { minutes: 0 }),
    step('copy', { after: ['begin'], minutes }),
    step('welcome', { after: ['copy'], minutes: 1 }),
    step('grow', { after: ['welcome'], minutes: 30 }),
  ],
});
const unknown = new Map<string, number>();

test('what is expected is the outage of each, by what earlier runs took where they are known', () => {
  const there = { runbook: of('cutover', 40), timings: new Map([['copy', 52]]) };
  const back = { runbook: of('failback', 5), timings: unknown };
  expect(estimate(there, back)).toEqual({
    outage: { minutes: 53, from: expect.stringContaining('1 of 3 steps as earlier runs took') },
    failback: { minutes: 6, from: expect.stringContaining('no earlier run is known') },
  });
});

describe('an outage of which 20 minutes are over', () => {
  const now = new Date('2026-11-25T12:20:00Z');
  const outage = { refusedAt: '2026-11-25T12:00:00Z', welcomedAt: undefined };

  test('is held against its budget with all that went by, and with what a failback takes', () => {
    expect(standingOf({ outage }, { toWelcomeMinutes: 25 }, now, 6)).toEqual({
      spentMinutes: 20,
      expectedMinutes: 45,
      worstMinutes: 51,
      backMinutes: 26,
    });
  });

  test('is none before the first refusal, and once everybody is welcome', () => {
    expect(standingOf({ outage: undefined }, { toWelcomeMinutes: 25 }, now, 6)).toBeUndefined();
    const over = { ...outage, welcomedAt: '2026-11-25T12:10:00Z' };
    expect(standingOf({ outage: over }, { toWelcomeMinutes: 0 }, now, 6)).toBeUndefined();
  });
});
