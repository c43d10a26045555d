import { liveHosts } from '../../lib/names';
import { environmentNames } from '../../lib/upgrade/side/choose-instance';
import type { Instance } from '../../sandbox/world';
import type { Simulation } from './simulation';

/** What must hold of one course besides. */
export interface Watch {
  /** A person agreed to a step. */
  agreed(step: string): void;
  /** What did not hold, told when all is over. */
  ended(): string[];
}

const lookEveryMs = 1_000;

/**
 * What an adoption must leave alone, looked at from outside: a name that is without an answer for a moment, a process that
 * is restarted before a person agreed to the quiet hour, a secret that becomes another or that stays where it was.
 */
export class Adoption implements Watch {
  private readonly broken = new Set<string>();
  private readonly secrets: Map<string, string>;
  private readonly started: Map<string, number | undefined>;
  private isAgreed = false;

  constructor(private readonly simulation: Simulation) {
    const instances = this.instances();
    this.secrets = new Map(instances.map((instance) => [instance.environment, this.secretsOf(instance)]));
    this.started = new Map(instances.map(({ id, web }) => [id, web?.pid]));
    this.watchNames();
  }

  agreed(step: string): void {
    if (step !== 'quiet-hour' || this.isAgreed) return;
    this.lookAtProcesses();
    this.isAgreed = true;
  }

  private lookAtProcesses(): void {
    const { settings, world } = this.simulation;
    const names = environmentNames(settings, settings.upgrade.from);
    const restarted = this.instances().filter(
      ({ id, web }) => this.started.has(id) && this.started.get(id) !== web?.pid,
    );
    const updated = world.world.happenings.filter(
      ({ kind, environment }) => kind === 'environment.updated' && names.includes(String(environment)),
    );
    for (const { environment } of [...restarted, ...updated])
      this.broken.add(`nothing restarts before a person agreed: ${environment} did`);
  }

  ended(): string[] {
    const { world } = this.simulation;
    if (!this.isAgreed) this.lookAtProcesses();
    for (const instance of this.instances())
      if (this.secretsOf(instance) !== this.secrets.get(instance.environment))
        this.broken.add(`the secrets stay what they were: those on ${instance.id} are others`);
    const values = new Set([...this.secrets.values()].flatMap((text) => Object.values(JSON.parse(text))));
    for (const { name, configuration } of world.beanstalk.environments())
      if (Object.values(configuration.variables()).some((value) => values.has(value)))
        this.broken.add(`no plain copy of a secret is left: ${name} has one`);
    return [...this.broken];
  }

  private instances(): Instance[] {
    const { settings, world } = this.simulation;
    const names = environmentNames(settings, settings.upgrade.from);
    const all = world.world.beanstalk.instances();
    return all.filter(({ environment, state }) => names.includes(environment) && state === 'running');
  }

  private secretsOf({ web }: Instance): string {
    const { payments, secrets, database } = this.simulation.settings.variables;
    const given = [...payments, ...secrets, database.password].flatMap((name) => {
      const value = web?.environ[name];
      return value === undefined || value === 'not-set' ? [] : [[name, value]];
    });
    return JSON.stringify(Object.fromEntries(given));
  }

  private watchNames(): void {
    const { settings, world } = this.simulation;
    const look = () => {
      for (const host of liveHosts(settings))
        if (!world.world.zones.resolve(host, 'A').some(({ type }) => type === 'A'))
          this.broken.add(`no name is ever without an answer: ${host} was`);
      world.clock.at(world.clock.nowMs() + lookEveryMs, 'a look at the names', look);
    };
    look();
  }
}
