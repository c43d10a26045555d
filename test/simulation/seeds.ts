import { reversed } from '../../lib/reversed';
import type { Settings } from '../../lib/settings';
import { seededRandom } from '../../sandbox/actors/random';
import { courses, type RunbookName, settingsFor } from './courses';
import { callFaults, type Fault, type FaultKind, ofNights, visitFaults, worldFaults } from './faults';
import type { Plan } from './night';

/** As many calls to AWS as a night makes, about. */
const callsOf: Record<RunbookName, number> = {
  cutover: 5_600,
  failback: 2_100,
  'tidy-up': 1_300,
  prep: 1_400,
  adopt: 1_500,
  sync: 860,
  'test-system': 2_200,
};

/** Of what can go wrong where visitors ask, so much does. */
const visitsShare = 0.3;
/** A door that is watched is asked again and again. */
const visitsPerCall = 0.5;

/**
 * The night of a seed: which way it goes, and what goes wrong when.
 * @param options.only the runbook
 * @param options.fault of this kind one is among the faults
 */
export function planOf(
  seed: number,
  settings: Settings,
  { only, fault }: { only?: RunbookName | undefined; fault?: FaultKind | undefined } = {},
): Plan {
  const random = seededRandom(seed);
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)]!;
  // The first numbers of neighbouring seeds lie close to each other.
  for (let turn = 0; turn < 5; turn++) random();
  const runbook = only ?? (random() < 0.7 ? 'cutover' : 'failback');
  const count = 1 + Math.floor(random() * 4);
  const isNight = runbook === 'cutover' || runbook === 'failback';
  const anywhere = worldFaults.filter((kind) => isNight || !ofNights.has(kind));
  const kinds: FaultKind[] = [...callFaults, ...anywhere, ...(courses[runbook].faults ?? [])];
  const faults = Array.from({ length: count }, (_, index): Fault => {
    const picked = pick(kinds);
    const kind = index === 0 && fault ? fault : picked;
    const [isVisit, place] = [random() < visitsShare, random()];
    if (isVisit && visitFaults.includes(kind))
      return { kind, at: { visit: 1 + Math.floor(place * visitsPerCall * callsOf[runbook]) } };
    return { kind, at: 1 + Math.floor(place * callsOf[runbook]) };
  });
  const given = random() < 0.5 ? settings : reversedOf(settings);
  return { settings: settingsFor(runbook, given), runbook, seed, faults };
}

const reversedSettings = new WeakMap<Settings, Settings>();

/** The same object each time: what is made of it once is made once. */
function reversedOf(settings: Settings): Settings {
  const known = reversedSettings.get(settings) ?? reversed(settings);
  reversedSettings.set(settings, known);
  return known;
}
