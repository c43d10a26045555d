import type { Entry } from './entry';

/** What a journal tells, as pure functions of its lines. */

export interface Standing {
  /** `failed`: it stopped, or is about to, at a step that did not reach its postconditions. */
  state: 'not begun' | 'running' | 'stopped' | 'failed' | 'called off' | 'finished';
  /** The steps that were begun and are not done. */
  steps: string[];
}

const states: Partial<Record<Entry['event'], Standing['state']>> = {
  'run-started': 'running',
  'run-resumed': 'running',
  'run-stopped': 'stopped',
  'run-called-off': 'called off',
  'run-finished': 'finished',
};
const over = new Set<Standing['state']>(['called off', 'finished']);
const begun = new Set<Entry['event']>(['gate-asked', 'gate-confirmed', 'step-started', 'step-failed']);
const ended = new Set<Entry['event']>(['step-done', 'undone']);

/** Where a run stands. A run that says it is running may be driven by nobody: the lock tells. */
export function standing(entries: Entry[]): Standing {
  const told = entries.flatMap(({ event }) => states[event] ?? []);
  // What comes after the end, as when the lock could not be freed, does not bring a run back to life.
  const state = told.find((each) => over.has(each)) ?? told.at(-1) ?? 'not begun';
  const steps = stepsAt(entries, begun);
  const start = entries.findLastIndex(({ event }) => states[event] === 'running');
  const failed = stepsAt(entries.slice(start), new Set(['step-failed'])).length > 0;
  const unfinished = state === 'running' || state === 'stopped';
  return { state: unfinished && failed ? 'failed' : state, steps };
}

/** The steps that are done; one that was begun again since, or taken back, is not. */
export function doneSteps(entries: Entry[]): Set<string> {
  return new Set(stepsAt(entries, new Set(['step-done'])));
}

/** Whether a person said yes to a step's act, and it was not taken back since. */
export function confirmed(entries: Entry[], step: string): boolean {
  const own = entries.filter((entry) => entry.step === step);
  return (
    own.findLast(({ event }) => event === 'gate-confirmed' || event === 'undone')?.event === 'gate-confirmed'
  );
}

/** What a step failed over last, if it was not begun again since. */
export function failureOf(entries: Entry[], step: string): string | undefined {
  const last = entries.findLast((entry) => entry.step === step);
  return last?.event === 'step-failed' ? last.text : undefined;
}

/** The steps that were begun, or taken back, and are not done since: what they change may be changing still. */
export function unsettledSteps(entries: Entry[]): Set<string> {
  const unsettled = new Set<string>();
  for (const { event, step } of entries) {
    if (step === undefined) continue;
    if (event === 'step-started' || event === 'undone') unsettled.add(step);
    if (event === 'step-done') unsettled.delete(step);
  }
  return unsettled;
}

/** How often a step's act was begun in this run. */
export function attemptsOf(entries: Entry[], step: string): number {
  return entries.filter((entry) => entry.event === 'step-started' && entry.step === step).length;
}

/** The steps whose last event is one of these. */
function stepsAt(entries: Entry[], events: Set<Entry['event']>): string[] {
  const last = new Map<string, Entry['event']>();
  for (const { event, step } of entries)
    if (step !== undefined && (begun.has(event) || ended.has(event))) last.set(step, event);
  return [...last].flatMap(([step, event]) => (events.has(event) ? [step] : []));
}
