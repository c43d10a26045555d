import type { Settings } from '../../lib/settings';
import { endpointOf } from '../../sandbox/rds/state';
import type { SandboxOptions } from '../../sandbox/start';
import { worldByHand } from '../../scripts/rehearsal/world-by-hand';
import { quick } from './quick';
import { Stage } from './stage';
import { cobalt, sharingRoles } from './upgrade';

export const handMade: Settings = sharingRoles(cobalt);

/** A stage on which nobody has adopted anything. */
export function openByHand(options: Partial<SandboxOptions> = {}, settings = handMade): Promise<Stage> {
  const plan = worldByHand(settings, (id) => endpointOf(settings.account, settings.region, id));
  return Stage.open(settings, { plan, durations: quick, ...options });
}
