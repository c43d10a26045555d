import { exact, plan } from '../runbook/plan';
import type { Runbook } from '../runbook/step';
import { outage } from './critical-path';
import type { Report, ReportedStep } from './report';

/** When it will be over, as far as one can tell; what people will take at gates is left out. */
export interface Forecast {
  /** From now until ordinary visitors are welcome; 0 when they are, undefined of a runbook without an outage. */
  toWelcomeMinutes: number | undefined;
  toEndMinutes: number;
  /** What the outage will have come to at the welcome; undefined of a runbook without one. */
  outageMinutes: number | undefined;
  /** By how much slower than expected the steps of this run were, at least 1. */
  pace: number;
  steps: ForecastStep[];
}

export interface ForecastStep {
  id: string;
  /** What the step takes from its beginning to its end. */
  expectedMinutes: number;
  /** Whether that was measured in earlier runs, or is what the runbook says. */
  from: 'earlier runs' | 'the runbook';
  /** From now until it begins and ends; 0 for what is behind. */
  beginsInMinutes: number;
  endsInMinutes: number;
}

/** Minutes by step. */
export type Timings = ReadonlyMap<string, number>;

/**
 * Pure: of a report as of now. A step that takes longer than expected is taken to end at any moment. A run that is slower
 * than expected is taken to stay so; one that is faster promises nothing.
 * @param timings of earlier runs; a step without any takes what the runbook says.
 */
export function forecast(
  runbook: Pick<Runbook, 'name' | 'steps'>,
  report: Pick<Report, 'steps' | 'outageMinutes'>,
  timings: Timings,
): Forecast {
  const states = new Map(report.steps.map((step) => [step.id, step]));
  const usual = ({ id, minutes }: { id: string; minutes: number }) => timings.get(id) ?? minutes;
  const pace = paceOf(runbook.steps.map((step) => ({ step: states.get(step.id)!, usual: usual(step) })));
  const ends = new Map<string, number>();
  const steps = plan(runbook).map(({ step }): ForecastStep => {
    const state = states.get(step.id)!;
    const expectedMinutes = exact(usual(step) * pace);
    const begins = begun.has(state.state) ? 0 : Math.max(0, ...step.after.map((id) => ends.get(id)!));
    const ended = isDone(state) ? 0 : exact(begins + Math.max(0, expectedMinutes - worked(state)));
    ends.set(step.id, ended);
    const from = timings.has(step.id) ? 'earlier runs' : 'the runbook';
    return { id: step.id, expectedMinutes, from, beginsInMinutes: begins, endsInMinutes: ended };
  });
  const toWelcomeMinutes = ends.get(outage.ends);
  const untilItBegins = ends.get(outage.begins) ?? 0;
  return {
    toWelcomeMinutes,
    toEndMinutes: Math.max(0, ...ends.values()),
    outageMinutes:
      toWelcomeMinutes === undefined
        ? undefined
        : exact((report.outageMinutes ?? 0) + Math.max(0, toWelcomeMinutes - untilItBegins)),
    pace,
    steps,
  };
}

const begun = new Set<ReportedStep['state']>(['done', 'already', 'proved', 'begun']);
const isDone = ({ finishedAt }: ReportedStep) => finishedAt !== undefined;
const worked = ({ state, minutes, personMinutes }: ReportedStep) =>
  state === 'begun' ? Math.max(0, (minutes ?? 0) - personMinutes) : 0;

/** Before so many expected minutes are behind, a slow step says little of the others. */
const tellingMinutes = 5;

function paceOf(steps: { step: ReportedStep; usual: number }[]): number {
  const behind = steps.filter(({ step, usual }) => step.state === 'done' && usual > 0);
  const usualMinutes = sum(behind.map(({ usual }) => usual));
  if (usualMinutes < tellingMinutes) return 1;
  const tookMinutes = sum(behind.map(({ step }) => (step.minutes ?? 0) - step.personMinutes));
  return exact(Math.max(1, tookMinutes / usualMinutes));
}

/** The median of what each step took in earlier runs in which its act was done, people's time left out. */
export function timingsOf(reports: Pick<Report, 'steps'>[]): Timings {
  const taken = new Map<string, number[]>();
  for (const { id, state, minutes, personMinutes = 0 } of reports.flatMap(({ steps }) => steps)) {
    if ((state !== 'done' && state !== 'proved') || minutes === undefined) continue;
    taken.set(id, [...(taken.get(id) ?? []), Math.max(0, minutes - personMinutes)]);
  }
  return new Map([...taken].map(([id, minutes]) => [id, median(minutes)]));
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}

const sum = (values: number[]) => values.reduce((all, each) => all + each, 0);
