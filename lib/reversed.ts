import { otherSide, type Settings, type Side } from './settings';

/**
 * The same application upgraded the other way: the side that would have been built is live and adopted, and the one
 * that was adopted is built anew. For rehearsals, and for tests that must hold in both directions.
 */
export function reversed(settings: Settings): Settings {
  const { from, to } = settings.upgrade;
  return {
    ...settings,
    upgrade: { from: to, to: from },
    sides: {
      ...settings.sides,
      [to]: adopted(settings, to),
      [from]: builtAnew(settings, from),
    },
  };
}

type SideSettings = Settings['sides'][Side];

function adopted(settings: Settings, side: Side): SideSettings {
  const cnames = Object.values(settings.sides[otherSide(side)].environments).map((each) => each.adoptedCname);
  return withEnvironments(settings, side, ({ name, instanceRole }, index) => ({
    name,
    instanceRole,
    adoptedCname: cnames[index]?.replace(/^[^.]+/, name),
  }));
}

function builtAnew(settings: Settings, side: Side): SideSettings {
  return withEnvironments(settings, side, ({ name, instanceRole }) => ({ name, instanceRole }));
}

type EnvironmentSettings = SideSettings['environments'][string];

function withEnvironments(
  settings: Settings,
  side: Side,
  change: (environment: EnvironmentSettings, index: number) => EnvironmentSettings,
): SideSettings {
  const environments = Object.entries(settings.sides[side].environments).map(
    ([role, environment], index) => [role, change(environment, index)] as const,
  );
  return { ...settings.sides[side], environments: Object.fromEntries(environments) };
}
