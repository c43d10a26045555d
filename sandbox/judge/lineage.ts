import type { Watch } from './verdict';

/** A database of a name, until another of that name is made. */
export interface KnownDatabase {
  id: string;
  /** False for one that was there from the beginning. */
  made: boolean;
  /** What it was restored from: the data that the source had at that moment. */
  origin: { source: KnownDatabase; atMs: number } | undefined;
}

/** Which database was copied from which. */
export class Lineage {
  readonly watch: Watch = {
    'snapshot.started': ({ atMs, id, source }) =>
      void this.snapshots.set(String(id), { source: this.named(String(source)), atMs }),
    'restore.started': ({ id, snapshot }) => this.make(String(id), this.snapshots.get(String(snapshot))),
    'database.created': ({ id }) => this.make(String(id), undefined),
  };
  private readonly snapshots = new Map<string, KnownDatabase['origin']>();
  private readonly databases = new Map<string, KnownDatabase>();
  /** The ids of the endpoints that were asked for. */
  private readonly endpoints = new Map<string, string>();

  constructor(private readonly endpointOf: (id: string) => string) {}

  named(id: string): KnownDatabase {
    const known = this.databases.get(id) ?? { id, made: false, origin: undefined };
    this.databases.set(id, known);
    return known;
  }

  /** The database behind an endpoint's name, whether it answers or not; undefined for a name that is no endpoint's. */
  at(host: string): KnownDatabase | undefined {
    const id = this.endpoints.get(host) ?? host.split('.')[0]!;
    if (!this.endpoints.has(host) && this.endpointOf(id) !== host) return undefined;
    this.endpoints.set(host, id);
    return this.named(id);
  }

  private make(id: string, origin: KnownDatabase['origin']): void {
    this.databases.set(id, { id, made: true, origin });
  }
}

/** Whether what was written to one database at a moment came to another, which may be a copy of a copy of it. */
export function reaches(written: KnownDatabase, atMs: number, database: KnownDatabase): boolean {
  let reached: KnownDatabase | undefined = database;
  let untilMs = Number.POSITIVE_INFINITY;
  while (reached && reached !== written) {
    untilMs = Math.min(untilMs, reached.origin?.atMs ?? untilMs);
    reached = reached.origin?.source;
  }
  return reached !== undefined && atMs < untilMs;
}
