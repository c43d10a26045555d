import { type Data, Refused, type Row } from './data';
import type { Script, ScriptRun } from './scripts';

/** The exit codes of lib/on-instance/prelude.sh. */
const secretUnreadable = 60;
const codes: Record<string, number> = { '28P01': 61, '08006': 62, '3D000': 63 };

/** The value of a secret parameter, with the rights of the instance's role. */
export function password({ world, instance, fail }: ScriptRun, parameter: string): string {
  const arn = world.parameters.arnOf(parameter);
  const may = world.iam.decide(instance.role, 'ssm:GetParameter', arn) === 'allowed';
  const value = may ? world.parameters.read(parameter)?.value : undefined;
  return value ?? fail(secretUnreadable, `The parameter ${parameter} cannot be read.`);
}

interface Login {
  host: string;
  user: string;
  parameter: string;
  database: string;
}

/** Goes to a database as `sql` of the prelude does. */
export function connected(run: ScriptRun, { host, user, parameter, database }: Login): Data {
  const secret = password(run, parameter);
  const place = run.world.databases.connectionTo(host);
  const server = place && run.servers.at(place.port);
  try {
    if (!server) throw new Refused('08006', 'connection refused');
    const owner = {};
    server.admit(owner, user, secret, database, 'upgrade');
    server.sessions.delete(owner);
    return server.data;
  } catch (error) {
    if (error instanceof Refused) return run.fail(codes[error.code] ?? 3, error.message);
    throw error;
  }
}

/** By the first arguments of every script that goes to a database: REGION HOST PORT DATABASE USER PARAMETER. */
export function connect(run: ScriptRun): Data {
  const [, host = '', , database = '', user = '', parameter = ''] = run.args;
  return connected(run, { host, user, parameter, database });
}

const server = (run: ScriptRun, host: string) =>
  run.servers.at(run.world.databases.connectionTo(host)!.port)!;

const idsOf = (rows: Row[]) => rows.map(({ id }) => id);

function accept(run: ScriptRun): void {
  connect(run);
  run.print(`${run.args[3]} ${run.args[4]}`);
}

/** The login may be made by whoever owns the database. */
function makeReader(run: ScriptRun): void {
  const data = connect(run);
  const [, , , , , , reader = '', parameter = ''] = run.args;
  data.logins.set(reader, { password: password(run, parameter), reads: true });
}

function proveReader(run: ScriptRun): void {
  const data = connect(run);
  const login = data.logins.get(run.args[4]!)!;
  const tables = data.names().length;
  run.print(`default ${login.reads ? 'on' : 'off'}`);
  run.print(`tables ${tables}`);
  run.print(`refused ${login.reads ? tables : 0}`);
  if (!login.reads) for (const table of data.names()) run.print(`written public.${table} UP001`);
}

async function countWrites(run: ScriptRun): Promise<void> {
  const data = connect(run);
  const count = (moment: string) => {
    for (const table of data.names()) run.print(`${moment} public.${table} ${data.written.get(table) ?? 0}`);
  };
  run.print('tracking on');
  count('before');
  await run.world.clock.sleep(Number(run.args[6]) * 1_000);
  count('after');
}

function sessionsOf(run: ScriptRun): void {
  connect(run);
  for (const { user, application, pid } of server(run, run.args[1]!).sessions.values())
    if (user === run.args[4] && application !== 'upgrade') run.print(`${pid} 10.0.0.1 idle`);
}

function fingerprint(run: ScriptRun): void {
  const data = connect(run);
  const ledger = new Set(run.args[6]!.split(','));
  for (const table of data.names()) {
    run.print(`rows public.${table} ${data.rows(table).length}`);
    if (ledger.has(table)) run.print(`checksum public.${table} ${sumOf(data.rows(table))}`);
    const last = data.lastNumber(table);
    run.print(
      `sequence public.${table}_id_seq ${Math.max(1, last)} ${last > 0 ? 't' : 'f'} ${Math.max(1, last)}`,
    );
  }
}

/** Two tables of other rows differ by no accident. */
function sumOf(rows: Row[]): number {
  let sum = 0;
  for (const row of rows)
    for (const letter of JSON.stringify(row)) sum = (Math.imul(sum, 31) + letter.codePointAt(0)!) | 0;
  return sum;
}

function lookAtBlocked(run: ScriptRun): void {
  const data = connect(run);
  const [blocked = '', unregistered = ''] = run.args.slice(6);
  const refers = data.has('references') ? data.find('references', blocked)?.table : undefined;
  run.print(`refers ${refers ?? unregistered}`);
  run.print(`found ${data.rows(blocked).length}`);
  for (const { id, person } of data.rows(blocked))
    if (!data.find(unregistered, person)) run.print(`orphan ${id}`);
}

/** All of them or none. */
function keepBlocked(run: ScriptRun): number | undefined {
  const data = connect(run);
  const [blocked = '', unregistered = '', kept = ''] = run.args.slice(6);
  data.make(kept);
  const found = data.rows(blocked);
  const people = found.map(({ person }) => data.find(unregistered, person));
  if (people.some((person) => !person)) return 3;
  const before = data.rows(kept).length;
  for (const [place, { id, email }] of found.entries()) {
    data.insert(kept, { system_number: people[place]!.system_number, email });
    data.remove(blocked, id);
  }
  for (const line of [`found ${found.length}`, `before ${before}`, `kept ${before + found.length}`, 'left 0'])
    run.print(line);
  return undefined;
}

