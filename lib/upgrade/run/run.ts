import { createHash } from 'node:crypto';
import { type Report, report } from '../../report/report';
import { type Acquired, acquire } from '../../runbook/acquire';
import type { Run } from '../../runbook/carry-out';
import { ChangeWatch } from '../../runbook/change-watch';
import { carryOutAll } from '../../runbook/engine';
import type { Entry } from '../../runbook/entry';
import { PreconditionError, UpgradeError } from '../../runbook/errors';
import type { Alive, Driver } from '../../runbook/holder';
import { type Journal, openJournal } from '../../runbook/journal';
import { isLost } from '../../runbook/lock';
import type { MessageCode } from '../../runbook/messages';
import type { Operator } from '../../runbook/operator';
import { standing } from '../../runbook/standing';
import type { Settings } from '../../settings';
import type { Ports } from '../ports';
import { mending } from '../stacks/replace-lost';
import { type FinishedRun, finishedRun, requireSomethingToCallOff } from './before-run';
import { type Budget, BudgetWatch } from './budget';
import { earlierTimings } from './earlier-timings';
import { Judging } from './judging';
import { outageNoted } from './outage-noted';
import { isBusy, isPassing } from './passing';
import { PeopleTold } from './people';
import { RunView } from './run-view';
import { takeBack } from './take-back';
import type { UpgradeRunbook } from './upgrade-runbook';
import { production, watchedWorld } from './watched-world';

export interface RunInput {
  ports: Ports;
  runbook: UpgradeRunbook;
  operator: Operator;
  driver: Driver;
  alive: Alive;
  /** Whether minutes come from a sandbox. */
  modelled: boolean;
  /** Whether to take everything back instead of going on. */
  callOff: boolean;
  /** For how long ordinary visitors may be refused. */
  budget?: Budget | undefined;
  /** How long a question waits where it is safe that nobody answers it. */
  gateExpiryMinutes?: number | undefined;
  /** Is given what can be looked at while the run goes on. */
  follow?(view: RunView): void;
}

/** A run that ended, well or not: the report is there either way. */
export interface Ended {
  report: Report;
  error: unknown;
}

/**
 * Drives a runbook: takes the lock, goes on with the unfinished run or begins one, and leaves journal and report where
 * everybody finds them. A run that stops unfinished keeps the lock, so that nothing else begins. What was carried out to
 * its end before is told again, and nothing is written.
 * @throws LockHeldError, PreconditionError before anything was begun.
 */
export async function drive(input: RunInput): Promise<Ended> {
  const { ports, runbook } = input;
  const { clock } = ports;
  const opened = await open(input);
  if ('report' in opened) return opened;
  const { acquired, journal } = opened;
  const beating = acquired.lock.keepAlive();
  ports.guardCalls(() => acquired.lock.awake());
  const { operator, budget } = await followed(input, journal);
  const tell = (code: MessageCode, text: string) => operator.tell({ code, at: clock.now(), text });
  const judging = new Judging(ports, async ({ invariant, evidence }) => {
    const text = `${invariant}: ${evidence}`;
    tell('INVARIANT_BROKEN', text);
    await journal.append({ event: 'judged', text, data: { checked: 0, broken: 1 } });
  });
  const common = { clock, journal, operator, isPassing };
  const watched = watchedWorld(ports, runbook.watches ?? production);
  const watch = new ChangeWatch(common, watched, runbook.steps);
  const run: Run = {
    ...common,
    watch,
    lock: acquired.lock,
    operator,
    gateExpiryMinutes: input.gateExpiryMinutes,
    mends: () => mending(ports),
    isPassing,
    isBusy,
    happened: () => judging.happened(),
    judged: () => judging.judged(),
  };
  const people = tellingPeople({ ports, runbook, operator }, journal);
  journal.onWritten = () => people.look();
  let error: unknown;
  try {
    await begin(input, acquired, journal, tell);
    await watch.begin();
    await outageNoted(input, { journal, tell, budget }, () =>
      input.callOff ? takeBack({ ports, runbook }, run) : carryOutAll(runbook, run),
    );
    await noteJudging(journal, judging);
    await journal.append({ event: input.callOff ? 'run-called-off' : 'run-finished' });
    await people.settled();
    await acquired.lock.free();
  } catch (fault) {
    error = fault;
    const text = fault instanceof UpgradeError ? `${fault.code}: ${fault.text.so}` : String(fault);
    tell('RUN_STOPPED', text);
    // The first fault is told, even when what it broke is the journal or the lock.
    if (!isLost(fault)) {
      await noteJudging(journal, judging).catch(() => {});
      await journal.append({ event: 'run-stopped', text }).catch(() => {});
      await people.settled();
    }
    await acquired.lock.keep(text).catch(() => {});
  }
  await beating;
  ports.guardCalls(async () => {});
  // Whoever lost the run has read only its beginning.
  const ended = await summary(input, journal, !isLost(error));
  if (!error) tell('RUN_FINISHED', runbook.title);
  return { report: ended, error };
}

