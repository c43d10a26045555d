/** A row; its key is `id`, or a session's key. Never changed in place, so that copies of tables may share it. */
export type Row = Readonly<Record<string, unknown>> & { readonly id: number | string };

interface Login {
  password: string;
  /** Whether it may only read. */
  reads: boolean;
}

/** A refusal of PostgreSQL's. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** What a database holds, as far as an upgrade meets it. */
export class Data {
  readonly logins = new Map<string, Login>();
  private readonly tables = new Map<string, Map<number | string, Row>>();
  private readonly greatest = new Map<string, number>();
  /** How many rows were ever written to each table of this server; a restored one begins at none. */
  readonly written = new Map<string, number>();
  name = '';

  copy(): Data {
    const copy = new Data();
    copy.name = this.name;
    for (const [name, login] of this.logins) copy.logins.set(name, { ...login });
    for (const [name, rows] of this.tables) copy.tables.set(name, new Map(rows));
    for (const [name, last] of this.greatest) copy.greatest.set(name, last);
    return copy;
  }

  has(table: string): boolean {
    return this.tables.has(table);
  }

  make(table: string): void {
    if (!this.tables.has(table)) this.tables.set(table, new Map());
  }

  /** The tables that a catalogue would list. */
  names(): string[] {
    return [...this.tables.keys()].filter((name) => name !== 'references').sort();
  }

  rows(table: string): Row[] {
    return [...this.of(table).values()];
  }

  find(table: string, id: unknown): Row | undefined {
    return this.of(table).get(id as number);
  }

  lastNumber(table: string): number {
    return this.greatest.get(table) ?? 0;
  }

  insert(table: string, row: Record<string, unknown>): Row {
    const id = (row.id as number | string | undefined) ?? this.lastNumber(table) + 1;
    if (typeof id === 'number') this.greatest.set(table, Math.max(id, this.lastNumber(table)));
    const whole = { ...row, id } as Row;
    this.of(table).set(id, whole);
    this.count(table);
    return whole;
  }

  update(table: string, id: number | string, change: Record<string, unknown>): void {
    const row = this.of(table).get(id);
    if (!row) return;
    this.of(table).set(id, { ...row, ...change });
    this.count(table);
  }

  remove(table: string, id: number | string): void {
    if (this.of(table).delete(id)) this.count(table);
  }

  private count(table: string): void {
    this.written.set(table, (this.written.get(table) ?? 0) + 1);
  }

  private of(table: string): Map<number | string, Row> {
    const rows = this.tables.get(table);
    if (!rows) throw new Refused('42P01', `relation "${table}" does not exist`);
    return rows;
  }
}
