import { Visitors } from '../../../sandbox/judge/visitors';

let visitors: Visitors;
beforeEach(() => {
  visitors = new Visitors();
});

const ask = (atMs: number, status: number | undefined, actor = 'user5') =>
  visitors.watch['visitor.asked']!({ kind: 'visitor.asked', atMs, actor, status });

test('there is no outage while nobody is refused', () => {
  ask(1, 200);
  ask(2, 302);
  ask(3, 503, 'stripe');
  ask(4, undefined, 'ses');
  expect(visitors.outage).toBeUndefined();
});

test('it lasts from the first refusal to the first welcome, and has no end before that', () => {
  ask(1, 200);
  ask(2, 503);
  ask(3, undefined);
  expect(visitors.outage).toEqual({ fromMs: 2, untilMs: undefined });
  ask(9, 302);
  ask(10, 200);
  expect(visitors.outage).toEqual({ fromMs: 2, untilMs: 9 });
});

test('of several the longest counts, whether shorter ones come before it or after', () => {
  for (const [atMs, status] of [
    [1, 503],
    [2, 200],
    [3, 503],
    [9, 200],
    [10, 502],
    [12, 200],
  ] as const)
    ask(atMs, status);
  expect(visitors.outage).toEqual({ fromMs: 3, untilMs: 9 });
});

test('web hooks that were given up are counted by their sender', () => {
  for (const actor of ['ses', 'stripe', 'ses'])
    visitors.watch['webhook.dropped']!({ kind: 'webhook.dropped', atMs: 1, actor });
  expect(visitors.dropped).toEqual({ ses: 2, stripe: 1 });
});