/** The operator, whose run is looked at while it goes on if anybody wants to, and held against its budget if it has one. */
async function followed(
  { ports, runbook, operator, modelled, follow, budget }: RunInput,
  journal: Journal,
): Promise<{ operator: Operator; budget?: BudgetWatch }> {
  if (!follow && !budget) return { operator };
  const { clock, objects } = ports;
  // A night goes on without knowing how long others took.
  const timings = await earlierTimings(objects, runbook.name, modelled).catch(() => new Map());
  const view = new RunView({ runbook, journal, clock, timings, modelled });
  follow?.(view);
  const viewed = view.over(operator);
  if (!budget) return { operator: viewed };
  const isWarned = journal.entries.some(({ event }) => event === 'budget-exceeded');
  const watch = new BudgetWatch(budget, view, isWarned);
  return { operator: watch.over(viewed), budget: watch };
}

/**
 * Takes the lock and opens the journal of its run, unless nothing is left to do. A run that was over before its lock was
 * freed is not gone on with: one that was called off would go forward again.
 */
async function open(input: RunInput): Promise<{ acquired: Acquired; journal: Journal } | Ended> {
  const { ports, runbook, driver, alive } = input;
  const { clock, objects } = ports;
  for (;;) {
    if (input.callOff) await requireSomethingToCallOff(ports);
    const finished = await finishedRun(ports.objects, runbook);
    if (finished) return doneBefore(input, finished);
    const newRunId = `${clock.now().toISOString().slice(0, 19).replaceAll(':', '-')}-${runbook.id}`;
    const reason = runbook.title;
    const acquired = await acquire(objects, clock, {
      runbook: runbook.name,
      ...(runbook.supersedes ? { supersedes: runbook.supersedes } : {}),
      holder: driver,
      newRunId,
      reason,
      alive,
    });
    try {
      const journal = await openJournal(objects, clock, acquired.run, acquired.lock.holder);
      if (acquired.superseded) await endSuperseded(input, acquired, acquired.superseded);
      if (await runbook.wentBack?.(journal.entries))
        await journal.append({ event: 'run-called-off', text: 'taken back by hand' });
      if (!over.has(standing(journal.entries).state)) return { acquired, journal };
      await tellTheRest(input, journal);
    } catch (error) {
      await acquired.lock.keep(String(error));
      throw error;
    }
    await acquired.lock.free();
  }
}

function tellingPeople(
  { ports, runbook, operator }: Pick<RunInput, 'ports' | 'runbook' | 'operator'>,
  journal: Journal,
): PeopleTold {
  const { people, clock } = ports;
  const warn = (text: string) => operator.tell({ code: 'WARNING', at: clock.now(), text });
  return new PeopleTold({ people, journal, runbook, clock, warn });
}

