/** The page's own minutes, as it gives them under "Rough Timings". */

export interface PageTiming {
  /** The page's number, such as U4. */
  step: string;
  /** Undefined for testing: "Unknown, allow 1 hour". */
  allowedMinutes: number | undefined;
  /** Where the page says how long it took. */
  timedMinutes?: number;
}

export const pageTimings: PageTiming[] = [
  { step: 'U1', allowedMinutes: 5 },
  { step: 'U2', allowedMinutes: 5 },
  { step: 'U3', allowedMinutes: 5 },
  { step: 'U4', allowedMinutes: 10, timedMinutes: 8 },
  // "Timed at 14 and 16 minutes."
  { step: 'U5', allowedMinutes: 20, timedMinutes: 15 },
  { step: 'U6', allowedMinutes: 5 },
  { step: 'U7', allowedMinutes: 5 },
  { step: 'U8', allowedMinutes: 5 },
  { step: 'U9', allowedMinutes: 0 },
  { step: 'U10', allowedMinutes: 2 },
  { step: 'U11', allowedMinutes: 2 },
  { step: 'U12', allowedMinutes: 2 },
  { step: 'U13', allowedMinutes: 10, timedMinutes: 4 },
  { step: 'U14', allowedMinutes: undefined },
  { step: 'U15', allowedMinutes: 5 },
  { step: 'U16', allowedMinutes: 5 },
  { step: 'U17', allowedMinutes: 5 },
];

const sum = (minutes: (number | undefined)[]) => minutes.reduce<number>((all, each) => all + (each ?? 0), 0);

/** The page's "Outage time excluding testing: 1 hour 31 minutes". */
export const pageOutageMinutes = sum(pageTimings.map(({ allowedMinutes }) => allowedMinutes));

/**
 * The page gives its failback no minutes; its steps are those of the upgrade, backwards: maintenance 5 (U2), credentials off
 * and on 2 and 2 (U10), DNS 2 (U11), maintenance off 5 (U15).
 */
export const pageFailbackMinutes = 16;

/** The same with the minutes that were timed, where they were. */
export const pageTimedOutageMinutes = sum(
  pageTimings.map(({ allowedMinutes, timedMinutes }) => timedMinutes ?? allowedMinutes),
);
