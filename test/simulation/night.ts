import { setImmediate } from 'node:timers/promises';
import type { Settings } from '../../lib/settings';
import type { Watch } from './adoption';
import { Beside } from './beside';
import { courses, type Make, type RunbookName } from './courses';
import { judgeEnd } from './end';
import { type Fault, isPassing } from './faults';
import { type Called, FaultyCalls } from './faulty-calls';
import { SimulatedOperator } from './operator';
import type { SimulatedProcess, Wires } from './process';
import { unnamed } from './rollbacks';
import { Simulation } from './simulation';
import type { Command } from './transport';

/** A night that can be played again. */
export interface Plan {
  settings: Settings;
  /** What is under test. */
  runbook: RunbookName;
  /** Seeds the visitors. */
  seed: number;
  faults: Fault[];
  /** Another runbook in the place of the one under test, for mistakes made on purpose. */
  make?: Make;
  /** The same for what is typed before it. */
  first?: Make;
  /** Changes what is sent to AWS, for mistakes made on purpose. */
  alter?: (command: Command) => void;
}

export interface Outcome {
  ended: 'done' | 'failed back' | 'stuck';
  broken: string[];
  /** How many invariants were judged. */
  checked: number;
  calls: Called[];
  /** How many of the faults came: what they wait for may not happen any more. */
  met: number;
  /** How often a process was started. */
  attempts: number;
  minutes: number;
  /** The errors that processes ended with. */
  errors: string[];
}

export const carriedOut = 'a night in which nothing but passing faults come is carried out';

/** After the end: what was begun has ended, the jobs have run, web hooks were tried again. */
const aftermathMinutes = 40;

/** Plays one night to its end and judges it. */
export async function play(plan: Plan): Promise<Outcome> {
  const { settings, runbook } = plan;
  const simulation = await Simulation.open(settings, courses[runbook]);
  const uncaught: string[] = [];
  // It would end a process in the middle, whatever it does.
  const note = (error: unknown) =>
    uncaught.push(`every error of a process is caught: ${(error as Error).stack ?? error}`);
  process.on('unhandledRejection', note);
  try {
    const outcome = await new Night(simulation, plan).play();
    await setImmediate();
    return { ...outcome, broken: [...outcome.broken, ...uncaught] };
  } finally {
    process.off('unhandledRejection', note);
    simulation.close();
  }
}

class Night {
  private readonly calls: FaultyCalls;
  private readonly beside: Beside;
  private readonly operator: SimulatedOperator;
  private readonly watch: Watch | undefined;
  /** How many rows a person agreed to give up. */
  private givenUp = 0;
  private disturbed = false;

  constructor(
    private readonly simulation: Simulation,
    private readonly plan: Plan,
  ) {
    this.beside = new Beside(simulation, plan.runbook);
    this.operator = new SimulatedOperator(simulation, this.beside, (process) => this.wiresOf(process));
    this.watch = courses[plan.runbook].watch?.(simulation);
    this.calls = new FaultyCalls(simulation, plan.faults, (fault, process) =>
      this.beside.happen(fault, process),
    );
    simulation.onGate = (step, { word, check }) => {
      if (step === 'losses') this.givenUp = Number(word);
      this.watch?.agreed(step);
      this.operator.read(check.join('; '));
    };
    simulation.onTold = ({ code, step, text }) => {
      this.operator.read(text, code);
      if (step && (code === 'STEP_STARTED' || code === 'STEP_DONE'))
        this.calls.place = `${step} ${code === 'STEP_STARTED' ? 'started' : 'done'}`;
    };
  }

  async play(): Promise<Outcome> {
    const { simulation, plan, operator } = this;
    const startedMs = simulation.world.clock.nowMs();
    simulation.world.open(plan.seed);
    const { after, first, live, make: usual, days } = courses[plan.runbook];
    const make = plan.make ?? usual;
    if (after) await operator.until(after.name, courses[after.name].make);
    if (after) await simulation.pass(after.minutes);
    const { happenings } = simulation.world.world;
    const before = happenings.length;
    this.disturbed = true;
    if (first) await this.typed(first, plan.first);
    const isDone = await this.typed(usual, plan.make);
    this.disturbed = false;
    const isBack =
      !isDone && plan.runbook === 'cutover' && (await operator.until('failback', courses.failback.make));
    const ended = isDone ? 'done' : isBack ? 'failed back' : 'stuck';
    await simulation.while(this.beside.ended());
    await simulation.pass(aftermathMinutes);
    const kinds = plan.faults.map(({ kind }) => kind);
    if (kinds.some((kind) => kind.endsWith('-instance-replaced'))) await operator.doAsStatusSays();
    const verdict = await judgeEnd(simulation, {
      live: (isBack ? courses.failback.live : live)(plan.settings),
      ...{ ended, days, givenUp: this.givenUp, runsGivenUp: operator.runsGivenUp },
      byOthers: [...this.beside.rollbacks.begun.map(({ stack }) => stack), ...operator.continued],
      makes: isBack ? [courses.failback.make] : [...(first ? [first] : []), make],
    });
    const broken = [
      ...verdict.broken,
      ...(days?.never(simulation, happenings.slice(before), kinds) ?? []),
      ...this.notCarriedOut(ended),
      ...unnamed(this.beside.rollbacks.begun, operator.told),
      ...operator.hung,
      ...(this.watch?.ended() ?? []),
      ...simulation.faults.map((fault) => `the simulation failed: ${(fault as Error).stack ?? fault}`),
    ];
    const minutes = (simulation.world.clock.nowMs() - startedMs) / 60_000;
    const { made: calls, met } = this.calls;
    const { attempts, errors } = operator;
    return { ended, ...verdict, broken, calls, met: met.size, attempts, minutes, errors };
  }

  /** What is under test, which others type too, but without the mistake that is made in it on purpose. */
  private typed(usual: Make, mistaken = usual): Promise<boolean> {
    this.beside.make = usual;
    return this.operator.until(this.plan.runbook, mistaken);
  }

  /** What only passes is no reason to go back. */
  private notCarriedOut(ended: Outcome['ended']): string[] {
    const passes = this.plan.faults.every(({ kind }) => isPassing(kind));
    return passes && ended === 'failed back' ? [`${carriedOut}: it was gone back from`] : [];
  }

  private wiresOf(process: SimulatedProcess): Wires {
    const { wires } = this.simulation;
    return {
      carry: (command, maxAttempts) => {
        if (!this.disturbed) return wires.carry(command, maxAttempts);
        this.plan.alter?.(command);
        return this.calls.call(process, command, maxAttempts);
      },
      visit: (question, answer) => (this.disturbed ? this.calls.visit(process, question, answer) : answer()),
    };
  }
}
