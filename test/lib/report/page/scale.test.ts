import fc from 'fast-check';
import { scaleOf } from '../../../../lib/report/page/scale';

const minuteMs = 60_000;
const stretch = (from: number, until: number) => ({ fromMs: from * minuteMs, untilMs: until * minuteMs });

test('time runs evenly where something goes on', () => {
  const scale = scaleOf(stretch(0, 40));
  expect([0, 10, 40].map((minute) => scale.at(minute * minuteMs))).toEqual([0, 25, 100]);
  expect(scale.ticks.map((ms) => ms / minuteMs)).toEqual([0, 5, 10, 15, 20, 25, 30, 35, 40]);
});

test('hours in which nobody drove the run take little room, and have no round times', () => {
  const scale = scaleOf(stretch(0, 1000), [stretch(20, 980)]);
  expect(scale.at(20 * minuteMs)).toBe(48);
  expect(scale.at(980 * minuteMs)).toBe(52);
  expect(scale.ticks.every((ms) => ms <= 20 * minuteMs || ms >= 980 * minuteMs)).toBe(true);
});

test('a short pause is drawn as long as it was', () => {
  expect(scaleOf(stretch(0, 40), [stretch(5, 14)]).squeezed).toEqual([]);
});

test('what comes later is never drawn before, and all of it inside', () => {
  const sorted = fc.uniqueArray(fc.integer({ min: 0, max: 100_000 }), { minLength: 2, maxLength: 12 });
  fc.assert(
    fc.property(sorted, fc.integer({ min: -10, max: 110_000 }), (minutes, at) => {
      const times = minutes.toSorted((one, other) => one - other);
      const [first, last] = [times[0]!, times.at(-1)!];
      const idle = times.slice(1, -1).flatMap((from, index, all) => {
        const until = all[index + 1];
        return index % 2 === 0 && until !== undefined ? [stretch(from, until)] : [];
      });
      const scale = scaleOf(stretch(first, last), idle);
      const [before, after] = [scale.at(at * minuteMs), scale.at((at + 1) * minuteMs)];
      expect(before).toBeGreaterThanOrEqual(0);
      expect(after).toBeLessThanOrEqual(100.001);
      expect(before).toBeLessThanOrEqual(after);
      expect(scale.ticks.length).toBeLessThan(60);
    }),
  );
});
