import { exact } from '../runbook/plan';
import type { Runbook } from '../runbook/step';
import { outage } from './critical-path';
import { type Forecast, forecast, type Timings } from './forecast';
import { type Report, report } from './report';

/** Whether an outage stays within what was promised, the way back from its last moment included. */

/** Minutes that are expected, and where they come from. */
export interface Expected {
  minutes: number;
  /** A sentence's part, such as "4 of 12 steps as earlier runs took, the others as the runbook says". */
  from: string;
}

export interface Estimate {
  /** The outage without people's testing, which nobody can tell beforehand. */
  outage: Expected;
  /** From the beginning of a failback until everybody is let in on the old side. */
  failback: Expected;
}

type Steps = Pick<Runbook, 'name' | 'steps' | 'id' | 'title'>;

export function estimate(
  cutover: { runbook: Steps; timings: Timings },
  failback: { runbook: Steps; timings: Timings },
): Estimate {
  return {
    outage: expected(cutover.runbook, cutover.timings),
    failback: expected(failback.runbook, failback.timings),
  };
}

function expected(runbook: Steps, timings: Timings): Expected {
  const entries: Parameters<typeof report>[0]['entries'] = [];
  const posture = { live: '', access: '' };
  const begun = forecast(runbook, report({ run: '', runbook, entries, modelled: true, posture }), timings);
  return { minutes: rounded(begun.outageMinutes ?? 0), from: sourceOf(begun) };
}

/** Of the steps between the beginning of the outage and the welcome. */
function sourceOf({ steps }: Forecast): string {
  const from = steps.find(({ id }) => id === outage.begins)?.endsInMinutes ?? 0;
  const until = steps.find(({ id }) => id === outage.ends)?.endsInMinutes ?? 0;
  const counted = steps.filter((each) => each.beginsInMinutes >= from && each.endsInMinutes <= until);
  const known = counted.filter((each) => each.from === 'earlier runs').length;
  if (known === 0) return "by the runbook's own minutes: no earlier run is known";
  return `${known} of ${counted.length} steps as earlier runs took, the others by the runbook's minutes`;
}

/** How the outage stands against its budget at a moment of a run. */
export interface BudgetStanding {
  /** Since the first refusal, testing and questions included: nobody outside knows the difference. */
  spentMinutes: number;
  /** What it will have come to at the welcome, if nobody takes longer to answer. */
  expectedMinutes: number;
  /** What it will have come to if people say no at the last gate, and it is gone back. */
  worstMinutes: number;
  /** If it is gone back now. */
  backMinutes: number;
}

/** Undefined while nobody is refused, or nobody is any more. */
export function standingOf(
  { outage: seen }: Pick<Report, 'outage'>,
  { toWelcomeMinutes = 0 }: Pick<Forecast, 'toWelcomeMinutes'>,
  now: Date,
  failbackMinutes: number,
): BudgetStanding | undefined {
  if (!seen || seen.welcomedAt !== undefined) return undefined;
  const spent = (now.getTime() - Date.parse(seen.refusedAt)) / 60_000;
  return {
    spentMinutes: rounded(spent),
    expectedMinutes: rounded(spent + toWelcomeMinutes),
    worstMinutes: rounded(spent + toWelcomeMinutes + failbackMinutes),
    backMinutes: rounded(spent + failbackMinutes),
  };
}

const rounded = (minutes: number) => Math.round(exact(minutes) * 10) / 10;
