import type { ReportedStep } from '../report';
import { type Html, html } from './html';

/** Times and amounts as people read them. */
export interface Words {
  /** Such as 22:17. */
  time(at: string | number): Html;
  /** Such as 22:17:11. */
  exactTime(at: string | number): Html;
  /** Such as Thursday 26 November 2026. */
  date(at: string | number): string;
  /** The same as text. */
  plainTime(at: number): string;
  plainExactTime(at: number): string;
  timeZone: string;
}

/** @param timeZone by its name in the time zone database, such as Australia/Sydney */
export function wordsIn(timeZone: string): Words {
  const shape = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-AU', { timeZone, hourCycle: 'h23', ...options });
  const short = shape({ hour: '2-digit', minute: '2-digit' });
  const long = shape({ hour: '2-digit', minute: '2-digit', second: '2-digit' });
  const day = shape({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
  const timeIn = (format: Intl.DateTimeFormat) => (at: string | number) =>
    html`<time datetime="${new Date(at).toISOString()}">${format.format(new Date(at))}</time>`;
  return {
    time: timeIn(short),
    exactTime: timeIn(long),
    plainTime: (at) => short.format(at),
    plainExactTime: (at) => long.format(at),
    date: (at) => day.format(new Date(at)),
    timeZone,
  };
}

/** Steps that take less than a minute take seconds. */
export function minutesWord(minutes: number | undefined): string {
  if (minutes === undefined) return '';
  if (minutes < 1) return minutes * 60 < 1 ? '<1 s' : `${Math.round(minutes * 60)} s`;
  if (minutes < 180) return `${rounded(minutes)} min`;
  return `${rounded(minutes / 60)} h`;
}

export const rounded = (value: number): number => Math.round(value * 10) / 10;

export const count = (many: number, one: string, several = `${one}s`): string =>
  `${many.toLocaleString('en-AU')} ${many === 1 ? one : several}`;

/** Of what took less than a minute the seconds, which the report's minutes do not tell. */
export function took({ startedAt, finishedAt, minutes }: ReportedStep): string {
  if (minutes === undefined || minutes >= 1 || startedAt === undefined || finishedAt === undefined)
    return minutesWord(minutes);
  const apartMinutes = (Date.parse(finishedAt) - Date.parse(startedAt)) / 60_000;
  return minutesWord(apartMinutes < 1 ? apartMinutes : minutes);
}

/** Such as U2, or U7–10 where several follow each other. */
export function pageNumbers(seed: string[]): string {
  const [first = ''] = seed;
  const follows = seed.every((each, index) => each === `${first[0]}${Number(first.slice(1)) + index}`);
  return seed.length > 2 && follows ? `${first}–${seed.at(-1)!.slice(1)}` : seed.join(' ');
}

/** The ids of what names a part of a page: of several runs on one page each says of which it is. */
export const labels = (prefix: string, id: string): string =>
  prefix === '' ? id : `${prefix.slice(0, -1)} ${prefix}${id}`;
