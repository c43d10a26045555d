import { type Data, Refused, type Row } from './data';
import type { Script, ScriptRun } from './script-run';

/** The exit codes of lib/on-instance/prelude.sh. */
const secretUnreadable = 60;
/** What psql exits with when a statement fails. */
const statementFailed = 3;
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
    if (error instanceof Refused) return run.fail(codes[error.code] ?? statementFailed, error.message);
    throw error;
  }
}

/** By the first arguments of every script that goes to a database: REGION HOST PORT DATABASE USER PARAMETER. */
export function connect(run: ScriptRun): Data {
  const [, host = '', , database = '', user = '', parameter = ''] = run.args;
  return connected(run, { host, user, parameter, database });
}

/** The data, for a script that writes: PostgreSQL refuses that in a transaction that only reads, and psql exits with 3. */
function connectToWrite(run: ScriptRun): Data {
  const data = connect(run);
  if (data.logins.get(run.args[4]!)?.reads)
    run.fail(statementFailed, 'cannot execute this in a read-only transaction');
  return data;
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
  const data = connectToWrite(run);
  const [, , , , , , reader = '', parameter = ''] = run.args;
  data.logins.set(reader, { password: password(run, parameter), reads: true });
  run.print(reader);
}

function proveReader(run: ScriptRun): void {
  const data = connect(run);
  const login = data.logins.get(run.args[4]!)!;
  const tables = data.names().length;
  run.print(`default ${login.reads ? 'on' : 'off'}`);
  run.print(`tables ${tables}`);
  run.print(`refused ${login.reads ? tables : 0}`);
  if (login.reads) return;
  for (const table of data.names()) run.print(`written public.${table} UP001`);
  for (const power of ['createrole', 'createdb', ...data.names().map((table) => `change-public.${table}`)])
    run.print(`power ${power}`);
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

/** The tables whose keys are no numbers of their own, so that no sequence belongs to them. */
const keptByOthers = new Set(['django_session', 'notifications_snooper', 'upgrade_blocked_email']);

function fingerprint(run: ScriptRun): void {
  const data = connect(run);
  const ledger = new Set(run.args[6]!.split(','));
  run.print(`ledger ${run.args[6]}`);
  for (const table of data.names()) {
    run.print(`rows public.${table} ${data.rows(table).length}`);
    if (ledger.has(table)) run.print(`checksum public.${table} ${sumOf(data.rows(table))}`);
  }
  for (const table of data.names().filter((name) => !keptByOthers.has(name))) {
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
  const reference = data.find('references', blocked);
  if (reference) run.print(`refers ${reference.table}`);
  run.print(`found ${data.rows(blocked).length}`);
  for (const { id, person } of data.rows(blocked))
    if (!data.find(unregistered, person)) run.print(`orphan ${id}`);
}

/** All of them or none. */
function keepBlocked(run: ScriptRun): number {
  const data = connectToWrite(run);
  const [blocked = '', unregistered = '', kept = ''] = run.args.slice(6);
  const found = data.rows(blocked);
  const moved = found.flatMap(({ id, person, email }) => {
    const owner = data.find(unregistered, person);
    return owner ? [{ id, row: { system_number: owner.system_number, email } }] : [];
  });
  const before = data.has(kept) ? data.rows(kept).length : 0;
  const left = found.length - moved.length;
  for (const line of [
    ...[`found ${found.length}`, `before ${before}`, `kept ${before + moved.length}`, `left ${left}`],
    `table ${blocked}`,
  ])
    run.print(line);
  if (left > 0) return statementFailed;
  data.make(kept);
  for (const { id, row } of moved) {
    data.insert(kept, row);
    data.remove(blocked, id);
  }
  return 0;
}

function putBackBlocked(run: ScriptRun): void {
  const data = connectToWrite(run);
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
  for (const number of numbersOf(left)) run.print(`left ${number}`);
  run.print(`nobody ${left.length}`);
  for (const number of numbersOf(rows))
    if (userOf.has(number) && numbers.has(number)) run.print(`other ${number}`);
}

/** Each once, in their order. */
const numbersOf = (rows: Row[]) =>
  [...new Set(rows.map(({ system_number }) => Number(system_number)))].sort((one, other) => one - other);

function countUsers(run: ScriptRun): void {
  const data = connect(run);
  const [unregistered = '', users = ''] = run.args.slice(6);
  const taken = new Set(data.rows(users).flatMap((row) => [String(row.system_number), String(row.username)]));
  run.print(`unregistered ${data.rows(unregistered).length}`);
  run.print(`users ${data.rows(users).length}`);
  const isTaken = ({ system_number }: Row) => taken.has(String(system_number));
  const isNameless = ({ first_name, last_name }: Row) => first_name === null || last_name === null;
  const people = data.rows(unregistered);
  for (const number of numbersOf(people.filter(isTaken))) run.print(`duplicate ${number}`);
  for (const number of numbersOf(people.filter((row) => !isTaken(row) && isNameless(row))))
    run.print(`nameless ${number}`);
}

function emptySessions(run: ScriptRun): void {
  const data = connectToWrite(run);
  const table = run.args[6]!;
  const found = data.rows(table);
  run.print(`found ${found.length}`);
  for (const id of idsOf(found)) data.remove(table, id);
  run.print('left 0');
}

const isThere = (value: unknown): value is number | string => value !== undefined && value !== null;

/** Of numbers, or of texts: both have an order. Undefined where there is none. */
function greatest(data: Data, table: string, column: string): number | string | undefined {
  const values = data.has(table)
    ? data
        .rows(table)
        .map((row) => row[column])
        .filter(isThere)
    : [];
  return values.reduce<number | string | undefined>(
    (most, value) => (most === undefined || value > most ? value : most),
    undefined,
  );
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
    const marks = newer.split(',').map((column) => [column, greatest(old, table, column)] as const);
    const beyond = (row: Row) =>
      marks.some(([column, most]) => {
        const value = row[column];
        return isThere(value) && (most === undefined || value > most);
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

/** One that may not log in is refused as one that is not known is. */
function changePassword(run: ScriptRun): void {
  const data = connectToWrite(run);
  const [, , , , writer = '', , parameter = ''] = run.args;
  const secret = password(run, parameter);
  for (const login of [...data.logins.keys()]) if (login !== writer) data.logins.delete(login);
  data.logins.get(writer)!.password = secret;
}

function countAddresses(run: ScriptRun): void {
  const data = connect(run);
  const [harmless = '', ...places] = run.args.slice(6);
  while (places.length > 0) {
    const [kind, table = '', column = ''] = places.splice(0, 3);
    const told = data.rows(table).map((row) => String(row[column]));
    const count = (what: string, wanted: (value: string) => boolean) =>
      run.print(`${what} ${table}.${column} ${told.filter(wanted).length}`);
    if (kind === 'queue') {
      const waiting = (places.shift() ?? '').split(',');
      count('waiting', (value) => waiting.includes(value));
      continue;
    }
    count('rows', (value) => value.includes('@'));
    const known = harmless.split(',');
    count('people', (value) => value.includes('@') && !known.includes(value.toLowerCase()));
  }
}

function countRows(run: ScriptRun): void {
  const data = connect(run);
  for (const table of run.args.slice(6)) run.print(`${table} ${data.rows(table).length}`);
}

export const scripts: Record<string, Script> = {
  'accept-connections': async (run) => {
    for (let turn = 0; turn < Number(run.args[6]); turn++) {
      if (turn > 0) await run.world.clock.sleep(Number(run.args[7]) * 1_000);
      accept(run);
    }
  },
  'count-reads': (run) => {
    const data = connect(run);
    for (const table of data.names())
      if (data.rows(table).length > 0 || data.written.has(table)) run.print(`public.${table}`);
  },
  warm: (run) => {
    for (const table of connect(run).names()) {
      run.print(`table whole public.${table}`);
      run.print(`index whole public.${table}_pkey`);
    }
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
  'change-password': changePassword,
  'count-addresses': countAddresses,
  'count-rows': countRows,
};
