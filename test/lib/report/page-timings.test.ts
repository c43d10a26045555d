import { pageOutageMinutes, pageTimedOutageMinutes, pageTimings } from '../../../lib/report/page-timings';

test('the minutes of the page are those of its own sum, 1 hour 31 minutes', () => {
  expect(pageTimings.map(({ step }) => step)).toEqual(
    Array.from({ length: 17 }, (_, index) => `U${index + 1}`),
  );
  expect(pageOutageMinutes).toBe(60 + 31);
});

test('what it timed was shorter than what it allows, by 2, 5 and 6 minutes', () => {
  expect(pageTimedOutageMinutes).toBe(91 - 2 - 5 - 6);
});
