import { stackNames } from '../../lib/names';
import { readJournal } from '../../lib/runbook/journal';
import { readLock } from '../../lib/runbook/lock-file';
import { plan } from '../../lib/runbook/plan';
import { doneSteps } from '../../lib/runbook/standing';
import { otherSide, type Side } from '../../lib/settings';
import { runGoesOn } from '../../lib/upgrade/run/run-goes-on';
import { courses, type Make, type RunbookName } from './courses';
import type { Fault } from './faults';
import type { SimulatedProcess } from './process';
import { Rollbacks } from './rollbacks';
import type { Simulation } from './simulation';

const lateMs = 4 * 60_000;

/** Who starts the same command on another machine. */
export const secondOperator = 'eve';

/** What happens beside the tool: in the world, and by other people. */
export class Beside {
  private readonly going: Promise<unknown>[] = [];
  /** What the others would type now. */
  make: Make;
  /** Whether the run of the process that was killed is to be given up. */
  givesUp = false;
  readonly rollbacks: Rollbacks;

  constructor(
    private readonly simulation: Simulation,
    private readonly runbook: RunbookName,
  ) {
    this.make = courses[runbook].make;
    this.rollbacks = new Rollbacks(simulation, (work) => this.going.push(work));
  }

  /** Resolves when nobody else does anything any more. */
  ended(): Promise<unknown> {
    return Promise.all(this.going);
  }

  happen({ kind }: Fault, process: SimulatedProcess): void {
    const { settings, world } = this.simulation;
    const { from, to } = settings.upgrade;
    const web = (side: 'blue' | 'green') => settings.sides[side].environments.web!.name;
    const lost = courses[this.runbook].loses?.(settings) ?? { old: web(from), new: web(to) };
    switch (kind) {
      case 'old-instance-replaced':
        world.endInstance(lost.old);
        return;
      case 'new-instance-replaced':
        world.endInstance(lost.new);
        return;
      case 'readiness-flaps':
        world.flap(lost.new, 10 * 60_000);
        return;
      case 'sync-killed':
        world.killSync();
        return;
      case 'centre-silent':
        world.silenceCentre(15 * 60_000);
        return;
      case 'resource-fails':
        world.failNext();
        return;
      case 'rolled-back':
        this.rollbacks.ofNextFailure('is rolled back');
        return;
      case 'rollback-fails':
        this.rollbacks.ofNextFailure('fails');
        return;
      case 'rollback-goes-on':
        this.rollbacks.ofNextFailure('goes on later');
        return;
      case 'deploy-rolled-back':
      case 'deploy-rollback-fails':
        this.going.push(this.rollbacks.ofDeploy(kind === 'deploy-rollback-fails'));
        return;
      case 'given-up':
        process.kill();
        this.givesUp = true;
        return;
      case 'clock-jump':
        process.aheadMs += 10 * 60_000;
        return;
      case 'late-iam':
        world.world.durations.iamLagMs = lateMs;
        return;
      case 'key-lingers':
        world.lingerNext(web(this.loser()), lateMs);
        return;
      case 'copy-incomplete':
        world.servers.spoilNext();
        return;
      case 'bare-deploy':
        this.going.push(this.bareDeploy());
        return;
      case 'second-operator':
        this.going.push(this.secondOperator());
        return;
      case 'by-hand':
        this.going.push(this.byHand());
        return;
      default:
        throw new Error(`${kind} is no fault beside the tool.`);
    }
  }

  /** What cannot be deployed now, or where nothing is recorded yet, is told, and left. */
  private async bareDeploy(): Promise<void> {
    const ports = await this.simulation.ports(this.simulation.process());
    const names = stackNames(this.simulation.settings);
    if ((await runGoesOn(ports)).length > 0) return;
    try {
      const record = await ports.record.read();
      const { live } = record.posture;
      const stacks = [names.door, names.fence, names.side(otherSide(live)), names.side(live), names.traffic];
      await this.simulation.deployAll(ports, stacks, { record });
    } catch {}
  }

  private async secondOperator(): Promise<void> {
    const process = this.simulation.process();
    const ports = await this.simulation.ports(process);
    const { before } = courses[this.runbook];
    const driven = async () => {
      await before?.(ports);
      await this.simulation.drive(process, ports, await this.make(ports), secondOperator);
    };
    await driven().catch(() => {});
  }

  /** Does what the page says next, as far as the journal tells, whatever the run is doing. */
  private async byHand(): Promise<void> {
    const ports = await this.simulation.ports(this.simulation.process());
    try {
      const { steps } = await this.make(ports);
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

  /** The side that has the payment keys when the runbook begins. */
  private loser(): Side {
    const { settings } = this.simulation;
    const { after } = courses[this.runbook];
    return after ? courses[after.name].live(settings) : settings.upgrade.from;
  }
}
