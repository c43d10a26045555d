import { stampVariable } from '../../names';
import type { DatabaseRecord, Recorded } from '../../record';
import type { Settings, Side } from '../../settings';
import { atRest } from '../side/instance-jobs';
import type { ObservedProcess } from '../side/observation';
import type { ObservedDatabase, Serving } from '../side/observed';

/** Something that must never be so, and was seen. */
export interface Broken {
  invariant: string;
  evidence: string;
}

/** An environment of a side, as far as people and money meet it. */
export interface ServingEnvironment {
  side: Side;
  name: string;
  /** Undefined where there is no such environment. */
  found: Serving | undefined;
}

export interface Seen {
  settings: Settings;
  record: Recorded;
  environments: ServingEnvironment[];
  databases: ObservedDatabase[];
}

/** What each invariant says, and how it is judged by what was seen. An instance that cannot be asked now tells nothing. */
const invariants: Record<string, (seen: Seen) => string[]> = {
  'never two environments able to charge': ({ environments }) => {
    const able = environments.filter(isAbleToCharge);
    return able.length < 2 ? [] : [`payment keys are held by ${named(able)}`];
  },
  'never two open sides': (seen) => {
    const open = seen.environments.filter((environment) => isOpen(seen.settings, environment));
    return new Set(open.map(({ side }) => side)).size < 2 ? [] : [`open are ${named(open)}`];
  },
  'never an open side on an unready database': (seen) =>
    seen.environments.filter(letsPeopleIn).flatMap((environment) => {
      const open = processesOf(environment).filter((process) => isOpenProcess(seen.settings, process));
      const hosts = new Set(open.map(({ variables }) => variables[seen.settings.variables.database.host]));
      return [...hosts].flatMap((host) => {
        const unready = unreadiness(seen, environment.side, host);
        return unready ? [`${environment.name} is open on ${host ?? 'no database'}, ${unready}`] : [];
      });
    }),
  'nothing holding data deleted': ({ record, databases }) =>
    record.databases
      .filter(({ id, endpoint, gone }) => endpoint && !gone && !record.posture.spent.includes(id))
      .filter(({ id }) => databases.some((each) => each.id === id && each.status === 'missing'))
      .map(({ id }) => `the database ${id} is recorded and not there`),
};

export const invariantCount = Object.keys(invariants).length;

/** Judges what was seen from outside. Pure. */
export function judge(seen: Seen): Broken[] {
  return Object.entries(invariants).flatMap(([invariant, broken]) =>
    broken(seen).map((evidence) => ({ invariant, evidence })),
  );
}

function processesOf({ found }: ServingEnvironment): ObservedProcess[] {
  return (found?.instances ?? []).flatMap((each) => ('fault' in each ? [] : each.processes));
}

const named = (environments: ServingEnvironment[]) => environments.map(({ name }) => name).join(' and ');

/** Behind a closed door, its jobs at rest, nobody pays: neither a visitor nor a tester, a web hook or a job. */
function isAbleToCharge(environment: ServingEnvironment): boolean {
  const holdsKeys = processesOf(environment).some(({ payments }) =>
    Object.values(payments).includes('armed'),
  );
  const jobs = (environment.found?.instances ?? []).some((each) => !('fault' in each) && !atRest(each));
  return holdsKeys && (environment.found?.door !== 'closed' || jobs);
}

/** Testers are no ordinary visitors. */
const letsPeopleIn = ({ found }: ServingEnvironment) => found?.door !== 'closed' && found?.door !== 'testers';

/** Whether ordinary visitors are served. */
export const isOpen = (settings: Settings, environment: ServingEnvironment): boolean =>
  letsPeopleIn(environment) && processesOf(environment).some((process) => isOpenProcess(settings, process));

/** By the maintenance switch where there is one, otherwise by the posture that the process obeys. */
function isOpenProcess({ variables }: Settings, process: ObservedProcess): boolean {
  if (variables.maintenance)
    return process.variables[variables.maintenance.name] === variables.maintenance.off;
  return process.variables[stampVariable]?.startsWith('open@') ?? false;
}

function unreadiness({ settings, record }: Seen, side: Side, host: string | undefined): string | undefined {
  const database = record.databases.find(({ endpoint }) => endpoint === host);
  if (!database) return host === settings.preparationDatabase.host ? 'which is for preparation' : undefined;
  if (database.side !== side) return `which is of ${database.side}`;
  if (record.posture.served[side] === database.id || database.generation === 0) return undefined;
  return undone(settings, database);
}

function undone({ conversion, sessionTable }: Settings, copy: DatabaseRecord): string | undefined {
  if (!copy.migrated) return 'which is not migrated';
  if (sessionTable && !copy.sessionsEmptied) return 'which has the sessions of its source';
  if (conversion && !copy.converted) return 'whose users are not converted';
  if (conversion && copy.blockedEmails?.putBack === undefined) return 'whose blocked e-mails are not back';
  return undefined;
}
