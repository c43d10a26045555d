import { UnmodelledCommand } from '../stand-in';

/** What is to be run: the text of a `-c`, a file, or standard input. */
export type Action = { kind: 'command'; text: string } | { kind: 'file'; file: string } | { kind: 'stdin' };

export interface PsqlOptions {
  actions: Action[];
  quiet: boolean;
  unaligned: boolean;
  tuplesOnly: boolean;
  singleTransaction: boolean;
  separator: string;
  /** What ends a row. */
  rowEnd: string;
  variables: Map<string, string>;
  connection: Connection;
}

export interface Connection {
  host: string;
  port: number;
  user: string;
  password: string | undefined;
  database: string;
  applicationName: string;
  options: string | undefined;
  connectTimeoutSeconds: number | undefined;
}

const flags: Record<string, string> = {
  '-X': '-X',
  '--no-psqlrc': '-X',
  '-q': '-q',
  '--quiet': '-q',
  '-A': '-A',
  '--no-align': '-A',
  '-t': '-t',
  '--tuples-only': '-t',
  '-w': '-w',
  '--no-password': '-w',
  '-1': '-1',
  '--single-transaction': '-1',
  '-0': '-0',
  '--record-separator-zero': '-0',
};
const withValue: Record<string, string> = {
  '-v': '-v',
  '--set': '-v',
  '--variable': '-v',
  '-c': '-c',
  '--command': '-c',
  '-f': '-f',
  '--file': '-f',
  '-F': '-F',
  '--field-separator': '-F',
  '-h': '-h',
  '--host': '-h',
  '-p': '-p',
  '--port': '-p',
  '-U': '-U',
  '--username': '-U',
  '-d': '-d',
  '--dbname': '-d',
};
const environmentNames = [
  'PGHOST',
  'PGPORT',
  'PGUSER',
  'PGPASSWORD',
  'PGDATABASE',
  'PGAPPNAME',
  'PGOPTIONS',
  'PGCONNECT_TIMEOUT',
];

/** https://www.postgresql.org/docs/17/app-psql.html, a closed part of it. */
export function parseOptions(args: string[], environ: Record<string, string>): PsqlOptions {
  const unknown = Object.keys(environ).find(
    (name) => name.startsWith('PG') && !environmentNames.includes(name),
  );
  if (unknown) throw new UnmodelledCommand(`the variable ${unknown} of psql`);
  const given = [...optionsIn(args)];
  const has = (option: string) => given.some(([name]) => name === option);
  const last = (option: string) => given.findLast(([name]) => name === option)?.[1];
  const user = last('-U') ?? environ.PGUSER ?? 'root';
  const database = last('-d') ?? environ.PGDATABASE ?? user;
  if (/[=:/]/.test(database)) throw new UnmodelledCommand('a connection string of psql');
  const host = last('-h') ?? environ.PGHOST;
  if (!host) throw new UnmodelledCommand('psql without a host');
  const timeout = environ.PGCONNECT_TIMEOUT;
  return {
    actions: actionsOf(given),
    quiet: has('-q'),
    unaligned: has('-A'),
    tuplesOnly: has('-t'),
    singleTransaction: has('-1'),
    separator: last('-F') ?? '|',
    rowEnd: has('-0') ? '\0' : '\n',
    variables: variablesOf(given),
    connection: {
      host,
      port: Number(last('-p') ?? environ.PGPORT ?? 5432),
      user,
      password: environ.PGPASSWORD,
      database,
      applicationName: environ.PGAPPNAME ?? 'psql',
      options: environ.PGOPTIONS,
      connectTimeoutSeconds: timeout === undefined ? undefined : Number(timeout),
    },
  };
}

function* optionsIn(args: string[]): Generator<[string, string]> {
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] as string;
    const [long, attached] = arg.startsWith('--') ? split(arg) : [arg, undefined];
    if (flags[long] && attached === undefined) yield [flags[long], ''];
    else if (withValue[long]) yield [withValue[long], attached ?? required(args[++index], long)];
    else if (/^-[a-zA-Z01]{2,}/.test(arg)) {
      // Short options may be written together; the one that takes a value comes last.
      const first = arg.slice(0, 2);
      if (flags[first]) {
        yield [flags[first], ''];
        args.splice(index + 1, 0, `-${arg.slice(2)}`);
      } else if (withValue[first]) yield [withValue[first], arg.slice(2)];
      else throw new UnmodelledCommand(`psql ${arg}`);
    } else throw new UnmodelledCommand(`psql ${arg}`);
  }
}

function split(arg: string): [string, string | undefined] {
  const equals = arg.indexOf('=');
  return equals === -1 ? [arg, undefined] : [arg.slice(0, equals), arg.slice(equals + 1)];
}

function required(value: string | undefined, option: string): string {
  if (value === undefined) throw new UnmodelledCommand(`psql ${option} without a value`);
  return value;
}

function actionsOf(given: [string, string][]): Action[] {
  const actions = given.flatMap(([option, value]): Action[] => {
    if (option === '-c') return [{ kind: 'command', text: value }];
    if (option === '-f') return [{ kind: 'file', file: value }];
    return [];
  });
  return actions.length > 0 ? actions : [{ kind: 'stdin' }];
}

function variablesOf(given: [string, string][]): Map<string, string> {
  const variables = new Map<string, string>();
  for (const [option, assignment] of given) {
    if (option !== '-v') continue;
    const equals = assignment.indexOf('=');
    if (equals === -1) variables.delete(assignment);
    else variables.set(assignment.slice(0, equals), assignment.slice(equals + 1));
  }
  return variables;
}
