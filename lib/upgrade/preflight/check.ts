import type { UpgradeRecord } from '../../record';
import { type Evidence, fact } from '../../runbook/step';
import type { Side } from '../../settings';
import { sides } from '../../settings';
import type { Environment, NameRecord, Ports } from '../ports';

/** Evidence, and what to do where it does not hold. */
export interface Finding extends Evidence {
  next: string;
}

/** One thing that must hold before a night. Looking changes nothing. */
export interface Check {
  id: string;
  /** What must hold, as a sentence. */
  title: string;
  look(): Promise<Finding[]>;
}

export const finding = (what: string, observed: string, expected: string, next: string): Finding => ({
  ...fact(what, observed, expected),
  next,
});

/** For what is not compared with one word alone. */
export const judged = (holds: boolean, given: Omit<Finding, 'holds'>): Finding => ({ ...given, holds });

/** When the night is to be. */
export interface Window {
  from: Date;
  minutes: number;
}

export interface PlacedEnvironment {
  side: Side;
  role: string;
  name: string;
  /** Undefined where there is none. */
  found: Environment | undefined;
}

/** What several checks look at, asked once. */
export class Survey {
  readonly record = once((): Promise<UpgradeRecord> => this.ports.record.read());
  readonly environments = once(() => Promise.all(this.places().map((place) => this.find(place))));
  readonly names = once((): Promise<NameRecord[]> => this.ports.names.records(this.ports.settings.zone.id));

  constructor(
    readonly ports: Ports,
    readonly window: Window,
  ) {}

  /** Those that there are. */
  async existing(): Promise<(PlacedEnvironment & { found: Environment })[]> {
    return (await this.environments()).flatMap(({ found, ...place }) => (found ? [{ ...place, found }] : []));
  }

  private places() {
    const { sides: ofSides } = this.ports.settings;
    return sides.flatMap((side) =>
      Object.entries(ofSides[side].environments).map(([role, { name }]) => ({ side, role, name })),
    );
  }

  private async find(place: Omit<PlacedEnvironment, 'found'>): Promise<PlacedEnvironment> {
    return { ...place, found: await this.ports.environments.find(place.name) };
  }
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => {
    asked ??= ask();
    return asked;
  };
}
