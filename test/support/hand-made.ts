import { parseSettings, type Settings } from '../../lib/settings';
import { endpointOf } from '../../sandbox/rds/state';
import type { SandboxOptions } from '../../sandbox/start';
import { worldByHand } from '../../scripts/rehearsal/world-by-hand';
import { quick } from './quick';
import { Stage } from './stage';
import { cobalt } from './upgrade';

/** Settings of a production that was made by hand: its environments share a role, and get ones of their own. */
export const handMade: Settings = parseSettings(
  {
    ...cobalt,
    sides: {
      ...cobalt.sides,
      blue: {
        ...cobalt.sides.blue,
        environments: Object.fromEntries(
          Object.entries(cobalt.sides.blue.environments).map(([role, each]) => [
            role,
            { ...each, ownRole: true },
          ]),
        ),
      },
    },
  },
  'test/support/hand-made.ts',
);

/** A stage on which nobody has adopted anything. */
export function openByHand(options: Partial<SandboxOptions> = {}, settings = handMade): Promise<Stage> {
  const plan = worldByHand(settings, (id) => endpointOf(settings.account, settings.region, id));
  return Stage.open(settings, { plan, durations: quick, ...options });
}