function putBackBlocked(run: ScriptRun): void {
  const data = connect(run);
  const [blocked = '', unregistered = '', kept = '', users = ''] = run.args.slice(6);
  const userOf = new Map(data.rows(users).map((user) => [user.system_number, user.id]));
  const rows = data.rows(kept);
  for (const { system_number, email } of rows) {
    const person = userOf.get(system_number);
    const isThere = data.rows(blocked).some((row) => row.person === person && row.email === email);
    if (person !== undefined && !isThere) data.insert(blocked, { person, email });
  }
  const left = rows.filter(({ system_number }) => !userOf.has(system_number));
  const numbers = new Set(data.rows(unregistered).map(({ system_number }) => system_number));
  run.print(`kept ${rows.length}`);
  run.print(`back ${rows.length - left.length}`);
  for (const number of new Set(left.map(({ system_number }) => system_number))) run.print(`left ${number}`);
  run.print(`nobody ${left.length}`);
  for (const { system_number } of rows)
    if (userOf.has(system_number) && numbers.has(system_number)) run.print(`other ${system_number}`);
}

function countUsers(run: ScriptRun): void {
  const data = connect(run);
  const [unregistered = '', users = ''] = run.args.slice(6);
  const taken = new Set(data.rows(users).flatMap((row) => [String(row.system_number), String(row.username)]));
  run.print(`unregistered ${data.rows(unregistered).length}`);
  run.print(`users ${data.rows(users).length}`);
  for (const { system_number, first_name } of data.rows(unregistered))
    if (taken.has(String(system_number))) run.print(`duplicate ${system_number}`);
    else if (first_name === null) run.print(`nameless ${system_number}`);
}

function emptySessions(run: ScriptRun): void {
  const data = connect(run);
  const table = run.args[6]!;
  const found = data.rows(table);
  run.print(`found ${found.length}`);
  for (const id of idsOf(found)) data.remove(table, id);
  run.print('left 0');
}

/** Each row of the copy that is beyond the greatest value its source has in one of the columns. */
function countActivity(run: ScriptRun): void {
  const [
    ,
    source = '',
    ,
    database = '',
    user = '',
    parameter = '',
    copy = '',
    people = '',
    key = '',
    number = '',
    ...tables
  ] = run.args;
  const old = connected(run, { host: source, user, parameter, database });
  const fresh = connected(run, { host: copy, user, parameter, database });
  while (tables.length > 0) {
    const [table = '', newer = '', at = '', who = '', own = '', amount = '', what = ''] = tables.splice(0, 7);
    if (!fresh.has(table)) continue;
    const beyond = (row: Row) =>
      newer.split(',').some((column) => {
        const greatest = old.has(table)
          ? Math.max(...old.rows(table).map((each) => Number(each[column] ?? 0)), 0)
          : 0;
        return row[column] !== undefined && Number(row[column]) > greatest;
      });
    for (const row of fresh.rows(table).filter(beyond)) {
      const person = fresh.rows(people).find((each) => each[key] === row[who]);
      const text = (value: unknown) => (value === undefined || value === null ? null : String(value));
      const told = {
        ...{
          table,
          key: text(row.id) ?? '',
          at: text(row[at]),
          amount: text(row[amount]),
          what: text(row[what]),
        },
        number: text(row[own] ?? person?.[number]),
      };
      run.print(`row ${JSON.stringify(told)}`);
    }
  }
}

function takeOverSent(run: ScriptRun): void {
  const [
    ,
    source = '',
    ,
    database = '',
    user = '',
    parameter = '',
    copy = '',
    table = '',
    ,
    state = '',
    pending = '',
  ] = run.args;
  const old = connected(run, { host: source, user, parameter, database });
  const fresh = connected(run, { host: copy, user, parameter, database });
  const waits = new Set(pending.split(','));
  let taken = 0;
  for (const row of old.rows(table)) {
    const there = fresh.find(table, row.id);
    if (!waits.has(String(row[state])) || !there || waits.has(String(there[state]))) continue;
    old.update(table, row.id, { [state]: there[state] });
    taken++;
  }
  run.print(`taken ${taken}`);
}

export const scripts: Record<string, Script> = {
  'accept-connections': async (run) => {
    for (let turn = 0; turn < Number(run.args[6]); turn++) {
      if (turn > 0) await run.world.clock.sleep(Number(run.args[7]) * 1_000);
      accept(run);
    }
  },
  'count-reads': (run) => {
    for (const table of connect(run).names()) run.print(`public.${table}`);
  },
  warm: (run) => {
    for (const table of connect(run).names()) run.print(`table whole public.${table}`);
  },
  'make-reader': makeReader,
  'prove-reader': proveReader,
  'count-writes': countWrites,
  'sessions-of': sessionsOf,
  fingerprint,
  'look-at-blocked-emails': lookAtBlocked,
  'keep-blocked-emails': keepBlocked,
  'put-back-blocked-emails': putBackBlocked,
  'count-users': countUsers,
  'empty-sessions': emptySessions,
  'count-activity': countActivity,
  'take-over-sent': takeOverSent,
};
