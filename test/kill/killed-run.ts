import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Report } from '../../lib/report/report';
import type { Stage } from '../support/stage';
import { type Told, Typed } from '../support/typed';

/** When a process is killed. */
export interface Moment {
  /** So many events of the run were told by then, by this process or by those before it... */
  events: number;
  /** ...and so much time has passed besides; or since the start, for one that is killed `early`, whatever it did. */
  thenMs: number;
  early: boolean;
}

export interface Kill {
  command: string;
  afterMs: number;
  /** What was told last before it. */
  during: string;
  /**
   * From the start of the next process to its first act or look; undefined when that one was
   * killed before, or nothing was begun yet that it could go on with.
   */
  restartMs: number | undefined;
  /** For how much of that it had a processor. */
  busyMs?: number | undefined;
}

/** A run from its first process to its last one. */
export interface Played {
  report: Report;
  /** How many events it had: steps that were begun or done, each once. */
  events: number;
  kills: Kill[];
}

/** Moments in the order in which they come, spread over a run of so many events. */
export function randomMoments(random: () => number, count: number, events: number): Moment[] {
  const places = Array.from({ length: count }, () => Math.floor(random() * 0.95 * events));
  return places
    .sort((a, b) => a - b)
    .map((place) => {
      const early = random() < 0.2;
      return { events: place, thenMs: Math.round(random() * (early ? 2_500 : 800)), early };
    });
}

/**
 * Types a runbook's command, kills its process at these moments and types it again each time, until it is done. What a
 * failback would lose is confirmed.
 */
export async function play(stage: Stage, command: string, moments: Moment[] = []): Promise<Played> {
  const events = new Set<string>();
  const kills: Kill[] = [];
  let words = '';
  let wasKilled = false;
  for (;;) {
    const typed = new Typed(stage, `${command}${words} --json --report ${reportOf(stage)}`);
    const moment = moments[kills.length];
    const isKilled = moment !== undefined && (await killedAt(typed, moment, events));
    const afterMs = typed.elapsedMs;
    const code = await typed.ended;
    for (const event of eventsOf(typed.told)) events.add(event);
    const first = typed.told.find(isAction);
    if (wasKilled && first && typed.told.some(isResumed))
      Object.assign(kills.at(-1)!, { restartMs: first.afterMs, busyMs: first.busyMs });
    wasKilled = isKilled;
    if (isKilled) kills.push({ command, afterMs, during: lastOf(typed.told), restartMs: undefined });
    else if (code === 6 && words === '') words = ` --confirm ${lostRows(reportIn(stage))}`;
    else if (code !== 0)
      throw new Error(`${command}${words} ended with ${code}:\n${typed.said.slice(-2_000)}`);
    else return { report: reportIn(stage), events: events.size, kills };
  }
}

/** Whether it was killed then: it may have ended before. */
async function killedAt(typed: Typed, moment: Moment, before: Set<string>): Promise<boolean> {
  const reached = () =>
    typed.told.some(isAction) && new Set([...before, ...eventsOf(typed.told)]).size >= moment.events;
  if (!moment.early && !(await typed.until(reached))) return false;
  const untilMs = typed.elapsedMs + moment.thenMs;
  await typed.until(() => typed.elapsedMs >= untilMs);
  return (await typed.signal('SIGKILL')) === null;
}

const done = new Set(['STEP_DONE', 'STEP_ALREADY']);

function eventsOf(told: Told[]): string[] {
  return told.flatMap(({ code, step }) => {
    if (code === 'STEP_STARTED') return [`${step} begun`];
    return done.has(code) ? [`${step} done`] : [];
  });
}

const isResumed = ({ code }: Told) => code === 'RUN_RESUMED' || code === 'RUN_ALREADY';

/** What a step did or saw; or that nothing is left to do. */
const isAction = ({ code, step }: Told) =>
  code === 'RUN_ALREADY' || (step !== undefined && /^STEP_|^GATE_|^PROGRESS$/.test(code));

function lastOf(told: Told[]): string {
  const last = told.at(-1);
  if (!last) return 'nothing was told yet';
  return [last.code, last.step, last.text].filter(Boolean).join(' ').slice(0, 80);
}

export const reportOf = (stage: Stage) => path.join(path.dirname(stage.settingsFile), 'report.json');

export const reportIn = (stage: Stage): Report => JSON.parse(readFileSync(reportOf(stage), 'utf8'));

const lostRows = ({ steps }: Report) =>
  steps.flatMap(({ evidence }) => evidence).find(({ what }) => what === 'rows that are lost with it')!
    .observed;
