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

/** How long people were waited for at gates, or at one step's, while the process that asked drove the run. */
export function personMinutes(entries: Entry[], step?: string): number {
  const asked = questions(entries).filter(({ asked }) => step === undefined || asked.step === step);
  const waits = asked.map(({ asked, fromMs, untilMs }) => {
    const drive = entries.filter(({ by }) => by.token === asked.by.token);
    return Math.min(untilMs, atMs(drive.at(-1)!)) - fromMs;
  });
  return waits.reduce((sum, each) => sum + each, 0) / minuteMs;
}

/**
 * A question waits until the next line of its step, as of a yes or a no, or until the run stopped. One that nobody answered when
 * its process was killed was looked at by people until another process went on.
 */
export function questions(entries: Entry[]): { asked: Entry; fromMs: number; untilMs: number }[] {
  return entries.flatMap((asked, index) => {
    if (asked.event !== 'gate-asked') return [];
    const end = entries
      .slice(index + 1)
      .find(
        ({ event, step, by }) =>
          step === asked.step || event === 'run-stopped' || by.token !== asked.by.token,
      );
    return [{ asked, fromMs: atMs(asked), untilMs: atMs(end ?? entries.at(-1)!) }];
  });
}

/**
 * How long a step was worked on, waited for or asked about, in all drives of the run; time in which nobody drove it is left
 * out.
 * @param own the lines of the step that count, at least one
 */
export function activeMinutes(own: Entry[], entries: Entry[]): number {
  const drivers = new Set(own.map(({ by }) => by.token));
  let activeMs = 0;
  for (const token of drivers) {
    const lines = own.filter(({ by }) => by.token === token);
    const [first] = lines;
    const last = lines.at(-1)!;
    const isOver = last.event === 'step-done' || last.event === 'step-failed';
    // A drive that left it unfinished was at it until its own end.
    const end = isOver ? last : entries.findLast(({ by }) => by.token === token)!;
    activeMs += atMs(end) - (first!.event === 'step-done' ? Date.parse(first!.since) : atMs(first!));
  }
  return activeMs / minuteMs;
}

export interface Outage {
  refusedAt: string;
  /** Undefined while it lasts. */
  welcomedAt: string | undefined;
  /** Until now, while it lasts. */
  minutes: number;
}

/** From the first refusal to the last welcome after it, or until now, what people took at gates meanwhile left out. */
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
