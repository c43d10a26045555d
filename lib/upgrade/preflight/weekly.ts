import type { Window } from './check';

/** Times of a week, in UTC, as Elastic Beanstalk and RDS write them: `Tue:09:00`, `sun:16:00-sun:16:30`. */

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const weekMinutes = 7 * 24 * 60;

/** Minutes since Sunday began; undefined for what is no such time. */
function minuteOf(text: string): number | undefined {
  const [, day = '', hours, minutes] = /^(\w{3}):(\d\d):(\d\d)$/.exec(text.trim()) ?? [];
  const index = days.indexOf(day.toLowerCase());
  return index === -1 ? undefined : (index * 24 + Number(hours)) * 60 + Number(minutes);
}

const around = (minutes: number) => ((minutes % weekMinutes) + weekMinutes) % weekMinutes;

/** Whether a weekly time falls into a window. What cannot be read does: nobody knows that it does not. */
export function fallsInto(window: Window, begins: string, minutes: number): boolean {
  const begin = minuteOf(begins);
  if (begin === undefined) return true;
  const { from } = window;
  const first = (from.getUTCDay() * 24 + from.getUTCHours()) * 60 + from.getUTCMinutes();
  return around(begin - first) < window.minutes || around(first - begin) < minutes;
}

/** The same for a time with its end. */
export function spanFallsInto(window: Window, span: string): boolean {
  const [begins = '', ends = ''] = span.split('-');
  const [begin, end] = [minuteOf(begins), minuteOf(ends)];
  if (begin === undefined || end === undefined) return true;
  return fallsInto(window, begins, around(end - begin));
}
