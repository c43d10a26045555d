import { readJournalIfLegible } from '../../lib/runbook/journal';
import { readLock } from '../../lib/runbook/lock-file';
import { standing } from '../../lib/runbook/standing';
import { otherSide, type Settings, type Side } from '../../lib/settings';
import type { Ports } from '../../lib/upgrade/ports';
import { happenings } from '../../lib/upgrade/run/happenings';
import type { UpgradeRunbook } from '../../lib/upgrade/run/upgrade-runbook';
import { environmentNames } from '../../lib/upgrade/side/choose-instance';
import { fencedByForce } from '../../lib/upgrade/side/fence-by-force';
import { status } from '../../lib/upgrade/side/status';
import type { MissingWrites } from '../../sandbox/judge/verdict';
import type { Make } from './courses';
import type { Days } from './days';
import type { Simulation } from './simulation';

/**
 * Judges a night that is over: what the world's own judge saw at every happening, and what must be so at the end, whoever
 * was killed on the way.
 */
export async function judgeEnd(
  simulation: Simulation,
  { live, ended, makes, givenUp, runsGivenUp, byOthers, days }: Ending,
): Promise<{ broken: string[]; checked: number }> {
  const { judge } = simulation.world;
  await simulation.while(judge.settle());
  const { broken, checked, missing } = judge.verdict();
  const seen = broken
    .filter(({ invariant }) => invariant !== lostWrites)
    .map(({ invariant, evidence }) => `${invariant}: ${evidence}`);
  seen.push(...lostBeyond(simulation.settings, missing, live, givenUp));
  seen.push(...rolledBack(simulation, byOthers));
  if (ended === 'stuck')
    return { checked, broken: [...seen, 'once faults stop, every run ends: this one did not'] };
  const ports = await simulation.while(simulation.ports(simulation.process()));
  const runbooks = await simulation.while(Promise.all(makes.map((make) => make(ports))));
  const end = await simulation.while(faultsOfEnd(ports, live, runbooks, runsGivenUp));
  end.push(
    ...(await simulation.while(untold(ports, { runbooks, runsGivenUp }, simulation.world.sns.published))),
  );
  return { checked: checked + endings, broken: [...seen, ...end, ...(days?.atEnd(simulation) ?? [])] };
}

export interface Ending {
  /** The side that should be open. */
  live: Side;
  ended: string;
  /** What was typed, one after another. */
  makes: Make[];
  /** How many rows a person agreed to lose by going back. */
  givenUp: number;
  /** The runs that somebody gave up, whose journals do not end. */
  runsGivenUp: ReadonlySet<string>;
  /** The stacks that somebody else had rolled back, or went on with rolling back, once for each time. */
  byOthers: string[];
  /** What must be so besides. */
  days?: Days | undefined;
}

const lostWrites = 'no acknowledged write missing from the live side';

/**
 * What was written on a side that was then given up is lost by agreement: as many rows as were counted, of what counts as a
 * loss. Nothing else may be missing.
 */
function lostBeyond(settings: Settings, missing: MissingWrites[], live: Side, givenUp: number): string[] {
  const counted = new Set(
    (settings.activity?.tables ?? []).flatMap(({ table, informs }) => (informs ? [] : [table])),
  );
  const ofOther = missing.filter(({ database }) =>
    database.startsWith(settings.sides[otherSide(live)].databases),
  );
  const lost = ofOther.filter(({ table }) => counted.has(table)).flatMap(({ ids }) => ids).length;
  const elsewhere = missing.filter((each) => !ofOther.includes(each));
  return [
    ...elsewhere.map(
      ({ table, ids, database }) => `${lostWrites}: ${table} ${ids.slice(0, 3).join(', ')} of ${database}`,
    ),
    ...(lost > givenUp
      ? [`${lostWrites}: ${lost} rows were lost by going back, and people agreed to ${givenUp}`]
      : []),
  ];
}

/** A rollback gives a side that was to lose its keys and its door back what it had. */
function rolledBack({ world }: Simulation, byOthers: string[]): string[] {
  const stacks = world.cloudFormation.stacks.all();
  const begun = stacks.flatMap(({ name, events }) =>
    events.filter(({ status }) => status.endsWith('ROLLBACK_IN_PROGRESS')).map(() => name),
  );
  const left = [...byOthers];
  const own = begun.filter((name) => !left.includes(name) || left.splice(left.indexOf(name), 1).length === 0);
  return own.map((name) => `no stack is rolled back: ${name} was`);
}

