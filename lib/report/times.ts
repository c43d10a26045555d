import type { Entry } from '../runbook/entry';

/**
 * What the lines of a journal tell about time, by the clocks of the machines that wrote them; in a rehearsal by the
 * sandbox's, but for the tool's own part.
 */

const minuteMs = 60_000;
const atMs = ({ at }: Entry) => Date.parse(at);

/**
 * How long processes drove the run, and how long they worked in it. Time in which nobody drove it, as between a stop and
 * a resume, belongs to neither.
 */
export function timesOf(entries: Entry[]): { elapsedMinutes: number; toolSeconds: number } {
  const drivers = new Set(entries.map(({ by }) => by.token));
  let elapsedMs = 0;
  let workedMs = 0;
  for (const token of drivers) {
    const drive = entries.filter(({ by }) => by.token === token);
    elapsedMs += atMs(drive.at(-1)!) - atMs(drive[0]!);
    workedMs += Math.max(...drive.map((entry) => entry.workedMs));
  }
  return { elapsedMinutes: elapsedMs / minuteMs, toolSeconds: workedMs / 1000 };
}

/** How long people were waited for, at gates that they confirmed. */
export function personMinutes(entries: Entry[]): number {
  return questions(entries).reduce((sum, { fromMs, untilMs }) => sum + (untilMs - fromMs), 0) / minuteMs;
}

function questions(entries: Entry[]): { fromMs: number; untilMs: number }[] {
  return entries.flatMap((entry, index) => {
    if (entry.event !== 'gate-confirmed') return [];
    const asked = entries
      .slice(0, index)
      .findLast(({ event, step }) => event === 'gate-asked' && step === entry.step);
    return asked ? [{ fromMs: atMs(asked), untilMs: atMs(entry) }] : [];
  });
}

export interface Outage {
  refusedAt: string;
  /** Undefined while it lasts. */
  welcomedAt: string | undefined;
  /** Until now, while it lasts. */
  minutes: number;
}

/** From the first refusal to the last welcome after it, what people took at gates meanwhile left out. */
export function outageOf(entries: Entry[]): Outage | undefined {
  const refused = entries.find(({ event }) => event === 'visitor-refused');
  if (!refused) return undefined;
  const last = entries.findLast(({ event }) => event === 'visitor-refused' || event === 'visitor-welcomed')!;
  const welcomed = last.event === 'visitor-welcomed' ? last : undefined;
  const fromMs = atMs(refused);
  const untilMs = atMs(welcomed ?? entries.at(-1)!);
  const tested = questions(entries).reduce(
    (sum, question) =>
      sum + Math.max(0, Math.min(untilMs, question.untilMs) - Math.max(fromMs, question.fromMs)),
    0,
  );
  return { refusedAt: refused.at, welcomedAt: welcomed?.at, minutes: (untilMs - fromMs - tested) / minuteMs };
}
