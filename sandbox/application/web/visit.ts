import type { WebRequest, WebResponse, World } from '../../world';
import type { Database, Row } from '../database';
import { filled } from '../filled';
import type { Settings } from '../settings';

export interface User {
  id: number;
  username: string;
  email: string;
  isSuperuser: boolean;
}

/** One row that was committed while a request was answered, whatever the answer became. */
export interface Write {
  table: string;
  id: number | string;
}

/** One request on its way through the application. */
export class Visit {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly writes: Write[] = [];
  user: User | undefined;

  constructor(
    readonly world: World,
    readonly settings: Settings,
    readonly database: Database,
    /** Whether the code is the new release's, which expects the tables as its migrations leave them. */
    readonly upgraded: boolean,
    readonly environment: string,
    readonly request: WebRequest,
  ) {
    const url = new URL(request.path, 'http://application');
    this.path = url.pathname;
    this.query = url.searchParams;
  }

  get at(): Date {
    return this.world.clock.date();
  }

  form(): URLSearchParams {
    return new URLSearchParams(this.request.body);
  }

  header(name: string): string | undefined {
    const found = Object.entries(this.request.headers).find(([key]) => key.toLowerCase() === name);
    return found?.[1];
  }

  /** Inserts one row and notes it. */
  async insert(table: string, values: Record<string, unknown>): Promise<number> {
    const more = filled(table);
    const names = Object.keys(values);
    const places = names.map((_, index) => `$${index + 1}`);
    const rows = await this.database.query<{ id: number }>(
      `INSERT INTO ${table} (${names.join(', ')}${more.moreNames}) VALUES (${places.join(', ')}${more.moreValues})
       RETURNING id`,
      Object.values(values),
    );
    const { id } = rows[0]!;
    this.writes.push({ table, id });
    return id;
  }

  /** Runs an UPDATE that returns ids and notes the rows it changed. */
  async update<T extends { id: number } = Row & { id: number }>(
    table: string,
    text: string,
    values: unknown[],
  ): Promise<T[]> {
    const rows = await this.database.query<T>(`UPDATE ${table} ${text}`, values);
    for (const { id } of rows) this.writes.push({ table, id });
    return rows;
  }
}

export type View = (visit: Visit) => Promise<WebResponse>;

export function page(status: number, body: string, headers: Record<string, string> = {}): WebResponse {
  return { status, headers: { 'content-type': 'text/html; charset=utf-8', ...headers }, body };
}

export function redirect(location: string, headers: Record<string, string> = {}): WebResponse {
  return page(302, '', { location, ...headers });
}
