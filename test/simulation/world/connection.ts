import { DatabaseError } from '../../../sandbox/application/failure';
import type { DatabaseSettings } from '../../../sandbox/application/settings';
import type { World } from '../../../sandbox/world';
import { type Data, Refused, type Row } from './data';
import type { ModelServer, ModelServers } from './servers';

/** What a process of the application may do with its database, as the login that it was given. */
export class Connection {
  private constructor(
    private readonly server: ModelServer,
    private readonly data: Data,
    private readonly user: string,
  ) {}

  /** @throws DatabaseError */
  static open(world: World, servers: ModelServers, owner: unknown, settings: DatabaseSettings): Connection {
    const place = world.databases.connectionTo(settings.databaseHost);
    const server = place && settings.databasePort === '5432' ? servers.at(place.port) : undefined;
    if (!server)
      throw new DatabaseError(
        undefined,
        `connection to "${settings.databaseHost}" failed: Connection refused`,
      );
    const { databaseUser, databasePassword, databaseName } = settings;
    ask(() => server.admit(owner, databaseUser, databasePassword, databaseName, 'cobalt'));
    return new Connection(server, server.data, databaseUser);
  }

  rows(table: string): Row[] {
    return ask(() => this.reading().rows(table));
  }

  find(table: string, id: unknown): Row | undefined {
    return ask(() => this.reading().find(table, id));
  }

  insert(table: string, row: Record<string, unknown>): Row {
    return ask(() => this.writing(table).insert(table, row));
  }

  update(table: string, id: number | string, change: Record<string, unknown>): void {
    ask(() => this.writing(table).update(table, id, change));
  }

  remove(table: string, id: number | string): void {
    ask(() => this.writing(table).remove(table, id));
  }

  make(table: string): void {
    ask(() => this.writing(table).make(table));
  }

  private reading(): Data {
    if (!this.server.running)
      throw new Refused('57P01', 'terminating connection due to administrator command');
    return this.data;
  }

  private writing(table: string): Data {
    if (this.server.data.logins.get(this.user)?.reads)
      throw new Refused('25006', `cannot write ${table} in a read-only transaction`);
    return this.reading();
  }
}

function ask<T>(question: () => T): T {
  try {
    return question();
  } catch (error) {
    if (error instanceof Refused) throw new DatabaseError(error.code, error.message);
    throw error;
  }
}
