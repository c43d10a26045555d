import { setImmediate } from 'node:timers/promises';
import { UpgradeError } from '../../lib/runbook/errors';
import type { Message } from '../../lib/runbook/messages';
import type { Settings } from '../../lib/settings';
import type { Ports } from '../../lib/upgrade/ports';
import { mending } from '../../lib/upgrade/stacks/replace-lost';
import type { Watch } from './adoption';
import { Beside, secondOperator } from './beside';
import { courses, type Make, type RunbookName } from './courses';
import { judgeEnd } from './end';
import { type Fault, isPassing } from './faults';
import { type Called, FaultyCalls } from './faulty-calls';
import { giveUpRun, jobsOf, type Mending, mendingOf } from './mending';
import type { SimulatedProcess } from './process';
import { continueRollback, deleteStack, type Told, unnamed } from './rollbacks';
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

/** An operator tries the same command so often; then goes back; and that often tries that. */
const mostAttempts = 12;
const restartMinutes = 1;
/** Who is told to leave a run to somebody else looks again so much later. */
const leaveMinutes = 10;
const isOthers = (error: unknown) =>
  error instanceof UpgradeError &&
  error.code === 'LOCK_HELD' &&
  error.text.so.startsWith(`${secondOperator} on `);
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
  private readonly errors: string[] = [];
  private readonly beside: Beside;
  private readonly watch: Watch | undefined;
  /** How many rows a person agreed to give up. */
  private givenUp = 0;
  private readonly hung: string[] = [];
  private readonly runsGivenUp = new Set<string>();
  private attempts = 0;
  private disturbed = false;
  private readonly told: Told[] = [];
  private readonly continued: string[] = [];

  constructor(
    private readonly simulation: Simulation,
    private readonly plan: Plan,
  ) {
    this.beside = new Beside(simulation, plan.runbook);
    this.watch = courses[plan.runbook].watch?.(simulation);
    this.calls = new FaultyCalls(simulation, plan.faults, (fault, process) =>
      this.beside.happen(fault, process),
    );
    simulation.onGate = (step, { word, check }) => {
      if (step === 'losses') this.givenUp = Number(word);
      this.watch?.agreed(step);
      this.note(check.join('; '));
    };
    simulation.onTold = ({ code, step, text }) => {
      this.note(text, code);
      if (step && (code === 'STEP_STARTED' || code === 'STEP_DONE'))
        this.calls.place = `${step} ${code === 'STEP_STARTED' ? 'started' : 'done'}`;
    };
  }

  async play(): Promise<Outcome> {
    const { simulation, plan } = this;
    const startedMs = simulation.world.clock.nowMs();
    simulation.world.open(plan.seed);
    const { after, first, live, make: usual, days } = courses[plan.runbook];
    const make = plan.make ?? usual;
    if (after) await this.until(after.name, courses[after.name].make);
    if (after) await simulation.pass(after.minutes);
    const { happenings } = simulation.world.world;
    const before = happenings.length;
    this.disturbed = true;
    if (first) await this.typed(first, plan.first);
    const isDone = await this.typed(usual, plan.make);
    this.disturbed = false;
    const isBack =
      !isDone && plan.runbook === 'cutover' && (await this.until('failback', courses.failback.make));
    const ended = isDone ? 'done' : isBack ? 'failed back' : 'stuck';
    await simulation.while(this.beside.ended());
    await simulation.pass(aftermathMinutes);
    const kinds = plan.faults.map(({ kind }) => kind);
    if (kinds.some((kind) => kind.endsWith('-instance-replaced'))) await this.doAsStatusSays();
    const verdict = await judgeEnd(simulation, {
      live: (isBack ? courses.failback.live : live)(plan.settings),
      ...{ ended, days, givenUp: this.givenUp, runsGivenUp: this.runsGivenUp },
      byOthers: [...this.beside.rollbacks.begun.map(({ stack }) => stack), ...this.continued],
      makes: isBack ? [courses.failback.make] : [...(first ? [first] : []), make],
    });
    const never = days?.never(simulation, happenings.slice(before), kinds) ?? [];
    const faults = simulation.faults.map(
      (fault) => `the simulation failed: ${(fault as Error).stack ?? fault}`,
    );
    return {
      ...{
        ended,
        ...verdict,
        broken: [
          ...verdict.broken,
          ...never,
          ...this.notCarriedOut(ended),
          ...unnamed(this.beside.rollbacks.begun, this.told),
          ...this.hung,
          ...(this.watch?.ended() ?? []),
          ...faults,
        ],
      },
      ...{ calls: this.calls.made, met: this.calls.met.size, attempts: this.attempts, errors: this.errors },
      minutes: (simulation.world.clock.nowMs() - startedMs) / 60_000,
    };
  }

  /** What is under test, which others type too, but without the mistake that is made in it on purpose. */
  private typed(usual: Make, mistaken = usual): Promise<boolean> {
    this.beside.make = usual;
    return this.until(this.plan.runbook, mistaken);
  }

  /** What only passes is no reason to go back. */
  private notCarriedOut(ended: Outcome['ended']): string[] {
    const passes = this.plan.faults.every(({ kind }) => isPassing(kind));
    return passes && ended === 'failed back' ? [`${carriedOut}: it was gone back from`] : [];
  }

  /** Starts the command again until it is done, as an operator does who does what the messages say. */
  private async until(name: RunbookName, make: Make): Promise<boolean> {
    for (let attempt = 1; attempt <= mostAttempts; attempt++) {
      this.attempts++;
      const process = this.simulation.process();
      const error = await this.simulation
        .while(Promise.race([this.attempt(process, name, make), process.end, process.sleep]))
        .catch((waits) => {
          this.hung.push(
            `once faults stop, every run ends: this one waits for ever (${(waits as Error).message})`,
          );
          return waits;
        });
      if (error === undefined) return true;
      if (error !== 'ended') process.kill();
      if (error !== 'ended') this.note(this.tellError(name, error));
      await this.simulation.pass(isOthers(error) ? leaveMinutes : restartMinutes);
      if (this.beside.givesUp) await this.giveUp();
      else await this.mend(error);
    }
    return false;
  }

  private async giveUp(): Promise<void> {
    this.beside.givesUp = false;
    const ports = await this.simulation.while(this.simulation.ports(this.simulation.process()));
    // Before there is a bucket there is no run.
    const run = await this.simulation.while(giveUpRun(ports)).catch((fault) => {
      this.errors.push(`giving up: ${(fault as Error).message}`);
    });
    if (run) this.runsGivenUp.add(run);
  }

  private tellError(name: string, error: unknown): string {
    const text =
      error instanceof UpgradeError
        ? `${error.code}: ${error.message}`
        : String((error as Error).stack ?? error);
    this.errors.push(`${name}: ${text}`);
    return text;
  }

  private note(text: string, code?: Message['code']): void {
    this.told.push({ atMs: this.simulation.world.clock.nowMs(), text, code });
  }

  /** What is lost after a run looked last, nobody saw: a side at rest gets it back by the command that status names. */
  private async doAsStatusSays(): Promise<void> {
    const ports = await this.simulation.while(this.simulation.ports(this.simulation.process()));
    for (const command of await this.simulation.while(mending(ports)))
      await this.typeByHand(jobsOf(command)!, ports);
  }

  /** Types what the message says before the same command. */
  private async mend(error: unknown): Promise<void> {
    const typed = error instanceof UpgradeError ? mendingOf(error) : undefined;
    if (!typed) return;
    const ports = await this.simulation.while(this.simulation.ports(this.simulation.process()));
    await this.typeByHand(typed, ports);
  }

  private async typeByHand(typed: Mending, ports: Ports): Promise<void> {
    const byHand = {
      continueRollback: (stack: string) => {
        this.continued.push(stack);
        return continueRollback(this.simulation, stack);
      },
      deleteStack: (stack: string) => deleteStack(this.simulation, stack),
    };
    await this.simulation.while(typed(ports, byHand)).catch((fault) => {
      this.errors.push(`mending: ${(fault as Error).message}`);
    });
  }

  /** Resolves to what it ended with; undefined when it is done. */
  private async attempt(process: SimulatedProcess, name: RunbookName, make: Make): Promise<unknown> {
    try {
      const ports = await this.ports(process);
      await courses[name].before?.(ports);
      return (await this.simulation.drive(process, ports, await make(ports))).error;
    } catch (error) {
      return error;
    }
  }

  private ports(process: SimulatedProcess): Promise<Ports> {
    const { wires } = this.simulation;
    return this.simulation.ports(process, {
      carry: (command, maxAttempts) => {
        if (!this.disturbed) return wires.carry(command, maxAttempts);
        this.plan.alter?.(command);
        return this.calls.call(process, command, maxAttempts);
      },
      visit: (question, answer) => (this.disturbed ? this.calls.visit(process, question, answer) : answer()),
    });
  }
}
