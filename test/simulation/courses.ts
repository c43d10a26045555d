import { stackNames } from '../../lib/names';
import { otherSide, type Settings, type Side } from '../../lib/settings';
import type { Ports } from '../../lib/upgrade/ports';
import { noteWhatIsGone } from '../../lib/upgrade/retire/final-snapshot';
import { requireMayRetire } from '../../lib/upgrade/retire/may-retire';
import type { UpgradeRunbook } from '../../lib/upgrade/run/upgrade-runbook';
import { adoptImport, adoptSeal } from '../../lib/upgrade/runbooks/adopt';
import { cutover } from '../../lib/upgrade/runbooks/cutover';
import { failback } from '../../lib/upgrade/runbooks/failback';
import { prep } from '../../lib/upgrade/runbooks/prep';
import { syncRunbook } from '../../lib/upgrade/runbooks/sync';
import { testSystem } from '../../lib/upgrade/runbooks/test-system';
import { isTidy, tidyUp } from '../../lib/upgrade/runbooks/tidy-up';
import { makeOperations } from '../../lib/upgrade/steps/adopt/import';
import { buildOperations } from '../../lib/upgrade/steps/prep/build';
import type { WorldPlan } from '../../sandbox/plan';
import { endpointOf } from '../../sandbox/rds/state';
import type { Durations } from '../../sandbox/world';
import { worldBefore } from '../../scripts/rehearsal/world-before';
import { worldByHand } from '../../scripts/rehearsal/world-by-hand';
import { documented, sharingRoles } from '../support/upgrade';
import { Adoption, type Watch } from './adoption';
import { type Days, days } from './days';
import type { FaultKind } from './faults';
import { once } from './once';
import type { Simulation } from './simulation';

export type Make = (ports: Ports) => UpgradeRunbook | Promise<UpgradeRunbook>;

/** What a command does, and what was so when somebody types it. */
export interface Course {
  make: Make;
  /** What is typed before it, and as disturbed as it is. */
  first?: Make;
  /** What the command does before the run. */
  before?(ports: Ports): Promise<unknown>;
  /** The one that was carried out before it, disturbed by nothing, and how long ago. */
  after?: { name: RunbookName; minutes: number };
  world(settings: Settings): WorldPlan;
  /** The stacks that were deployed days before. */
  stacks(settings: Settings): string[];
  /** What takes another time in it. */
  durations?: Partial<Durations>;
  /** What must hold besides. */
  watch?(simulation: Simulation): Watch;
  /** The side that is open when it is over. */
  live(settings: Settings): Side;
  /** The environments whose instances are lost as the old side's and the new side's, if not those. */
  loses?(settings: Settings): { old: string; new: string };
  /** What goes wrong besides. */
  faults?: FaultKind[];
  /** What must be so besides. */
  days?: Days;
}

export type RunbookName = 'cutover' | 'failback' | 'tidy-up' | 'prep' | 'adopt' | 'sync' | 'test-system';

const endpointIn =
  ({ account, region }: Settings) =>
  (id: string) =>
    endpointOf(account, region, id);

const beforeUpgrade = once((settings: Settings) => worldBefore(settings, endpointIn(settings)));

/** Longer than anybody keeps a name, and than the quiet that is asked for. */
const quietMinutes = 90;

export const courses: Record<RunbookName, Course> = {
  cutover: {
    make: cutover,
    world: beforeUpgrade,
    stacks: bothSides,
    live: ({ upgrade }) => upgrade.to,
  },
  failback: {
    make: failback,
    after: { name: 'cutover', minutes: 0 },
    world: beforeUpgrade,
    stacks: bothSides,
    live: ({ upgrade }) => upgrade.from,
  },
  'tidy-up': {
    make: tidyUp,
    before: beforeTidyUp,
    after: { name: 'cutover', minutes: quietMinutes },
    world: beforeUpgrade,
    stacks: bothSides,
    live: ({ upgrade }) => upgrade.to,
  },
  prep: {
    make: (ports) => prep(ports),
    before: buildOperations,
    world: beforeUpgrade,
    stacks: (settings) => {
      const names = stackNames(settings);
      return [names.side(settings.upgrade.from), names.traffic];
    },
    live: ({ upgrade }) => upgrade.from,
  },
  adopt: {
    make: adoptSeal,
    first: adoptImport,
    before: makeOperations,
    world: once((settings) => worldByHand(settings, endpointIn(settings))),
    stacks: () => [],
    // Nearly always one of its instances sends a batch: it may not be killed in between.
    durations: { sendBatchMs: 4 * 60_000 },
    watch: (simulation) => new Adoption(simulation),
    live: ({ upgrade }) => upgrade.from,
  },
  sync: {
    make: syncRunbook,
    world: beforeUpgrade,
    after: { name: 'cutover', minutes: 0 },
    stacks: bothSides,
    live: ({ upgrade }) => upgrade.to,
    // Of the live side: that a fenced one has an instance is not asked by a sync, and status says that it lacks one.
    loses: ({ sides, upgrade }) => {
      const { web, ses } = sides[upgrade.to].environments;
      return { old: ses!.name, new: web!.name };
    },
    faults: ['sync-killed', 'centre-silent'],
    days: days.sync,
  },
  'test-system': {
    make: (ports) => testSystem(ports),
    world: beforeUpgrade,
    stacks: (settings) => {
      const names = stackNames(settings);
      return [names.operations, names.door, names.fence, names.side(settings.upgrade.from), names.traffic];
    },
    live: ({ upgrade }) => upgrade.from,
    loses: ({ sides, upgrade, testSystem: given }) => ({
      old: sides[upgrade.from].environments.web!.name,
      new: given!.environment.name,
    }),
    faults: ['sync-killed', 'centre-silent'],
    days: days.testSystem,
  },
};

function bothSides(settings: Settings): string[] {
  const names = stackNames(settings);
  const live = settings.upgrade.from;
  const ofSides = [names.side(otherSide(live)), names.side(live)];
  return [names.operations, names.door, names.fence, ...ofSides, names.traffic];
}

async function beforeTidyUp(ports: Ports): Promise<void> {
  if (await isTidy(ports)) return;
  const { from } = ports.settings.upgrade;
  await requireMayRetire(ports, from);
  await noteWhatIsGone(ports, from);
}

/** No night is a week long: the old side may be tidied away as soon as nobody comes to it. */
const soon = (settings: Settings): Settings => ({
  ...settings,
  tidyUp: { ...settings.tidyUp, afterDays: 0 },
});

const changes: Partial<Record<RunbookName, (settings: Settings) => Settings>> = {
  'tidy-up': once(soon),
  adopt: once(sharingRoles),
  'test-system': once((settings) => ({ ...settings, testSystem: documented.testSystem })),
};

/** The settings as a runbook needs them. */
export function settingsFor(name: RunbookName, settings: Settings): Settings {
  return changes[name]?.(settings) ?? settings;
}
