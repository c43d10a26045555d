import { stackNames } from '../../lib/names';
import { UpgradeError } from '../../lib/runbook/errors';
import { readJournal } from '../../lib/runbook/journal';
import { readLock } from '../../lib/runbook/lock-file';
import { plan } from '../../lib/runbook/plan';
import { doneSteps } from '../../lib/runbook/standing';
import { otherSide, type Settings, type Side } from '../../lib/settings';
import { releaseJobs, stopJobs } from '../../lib/upgrade/jobs';
import type { Ports } from '../../lib/upgrade/ports';
import { replaceLost } from '../../lib/upgrade/replace-lost';
import { runGoesOn } from '../../lib/upgrade/run-goes-on';
import { courses, type Make, type RunbookName } from './courses';
import { judgeEnd } from './end';
import { type Fault, isWorldFault } from './faults';
import { type Called, FaultyCalls } from './faulty-calls';
import type { SimulatedProcess } from './process';
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

/** What an operator types who is told to. */
const verbs: Record<string, (ports: Ports, side: Side) => Promise<unknown>> = {
  replace: replaceLost,
  release: releaseJobs,
  stop: stopJobs,
};

/** An operator tries the same command so often; then goes back; and that often tries that. */
const mostAttempts = 8;
const restartMinutes = 1;
/** After the end: what was begun has ended, the jobs have run, web hooks were tried again. */
const aftermathMinutes = 40;

/** Plays one night to its end and judges it. */
export async function play(plan: Plan): Promise<Outcome> {
  const { settings, runbook } = plan;
  const simulation = await Simulation.open(settings, courses[runbook].stacks(settings));
  try {
    return await new Night(simulation, plan).play();
  } finally {
    simulation.close();
  }
}

class Night {
  private readonly calls: FaultyCalls;
  private readonly errors: string[] = [];
  private readonly beside: Promise<unknown>[] = [];
  /** How many rows a person agreed to give up. */
  private givenUp = 0;
  private readonly hung: string[] = [];
  private attempts = 0;
  private disturbed = false;

  constructor(
    private readonly simulation: Simulation,
    private readonly plan: Plan,
  ) {
    this.calls = new FaultyCalls(simulation, plan.faults, (fault, process) => this.happen(fault, process));
    simulation.onGate = (step, { word }) => {
      if (step === 'losses') this.givenUp = Number(word);
    };
    simulation.onTold = ({ code, step }) => {
      if (step && (code === 'STEP_STARTED' || code === 'STEP_DONE'))
        this.calls.place = `${step} ${code === 'STEP_STARTED' ? 'started' : 'done'}`;
    };
  }

  async play(): Promise<Outcome> {
    const { simulation, plan } = this;
    const startedMs = simulation.world.clock.nowMs();
    simulation.world.open(plan.seed);
    const { after, live, make: usual } = courses[plan.runbook];
    const make = plan.make ?? usual;
    if (after) await this.until(after.name, courses[after.name].make);
    if (after) await simulation.pass(after.minutes);
    this.disturbed = true;
    const isDone = await this.until(plan.runbook, make);
    this.disturbed = false;
    const isBack =
      !isDone && plan.runbook === 'cutover' && (await this.until('failback', courses.failback.make));
    const ended = isDone ? 'done' : isBack ? 'failed back' : 'stuck';
    await simulation.while(Promise.all(this.beside));
    await simulation.pass(aftermathMinutes);
    const verdict = await judgeEnd(simulation, {
      live: (isBack ? courses.failback.live : live)(plan.settings),
      ...{ ended, givenUp: this.givenUp },
      make: isBack ? courses.failback.make : make,
    });
    const faults = simulation.faults.map(
      (fault) => `the simulation failed: ${(fault as Error).stack ?? fault}`,
    );
    return {
      ...{
        ended,
        ...verdict,
        broken: [...verdict.broken, ...this.notCarriedOut(ended), ...this.hung, ...faults],
      },
      ...{ calls: this.calls.made, met: this.calls.met.size, attempts: this.attempts, errors: this.errors },
      minutes: (simulation.world.clock.nowMs() - startedMs) / 60_000,
    };
  }

