import { InvariantError } from '../../runbook/errors';
import type { Side } from '../../settings';
import type { Ports } from '../ports';
import { everyEnvironment, observeDatabases, observeServing } from '../side/observed';
import { type Broken, invariantCount, judge, type ServingEnvironment } from './invariants';

/** Looks at the world after each event of a run and judges it, beside whatever the run goes on with. */
export class Judging {
  checked = 0;
  readonly broken: Broken[] = [];
  private looking: Promise<void> = Promise.resolve();
  private again = false;
  private busy = false;

  constructor(
    private readonly ports: Ports,
    private readonly onBroken: (broken: Broken) => Promise<void>,
  ) {}

  /** Something happened. Events that come while one is being judged are judged together, after it. */
  happened(): void {
    this.again = true;
    if (this.busy) return;
    this.busy = true;
    this.looking = this.lookWhileThereIsNews();
  }

  /** @throws InvariantError when something that must never be so was seen, ever in this run. */
  async judged(): Promise<void> {
    await this.looking;
    const [first] = this.broken;
    if (!first) return;
    throw new InvariantError('INVARIANT_BROKEN', {
      so: `This must never be so and was seen: ${this.broken.map(({ invariant, evidence }) => `${invariant}: ${evidence}`).join('; ')}.`,
      changed: 'Nothing more was begun after it was seen.',
      next: 'Look with npm run status; fence the side that should not be able to: npm run fence -- --help.',
    });
  }

  private async lookWhileThereIsNews(): Promise<void> {
    while (this.again) {
      this.again = false;
      // What cannot be looked at now is looked at after the next event; the steps themselves prove what they need.
      await this.look().catch(() => {});
    }
    this.busy = false;
  }

  private async look(): Promise<void> {
    const { settings, record: store } = this.ports;
    const record = await store.recorded();
    const [environments, databases] = await Promise.all([
      Promise.all(everyEnvironment(settings.sides).map(([side, { name }]) => this.serving(side, name))),
      observeDatabases(
        this.ports,
        record.databases.map(({ id }) => id),
      ),
    ]);
    this.checked += invariantCount;
    for (const broken of judge({ settings, record, environments, databases })) {
      if (this.broken.some(({ evidence }) => evidence === broken.evidence)) continue;
      this.broken.push(broken);
      await this.onBroken(broken);
    }
  }

  private async serving(side: Side, name: string): Promise<ServingEnvironment> {
    const environment = await this.ports.environments.state(name);
    return { side, name, found: environment && (await observeServing(this.ports, environment)) };
  }
}
