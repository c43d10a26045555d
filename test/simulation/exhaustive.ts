import type { Settings } from '../../lib/settings';
import { courses, type RunbookName, settingsFor } from './courses';
import { callFaults, type FaultKind, visitFaults, worldFaults } from './faults';
import type { Called } from './faulty-calls';
import { type Plan, play } from './night';

const runbooks: RunbookName[] = ['cutover', 'failback'];

/** A read is not sent twice for want of an answer, and what is killed before it is as good as killed after it. */
const whenReading: FaultKind[] = ['crash-before', 'throttled', 'stale', 'network-away', 'expired'];
/** The fault of one line waits for the next: only lines are places of its own. */
const ofLines: FaultKind[] = ['torn-line', 'doubled-line'];
const whenWriting = callFaults.filter((kind) => kind !== 'stale' && !ofLines.includes(kind));
const whenTelling = [...whenWriting, ...ofLines];

/**
 * Every single fault at every call: each question that a night asks in each place of the run, the first time it is asked
 * there, since those after it only wait, as do the beats of the lock's heart and mere looks on an instance; and each other
 * call that writes, every time. Then what happens beside the tool, in each place of the run.
 */
export async function* everyFault(
  given: Settings,
  { only, fault }: { only?: RunbookName | undefined; fault?: FaultKind | undefined } = {},
): AsyncGenerator<Plan> {
  const isMeant = (kind: FaultKind) => fault === undefined || kind === fault;
  for (const runbook of only ? [only] : runbooks) {
    const settings = settingsFor(runbook, given);
    const beside = [...worldFaults, ...(courses[runbook].faults ?? [])];
    const calls = await undisturbed(settings, runbook);
    for (const call of pointsOf(calls))
      for (const kind of kindsAt(call).filter(isMeant)) {
        const { key, nth } = call;
        yield { settings, runbook, seed: 1, faults: [{ kind, at: { key, nth } }] };
      }
    for (const { key, nth } of firstInEachPlace(calls))
      for (const kind of beside.filter(isMeant))
        yield { settings, runbook, seed: 1, faults: [{ kind, at: { key, nth } }] };
  }
}

/** The part of a cutover in which nobody is served. */
const critical = { from: 'freeze started', until: 'open-door done' };
const inPairs: FaultKind[] = ['crash-before', 'crash-after', 'lost-reply'];

/**
 * Every ordered pair of a crash or a lost reply at the acts between the freeze and the opening: the second comes in the
 * night that the first made, at what it cut short when that is tried again too.
 */
export async function* everyPair(settings: Settings): AsyncGenerator<Plan> {
  const night = { settings, runbook: 'cutover' as const, seed: 1 };
  const calls = await undisturbed(settings, 'cutover');
  const freeze = calls.findIndex((call) => placeOf(call) === critical.from);
  for (const first of pairedFaults(calls.slice(freeze))) {
    const { calls } = await play({ ...night, faults: [first] });
    const met = calls.findIndex(({ key, nth }) => key === first.at.key && nth === first.at.nth);
    for (const second of pairedFaults(calls.slice(met + 1))) yield { ...night, faults: [first, second] };
  }
}

/** At each act until the opening. */
function pairedFaults(calls: Called[]) {
  const opening = calls.findLastIndex((call) => placeOf(call) === critical.until);
  const acts = calls.slice(0, opening + 1).filter(isAct);
  return acts.flatMap(({ key, nth }) => inPairs.map((kind) => ({ kind, at: { key, nth } })));
}

const placeOf = ({ key }: Called) => key.split(' @ ')[1]!;

/** What changes nothing in the world, be it a command on an instance that only looks. */
const isLook = ({ key, reads }: Called) =>
  reads || /^SendCommand \S+ (observe|count|prove|sessions|try)/.test(key);

/** What changes something besides the lock and the journal. */
const isAct = (call: Called) => !isLook(call) && !call.key.startsWith('PutObject');

async function undisturbed(settings: Settings, runbook: RunbookName): Promise<Called[]> {
  return (await play({ settings, runbook, seed: 1, faults: [] })).calls;
}

const pointsOf = (calls: Called[]) =>
  calls.filter((call) => call.nth === 1 || !(isLook(call) || beats(call.key)));

const beats = (key: string) => key.startsWith('PutObject runs/RUN @');

function kindsAt({ kind, key, reads }: Called): readonly FaultKind[] {
  if (kind === 'visit') return visitFaults;
  if (reads) return whenReading;
  return key.startsWith('PutObject runs/RUN/journal/LINE ') ? whenTelling : whenWriting;
}

function firstInEachPlace(calls: Called[]): Called[] {
  const seen = new Set<string>();
  return calls.filter((call) => {
    const place = placeOf(call);
    if (seen.has(place)) return false;
    seen.add(place);
    return true;
  });
}
