import { UpgradeError } from '../../lib/runbook/errors';
import type { Message } from '../../lib/runbook/messages';
import type { Ports } from '../../lib/upgrade/ports';
import { mending } from '../../lib/upgrade/stacks/replace-lost';
import { type Beside, secondOperator } from './beside';
import { courses, type Make, type RunbookName } from './courses';
import { giveUpRun, jobsOf, type Mending, mendingOf } from './mending';
import type { SimulatedProcess, Wires } from './process';
import { continueRollback, deleteStack, type Told } from './rollbacks';
import type { Simulation } from './simulation';

/** An operator tries the same command so often; then goes back; and that often tries that. */
const mostAttempts = 12;
const restartMinutes = 1;
/** Who is told to leave a run to somebody else looks again so much later. */
const leaveMinutes = 10;
const isOthers = (error: unknown) =>
  error instanceof UpgradeError &&
  error.code === 'LOCK_HELD' &&
  error.text.so.startsWith(`${secondOperator} on `);

/** The person at the keyboard, who starts a command again until it is done, and types what the messages say. */
export class SimulatedOperator {
  /** How often a process was started. */
  attempts = 0;
  /** What the processes ended with. */
  readonly errors: string[] = [];
  /** The processes that waited for ever. */
  readonly hung: string[] = [];
  readonly runsGivenUp = new Set<string>();
  /** The stacks whose rollback was told to go on. */
  readonly continued: string[] = [];
  /** All that was read on the screen. */
  readonly told: Told[] = [];

  constructor(
    private readonly simulation: Simulation,
    private readonly beside: Beside,
    private readonly wiresOf: (process: SimulatedProcess) => Wires,
  ) {}

  read(text: string, code?: Message['code']): void {
    this.told.push({ atMs: this.simulation.world.clock.nowMs(), text, code });
  }

  /** Starts the command again until it is done, as an operator does who does what the messages say. */
  async until(name: RunbookName, make: Make): Promise<boolean> {
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
      if (error !== 'ended') this.read(this.tellError(name, error));
      await this.simulation.pass(isOthers(error) ? leaveMinutes : restartMinutes);
      if (this.beside.givesUp) await this.giveUp();
      else await this.mend(error);
    }
    return false;
  }

  /** What is lost after a run looked last, nobody saw: a side at rest gets it back by the command that status names. */
  async doAsStatusSays(): Promise<void> {
    const ports = await this.anotherProcess();
    for (const command of await this.simulation.while(mending(ports)))
      await this.typeByHand(jobsOf(command)!, ports);
  }

  /** Resolves to what it ended with; undefined when it is done. */
  private async attempt(process: SimulatedProcess, name: RunbookName, make: Make): Promise<unknown> {
    try {
      const ports = await this.simulation.ports(process, this.wiresOf(process));
      await courses[name].before?.(ports);
      return (await this.simulation.drive(process, ports, await make(ports))).error;
    } catch (error) {
      return error;
    }
  }

  private anotherProcess(): Promise<Ports> {
    return this.simulation.while(this.simulation.ports(this.simulation.process()));
  }

  private async giveUp(): Promise<void> {
    this.beside.givesUp = false;
    const ports = await this.anotherProcess();
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

  /** Types what the message says before the same command. */
  private async mend(error: unknown): Promise<void> {
    const typed = error instanceof UpgradeError ? mendingOf(error) : undefined;
    if (!typed) return;
    const ports = await this.anotherProcess();
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
}
