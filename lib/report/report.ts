import type { Entry } from '../runbook/entry';
import { exact, expectedMinutes, plan } from '../runbook/plan';
import { standing } from '../runbook/standing';
import type { Evidence, Runbook } from '../runbook/step';
import { type CriticalPath, criticalPath } from './critical-path';
import { activeMinutes, outageOf, personMinutes, questions, timesOf } from './times';

/** What a run came to, for programs and for people. docs/report-format.md tells each field. */
export interface Report {
  run: string;
  runbook: string;
  title: string;
  result: 'done' | 'failed' | 'stopped' | 'called off' | 'running';
  /** Minutes that come from a sandbox's durations are modelled, never measured. */
  minutesAre: 'modelled' | 'measured';
  startedAt: string | undefined;
  finishedAt: string | undefined;
  /** From the first refusal of an ordinary visitor to the first welcome, people's testing left out. */
  outageMinutes: number | undefined;
  outage: { refusedAt: string; welcomedAt: string | undefined } | undefined;
  /** What the page needs for the same, testing left out; undefined where it has no outage. */
  pageOutageMinutes: number | undefined;
  /** What the run waited for AWS, and for people, and how long it only watched a side that serves. */
  awsBoundMinutes: number;
  personMinutes: number;
  watchedMinutes: number;
  /** The tool's own part, in which something was worked on. */
  toolSeconds: number;
  expectedMinutes: number;
  /** By the minutes the steps took; none until every step is done. */
  criticalPath: string[];
  steps: ReportedStep[];
  /** What happened when: the lines of the journal without their evidence. */
  events: ReportedEvent[];
  /** How often one was looked at, and what was seen that must never be so. */
  invariants: { checked: number; broken: string[] };
  warnings: string[];
  posture: { live: string; access: string };
}

/** Of a run that goes on nobody asks AWS what is recorded. */
export type ReportSoFar = Omit<Report, 'posture'>;

export interface ReportedStep {
  id: string;
  seed: string[];
  title: string;
  state: 'done' | 'already' | 'proved' | 'failed' | 'begun' | 'waiting' | 'undone';
  startedAt: string | undefined;
  finishedAt: string | undefined;
  minutes: number | undefined;
  /** Of these, those in which people were waited for. */
  personMinutes: number;
  expectedMinutes: number;
  /** Whether it is on the critical path. */
  critical: boolean;
  /** By how much it could have taken longer; undefined until every step is done. */
  slackMinutes: number | undefined;
  /** When people were asked at its gate, and when they were waited for no more. */
  questions: { askedAt: string; answeredAt: string }[];
  evidence: Evidence[];
}

export interface ReportedEvent {
  at: string;
  event: Entry['event'];
  step?: string;
  text?: string;
  /** Such as "ada on laptop". */
  who: string;
  /** Which of the processes that drove the run it was, counted from 1. */
  drive: number;
  /** How long that process had worked by then. */
  workedSeconds: number;
}

export interface ReportInput {
  run: string;
  runbook: Runbook;
  entries: Entry[];
  modelled: boolean;
  posture: { live: string; access: string };
}

/** Pure: whoever reads the journal, on whatever machine, reports the same. */
export function report({ run, runbook, entries, modelled, posture }: ReportInput): Report {
  const times = timesOf(entries);
  const outage = outageOf(entries);
  const persons = personMinutes(entries);
  const progress = new Map(runbook.steps.map(({ id }) => [id, progressOf(id, entries)]));
  const asked = questions(entries).map(({ asked: { step, at }, untilMs }) => ({
    step,
    askedAt: at,
    answeredAt: new Date(untilMs).toISOString(),
  }));
  const critical = measuredPath(runbook, progress, entries);
  const watched = runbook.steps.reduce(
    (sum, { id, watches }) => sum + ((watches && progress.get(id)!.minutes) || 0),
    0,
  );
  return {
    run,
    runbook: runbook.name,
    title: runbook.title,
    result: resultOf(entries),
    minutesAre: modelled ? 'modelled' : 'measured',
    startedAt: entries[0]?.at,
    finishedAt: entries.at(-1)?.at,
    outageMinutes: outage && rounded(outage.minutes),
    outage: outage && { refusedAt: outage.refusedAt, welcomedAt: outage.welcomedAt },
    pageOutageMinutes: runbook.pageOutageMinutes,
    awsBoundMinutes: rounded(Math.max(0, times.elapsedMinutes - times.toolSeconds / 60 - persons - watched)),
    personMinutes: rounded(persons),
    watchedMinutes: rounded(watched),
    toolSeconds: rounded(times.toolSeconds),
    expectedMinutes: expectedMinutes(plan(runbook)),
    criticalPath: critical?.criticalPath ?? [],
    steps: runbook.steps.map(({ id, seed, title, minutes: expected }) => {
      const { minutes, ...told } = progress.get(id)!;
      const slack = critical?.slackMinutes.get(id);
      return {
        id,
        seed,
        title,
        expectedMinutes: expected,
        ...told,
        minutes: minutes && rounded(minutes),
        personMinutes: rounded(personMinutes(entries, id)),
        critical: critical?.criticalPath.includes(id) ?? false,
        slackMinutes: slack && rounded(slack),
        questions: asked.filter(({ step }) => step === id).map(({ step: _, ...times }) => times),
      };
    }),
    events: eventsOf(entries),
    invariants: invariantsOf(entries),
    warnings: entries.flatMap((entry) => (entry.event === 'warned' ? [entry.text] : [])),
    posture,
  };
}

