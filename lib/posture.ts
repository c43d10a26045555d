import { parameterNames, stampVariable } from './names';
import {
  type Access,
  type DatabaseRecord,
  databaseOf,
  lastDatabaseOf,
  type PostureRecord,
  type UpgradeRecord,
} from './record';
import { otherSide, type Settings, type Side, sides } from './settings';

/** What a side is: see the table. */
export type State = 'open' | 'testing' | 'fenced' | 'prepared';

interface Rules {
  maintenance: boolean;
  /** Whether the roles that take payments hold the keys. */
  payments: boolean;
  login: 'writer' | 'reader' | 'preparation';
  jobs: boolean;
  /** Whether e-mail goes to its addressee; otherwise it is redirected when it is queued. */
  email: boolean;
  size: 'full' | 'one';
  door: DoorPosition;
}

/** Whom a side's load balancers let through. */
export type DoorPosition = 'open' | 'testers' | 'closed';

/** The whole of the postures: every variable, credential, size and job follows from a row. */
export const table: Record<State, Rules> = {
  open: {
    maintenance: false,
    payments: true,
    login: 'writer',
    jobs: true,
    email: true,
    size: 'full',
    door: 'open',
  },
  // Every variable as when it is open: people test exactly what everybody will get.
  testing: {
    maintenance: false,
    payments: true,
    login: 'writer',
    jobs: false,
    email: true,
    size: 'one',
    door: 'testers',
  },
  fenced: {
    maintenance: true,
    payments: false,
    login: 'reader',
    jobs: false,
    email: false,
    size: 'one',
    door: 'closed',
  },
  prepared: {
    maintenance: true,
    payments: false,
    login: 'preparation',
    jobs: false,
    email: false,
    size: 'one',
    door: 'testers',
  },
};

/** The words of a deploy, resolved against the record. */
export interface Words {
  live: Side;
  access: Access;
  reassert: boolean;
  /** The side whose stacks are given up: what they hold goes when they are destroyed. */
  retire?: Side | undefined;
}

export interface EnvironmentPosture {
  name: string;
  role: string;
  state: State;
  /** `<state>@<n>`, which every process carries; a side that is tested has that of an open one. */
  stamp: string;
  /** Whether it holds the payment keys. */
  armed: boolean;
  /** Variables by value. */
  variables: Record<string, string>;
  /** Variables by the name of the parameter that holds their value. */
  secrets: Record<string, string>;
  /** Variables that must not exist. */
  absent: string[];
  size: { min: number; max: number };
  jobs: boolean;
  door: DoorPosition;
}

export interface SidePosture {
  side: Side;
  /** Retired is a side that was tidied away: nothing of it is left to be in a state. */
  state: State | 'retired';
  database: DatabaseRecord | undefined;
  environments: Record<string, EnvironmentPosture>;
}

export interface Posture {
  live: Side;
  access: Access;
  sides: Record<Side, SidePosture>;
  /** Which side each host name points at. */
  hosts: Record<string, { side: Side; role: string }>;
  /** What the deploy that moves the names records. */
  record: PostureRecord;
}

/** Without a word, it comes from the record; `live` alone means open; `access` alone keeps the side. */
export function resolveWords(
  recorded: PostureRecord,
  given: {
    live?: Side | undefined;
    access?: Access | undefined;
    reassert?: boolean | undefined;
    retire?: Side | undefined;
  },
): Words {
  const access = given.access ?? (given.live ? 'open' : recorded.access);
  const words = { live: given.live ?? recorded.live, access, reassert: given.reassert ?? false };
  return given.retire ? { ...words, retire: given.retire } : words;
}

/**
 * Whether a side was tidied away: the side that the upgrade came from, when none of its environments exists, and the live
 * side's do. No deploy builds it anew, until it is the side that an upgrade goes to.
 */
export function isRetired(settings: Settings, record: UpgradeRecord, side: Side): boolean {
  const { live } = record.posture;
  const exists = (each: Side) =>
    Object.values(settings.sides[each].environments).some(({ name }) => record.versions[name] !== undefined);
  return side === settings.upgrade.from && side !== live && !exists(side) && exists(live);
}

/** What both sides must be. Pure, and total: an illegal move is judged elsewhere and renders all the same. */
export function posture(settings: Settings, record: UpgradeRecord, words: Words): Posture {
  const next = nextRecord(record, words);
  // Judged by the record that this deploy leaves, so that the deploy after it finds nothing to change.
  const after = { ...record, posture: next };
  const bySide = (side: Side) => sidePosture(settings, after, words, side);
  const hosts = Object.entries(settings.roles).flatMap(([role, { hosts }]) =>
    hosts.map((host) => [host, { side: words.live, role }] as const),
  );
  return {
    live: words.live,
    access: words.access,
    sides: { blue: bySide('blue'), green: bySide('green') },
    hosts: Object.fromEntries(hosts),
    record: next,
  };
}

