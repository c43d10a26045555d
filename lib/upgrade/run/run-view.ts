import { type Forecast, forecast, type Timings } from '../../report/forecast';
import { type ReportSoFar, report } from '../../report/report';
import type { Clock } from '../../runbook/clock';
import type { Entry } from '../../runbook/entry';
import type { Driver } from '../../runbook/holder';
import type { Journal } from '../../runbook/journal';
import type { Message, MessageCode } from '../../runbook/messages';
import type { Operator } from '../../runbook/operator';
import { confirmed, doneSteps, standing } from '../../runbook/standing';
import type { Gate, Runbook } from '../../runbook/step';

/** A run as it is at this moment, for whoever draws it. */
export interface Live {
  now: Date;
  /** As it would be if the run ended now. */
  report: ReportSoFar;
  forecast: Forecast;
  running: Running[];
  /** What a person is asked now. */
  asked: Asked | undefined;
  /** Who drives it, and wrote its journal last. */
  holder: Driver | undefined;
  /** Where a person will be asked next, if what the gate asks about is so by then. */
  nextGate: { id: string; title: string; inMinutes: number } | undefined;
}

export interface Running {
  id: string;
  since: Date;
  /** What it waits for, or does, as it was told last. */
  doing: string | undefined;
}

export interface Asked {
  id: string;
  title: string;
  gate: Gate;
}

export interface Viewed {
  runbook: Runbook;
  journal: Pick<Journal, 'run' | 'entries'>;
  clock: Clock;
  /** Of earlier runs. */
  timings: Timings;
  modelled: boolean;
}

const ends = new Set<MessageCode>(['STEP_DONE', 'STEP_ALREADY', 'STEP_FAILED', 'UNDONE']);

/** What a run tells and asks, kept so that it can be looked at from outside at any time. */
export class RunView {
  private readonly running = new Map<string, Running>();
  private asked: Asked | undefined;

  constructor(private readonly viewed: Viewed) {}

  /** The same operator, whose run is seen here too. */
  over(operator: Operator): Operator {
    return {
      stopped: operator.stopped,
      tell: (message) => {
        this.note(message);
        operator.tell(message);
      },
      confirm: async (step, gate, withdrawn) => {
        this.asked = { id: step.id, title: step.title, gate };
        try {
          return await operator.confirm(step, gate, withdrawn);
        } finally {
          this.asked = undefined;
        }
      },
    };
  }

  live(): Live {
    const { runbook, journal, clock, timings, modelled } = this.viewed;
    const now = clock.now();
    const entries = asOf(journal.entries, now);
    const { posture: _, ...made } = report({
      run: journal.run,
      runbook,
      entries,
      modelled,
      posture: { live: '', access: '' },
    });
    const foreseen = forecast(runbook, made, timings);
    return {
      now,
      report: made,
      forecast: foreseen,
      running: [...this.running.values()],
      asked: this.asked,
      holder: journal.entries.at(-1)?.by,
      nextGate: this.nextGate(foreseen, entries),
    };
  }

  private nextGate({ steps }: Forecast, entries: Entry[]): Live['nextGate'] {
    const done = doneSteps(entries);
    const coming = this.viewed.runbook.steps.filter(
      ({ id, gate }) => gate && !done.has(id) && !confirmed(entries, id) && id !== this.asked?.id,
    );
    const [first] = coming
      .map(({ id, title }) => ({
        id,
        title,
        inMinutes: steps.find((each) => each.id === id)!.beginsInMinutes,
      }))
      .toSorted((one, other) => one.inMinutes - other.inMinutes);
    return first;
  }

  private note({ code, step, text, at }: Message): void {
    if (step === undefined) return;
    if (ends.has(code)) this.running.delete(step);
    else if (code === 'STEP_STARTED' || code === 'UNDOING')
      this.running.set(step, { id: step, since: at, doing: undefined });
    else if (code === 'STEP_WAITING') {
      const running = this.running.get(step);
      if (running) this.running.set(step, { ...running, doing: text });
    }
  }
}

/** The journal as if something were written into it now: what goes on lasts until this moment. */
function asOf(entries: Entry[], now: Date): Entry[] {
  const last = entries.at(-1);
  // One that failed at a step waits for the others.
  if (!last || !['running', 'failed'].includes(standing(entries).state)) return entries;
  return [
    ...entries,
    { ...head(last), n: last.n + 1, at: now.toISOString(), event: 'judged', data: { checked: 0, broken: 0 } },
  ];
}

const head = ({ by, workedMs }: Entry) => ({ by, workedMs });
