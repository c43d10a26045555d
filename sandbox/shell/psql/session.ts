import { Client } from 'pg';
import type { Connection } from './options';

/** A message of the server's: an error, a notice. */
export interface ServerMessage {
  severity?: string;
  message: string;
  position?: string;
  detail?: string;
  hint?: string;
  where?: string;
  internalQuery?: string;
}

/** What the server says in answer to one text, in order. */
export interface Answers {
  columns(names: string[]): void;
  row(values: (string | null)[]): void;
  /** The end of one statement, such as `INSERT 0 1`. */
  complete(tag: string): void;
  copyOut(chunk: Buffer): void;
  /** What to copy when the server asks for it. */
  copyIn(): Promise<Buffer | string>;
}

export type Outcome =
  | { kind: 'done' }
  | { kind: 'error'; error: ServerMessage }
  | { kind: 'lost'; error: Error };

/** The parts of the driver's connection that its own queries use too. */
interface Wire {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

/** A connection that speaks the simple protocol, as psql does. */
export class Session {
  private constructor(
    private readonly client: Client,
    private lost: Error | undefined = undefined,
  ) {}

  static async open(
    place: { host: string; port: number },
    wanted: Connection,
    onNotice: (notice: ServerMessage) => void,
  ): Promise<Session> {
    const client = new Client({
      ...place,
      user: wanted.user,
      // The driver would otherwise look for a password in its own environment.
      password: wanted.password ?? '',
      database: wanted.database,
      application_name: wanted.applicationName,
      options: wanted.options,
      connectionTimeoutMillis: (wanted.connectTimeoutSeconds ?? 0) * 1000,
      ssl: false,
    });
    const session = new Session(client);
    client.on('error', (error) => {
      session.lost = error;
    });
    client.on('notice', (notice) => onNotice(notice as ServerMessage));
    await client.connect();
    return session;
  }

  /** Sends a text, of one statement or several, and passes on what comes back. */
  async send(text: string, answers: Answers): Promise<Outcome> {
    if (this.lost) return { kind: 'lost', error: this.lost };
    return new Promise<Outcome>((resolve) => {
      const ended = () => resolve({ kind: 'lost', error: this.lost ?? new Error('lost') });
      this.client.once('end', ended);
      const done = (outcome: Outcome) => {
        this.client.off('end', ended);
        resolve(outcome);
      };
      this.client.query(new SimpleQuery(text, answers, done) as never);
    });
  }

  async close(): Promise<void> {
    await this.client.end().catch(() => {});
  }

  /** Ends the session without a word, as a killed client does. */
  cut(): void {
    (this.client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  }
}

/** What the driver accepts in place of its own queries; it hands over each message as it comes. */
class SimpleQuery {
  constructor(
    private readonly text: string,
    private readonly answers: Answers,
    private readonly resolve: (outcome: Outcome) => void,
  ) {}

  submit(wire: Wire): void {
    wire.query(this.text);
  }
  handleRowDescription(message: { fields: { name: string }[] }): void {
    this.answers.columns(message.fields.map(({ name }) => name));
  }
  handleDataRow(message: { fields: (string | null)[] }): void {
    this.answers.row(message.fields);
  }
  handleCommandComplete(message: { text: string }): void {
    this.answers.complete(message.text);
  }
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleCopyData(message: { chunk: Buffer }): void {
    this.answers.copyOut(message.chunk);
  }
  handleCopyInResponse(wire: Wire): void {
    this.answers.copyIn().then(
      (data) => {
        wire.sendCopyFromChunk(Buffer.from(data));
        wire.endCopyFrom();
      },
      (error) => wire.sendCopyFail(String(error)),
    );
  }
  /** The last that the driver tells of a text; what a broken connection reports has no severity. */
  handleError(error: ServerMessage): void {
    if (error.severity === undefined) this.resolve({ kind: 'lost', error: error as unknown as Error });
    else this.resolve({ kind: 'error', error });
  }
  handleReadyForQuery(): void {
    this.resolve({ kind: 'done' });
  }
}
