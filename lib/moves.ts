import { isRetired, type Words } from './posture';
import { type DatabaseRecord, databaseOf, type UpgradeRecord } from './record';
import { otherSide, type Settings, type Side } from './settings';

/** Why a move may not be made, and the command that may. */
export interface Refusal {
  so: string;
  next: string;
}

/** A side that is being prepared may write its database: that must not be one that people use. */
export function preparedOnPeoplesData({ preparationDatabase }: Settings, record: UpgradeRecord): Refusal[] {
  return record.databases
    .filter(({ endpoint }) => endpoint === preparationDatabase.host)
    .map(({ id }) => ({
      so: `The settings give preparationDatabase the host ${preparationDatabase.host}, which is that of ${id}.`,
      next: 'Name a database of its own there.',
    }));
}

const deploy = (words: string) => `npx cdk deploy --all ${words}`;

/** What makes a move harmless that would not be otherwise. */
export interface Circumstances {
  /** Nobody meets the side: it may take a copy that is not ready. */
  behindClosedDoor?: boolean;
  /** Behind a closed door a side is made ready to serve again, on the database that it served from last. */
  servesAgain?: boolean;
}

/**
 * Judges a move from the recorded posture to the asked one.
 *
 * Legal are: no move; X/open to X/frozen and back; X/frozen to Y/testing; Y/testing to Y/open or Y/frozen; and from
 * anywhere to X/open on the database that X last served from (failback). A copy is tested once it is migrated and its
 * sessions are emptied, and serves once its users are converted and the blocked addresses are back. Behind a closed door
 * nobody tests it: there it may take a copy that is not ready.
 */
export function judgeMove(
  settings: Settings,
  record: UpgradeRecord,
  to: Words,
  { behindClosedDoor = false, servesAgain = false }: Circumstances = {},
): Refusal[] {
  const from = record.posture;
  if (from.live === to.live && from.access === to.access) return [];
  if (servesAgain) return failback(settings, record, to);
  if (from.live === to.live) return withinASide(settings, record, to);
  if (to.access === 'open') return failback(settings, record, to);
  if (to.access === 'testing' && from.access === 'frozen')
    return readiness(settings, record, to, behindClosedDoor);
  return [
    {
      so: `${from.live}/${from.access} cannot become ${to.live}/${to.access}: ${
        to.access === 'testing' ? `${from.live} may still be written` : 'only a live side can be frozen'
      }.`,
      next:
        to.access === 'testing'
          ? `Freeze ${from.live} first: npm run jobs -- stop --side ${from.live} && npm run reader && ${deploy('-c access=frozen')}`
          : `Name the live side or leave it out: ${deploy(`-c live=${from.live} -c access=${to.access}`)}`,
    },
  ];
}

function withinASide(settings: Settings, record: UpgradeRecord, to: Words): Refusal[] {
  const from = record.posture;
  if (to.access === 'testing')
    return [
      {
        so: `${from.live}/${from.access} cannot become ${to.live}/testing: a side is tested after the other was frozen and before it opens.`,
        next:
          from.access === 'open'
            ? `Freeze it: ${deploy(`-c live=${to.live} -c access=frozen`)}`
            : `Test the other side: ${deploy(`-c live=${otherSide(to.live)} -c access=testing`)}`,
      },
    ];
  return to.access === 'open' ? readiness(settings, record, to) : [];
}

/** A side may be tested or opened only on a database that is there, ready, and has not fallen behind. */
function readiness(
  settings: Settings,
  record: UpgradeRecord,
  to: Words,
  behindClosedDoor = false,
): Refusal[] {
  const side = to.live;
  const database = databaseOf(record, side);
  if (!database)
    return [
      {
        so: `${side} has no database: none is recorded that accepts connections and has not fallen behind.`,
        next: 'Run npm run snapshot, then npm run restore.',
      },
    ];
  const other = record.databases.find((each) => each.id === record.posture.served[otherSide(side)]);
  if (!database.migrated && !behindClosedDoor)
    return [{ so: `The database ${database.id} of ${side} is not migrated.`, next: 'Run npm run migrate.' }];
  if (database.id !== record.posture.served[side])
    return behindClosedDoor ? [] : undone(settings, database, to.access === 'open');
  if (record.posture.live === side) return [];
  return [
    {
      so: `The database ${database.id} of ${side} served before and misses what people did since on ${other?.id ?? otherSide(side)}.`,
      next: 'Run npm run snapshot, then npm run restore.',
    },
  ];
}