  /** What only passes is no reason to go back. */
  private notCarriedOut(ended: Outcome['ended']): string[] {
    const passes = this.plan.faults.every(({ kind }) => !isWorldFault(kind));
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
      if (error !== 'ended')
        this.errors.push(
          `${name}: ${error instanceof UpgradeError ? `${error.code}: ${error.message}` : ((error as Error).stack ?? error)}`,
        );
      await this.simulation.pass(restartMinutes);
      await this.mend(error);
    }
    return false;
  }

  /** Types what the message says before the same command. */
  private async mend(error: unknown): Promise<void> {
    const next = error instanceof UpgradeError ? error.text.next : '';
    const [, verb, side] = /npm run jobs -- (replace|release|stop) --side (blue|green)/.exec(next) ?? [];
    if (!verb || !side) return;
    const ports = await this.simulation.while(this.simulation.ports(this.simulation.process()));
    await this.simulation.while(verbs[verb]!(ports, side as Side)).catch((fault) => {
      this.errors.push(`${verb}: ${(fault as Error).message}`);
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
    return this.simulation.ports(process, (command, maxAttempts) => {
      if (!this.disturbed) return this.simulation.carry(command, maxAttempts);
      this.plan.alter?.(command);
      return this.calls.call(process, command, maxAttempts);
    });
  }

  private happen({ kind }: Fault, process: SimulatedProcess): void {
    const { settings, world } = this.simulation;
    const { from, to } = settings.upgrade;
    const web = (side: 'blue' | 'green') => settings.sides[side].environments.web!.name;
    switch (kind) {
      case 'old-instance-replaced':
        world.endInstance(web(from));
        return;
      case 'new-instance-replaced':
        world.endInstance(web(to));
        return;
      case 'resource-fails':
        world.failNext();
        return;
      case 'clock-jump':
        process.aheadMs += 10 * 60_000;
        return;
      case 'copy-incomplete':
        world.servers.spoilNext();
        return;
      case 'bare-deploy':
        this.beside.push(this.bareDeploy());
        return;
      case 'second-operator':
        this.beside.push(this.secondOperator());
        return;
      case 'by-hand':
        this.beside.push(this.byHand());
        return;
      default:
        throw new Error(`${kind} is no fault beside the tool.`);
    }
  }

  /** What cannot be deployed now is told, and left. */
  private async bareDeploy(): Promise<void> {
    const ports = await this.simulation.ports(this.simulation.process());
    const names = stackNames(this.simulation.settings);
    if ((await runGoesOn(ports)).length > 0) return;
    const record = await ports.record.read();
    const { live } = record.posture;
    const stacks = [names.door, names.fence, names.side(otherSide(live)), names.side(live), names.traffic];
    await this.simulation.deployAll(ports, stacks, record).catch(() => {});
  }

  private async secondOperator(): Promise<void> {
    const process = this.simulation.process();
    const ports = await this.simulation.ports(process);
    const { before, make } = courses[this.plan.runbook];
    const driven = async () => {
      await before?.(ports);
      await this.simulation.drive(process, ports, await make(ports), 'eve');
    };
    await driven().catch(() => {});
  }

  /** Does what the page says next, as far as the journal tells, whatever the run is doing. */
  private async byHand(): Promise<void> {
    const ports = await this.simulation.ports(this.simulation.process());
    try {
      const { steps } = await courses[this.plan.runbook].make(ports);
      const lock = (await readLock(ports.objects))?.lock;
      const done = doneSteps(lock ? await readJournal(ports.objects, lock.run) : []);
      const next = plan({ name: 'by hand', steps }).find(({ step }) => !done.has(step.id))?.step;
      if (!next?.act || next.gate) return;
      const needed = await Promise.all(next.preconditions.map(({ look }) => look()));
      if (needed.flat().every(({ holds }) => holds)) await next.act();
    } catch {
      // A person by hand is refused as the tool is.
    }
  }
}
