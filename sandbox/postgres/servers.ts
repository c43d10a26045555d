import type { Client } from 'pg';

/** One database server: a place for data and, while it runs, something that answers on a port of 127.0.0.1. */
export interface Server {
  /** Where its data are. */
  readonly folder: string;
  readonly running: boolean;
  readonly port: number;
  /** Resolves when it accepts connections. */
  start(): Promise<void>;
  stop(how?: 'fast' | 'immediate'): Promise<void>;
  /** A connection past all rules, for the caller to end. */
  connect(database?: string): Promise<Client>;
  connectAs(user: string, password: string, database: string): Promise<Client>;
}

/** The database servers of a sandbox, and the copies of their data. */
export interface Servers {
  /** An empty one, started. */
  create(): Promise<Server>;
  /** One on a copy of these data, not started yet. */
  clusterFrom(folder: string): Promise<Server>;
  /** Copies the data of one that runs as they are now. Resolves to where the copy is. */
  copyOf(server: Server): Promise<string>;
  /** Stops one for good. Resolves to its data, which the caller now owns. */
  retire(server: Server): Promise<string>;
  discard(folder: string): Promise<void>;
  stop(): Promise<void>;
}
