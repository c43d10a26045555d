import { resolveWords, type Words } from '../../lib/posture';
import type { UpgradeRecord } from '../../lib/record';
import type { Message } from '../../lib/runbook/messages';
import type { Gate } from '../../lib/runbook/step';
import type { Settings } from '../../lib/settings';
import type { Ports } from '../../lib/upgrade/ports';
import { drive, type Ended, type RunInput } from '../../lib/upgrade/run/run';
import type { UpgradeRunbook } from '../../lib/upgrade/run/upgrade-runbook';
import { recordFor } from '../../lib/upgrade/stacks/deploy';
import { type Course, courses } from './courses';
import { type Carry, SimulatedProcess, type Wires } from './process';
import { Transport } from './transport';
import { accessKeyId, openWorld, type SimulatedWorld } from './world/world';

const minuteMs = 60_000;
const longestMs = 24 * 60 * minuteMs;
/** Nothing comes in the third hour of a sync that does not in the first. */
const durations = { mpcSyncMs: 40 * minuteMs };

/** A night in one process: a world, and the processes of the tool that act on it. */
export class Simulation {
  /** Told of each message of the tool's. */
  onTold: (message: Message) => void = () => {};
  /** Told of each gate, which a person confirms. */
  onGate: (step: string, gate: Gate) => void = () => {};
  private readonly transport: Transport;
  private lastPid = 100;
  private readonly living = new Set<number>();

  private constructor(
    readonly settings: Settings,
    readonly world: SimulatedWorld,
    /** What failed in the world itself. */
    readonly faults: unknown[],
  ) {
    this.transport = new Transport(world.services, settings.region, accessKeyId);
  }

  /** The world when a course begins; of a cutover, with the new side built, fenced, on the database for preparation. */
  static async open(settings: Settings, course: Course = courses.cutover): Promise<Simulation> {
    const faults: unknown[] = [];
    const given = { durations: { ...durations, ...course.durations } };
    const world = await openWorld(course.world(settings), given, (error) => faults.push(error));
    const simulation = new Simulation(settings, world, faults);
    await simulation.build(course.stacks(settings));
    if (faults.length > 0) throw faults[0];
    return simulation;
  }

  process(): SimulatedProcess {
    const process = new SimulatedProcess(this.world, ++this.lastPid);
    this.living.add(process.pid);
    void process.end.then(() => this.living.delete(process.pid));
    return process;
  }

  /** Lets time pass until the work is over. */
  async while<T>(work: Promise<T>): Promise<T> {
    let over = false;
    const done = work.finally(() => {
      over = true;
    });
    // Whoever waits below is told of the failure.
    done.catch(() => {});
    await this.world.clock.pass(() => over, longestMs);
    return done;
  }

  async pass(minutes: number): Promise<void> {
    await this.while(this.world.clock.sleep(minutes * minuteMs));
  }

  ports(process: SimulatedProcess, wires: Partial<Wires> = {}): Promise<Ports> {
    const say = (text: string) =>
      this.onTold({ code: 'PROGRESS', at: new Date(this.world.clock.nowMs()), text });
    return process.ports(this.settings, { ...this.wires, ...wires }, say);
  }

  readonly carry: Carry = (command) => this.transport.carry(command);

  /** Wires on which nothing fails. */
  readonly wires: Wires = { carry: this.carry, visit: (_, answer) => answer() };

  drive(
    process: SimulatedProcess,
    ports: Ports,
    runbook: UpgradeRunbook,
    who = 'ada',
    given: Partial<RunInput> = {},
  ): Promise<Ended> {
    return drive({
      ports,
      runbook,
      operator: {
        tell: (message) => this.onTold(message),
        confirm: async (step, gate) => {
          this.onGate(step.id, gate);
          return true;
        },
        stopped: new Promise(() => {}),
      },
      driver: { who, host: `laptop of ${who}`, pid: process.pid },
      // Each machine knows its own processes.
      alive: (host, pid) => (host === `laptop of ${who}` ? this.living.has(pid) : undefined),
      modelled: true,
      callOff: false,
      ...given,
    });
  }

  close(): void {
    this.world.close();
  }

  /** What `cdk deploy --all` does days before. */
  private async build(stacks: string[]): Promise<void> {
    const ports = await this.while(this.ports(this.process()));
    await this.while(this.deployAll(ports, stacks));
  }

  /** @param known what is recorded when the deploy begins, if not what is recorded when each stack is deployed; and its words */
  async deployAll(
    ports: Ports,
    stacks: string[],
    known: { record?: UpgradeRecord; words?: Words } = {},
  ): Promise<void> {
    for (const stack of stacks) {
      const found = await recordFor(ports, stack);
      const record = known.record ? { ...known.record, ...(found.door ? { door: found.door } : {}) } : found;
      const words = known.words ?? resolveWords(record.posture, {});
      const declared = { settings: ports.settings, record, words };
      const unneeded = () => {
        throw new Error('Its template is declared.');
      };
      const prepared = await ports.deployments.prepare(stack, unneeded, declared);
      if (!prepared) continue;
      await ports.deployments.execute(prepared);
      for (;;) {
        const found = await ports.stacks.find(stack);
        if (found && /_FAILED$|ROLLBACK_COMPLETE$/.test(found.status))
          throw new Error(`${stack}: ${found.status} ${found.statusReason}`);
        if (found && /_COMPLETE$/.test(found.status)) break;
        await ports.clock.sleep(10_000);
      }
    }
  }
}