/** What people took to answer is no part of it, as it is none of the outage. */
function measuredPath(
  runbook: Runbook,
  progress: Map<string, Progress>,
  entries: Entry[],
): CriticalPath | undefined {
  if ([...progress.values()].some(({ finishedAt }) => finishedAt === undefined)) return undefined;
  const steps = runbook.steps.map((step) => {
    const minutes = progress.get(step.id)!.minutes! - personMinutes(entries, step.id);
    return { ...step, minutes: exact(Math.max(0, minutes)) };
  });
  return criticalPath({ ...runbook, steps });
}

const results: Record<ReturnType<typeof standing>['state'], Report['result']> = {
  'not begun': 'running',
  running: 'running',
  stopped: 'stopped',
  failed: 'failed',
  'called off': 'called off',
  finished: 'done',
};

function invariantsOf(entries: Entry[]): Report['invariants'] {
  const judged = entries.flatMap((entry) => (entry.event === 'judged' ? [entry] : []));
  return {
    checked: judged.reduce((sum, { data }) => sum + data.checked, 0),
    broken: judged.flatMap(({ text }) => text ?? []),
  };
}

const resultOf = (entries: Entry[]) => results[standing(entries).state];

function eventsOf(entries: Entry[]): ReportedEvent[] {
  const drives = [...new Set(entries.map(({ by }) => by.token))];
  return entries.map(({ at, event, step, text, by, workedMs }) => ({
    at,
    event,
    ...(step === undefined ? {} : { step }),
    ...(text === undefined ? {} : { text }),
    who: `${by.who} on ${by.host}`,
    drive: drives.indexOf(by.token) + 1,
    workedSeconds: Math.round(workedMs) / 1000,
  }));
}

type Progress = Pick<ReportedStep, 'state' | 'startedAt' | 'finishedAt' | 'minutes' | 'evidence'>;

/** By the last line of the step, whatever it was before: what was begun anew or failed since is not done. */
function progressOf(id: string, entries: Entry[]): Progress {
  const own = entries.filter(({ step }) => step === id);
  const last = own.at(-1);
  if (!last || last.event === 'undone')
    return { ...nothing, state: last ? 'undone' : 'waiting', evidence: last?.evidence ?? [] };
  const counting = own.slice(own.findLastIndex(({ event }) => event === 'undone') + 1);
  if (last.event !== 'step-done')
    return {
      state: last.event === 'step-failed' ? 'failed' : 'begun',
      startedAt: counting[0]?.at,
      finishedAt: undefined,
      minutes: activeMinutes(counting, entries),
      evidence: last.evidence ?? [],
    };
  // A run that goes on finds it done already: what it was when it was done is what is told.
  const begunAt = counting.findLastIndex((entry) => !isDone(entry));
  const [done = last] = counting.slice(begunAt + 1).filter(isDone);
  const until = counting.slice(0, counting.indexOf(done) + 1);
  const started = counting.find(({ event }) => event === 'step-started' || event === 'gate-asked');
  return {
    state: done.how,
    startedAt: started?.at ?? done.since,
    finishedAt: done.at,
    minutes: activeMinutes(until, entries),
    evidence: done.evidence,
  };
}

const isDone = (entry: Entry): entry is Extract<Entry, { event: 'step-done' }> => entry.event === 'step-done';

const nothing = { startedAt: undefined, finishedAt: undefined, minutes: undefined };

const rounded = (value: number) => Math.round(value * 10) / 10;