/** What was not done yet to a copy that never served. What people would meet is mended before they do. */
function undone({ sessionTable, conversion }: Settings, copy: DatabaseRecord, serves: boolean): Refusal[] {
  const { id } = copy;
  if (copy.generation === 0) return [];
  if (sessionTable && !copy.sessionsEmptied)
    return [
      {
        so: `The database ${id} has the sessions of its source: whoever is logged in there would act on it.`,
        next: 'Run npm run sessions -- empty.',
      },
    ];
  if (!serves || !conversion) return [];
  if (!copy.converted)
    return [{ so: `The users of the database ${id} are not converted.`, next: 'Run npm run convert-users.' }];
  if (copy.blockedEmails?.putBack === undefined)
    return [
      {
        so: `The blocked addresses of the database ${id} are not put back: they would be mailed.`,
        next: 'Run npm run blocked-emails -- put-back.',
      },
    ];
  return [];
}

/**
 * Judges the giving up of a side: only the one that the upgrade came from goes, once the other is open, and nothing moves
 * in the same deploy.
 */
export function judgeRetirement(settings: Settings, record: UpgradeRecord, to: Words): Refusal[] {
  const { retire } = to;
  if (!retire) return [];
  const { live, access } = record.posture;
  const { from } = settings.upgrade;
  const refusal = (so: string, next: string): Refusal[] => [
    { so: `${retire} cannot be given up: ${so}.`, next },
  ];
  if (retire === live) return refusal('it is live', 'Give up the other side, or none.');
  if (retire !== from)
    return refusal(
      `the upgrade of the settings comes from ${from}, which is live`,
      'If this upgrade is given up for good, remove the stack of that side yourself.',
    );
  if (access !== 'open')
    return refusal(
      `${live}/${access} is not open`,
      `Go on with npm run cutover, or open it: npx cdk deploy --all -c live=${live} -c access=open`,
    );
  if (to.live !== live || to.access !== access)
    return refusal('names and access move in the same deploy', `Move first, then give up ${retire}.`);
  return [];
}

/** To give up the stack of a side whose environments are gone already would build them anew. */
export function wouldBuildAnew(settings: Settings, record: UpgradeRecord, { retire }: Words): Refusal[] {
  if (!retire || !isRetired(settings, record, retire)) return [];
  return [
    {
      so: `${retire} was tidied away: a deploy would build its environments anew.`,
      next: 'Look at npm run tidy-up, which takes away what is left of it.',
    },
  ];
}

function failback(settings: Settings, record: UpgradeRecord, to: Words): Refusal[] {
  const served = record.posture.served[to.live];
  const database = databaseOf(record, to.live);
  const gone = record.databases.find(({ id, gone }) => id === served && gone);
  if (gone || isRetired(settings, record, to.live)) return [tidiedAway(to.live, gone)];
  if (served && database?.id === served) return [];
  return [
    {
      so: served
        ? `${to.live} cannot open: it last served people from ${served}, and its database now is ${database?.id ?? 'none'}.`
        : `${to.live} cannot open: it never served people, and no testing came before.`,
      next:
        record.posture.access === 'frozen'
          ? `Test it first: ${deploy(`-c live=${to.live} -c access=testing`)}`
          : `Freeze ${record.posture.live} first: ${deploy(`-c live=${record.posture.live} -c access=frozen`)}`,
    },
  ];
}

function tidiedAway(side: Side, database: DatabaseRecord | undefined): Refusal {
  const kept = database?.gone?.finalSnapshot;
  const what = kept
    ? `its database ${database.id} is gone, and kept as the snapshot ${kept}`
    : database
      ? `its database ${database.id} was given up`
      : 'its environments do not exist any more';
  return {
    so: `${side} cannot open: it was tidied away, and ${what}.`,
    next: `Upgrade back to it instead: exchange upgrade.from and upgrade.to in the settings, then npm run prep.`,
  };
}
