import type { Happening } from '../world';
import type { Report, Watch } from './verdict';

/** Deletions of data that is nowhere else. */
export class Deletions {
  readonly watch: Watch = {
    'snapshot.started': ({ id, source }) => void this.sources.set(String(id), String(source)),
    'snapshot.available': ({ id }) => void this.snapshots.add(String(id)),
    'snapshot.deleted': (happening) => this.snapshotDeleted(happening),
    'database.restored': ({ id }) => void this.empty.delete(String(id)),
    'database.created': ({ id }) => void this.empty.delete(String(id)),
    'database.failed': ({ id, during }) => {
      if (during === 'restore' || during === 'creation') this.empty.add(String(id));
    },
    'database.deleting': (happening) => this.databaseDeleted(happening),
  };
  private readonly sources = new Map<string, string>();
  private readonly snapshots = new Set<string>();
  /** Databases that failed before they held anything. */
  private readonly empty = new Set<string>();

  constructor(private readonly report: Report) {}

  private databaseDeleted({ atMs, id, finalSnapshot }: Happening): void {
    if (finalSnapshot !== undefined || this.empty.has(String(id))) return;
    this.report(
      'nothing holding data deleted',
      atMs,
      `the database ${id} was deleted without a final snapshot`,
    );
  }

  private snapshotDeleted({ atMs, id }: Happening): void {
    this.snapshots.delete(String(id));
    const source = this.sources.get(String(id));
    if ([...this.snapshots].some((other) => this.sources.get(other) === source)) return;
    const evidence = `the snapshot ${id} was deleted, the only one of ${source}`;
    this.report('nothing holding data deleted', atMs, evidence);
  }
}
