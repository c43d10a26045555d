import { otherSide, type Settings, type Side } from './settings';

/**
 * The settings of the next upgrade, the other way: the side that was built is live, and the side that was live is
 * built anew, so nothing of it is adopted any more.
 */
export function reversed(settings: Settings): Settings {
  const to = settings.upgrade.from;
  return {
    ...settings,
    upgrade: { from: otherSide(to), to },
    sides: { ...settings.sides, [to]: builtAnew(settings, to) },
  };
}

function builtAnew(settings: Settings, side: Side): Settings['sides'][Side] {
  const environments = Object.entries(settings.sides[side].environments).map(
    ([role, { name, instanceRole }]) => [role, { name, instanceRole }] as const,
  );
  return { ...settings.sides[side], environments: Object.fromEntries(environments) };
}