function stateOf(words: Words, side: Side, database: DatabaseRecord | undefined): State {
  if (!database) return 'prepared';
  if (side !== words.live || words.access === 'frozen') return 'fenced';
  return words.access;
}

function sidePosture(settings: Settings, record: UpgradeRecord, words: Words, side: Side): SidePosture {
  // A side that lost stays on the database it lost with, fenced, for people to look at.
  const database =
    databaseOf(record, side) ?? (side === words.live ? undefined : lastDatabaseOf(record, side));
  if (side !== words.live && side !== words.retire && isRetired(settings, record, side))
    return { side, state: 'retired', database, environments: {} };
  const state = stateOf(words, side, database);
  const environments = Object.entries(settings.sides[side].environments).map(
    ([role, { name }]) =>
      [
        role,
        environmentPosture(settings, { role, name, state, n: record.posture.n, database, ...shutBy(words) }),
      ] as const,
  );
  return { side, state, database, environments: Object.fromEntries(environments) };
}

/** While nobody is served nobody is let in anywhere: what is made ready meanwhile must meet no one. */
const shutBy = ({ access }: Words) => ({ isShut: access === 'frozen' });

interface Place {
  role: string;
  name: string;
  state: State;
  n: number;
  database: DatabaseRecord | undefined;
  isShut: boolean;
}

function environmentPosture(settings: Settings, place: Place): EnvironmentPosture {
  const { variables, roles, sync } = settings;
  const rules = table[place.state];
  // It is the database's, whatever the state: a side that loses keeps it, and one on another database must not have it.
  const isSynced = place.database?.synced !== undefined;
  const role = roles[place.role]!;
  const armed = rules.payments && role.payments;
  const stamp = `${place.state === 'testing' ? 'open' : place.state}@${place.n}`;
  const toggled = [
    [variables.maintenance, rules.maintenance],
    [variables.email, rules.email],
  ] as const;
  const login = loginOf(settings, rules.login, place.database);
  const notSet = parameterNames(settings).notSet;
  const secret = (name: string) => parameterNames(settings).secret(name);
  return {
    name: place.name,
    role: place.role,
    state: place.state,
    stamp,
    armed,
    variables: {
      ...Object.fromEntries(
        toggled.flatMap(([toggle, on]) => (toggle ? [[toggle.name, on ? toggle.on : toggle.off]] : [])),
      ),
      [variables.database.name]: login.name,
      [variables.database.host]: login.host,
      [variables.database.port]: String(settings.database.port),
      [variables.database.user]: login.user,
      [stampVariable]: stamp,
      ...(sync && isSynced ? { [sync.variable.name]: sync.variable.on } : {}),
    },
    secrets: {
      [variables.database.password]: secret(login.secret),
      ...Object.fromEntries(variables.payments.map((name) => [name, armed ? secret(name) : notSet])),
    },
    absent: [...variables.absent, ...(sync && !isSynced ? [sync.variable.name] : [])],
    size: rules.size === 'full' ? role.open : { min: 1, max: 1 },
    jobs: rules.jobs,
    door: place.isShut ? 'closed' : rules.door,
  };
}

function loginOf(settings: Settings, login: Rules['login'], database: DatabaseRecord | undefined) {
  if (login === 'preparation' || !database?.endpoint) return settings.preparationDatabase;
  return { host: database.endpoint, name: settings.database.name, ...settings.database[login] };
}

/**
 * What the record becomes. A side that opens has served from its database. A database is spent when its side
 * loses to a failback, or when the upgrade it was restored for is called off, for it then misses what people do.
 */
function nextRecord(record: UpgradeRecord, words: Words): PostureRecord {
  const before = record.posture;
  const n = before.n + (words.reassert ? 1 : 0);
  if (before.live === words.live && before.access === words.access) return { ...before, n };
  const next = { ...before, live: words.live, access: words.access, n };
  if (words.access !== 'open') return next;
  const live = databaseOf(record, words.live);
  const other = databaseOf(record, otherSide(words.live));
  const failback = before.live !== words.live;
  const calledOff = other !== undefined && other.id !== before.served[otherSide(words.live)];
  const lost = other && (failback || calledOff) ? [other.id] : [];
  const unfinished = record.databases
    .filter((each) => each.generation > 0 && !each.endpoint && !before.spent.includes(each.id))
    .map((each) => each.id);
  return {
    ...next,
    served: live ? { ...before.served, [words.live]: live.id } : before.served,
    spent: [...before.spent, ...lost, ...unfinished.filter((id) => !lost.includes(id))],
  };
}

/** Every side, for loops that must not forget one. */
export const bothSides = sides;
