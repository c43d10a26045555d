import fs from 'node:fs';
import path from 'node:path';
import type { World } from '../../world';
import { type Invocation, type StandIn, UnmodelledCommand } from '../stand-in';
import { written } from './message';
import { type Action, type PsqlOptions, parseOptions } from './options';
import { type Answers, type Outcome, type ServerMessage, Session } from './session';
import { Splitter } from './statements';

/** psql's exit codes: https://www.postgresql.org/docs/17/app-psql.html#R1-APP-PSQL-3 */
const exitCodes = { done: 0, failed: 1, noConnection: 2, scriptStopped: 3 };
const flushAtCharacters = 64 * 1024;

/** PostgreSQL's client, as far as scripts use it, on the database behind an endpoint's name. */
export function psql(world: Pick<World, 'databases'>): StandIn {
  return async (invocation) => {
    const options = parseOptions([...invocation.args], invocation.environ);
    if (!options.unaligned) throw new UnmodelledCommand('psql without -A');
    const run = new Run(invocation, options);
    const session = await run.connect(world.databases.connectionTo(options.connection.host));
    if (!session) return exitCodes.noConnection;
    invocation.signal.addEventListener('abort', () => session.cut());
    try {
      return await run.all(session);
    } finally {
      run.flush();
      await session.close();
    }
  };
}

class Run {
  private output: string[] = [];
  private outputCharacters = 0;
  /** What psql puts before each message while it reads a file. */
  private origin: () => string = () => '';
  private statement = '';

  constructor(
    private readonly invocation: Invocation,
    private readonly options: PsqlOptions,
  ) {}

  async connect(place: { host: string; port: number } | undefined): Promise<Session | undefined> {
    const { connection } = this.options;
    const notice = (message: ServerMessage) =>
      this.complain(this.origin() + written(message, this.statement));
    const refused = `connection to server at "${connection.host}", port ${connection.port} failed: `;
    try {
      if (!place || connection.port !== 5432)
        throw new Error(
          'Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?',
        );
      if (connection.password === undefined) throw new Error('fe_sendauth: no password supplied');
      return await Session.open(place, connection, notice);
    } catch (error) {
      const { severity, message } = error as ServerMessage;
      const reason = message.includes('ECONNREFUSED') ? 'Connection refused' : message;
      this.complain(`psql: error: ${refused}${severity ? `${severity}:  ` : ''}${reason}\n`);
      return undefined;
    }
  }

  async all(session: Session): Promise<number> {
    const { singleTransaction, actions, variables } = this.options;
    const stopsOnError = /^(1|on|true|yes)$/i.test(variables.get('ON_ERROR_STOP') ?? '');
    if (singleTransaction) await session.send('BEGIN', silent);
    let code = exitCodes.done;
    for (const action of actions) {
      code = await this.perform(session, action, stopsOnError);
      if (code !== exitCodes.done && (stopsOnError || code === exitCodes.noConnection)) break;
    }
    const failed = code !== exitCodes.done && stopsOnError;
    if (singleTransaction && code !== exitCodes.noConnection) {
      const ended = await session.send(failed ? 'ROLLBACK' : 'COMMIT', silent);
      if (ended.kind === 'error') {
        this.complain(written(ended.error, ''));
        return exitCodes.failed;
      }
    }
    return code;
  }

  flush(): void {
    this.invocation.print(this.output.join(''));
    this.output = [];
    this.outputCharacters = 0;
  }

  private async perform(session: Session, action: Action, stopsOnError: boolean): Promise<number> {
    if (action.kind !== 'command') return this.script(session, action, stopsOnError);
    if (action.text.trimStart().startsWith('\\'))
      throw new UnmodelledCommand(`the psql command ${action.text}`);
    this.origin = () => '';
    const outcome = await this.send(session, action.text, () => this.invocation.stdin());
    return outcome.kind === 'done'
      ? exitCodes.done
      : outcome.kind === 'lost'
        ? exitCodes.noConnection
        : exitCodes.failed;
  }

  private async script(session: Session, action: Action, stopsOnError: boolean): Promise<number> {
    const isStdin = action.kind === 'stdin' || (action.kind === 'file' && action.file === '-');
    let source: string;
    if (isStdin) source = (await this.invocation.stdin()).toString();
    else {
      const { file } = action as { file: string };
      try {
        source = fs.readFileSync(path.resolve(this.invocation.cwd, file), 'utf8');
      } catch {
        this.complain(`psql: error: ${file}: No such file or directory\n`);
        return exitCodes.failed;
      }
    }
    const name =
      action.kind === 'stdin' ? undefined : isStdin ? '<stdin>' : (action as { file: string }).file;
    for (const { text, line, copied } of new Splitter(source, this.options.variables).statements()) {
      this.origin = () => (name === undefined ? '' : `psql:${name}:${line}: `);
      const outcome = await this.send(session, text, async () => copied ?? '');
      if (outcome.kind === 'lost') return exitCodes.noConnection;
      if (outcome.kind === 'error' && stopsOnError) return exitCodes.scriptStopped;
    }
    return exitCodes.done;
  }

  private async send(session: Session, text: string, copyIn: Answers['copyIn']): Promise<Outcome> {
    this.statement = text;
    const outcome = await session.send(text, this.answers(copyIn));
    if (outcome.kind === 'error') this.complain(this.origin() + written(outcome.error, text));
    if (outcome.kind === 'lost')
      this.complain(
        `${this.origin()}server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n\tbefore or while processing the request.\n` +
          `${this.origin()}error: connection to server was lost\n`,
      );
    return outcome;
  }

  private answers(copyIn: Answers['copyIn']): Answers {
    const { separator, rowEnd, tuplesOnly, quiet } = this.options;
    let rows: number | undefined;
    return {
      columns: (names) => {
        rows = 0;
        if (!tuplesOnly) this.print(names.join(separator) + rowEnd);
      },
      row: (values) => {
        rows = (rows ?? 0) + 1;
        if (values.length > 0) this.print(values.map((value) => value ?? '').join(separator) + rowEnd);
      },
      complete: (tag) => {
        if (rows !== undefined && !tuplesOnly)
          this.print(`(${rows} ${rows === 1 ? 'row' : 'rows'})${rowEnd}`);
        const isQuery = rows !== undefined && /^(SELECT|SHOW|EXPLAIN|FETCH|EXECUTE)/.test(tag);
        if (!quiet && !isQuery) this.print(`${tag}\n`);
        rows = undefined;
      },
      copyOut: (chunk) => this.print(chunk.toString()),
      copyIn,
    };
  }

  private print(text: string): void {
    this.output.push(text);
    this.outputCharacters += text.length;
    if (this.outputCharacters > flushAtCharacters) this.flush();
  }

  private complain(text: string): void {
    this.flush();
    this.invocation.complain(text);
  }
}

const silent: Answers = {
  columns: () => {},
  row: () => {},
  complete: () => {},
  copyOut: () => {},
  copyIn: async () => '',
};
