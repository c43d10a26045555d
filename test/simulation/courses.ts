import { stackNames } from '../../lib/names';
import { otherSide, type Settings, type Side } from '../../lib/settings';
import type { Ports } from '../../lib/upgrade/ports';
import { noteWhatIsGone } from '../../lib/upgrade/retire/final-snapshot';
import { requireMayRetire } from '../../lib/upgrade/retire/may-retire';
import type { UpgradeRunbook } from '../../lib/upgrade/run/upgrade-runbook';
import { cutover } from '../../lib/upgrade/runbooks/cutover';
import { failback } from '../../lib/upgrade/runbooks/failback';
import { prep } from '../../lib/upgrade/runbooks/prep';
import { isTidy, tidyUp } from '../../lib/upgrade/runbooks/tidy-up';
import { buildOperations } from '../../lib/upgrade/steps/prep/build';

export type Make = (ports: Ports) => UpgradeRunbook | Promise<UpgradeRunbook>;

/** What a command does, and what was so when somebody types it. */
export interface Course {
  make: Make;
  /** What the command does before the run. */
  before?(ports: Ports): Promise<unknown>;
  /** The one that was carried out before it, disturbed by nothing, and how long ago. */
  after?: { name: RunbookName; minutes: number };
  /** The stacks that were deployed days before. */
  stacks(settings: Settings): string[];
  /** The side that is open when it is over. */
  live(settings: Settings): Side;
}

export type RunbookName = 'cutover' | 'failback' | 'tidy-up' | 'prep';

/** Longer than anybody keeps a name, and than the quiet that is asked for. */
const quietMinutes = 90;

export const courses: Record<RunbookName, Course> = {
  cutover: { make: cutover, stacks: bothSides, live: ({ upgrade }) => upgrade.to },
  failback: {
    make: failback,
    after: { name: 'cutover', minutes: 0 },
    stacks: bothSides,
    live: ({ upgrade }) => upgrade.from,
  },
  'tidy-up': {
    make: tidyUp,
    before: beforeTidyUp,
    after: { name: 'cutover', minutes: quietMinutes },
    stacks: bothSides,
    live: ({ upgrade }) => upgrade.to,
  },
  prep: {
    make: (ports) => prep(ports),
    before: buildOperations,
    stacks: (settings) => {
      const names = stackNames(settings);
      return [names.side(settings.upgrade.from), names.traffic];
    },
    live: ({ upgrade }) => upgrade.from,
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

const soon = new WeakMap<Settings, Settings>();

/** No night is a week long: the old side may be tidied away as soon as nobody comes to it. */
export function settingsFor(name: RunbookName, settings: Settings): Settings {
  if (name !== 'tidy-up') return settings;
  const without = soon.get(settings) ?? { ...settings, tidyUp: { ...settings.tidyUp, afterDays: 0 } };
  soon.set(settings, without);
  return without;
}
