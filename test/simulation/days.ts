import { parameterNames } from '../../lib/names';
import type { Settings, Side } from '../../lib/settings';
import type { Happening } from '../../sandbox/world';
import type { FaultKind } from './faults';
import type { Simulation } from './simulation';
import type { Data, Row } from './world/data';

/** What must be so besides, on the days before and after a night: of the sync, and of the test system. */
export interface Days {
  /** What happened that never may, whichever way the run ended. */
  never(simulation: Simulation, happened: Happening[], faults: FaultKind[]): string[];
  /** What is not as it must be when it is done. */
  atEnd(simulation: Simulation): string[];
}

const sync: Days = {
  never: (_, happened) => sideBySide(happened),
  atEnd: (simulation) => {
    const { settings } = simulation;
    const { to } = settings.upgrade;
    const data = dataOf(simulation, hostsOf(simulation, environmentsOf(settings, to))[0]);
    return [
      ...empty(settings, data).map((table) => `the live side reads what was synced: ${table} has no row`),
      ...wrong(simulation, environmentsOf(settings, to), variableOf(settings)),
    ];
  },
};

const testSystem: Days = {
  never: (simulation, happened, faults) => [
    ...sideBySide(happened),
    ...toPeople(simulation.settings, happened),
    ...restartsOfProduction(simulation.settings, happened, faults),
    ...connectedEarly(simulation.settings, happened),
    ...happened
      .filter(({ kind, id }) => kind === 'restore.started' && id !== copyOf(simulation.settings))
      .map(({ id }) => `there is one copy: ${id} was made`),
  ],
  atEnd: (simulation) => {
    const { settings } = simulation;
    const { environment } = settings.testSystem!;
    const id = copyOf(settings);
    const [host = '', ...others] = hostsOf(simulation, [environment.name]);
    const data = dataOf(simulation, host);
    const mail = settings.variables.email!;
    return [
      ...(host.startsWith(`${id}.`) && others.length === 0
        ? []
        : [`the test system uses its copy: its processes use ${[host, ...others].join(' and ')}`]),
      ...wrong(simulation, [environment.name], { ...variableOf(settings), [mail.name]: mail.off }),
      ...empty(settings, data).map((table) => `the copy is synced: ${table} has no row`),
      ...unlike(settings, data),
      ...openedBy(simulation, data),
    ];
  },
};

export const days = { sync, testSystem };

const copyOf = ({ testSystem: given }: Settings) => `${given!.databases}-1`;
const variableOf = ({ sync: given }: Settings) => ({ [given!.variable.name]: given!.variable.on });
const environmentsOf = ({ sides }: Settings, side: Side) =>
  Object.values(sides[side].environments).map(({ name }) => name);

/** Two of them at once on one database would trip over each other. */
function sideBySide(happened: Happening[]): string[] {
  const running = new Map<string, string>();
  const broken: string[] = [];
  for (const { kind, instance, pid, argv, environ } of happened) {
    const key = `${instance}/${pid}`;
    if (kind === 'process.ended') running.delete(key);
    if (kind !== 'process.started' || !(argv as string[]).includes('mpc_sync')) continue;
    const host = (environ as Record<string, string>).RDS_HOSTNAME!;
    if ([...running.values()].includes(host)) broken.push(`one sync at a time: a second one on ${host}`);
    running.set(key, host);
  }
  return broken;
}

function toPeople({ testSystem: given }: Settings, happened: Happening[]): string[] {
  const { environment, sanitise } = given!;
  const harmless = new Set<unknown>([...sanitise.harmless, 'success@simulator.amazonses.com']);
  const own = happened.filter((each) => each.environment === environment.name);
  return [
    ...own
      .filter(({ kind, to }) => kind === 'email.sent' && !harmless.has(to))
      .map(({ to }) => `no e-mail of the test system reaches a person: ${to} was sent one`),
    ...own
      .filter(({ kind }) => kind === 'charged')
      .map(({ mode }) => `no payment from the test system: it charged (${mode})`),
  ];
}