async function runsIn(objects: Ports['objects']): Promise<string[]> {
  const keys = await objects.list('runs/');
  return [...new Set(keys.flatMap((key) => /^runs\/([^/]+)\/journal\//.exec(key)?.[1] ?? []))];
}

/** The runs whose journal does not end. */
async function unfinished({ objects }: Ports): Promise<string[]> {
  const over = new Set<string>(['finished', 'called off']);
  const each = (await runsIn(objects)).map(async (run) => {
    const entries = await readJournalIfLegible(objects, run);
    // What cannot be read was given up.
    return !Array.isArray(entries) || over.has(standing(entries).state) ? [] : [run];
  });
  return (await Promise.all(each)).flat();
}

/** The environments of a side that was fenced by force, if it was: they stay as they were, without an instance. */
async function fencedByForceOf(ports: Ports, side: Side): Promise<string[]> {
  const evidence = await fencedByForce(ports, side);
  return evidence.every(({ holds }) => holds) ? environmentNames(ports.settings, side) : [];
}

/** All that happened in a run was sent, or noted as what could not be; and nothing is noted as sent that was not. */
async function untold(
  ports: Ports,
  { runbooks, runsGivenUp }: { runbooks: UpgradeRunbook[]; runsGivenUp: ReadonlySet<string> },
  published: { message: string }[],
): Promise<string[]> {
  const runs = (await runsIn(ports.objects)).filter((run) => !runsGivenUp.has(run));
  const each = runs.map(async (run) => {
    const runbook = runbooks.find(({ name }) => run.includes(`-${name}-`));
    const entries = await readJournalIfLegible(ports.objects, run);
    if (!runbook || !Array.isArray(entries)) return [];
    const ofRun = published.filter(({ message }) => message.endsWith(`The run is ${run}.`));
    const noted = entries.flatMap((entry) =>
      entry.event === 'people-told' && entry.data.by === 'topic' ? [entry.data] : [],
    );
    const lines = new Set(noted.map(({ line }) => line));
    const sent = new Set(ofRun.map(({ message }) => message));
    const silent = happenings(run, runbook, entries).filter(
      ({ n, text }) => !lines.has(n) && !sent.has(text),
    );
    return [
      ...silent.map(({ text }) => `people are told what happens: of ${run} not "${text.split('\n')[0]}"`),
      ...(noted.filter((each) => each.sent).length <= ofRun.length
        ? []
        : [`what was told was sent: of ${run} were ${ofRun.length} messages`]),
    ];
  });
  return (await Promise.all(each)).flat();
}

/** The posture, what AWS says, every run, the lock, that the same command has nothing to do, and what people were told. */
const endings = 6;

async function faultsOfEnd(
  ports: Ports,
  live: Side,
  runbooks: UpgradeRunbook[],
  runsGivenUp: ReadonlySet<string>,
): Promise<string[]> {
  const { posture } = await ports.record.read();
  const lock = await readLock(ports.objects);
  const { differences } = await status(ports);
  const forced = await fencedByForceOf(ports, otherSide(live));
  const stand = await Promise.all(runbooks.map(({ stands }) => stands?.()));
  return [
    ...(posture.live === live && posture.access === 'open'
      ? []
      : [
          `a run ends in the posture of an undisturbed one: ${posture.live}/${posture.access}, not ${live}/open`,
        ]),
    ...differences
      .filter(({ where }) => !forced.includes(where))
      .map(
        ({ where, observed, declared }) =>
          `the journal replays to what AWS says: ${where} is ${observed}, not ${declared}`,
      ),
    ...(lock?.lock.state === 'free' ? [] : [`a run that is over frees its lock: it is ${lock?.lock.state}`]),
    ...(await unfinished(ports))
      .filter((run) => !runsGivenUp.has(run))
      .map((run) => `every run that was begun is over: ${run} is not`),
    ...(stand.every(Boolean) ? [] : ['the same command again has nothing to do: it would begin anew']),
  ];
}
