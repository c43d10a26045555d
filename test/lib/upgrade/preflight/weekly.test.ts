import { fallsInto, spanFallsInto } from '../../../../lib/upgrade/preflight/weekly';

/** Thursday 22:00 in Sydney in summer, to half past midnight. */
const night = { from: new Date('2026-11-26T11:00:00Z'), minutes: 150 };

test.each([
  ['begins in it', 'Thu:12:00', true],
  ['goes on into it', 'Thu:09:01', true],
  ['ends as it begins', 'Thu:09:00', false],
  ['begins as it ends', 'Thu:13:30', false],
  ['is of another day', 'Wed:12:00', false],
  ['cannot be read', 'whenever', true],
])('a weekly time that %s', (_, begins, falls) => {
  expect(fallsInto(night, begins, 120)).toBe(falls);
});

test('a night from Saturday to Sunday meets what begins with the week', () => {
  const saturday = { from: new Date('2026-11-28T23:00:00Z'), minutes: 150 };
  expect(fallsInto(saturday, 'Sun:01:00', 30)).toBe(true);
  expect(fallsInto(saturday, 'Sun:01:30', 30)).toBe(false);
});

test('a span has its own end, beyond the week too', () => {
  expect(spanFallsInto(night, 'thu:10:30-thu:11:30')).toBe(true);
  expect(spanFallsInto(night, 'thu:10:00-thu:11:00')).toBe(false);
  expect(spanFallsInto({ from: new Date('2026-11-29T00:10:00Z'), minutes: 5 }, 'sat:23:45-sun:00:15')).toBe(
    true,
  );
  expect(spanFallsInto(night, 'thu:10:00')).toBe(true);
});