/** The application would mail whoever waits in a copy as it was restored. */
function connectedEarly(settings: Settings, happened: Happening[]): string[] {
  const { environment, sanitise } = settings.testSystem!;
  let running: unknown;
  let isSanitised = false;
  for (const { kind, environment: where, pid, argv = [], environ } of happened) {
    if (where !== environment.name) continue;
    const words = argv as string[];
    if (kind === 'process.ended' && pid === running) isSanitised = true;
    if (kind !== 'process.started') continue;
    if (words.includes(sanitise.command[0]!)) running = pid;
    const host = (environ as Record<string, string>).RDS_HOSTNAME ?? '';
    if (!words.some((word) => word.endsWith('/gunicorn')) || !host.startsWith(`${copyOf(settings)}.`))
      continue;
    return isSanitised ? [] : ['the copy is harmless before the test system uses it: it was not'];
  }
  return [];
}

/** Nothing of it starts anew, but where an instance was replaced. */
function restartsOfProduction(settings: Settings, happened: Happening[], faults: FaultKind[]): string[] {
  if (faults.includes('old-instance-replaced')) return [];
  const own = (['blue', 'green'] as const).flatMap((side) => environmentsOf(settings, side));
  const isStart = ({ kind, environment, argv }: Happening) =>
    kind === 'process.started' &&
    own.includes(String(environment)) &&
    (argv as string[]).some((word) => word.endsWith('/gunicorn'));
  const [first] = happened.filter(isStart);
  return first ? [`production is left alone: ${first.environment} was started anew`] : [];
}

const webOf = ({ world }: Simulation, environments: string[]) =>
  world.world.beanstalk
    .instances()
    .filter(({ state, environment }) => state === 'running' && environments.includes(environment))
    .flatMap(({ processes }) => [...processes.values()])
    .filter(({ argv }) => argv.some((word) => word.endsWith('/gunicorn')));

const hostsOf = (simulation: Simulation, environments: string[]) => [
  ...new Set(webOf(simulation, environments).map(({ environ }) => environ.RDS_HOSTNAME ?? 'none')),
];

function dataOf({ world }: Simulation, host = ''): Data | undefined {
  const place = world.world.databases.connectionTo(host);
  return place && world.servers.at(place.port)?.data;
}

function wrong(simulation: Simulation, environments: string[], wanted: Record<string, string>): string[] {
  const processes = webOf(simulation, environments);
  return Object.entries(wanted).flatMap(([name, value]) => {
    const found = processes.filter(({ environ }) => environ[name] !== value);
    return found.length > 0 || processes.length === 0
      ? [`every process is given what it should be: ${found.length} of ${processes.length} lack ${name}`]
      : [];
  });
}

const empty = ({ sync: given }: Settings, data: Data | undefined) =>
  given!.tables.filter((table) => !data?.has(table) || data.rows(table).length === 0);

/** What of the copy could reach a person, and what was not carried out on it. */
function unlike({ testSystem: given, conversion }: Settings, data: Data | undefined): string[] {
  if (!data) return ['the copy answers: it does not'];
  const { addresses, harmless, queue } = given!.sanitise;
  const isPersons = (value: unknown) => String(value).includes('@') && !harmless.includes(String(value));
  const { unregisteredTable, blockedEmailTable } = conversion!;
  const unknown = ({ person }: Row) => !data.find('accounts_user', person);
  return [
    ...addresses
      .filter(({ table, column }) => data.rows(table).some((row) => isPersons(row[column])))
      .map(({ table }) => `the copy is harmless: ${table} has addresses of people`),
    ...(data.rows(queue!.table).some((row) => queue!.waiting.includes(String(row[queue!.column])))
      ? ['the copy is harmless: e-mails wait in it']
      : []),
    // The number of one is a user's already.
    ...(data.rows(unregisteredTable).length === 1 ? [] : ['the copy is converted: people are left']),
    ...(data.rows(blockedEmailTable).length === 4 && !data.rows(blockedEmailTable).some(unknown)
      ? []
      : ['the copy has its blocked addresses: they are others']),
  ];
}

/** Neither of production's passwords opens the copy, and its own does. */
function openedBy({ settings, world }: Simulation, data: Data | undefined): string[] {
  const { writer } = settings.database;
  const names = parameterNames(settings);
  const secretOf = (secret: string) => world.world.parameters.read(names.secret(secret))?.value;
  const own = secretOf(settings.testSystem!.secret);
  const isApart =
    own !== secretOf(writer.secret) &&
    [...(data?.logins ?? [])].every(([name, { password }]) => name === writer.user && password === own);
  return isApart ? [] : ["production's passwords are useless on the copy: one opens it"];
}