/** What happened in a run whose process was killed between its end and the telling of it. */
async function tellTheRest(input: RunInput, journal: Journal): Promise<void> {
  const people = tellingPeople(input, journal);
  people.look();
  await people.settled();
}

async function endSuperseded({ ports, runbook }: RunInput, { run, lock }: Acquired, other: string) {
  const journal = await openJournal(ports.objects, ports.clock, other, lock.holder);
  if (over.has(standing(journal.entries).state)) return;
  await journal.append({ event: 'run-called-off', text: `superseded: ${runbook.title} (${run})` });
}

async function doneBefore(input: RunInput, { run, entries }: FinishedRun): Promise<Ended> {
  const { ports, runbook, operator } = input;
  const report = await reportOf(input, run, entries);
  const since = report.outage?.welcomedAt ?? report.finishedAt;
  const text = `${runbook.title}: done already. ${runbook.ended} since ${since}, by the run ${run}.`;
  operator.tell({ code: 'RUN_ALREADY', at: ports.clock.now(), text });
  return { report, error: undefined };
}

const over = new Set<string>(['finished', 'called off']);

async function begin(
  { ports, runbook }: RunInput,
  { run, resumed, tookOver }: Acquired,
  journal: Journal,
  tell: (code: MessageCode, text: string) => void,
): Promise<void> {
  const settings = digestOf(ports.settings);
  const started = journal.entries.find((entry) => entry.event === 'run-started');
  if (tookOver) tell('TOOK_OVER', tookOver);
  if (resumed && started?.event === 'run-started') {
    requireSameDirection(run, started.data.settings, settings);
    tell('RUN_RESUMED', `${runbook.title}: the run ${run} goes on.`);
    await journal.append({ event: 'run-resumed', ...(tookOver ? { text: tookOver } : {}) });
    return;
  }
  tell('RUN_STARTED', `${runbook.title}: the run ${run} begins.`);
  await journal.append({ event: 'run-started', data: { runbook: runbook.name, settings } });
  for (const text of runbook.warnings) {
    tell('WARNING', text);
    await journal.append({ event: 'warned', text });
  }
}

/** The direction, and whether anything else is as it was. */
function digestOf(settings: Settings): string {
  const { from, to } = settings.upgrade;
  const digest = createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 12);
  return `from-${from}-to-${to} ${digest}`;
}

/** A direction that was exchanged in the middle of a run would take the winner for the loser. */
function requireSameDirection(run: string, before: string, now: string): void {
  const direction = (digest: string) => digest.split(' ')[0];
  if (direction(before) === direction(now)) return;
  throw new PreconditionError('RUN_OF_ANOTHER_DIRECTION', {
    so: `The unfinished run ${run} goes ${direction(before)}, and the settings say ${direction(now)}.`,
    next: 'Go on with the settings it was begun with; or end it with npm run unlock.',
  });
}

/** What was broken is written when it is seen; here is only how much was looked at. */
async function noteJudging(journal: Journal, { checked }: Judging): Promise<void> {
  await journal.append({ event: 'judged', data: { checked, broken: 0 } });
}

async function summary(input: RunInput, journal: Journal, isOurs: boolean): Promise<Report> {
  const made = await reportOf(input, journal.run, journal.entries);
  if (isOurs)
    await store(
      input.ports,
      `runs/${journal.run}/report.json`,
      `${JSON.stringify(made, undefined, 2)}\n`,
    ).catch(() => {});
  return made;
}

async function reportOf(
  { ports, runbook, modelled }: RunInput,
  run: string,
  entries: Entry[],
): Promise<Report> {
  const { posture } = await ports.record
    .read()
    .catch(() => ({ posture: { live: 'unknown', access: 'unknown' } }));
  const { live, access } = posture;
  return report({ run, runbook, entries, modelled, posture: { live, access } });
}

async function store({ objects }: Ports, key: string, text: string): Promise<void> {
  const found = await objects.read(key);
  await objects.write(key, text, found ? { tag: found.tag } : 'absent');
}
