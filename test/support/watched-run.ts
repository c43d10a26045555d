import { ChangeWatch, type World } from '../../lib/runbook/change-watch';
import { carryOutAll } from '../../lib/runbook/engine';
import type { Step } from '../../lib/runbook/step';
import { PlayedRun } from './runbook';

/** What a run rests on: two parts, each with one thing in it. */
type Told = { left: string; right: string };

/** A run whose world somebody else may change. */
export class WatchedRun extends PlayedRun {
  world: Told = { left: 'one', right: 'one' };
  /** The answers that looks get before they see the world as it is. */
  stale: (Told | Error)[] = [];
  /** The parts that each look asked for. */
  readonly looks: string[][] = [];

  /** Carries steps out in a process of its own, watched. */
  async carryOut(...steps: Step[]) {
    const run = await this.open();
    const look = (parts: string[]) => this.look(parts);
    const watch = new ChangeWatch(run, { parts: ['left', 'right'], look }, steps);
    await watch.begin();
    return carryOutAll({ name: 'test', id: 'test', title: 'Test', steps }, { ...run, watch });
  }

  private async look(parts: string[]): Promise<World> {
    this.looks.push(parts);
    const seen = this.stale.shift() ?? { ...this.world };
    if (seen instanceof Error) throw seen;
    const all = Object.entries(seen).map(([part, told]) => [part, { [`the ${part}`]: { told } }]);
    return Object.fromEntries(all.filter(([part]) => parts.includes(part as string)));
  }
}
