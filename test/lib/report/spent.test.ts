import { lengthMs, spent } from '../../../lib/report/spent';
import { minute, smallReport } from '../../support/reported-night';

const went = spent(smallReport());
const minutesOf = (stretches: Parameters<typeof lengthMs>[0]) => lengthMs(stretches) / 60_000;

test('what people were asked is theirs, not waiting for AWS', () => {
  expect(minutesOf(went.people)).toBe(2 + 30);
  for (const { fromMs, untilMs } of went.aws)
    expect(went.people.every((each) => untilMs <= each.fromMs || fromMs >= each.untilMs)).toBe(true);
});

test('between two drives nobody drove it', () => {
  expect(went.nobody).toEqual([{ fromMs: Date.parse(minute(12)), untilMs: Date.parse(minute(200)) }]);
});

test('the tool worked as long as it says, and the rest was waiting for AWS', () => {
  const workedMinutes = (12 + 43) / 600;
  expect(minutesOf(went.tool)).toBeCloseTo(workedMinutes, 3);
  expect(minutesOf(went.aws)).toBeGreaterThan(12 + 43 - 32 - workedMinutes - 0.01);
});
